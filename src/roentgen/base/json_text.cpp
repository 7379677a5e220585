#include "roentgen/base/json_text.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/text_encoding.h"

namespace roentgen {
namespace {

/// Why a text is refused, and at which byte, counted from 1.
struct Problem {
  enum class Kind { kSyntax, kNotUtf8, kNumber, kRepeated, kDepth, kValues, kZeroByte };
  Kind kind;
  size_t byte;
  std::string key = {};   // that is there twice
  size_t first_byte = 0;  // where it was first
};

/// Characters for the parser that tell how far it has read.
class Followed {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Followed(const char* at, const char** read) : at_(at), read_(read) {}
  reference operator*() const { return *at_; }
  Followed& operator++() {
    *read_ = ++at_;
    return *this;
  }
  Followed operator++(int) {
    const Followed before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Followed& other) const { return at_ == other.at_; }
  bool operator!=(const Followed& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** read_;
};

/// Takes the parser's events and builds the value.
template <class AnyJson>
class Builder : public nlohmann::json_sax<AnyJson> {
 public:
  explicit Builder(std::string_view text) : text_(text), read_(text.data()) {}

  Followed begin() { return {text_.data(), &read_}; }
  Followed end() { return {text_.data() + text_.size(), &read_}; }
  AnyJson& result() { return result_; }
  std::optional<Problem>& problem() { return problem_; }

