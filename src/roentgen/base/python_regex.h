#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace roentgen {

/// A regular expression with which a Python program chooses names: matched by PCRE2, whose syntax
/// contains that of Python's `re` in all that such patterns use.
class PythonRegex {
 public:
  /// Throws Error, naming the pattern and the place in it, when it is no regular expression or
  /// longer than any that people write.
  explicit PythonRegex(std::string_view pattern);

  /// re.match(pattern, text): whether it fits what the text begins with. Throws Error when that
  /// takes too long, as patterns made for it do.
  bool FitsStartOf(std::string_view text) const;

 private:
  std::string pattern_;
  std::shared_ptr<const void> code_;  // pcre2_code, which is not changed by matching
};

}  // namespace roentgen
