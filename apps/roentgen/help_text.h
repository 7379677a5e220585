#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace roentgen::app {

/// Takes the values of an option by their names alone: `option->transform(Named<T>({{"en", …}}))`.
/// CLI11's own transformer takes the numbers of an enum, too, and shows them.
template <class Value>
CLI::Validator Named(const std::map<std::string, Value>& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(name);
  const std::string choices = fmt::format("{{{}}}", fmt::join(names, ","));
  const auto check = [values, choices](std::string& text) -> std::string {
    const auto found = values.find(text);
    if (found == values.end()) return text + " not in " + choices;
    text = std::to_string(static_cast<int>(found->second));
    return "";
  };
  return CLI::Validator(check, choices);
}

/// The names that an option's value must be one of; empty: it is something else.
std::vector<std::string> ChoicesOf(const CLI::Option& option);

/// What an option's value is called: "NUMBER (1 to 64)", "q8|q4", "FORMAT"; empty for a flag.
std::string ValueName(const CLI::Option& option);

/// The help of a command, with ValueName.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace roentgen::app
