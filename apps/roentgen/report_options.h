#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "roentgen/assistant/report.h"

namespace roentgen::app {

/// "en" or "zh"; nothing for anything else.
std::optional<Language> ParseLanguage(std::string_view code);

/// What LC_ALL, LC_MESSAGES or LANG say: Chinese, or else English.
Language LanguageOfUser();

/// Throws Error when a report cannot be written under this name: before it is made.
void CheckReportName(const std::string& name);

/// Shows how far a report is, where somebody is looking.
void ShowStep(size_t number, size_t count, std::string_view topic);

}  // namespace roentgen::app
