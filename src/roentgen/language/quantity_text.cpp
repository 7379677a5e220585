#include "roentgen/language/quantity_text.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "roentgen/language/measures.h"
#include "roentgen/language/word_edges.h"
#include "roentgen/language/word_form.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// Reads from the beginning of a text what it is asked for, and takes that away.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::string_view rest() const { return text_; }
  void TakeBlanks() {
    while (text_.starts_with(' ')) text_.remove_prefix(1);
  }
  bool Take(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    const bool cut = IsLatin(word.back()) && text_.size() > word.size() &&
                     IsLatin(text_[word.size()]) && word.size() > 1;
    if (cut) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  /// Digits as 1, 1.5, .5, 1,000 and, where two digits at most follow the comma, 1,5.
  std::optional<std::string> TakeNumber() {
    std::string number;
    size_t at = 0;
    const auto take_digits = [&] {
      const size_t begin = at;
      while (at < text_.size() && IsDigit(text_[at])) number += text_[at++];
      return at - begin;
    };
    if (take_digits() == 0) {
      if (!(text_.size() > 1 && text_[0] == '.' && IsDigit(text_[1]))) return TakeNumberInWords();
      number.push_back('0');
    }
    while (at + 1 < text_.size() && text_[at] == ',' && IsDigit(text_[at + 1])) {
      const size_t before = at++;
      size_t digits = 0;
      while (at + digits < text_.size() && IsDigit(text_[at + digits])) ++digits;
      if (digits < 3) number += '.';
      if (digits > 3) {
        at = before;
        break;
      }
      take_digits();
    }
    if (at + 1 < text_.size() && text_[at] == '.' && IsDigit(text_[at + 1])) {
      number += text_[at++];
      take_digits();
    }
    text_.remove_prefix(at);
    return number;
  }

  /// A unit that is a word of its own.
  std::optional<Unit> TakeUnit() {
    Reader ahead = *this;
    ahead.TakeBlanks();
    if (ahead.text_.starts_with('-')) ahead.text_.remove_prefix(1);
    const std::optional<Unit> unit = ahead.UnitHere();
    if (unit) *this = ahead;
    return unit;
  }

 private:
  /// 五 and "five" before a unit.
  std::optional<std::string> TakeNumberInWords() {
    size_t length = 0;
    while (length < text_.size() && IsLatin(text_[length])) ++length;
    if (length > 0) {
      std::string number = ComparisonForm(text_.substr(0, length));
      Reader behind(text_.substr(length));
      if (!std::all_of(number.begin(), number.end(), IsDigit) || !behind.TakeUnit()) {
        return std::nullopt;
      }
      text_.remove_prefix(length);
      return number;
    }
    while (length < text_.size()) {
      static constexpr std::string_view kNumerals = "零一二两三四五六七八九十百";
      const size_t step = ReadUtf8(text_, length).length;
      if (step != 3 || kNumerals.find(text_.substr(length, step)) == kNumerals.npos) break;
      length += step;
    }
    if (length == 0 || !ChineseUnitAt(text_.substr(length))) return std::nullopt;
    std::string number = ComparisonForm(text_.substr(0, length));
    if (!std::all_of(number.begin(), number.end(), IsDigit)) return std::nullopt;
    text_.remove_prefix(length);
    return number;
  }

  std::optional<Unit> UnitHere() {
    if (text_.empty()) return std::nullopt;
    if (const auto chinese = ChineseUnitAt(text_); chinese && (text_[0] & 0x80) != 0) {
      text_.remove_prefix(chinese->second);
      return chinese->first;
    }
    for (const std::string_view mark : {"%", "‰"}) {
      if (Take(mark)) return UnitNamed(mark);
    }
    size_t length = 0;
    while (length < text_.size() && (IsLatin(text_[length]) || IsDigit(text_[length]))) ++length;
    if (length == 0) return std::nullopt;
    const std::string word(text_.substr(0, length));
    std::string_view behind = text_.substr(length);
    behind.remove_prefix(std::min(behind.find_first_not_of(' '), behind.size()));
    if (word == "in" && !behind.empty() && (IsLatin(behind[0]) || (behind[0] & 0x80) != 0)) {
      return std::nullopt;  // "2 in the left lung"
    }
    std::optional<Unit> unit = UnitNamed(word);
    if (!unit) unit = UnitNamed(WordForm(word));
    if (unit) text_.remove_prefix(length);
    return unit;
  }

  std::string_view text_;
};

