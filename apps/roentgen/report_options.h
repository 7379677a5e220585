#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report_screen.h"
#include "roentgen/assistant/report.h"
#include "roentgen/base/output.h"

namespace roentgen::app {

/// "en" or "zh"; nothing for anything else.
std::optional<Language> ParseLanguage(std::string_view code);

/// What LC_ALL, LC_MESSAGES or LANG say: Chinese, or else English.
Language LanguageOfUser();

/// What "/report" of a chat is asked for: "zh --examination chest chest report.pdf b.html".
struct ReportRequest {
  std::optional<Language> language;
  std::optional<ReportSubject> examination;
  Replaces replaces = Replaces::kOwn;  ///< --force: which files
  std::vector<std::filesystem::path> files;
};
/// A name of a file may have blanks: in quotes, behind backslashes, or as it is, since it ends
/// where a report's name ends. Throws Error for what is none, UsageError for a word in the place of
/// a language that is none (en, zh, 英文, 中文), or that is a second one.
ReportRequest ReadReportRequest(std::string_view arguments);

/// The examination that a user names. Throws Error, listing those that there are.
ReportSubject NamedExamination(const std::string& name);

/// Prints a report to standard output: laid out for a terminal, else as Markdown.
void PrintReport(const RadiologyReport& report, ReportExtent extent);

/// Shows how far a report is, where somebody is looking.
void ShowStep(size_t number, size_t count, std::string_view topic);

}  // namespace roentgen::app
