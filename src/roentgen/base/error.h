#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace roentgen {

/// What library code throws. The message says what is wrong and where (file, key, tensor, place);
/// the hint, when there is one, says what the user can do next.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, std::string hint = {})
      : std::runtime_error(message), hint_(std::move(hint)) {}

  const std::string& hint() const noexcept { return hint_; }

 private:
  std::string hint_;
};

/// Operands whose sizes do not go together: a mistake of the caller, not of the user.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// The work was stopped on request (Ctrl-C) before it was done.
class Cancelled : public Error {
 public:
  Cancelled() : Error("interrupted") {}
};

/// "path: what the system says", from errno.
[[noreturn]] void ThrowSystemError(const std::string& path, const std::string& action);

}  // namespace roentgen
