#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/assistant/report.h"

namespace roentgen::app {

/// "en" or "zh"; nothing for anything else.
std::optional<Language> ParseLanguage(std::string_view code);

/// What LC_ALL, LC_MESSAGES or LANG say: Chinese, or else English.
Language LanguageOfUser();

/// Throws Error when a report cannot be written under this name: before it is made.
void CheckReportName(const std::string& name);

/// What "/report" of a chat is asked for: "zh --examination chest my report.pdf b.html".
struct ReportRequest {
  std::optional<Language> language;
  std::optional<ReportSubject> examination;
  std::vector<std::filesystem::path> files;
};
/// A name of a file may have blanks: in quotes, behind backslashes, or as it is, since it ends
/// where a report's name ends. Throws Error for what is none.
ReportRequest ReadReportRequest(std::string_view arguments);

/// The examination that a user names. Throws Error, listing those that there are.
ReportSubject NamedExamination(const std::string& name);

/// Shows how far a report is, where somebody is looking.
void ShowStep(size_t number, size_t count, std::string_view topic);

}  // namespace roentgen::app
