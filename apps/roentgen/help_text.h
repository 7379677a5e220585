#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace roentgen::app {

/// What an option's value is called: "NUMBER (1 to 64)", "q8|q4", "FORMAT"; empty for a flag.
std::string ValueName(const CLI::Option& option);

/// The help of a command, with ValueName.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace roentgen::app
