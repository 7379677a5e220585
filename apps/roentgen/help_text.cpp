#include "help_text.h"

#include <fmt/format.h>

#include <regex>
#include <sstream>

namespace roentgen::app {

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  // As CLI11 writes them: a type, and behind a colon the set.
  static const std::regex kChoice(R"(\w+:\{([^{}]*)\})");
  const std::string type = option.get_type_name();
  std::smatch parts;
  std::vector<std::string> choices;
  if (std::regex_match(type, parts, kChoice)) {
    std::istringstream names(parts.str(1));
    for (std::string name; std::getline(names, name, ',');) choices.push_back(name);
  }
  return choices;
}

std::string ValueName(const CLI::Option& option) {
  if (option.get_type_size() == 0) return "";
  // As CLI11 writes them: a type, and behind a colon what is checked.
  static const std::regex kNumber(R"((?:UINT|INT|FLOAT)(?::\w+ in \[(\S+) - (\S+)\])?)");
  const std::string type = option.get_type_name();
  std::smatch parts;
  if (std::regex_match(type, parts, kNumber)) {
    return parts[1].matched ? fmt::format("NUMBER ({} to {})", parts.str(1), parts.str(2))
                            : "NUMBER";
  }
  const std::vector<std::string> choices = ChoicesOf(option);
  return choices.empty() ? type : fmt::format("{}", fmt::join(choices, "|"));
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  std::string text = CLI::Formatter::make_option_opts(option);
  const std::string type = option->get_type_name();
  const size_t at = type.empty() ? text.npos : text.find(type);
  return at == text.npos ? text : text.replace(at, type.size(), ValueName(*option));
}

}  // namespace roentgen::app
