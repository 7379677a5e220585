#include "roentgen/text/stream_decoder.h"

#include <gmock/gmock.h>

#include "roentgen/base/random.h"
#include "roentgen/text/utf8.h"
#include "text/tiny_tokenizer.h"

namespace roentgen {
namespace {

Tokenizer MakeTokenizer() {
  const std::string json = test::TinyTokenizer().tokenizer.dump();
  return Tokenizer(ParseTokenizerJson({"tokenizer.json", json}));
}

TEST(StreamDecoder, HoldsBackHalfACharacter) {
  const Tokenizer tokenizer = MakeTokenizer();
  StreamDecoder stream(tokenizer);
  EXPECT_EQ(stream.Push('a'), "a");
  EXPECT_EQ(stream.Push(0xe4), "");
  EXPECT_EQ(stream.Push(258), "");  // a special token in between changes nothing
  EXPECT_EQ(stream.Push(0xbd), "");
  EXPECT_EQ(stream.Push(0xa0), "你");
  EXPECT_EQ(stream.Push(0xf0), "");
  EXPECT_EQ(stream.Push('b'),
            "\ufffd"
            "b");
  EXPECT_EQ(stream.Push(0xe4), "");
  EXPECT_EQ(stream.Finish(), "\ufffd");
  EXPECT_EQ(stream.Finish(), "");
  EXPECT_EQ(stream.Push('c'), "c");
}

TEST(StreamDecoder, ShowsSpecialTokensWhenAsked) {
  const Tokenizer tokenizer = MakeTokenizer();
  StreamDecoder stream(tokenizer, false);
  EXPECT_EQ(stream.Push(258), "<|end|>");
  EXPECT_EQ(stream.Push(9999), "");
}

TEST(StreamDecoder, RandomIdsAddUpToTheDecodedWhole) {
  const Tokenizer tokenizer = MakeTokenizer();
  Random random(5);
  for (int round = 0; round < 2000; ++round) {
    StreamDecoder stream(tokenizer);
    std::vector<int32_t> ids;
    std::string all;
    for (size_t n = random.NextBits() % 30; n > 0; --n) {
      // Mostly the bytes of one emoji, so that whole characters occur among broken ones.
      constexpr int32_t kEmoji[] = {0xf0, 0x9f, 0x98, 0x80};
      const uint64_t draw = random.NextBits() % 8;
      ids.push_back(draw < 7 ? kEmoji[(ids.size() + draw / 6) % 4]
                             : static_cast<int32_t>(random.NextBits() % 262));
      const std::string piece = stream.Push(ids.back());
      ASSERT_EQ(FindInvalidUtf8(piece), std::nullopt);
      ASSERT_FALSE(piece.ends_with("\ufffd"));
      all += piece;
    }
    ASSERT_EQ(all + stream.Finish(), tokenizer.Decode(ids, true));
  }
}

}  // namespace
}  // namespace roentgen
