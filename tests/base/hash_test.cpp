#include "roentgen/base/hash.h"

#include <gtest/gtest.h>

#include "roentgen/base/base64.h"

namespace roentgen {
namespace {

TEST(Hash, KnownValues) {
  const std::string abc = "abc";
  EXPECT_EQ(Sha256Hex({reinterpret_cast<const uint8_t*>(abc.data()), abc.size()}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2
  EXPECT_EQ(Fnv1a64("a"), 0xaf63dc4c8601ec8cull);
  EXPECT_EQ(Fnv1a64("bc", Fnv1a64("a")), Fnv1a64("abc"));
}

TEST(Base64, ThereAndBack) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(FromBase64(Base64(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(Base64("Man"), "TWFu");  // RFC 4648
  for (const char* wrong :
       {"TWF", "TWF*", "TW=u", "=WFu", "TW Fu===", "TWFu\n\n\n\n", "TWFv===="}) {
    EXPECT_EQ(FromBase64(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace roentgen
