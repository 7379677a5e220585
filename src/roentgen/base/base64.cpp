#include "roentgen/base/base64.h"

#include <openssl/evp.h>

#include <utility>

namespace roentgen {

std::string Base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // OpenSSL writes a terminator
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  constexpr size_t kMost = size_t{1} << 30;  // what OpenSSL's int can count
  if (text.empty()) return "";
  if (text.size() % 4 != 0 || text.size() > kMost) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size != static_cast<int>(bytes.size())) return std::nullopt;
  bytes = bytes.substr(0, static_cast<size_t>(size) - padding);
  // OpenSSL skips blanks and takes padding anywhere; what it made of such text is not this text.
  return Base64(bytes) == text ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace roentgen
