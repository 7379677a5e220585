#include "roentgen/hub/file_hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// Of the bytes before, and those of the file behind them.
std::string HashFile(const fs::path& path, const EVP_MD* kind, std::string_view before,
                     const std::stop_token& stop) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
  EVP_DigestInit_ex(hash.get(), kind, nullptr);
  EVP_DigestUpdate(hash.get(), before.data(), before.size());
  std::ifstream stream(path, std::ios::binary);
  std::string block(size_t{1} << 20, '\0');
  while (stream) {
    if (stop.stop_requested()) throw Cancelled();
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    EVP_DigestUpdate(hash.get(), block.data(), static_cast<size_t>(stream.gcount()));
  }
  if (!stream.eof()) ThrowSystemError(path.string(), "read");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(hash.get(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

std::string Sha256OfFile(const fs::path& path, const std::stop_token& stop) {
  return HashFile(path, EVP_sha256(), "", stop);
}

std::string GitBlobHashOfFile(const fs::path& path, const std::stop_token& stop) {
  std::error_code problem;
  const uintmax_t size = fs::file_size(path, problem);
  if (problem) throw Error(fmt::format("{}: {}", path.string(), problem.message()));
  return HashFile(path, EVP_sha1(), fmt::format("blob {}", size) + std::string(1, '\0'), stop);
}

}  // namespace roentgen
