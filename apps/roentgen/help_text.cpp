#include "help_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace roentgen::app {

std::string ValueName(const CLI::Option& option) {
  if (option.get_type_size() == 0) return "";
  // As CLI11 writes them: a type, and behind a colon what is checked.
  static const std::regex kNumber(R"((?:UINT|INT|FLOAT)(?::\w+ in \[(\S+) - (\S+)\])?)");
  static const std::regex kChoice(R"(TEXT:\{(.*)\})");
  const std::string type = option.get_type_name();
  std::smatch parts;
  if (std::regex_match(type, parts, kNumber)) {
    return parts[1].matched ? fmt::format("NUMBER ({} to {})", parts.str(1), parts.str(2))
                            : "NUMBER";
  }
  if (!std::regex_match(type, parts, kChoice)) return type;
  std::string choices = parts.str(1);
  std::replace(choices.begin(), choices.end(), ',', '|');
  return choices;
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  std::string text = CLI::Formatter::make_option_opts(option);
  const std::string type = option->get_type_name();
  const size_t at = type.empty() ? text.npos : text.find(type);
  return at == text.npos ? text : text.replace(at, type.size(), ValueName(*option));
}

}  // namespace roentgen::app
