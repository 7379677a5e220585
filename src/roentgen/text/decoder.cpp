#include "roentgen/text/decoder.h"

#include <fmt/format.h>
#include <unicode/ucnv.h>

#include <array>

#include "roentgen/base/error.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

struct Close {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};

/// Appends UTF-16, whose last unit may be the first half of a character.
void AppendUtf16(std::u16string_view units, char16_t& half, std::string& utf8) {
  for (const char16_t unit : units) {
    if (unit >= 0xd800 && unit < 0xdc00) {
      half = unit;
    } else if (unit >= 0xdc00 && unit < 0xe000) {
      AppendUtf8(0x10000 + ((half - 0xd800U) << 10) + (unit - 0xdc00U), utf8);
    } else {
      AppendUtf8(unit, utf8);
    }
  }
}

}  // namespace

struct Decoder::State {
  std::unique_ptr<UConverter, Close> converter;
  bool at_start = true;
  char16_t half = 0;
};

Decoder::Decoder(const std::string& encoding) : state_(std::make_unique<State>()) {
  UErrorCode status = U_ZERO_ERROR;
  state_->converter.reset(ucnv_open(encoding.c_str(), &status));
  if (U_FAILURE(status) != 0 || encoding.empty()) {
    throw Error(fmt::format("there is no encoding \"{}\"", encoding),
                "Known are UTF-8, UTF-16, GB18030, GBK, Big5, windows-1252 and others of ICU.");
  }
  ucnv_setToUCallBack(state_->converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                      &status);
}

Decoder::~Decoder() = default;

bool Decoder::Decode(std::string_view bytes, bool last, std::string& utf8) {
  std::array<char16_t, size_t{16} << 10> units;
  const char* source = bytes.data();
  const char* const end = source + bytes.size();
  while (true) {
    UErrorCode status = U_ZERO_ERROR;
    char16_t* target = units.data();
    ucnv_toUnicode(state_->converter.get(), &target, units.data() + units.size(), &source, end,
                   nullptr, static_cast<UBool>(last), &status);
    std::u16string_view text(units.data(), static_cast<size_t>(target - units.data()));
    if (state_->at_start && !text.empty()) {
      if (text[0] == 0xfeff) text.remove_prefix(1);
      state_->at_start = false;
    }
    AppendUtf16(text, state_->half, utf8);
    if (status == U_BUFFER_OVERFLOW_ERROR) continue;
    return U_FAILURE(status) == 0;
  }
}

}  // namespace roentgen