  bool null() override { return Put(nullptr); }
  bool boolean(bool value) override { return Put(value); }
  bool number_integer(int64_t value) override { return Put(value); }
  bool number_unsigned(uint64_t value) override { return Put(value); }
  bool number_float(double value, const std::string& /*text*/) override { return Put(value); }
  bool string(std::string& value) override { return Put(std::move(value)); }
  bool binary(typename AnyJson::binary_t& /*value*/) override { return false; }  // not in texts
  bool start_object(size_t /*elements*/) override { return Open(AnyJson::object()); }
  bool start_array(size_t /*elements*/) override { return Open(AnyJson::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(std::string& value) override {
    const auto byte = static_cast<size_t>(read_ - text_.data());
    const auto [known, is_new] = open_.back().keys.try_emplace(value, byte);
    if (!is_new) {
      problem_ = {Problem::Kind::kRepeated, byte, std::move(value), known->second};
      return false;
    }
    key_ = std::move(value);
    return true;
  }
  bool parse_error(size_t byte, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    const bool number = dynamic_cast<const nlohmann::detail::out_of_range*>(&error) != nullptr;
    problem_ = {number                      ? Problem::Kind::kNumber
                : SaysNotUtf8(error.what()) ? Problem::Kind::kNotUtf8
                                            : Problem::Kind::kSyntax,
                byte};
    return false;
  }

 private:
  struct Level {
    AnyJson* value;
    std::unordered_map<std::string, size_t> keys;  // and the byte behind each
  };

  AnyJson* Add(AnyJson value) {
    if (open_.empty()) return &(result_ = std::move(value));
    AnyJson& parent = *open_.back().value;
    if (parent.is_array()) return &parent.emplace_back(std::move(value));
    auto& object = parent.template get_ref<typename AnyJson::object_t&>();
    if constexpr (std::is_same_v<AnyJson, nlohmann::ordered_json>) {
      // Its own insertion looks through all keys that are there: of these none is this one.
      typename AnyJson::object_t::Container& list = object;
      return &list.emplace_back(std::move(key_), std::move(value)).second;
    } else {
      return &object.emplace(std::move(key_), std::move(value)).first->second;
    }
  }
  bool Put(AnyJson value) {
    Add(std::move(value));
    return true;
  }
  bool Open(AnyJson empty) {
    open_.push_back({Add(std::move(empty)), {}});
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const char* read_;
  AnyJson result_;
  std::vector<Level> open_;  // lists and objects that are not closed
  std::string key_;
  std::optional<Problem> problem_;
};

std::optional<Problem> Excess(std::string_view text, const JsonLimits& limits) {
  JsonScan scan(limits);
  const JsonScan::Excess excess = scan.Follow(text);
  if (excess == JsonScan::Excess::kNone) return std::nullopt;
  const bool depth = excess == JsonScan::Excess::kDepth;
  return Problem{depth ? Problem::Kind::kDepth : Problem::Kind::kValues, scan.position()};
}

template <class AnyJson>
std::optional<Problem> Parse(std::string_view text, const JsonLimits& limits, AnyJson& result) {
  if (auto excess = Excess(text, limits)) return excess;
  Builder<AnyJson> builder(text);
  if (!AnyJson::sax_parse(builder.begin(), builder.end(), &builder)) return builder.problem();
  // The parser takes a zero byte for the end of the text.
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos) {
    return Problem{Problem::Kind::kZeroByte, zero + 1};
  }
  result = std::move(builder.result());
  return std::nullopt;
}

/// "byte 17 (line 2, column 4)"; the byte alone where the text is one line, as rows of a file are.
std::string PlaceOf(std::string_view text, size_t byte) {
  std::string place = fmt::format("byte {}", byte);
  if (text.find('\n') != std::string_view::npos) {
    place += fmt::format(" ({})", PlaceInText(text, byte));
  }
  return place;
}

/// The number at this byte that Python's json writes and JSON does not have; empty for others.
std::string_view PythonNumberAt(std::string_view text, size_t byte) {
  if (byte == 0 || byte > text.size()) return {};
  for (const std::string_view number : {"NaN", "Infinity"}) {
    if (text.substr(byte - 1).starts_with(number)) return number;
  }
  return {};
}

std::string NameOf(const std::string& key) {
  constexpr size_t kLongest = 80;
  return key.size() <= kLongest ? fmt::format("\"{}\"", key)
                                : fmt::format("a key of {} bytes", key.size());
}

[[noreturn]] void Throw(const Problem& problem, std::string_view text, const std::string& where,
                        const JsonLimits& limits) {
  const std::string place = PlaceOf(text, problem.byte);
  const std::string invalid = fmt::format("{}: not valid JSON at {}", where, place);
  switch (problem.kind) {
    case Problem::Kind::kDepth:
      throw Error(fmt::format("{}: nested deeper than {} at {}", where, limits.depth, place));
    case Problem::Kind::kValues:
      throw Error(fmt::format("{}: more than {} values, at {}", where, limits.values, place));
    case Problem::Kind::kRepeated:
      throw Error(fmt::format("{}: {} is given twice in one object: at {} and at {}", where,
                              NameOf(problem.key), PlaceOf(text, problem.first_byte), place),
                  "Remove one of the two: programs differ in which of them counts.");
    case Problem::Kind::kNumber:
      throw Error(invalid + ": a number is too large");
    case Problem::Kind::kNotUtf8:
      ThrowNotUtf8(invalid, text);
    case Problem::Kind::kZeroByte:
      throw Error(invalid + ": a zero byte");
    case Problem::Kind::kSyntax:
      break;
  }
  if (const std::string_view number = PythonNumberAt(text, problem.byte); !number.empty()) {
    throw Error(fmt::format("{}: {} is no number of JSON", invalid, number),
                "Python writes it unless it is told allow_nan=False.");
  }
  throw Error(invalid);
}

template <class AnyJson>
AnyJson ParseOrThrow(std::string_view text, const std::string& where, const JsonLimits& limits) {
  if (BeginsAsUtf16(text)) ThrowUtf16(where);
  AnyJson result;
  if (const auto problem = Parse(text, limits, result)) Throw(*problem, text, where, limits);
  return result;
}

}  // namespace

Json ParseJson(std::string_view text, const std::string& where) {
  return ParseJson(text, where, JsonLimits());
}

Json ParseJson(std::string_view text, const std::string& where, const JsonLimits& limits) {
  return ParseOrThrow<Json>(text, where, limits);
}

nlohmann::ordered_json ParseOrderedJson(std::string_view text, const std::string& where,
                                        const JsonLimits& limits) {
  return ParseOrThrow<nlohmann::ordered_json>(text, where, limits);
}

std::optional<Json> TryParseJson(std::string_view text, const JsonLimits& limits) {
  Json result;
  if (Parse(text, limits, result)) return std::nullopt;
  return result;
}

}  // namespace roentgen