/// A quantity with letters and digits only.
std::string WordOf(const std::string& number, const Unit& unit) {
  std::string word;
  for (const char c : Quantity(number, unit)) {
    if (c == '-') {
      word += 'n';
    } else if (c == '%') {
      word += "pct";
    } else {
      word += c;
    }
  }
  constexpr std::string_view kDegree = "°";
  for (size_t at; (at = word.find(kDegree)) != std::string::npos;) {
    word.replace(at, kDegree.size(), "deg");
  }
  return word;
}

struct Measured {
  std::string number;
  std::optional<Unit> unit;
  std::string_view joint;  ///< what stands before: "to" or "x"
};

/// "to" of a range, "x" of a product, or nothing.
std::string_view TakeJoint(Reader& reader) {
  Reader ahead = reader;
  ahead.TakeBlanks();
  std::string_view joint;
  for (const std::string_view word : {"to", "-", "~", "至", "到"}) {
    if (joint.empty() && ahead.Take(word)) joint = "to";
  }
  for (const std::string_view word : {"x", "×", "*", "by", "乘"}) {
    if (joint.empty() && ahead.Take(word)) joint = "x";
  }
  ahead.TakeBlanks();
  Reader number = ahead;
  if (joint.empty() || !number.TakeNumber()) return {};
  reader = ahead;
  return joint;
}

/// The word for the quantities that a text begins with; nothing where there is no unit.
std::optional<std::string> TakeQuantity(Reader& reader) {
  Reader ahead = reader;
  std::vector<Measured> parts;
  std::string_view joint;
  do {
    const std::optional<std::string> number = ahead.TakeNumber();
    if (!number) return std::nullopt;
    const std::optional<Unit> unit = ahead.TakeUnit();
    parts.push_back({*number, unit, joint});
    joint = TakeJoint(ahead);
  } while (!joint.empty());
  std::optional<Unit> unit;
  for (size_t i = parts.size(); i-- > 0;) {  // a number without one has the next one's
    if (!parts[i].unit) parts[i].unit = unit;
    unit = parts[i].unit;
    if (!unit) return std::nullopt;
  }
  std::string word;
  for (const Measured& part : parts) {
    word += part.joint;
    word += WordOf(part.number, *part.unit);
  }
  reader = ahead;
  return word;
}

/// A number without a unit.
std::string Plain(std::string number) {
  const size_t point = number.find('.');
  if (point == std::string::npos) return number;
  const bool whole = std::all_of(number.begin() + static_cast<ptrdiff_t>(point) + 1, number.end(),
                                 [](char c) { return c == '0'; });
  if (whole) number.resize(point);
  return number;
}

}  // namespace

std::string WithQuantityWords(std::string_view form) {
  std::string words;
  Reader reader(form);
  while (!reader.rest().empty()) {
    const char before = words.empty() ? ' ' : words.back();
    const bool begins = !IsDigit(before) && !IsLatin(before) && before != '.';
    if (begins) {
      if (const auto quantity = TakeQuantity(reader)) {
        words += *quantity;
        const std::string_view rest = reader.rest();
        if (!rest.empty() && (rest[0] & 0x80) != 0) words += ' ';
        continue;
      }
      const bool decimal = reader.rest()[0] == '.' || IsDigit(reader.rest()[0]);
      Reader plain = reader;
      if (const auto number = decimal ? plain.TakeNumber() : std::nullopt;
          number && reader.rest().substr(0, reader.rest().size() - plain.rest().size()).find(',') ==
                        std::string_view::npos) {
        reader = plain;
        words += Plain(*number);
        continue;
      }
    }
    const size_t length = ReadUtf8(reader.rest(), 0).length;
    words += reader.rest().substr(0, length);
    reader = Reader(reader.rest().substr(length));
  }
  return words;
}

}  // namespace roentgen
