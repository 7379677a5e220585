#include "roentgen/text/tokenizer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/text/stream_decoder.h"
#include "roentgen/text/utf8.h"
#include "text/text_goldens.h"

namespace roentgen {
namespace {

using Ids = std::vector<int32_t>;

std::string Hex64(uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

TEST(TokenizerGolden, Encode) {
  ROENTGEN_NEED(test::TextGolden("encode.jsonl"));
  ROENTGEN_NEED(test::QwenFolder());
  const Tokenizer& tokenizer = test::QwenTokenizer();
  const auto cases = test::ReadJsonLines(test::TextGolden("encode.jsonl"));
  ASSERT_EQ(cases.size(), 766u);
  for (const JsonObject& row : cases) {
    const auto text = row.Get<std::string>("text");
    const Ids ids = tokenizer.Encode(text);
    EXPECT_EQ(ids, row.Get<Ids>("ids")) << row.where() << ": " << text;
    EXPECT_EQ(tokenizer.Decode(ids, false), row.GetOr("decoded", text)) << row.where();
  }
}

TEST(TokenizerGolden, Decode) {
  ROENTGEN_NEED(test::TextGolden("decode.jsonl"));
  ROENTGEN_NEED(test::QwenFolder());
  const Tokenizer& tokenizer = test::QwenTokenizer();
  const auto cases = test::ReadJsonLines(test::TextGolden("decode.jsonl"));
  ASSERT_EQ(cases.size(), 174u);
  for (const JsonObject& row : cases) {
    const auto ids = row.Get<Ids>("ids");
    EXPECT_EQ(test::ToHex(tokenizer.DecodeBytes(ids, false)), row.Get<std::string>("bytes_hex"));
    EXPECT_EQ(tokenizer.Decode(ids, false), row.Get<std::string>("text")) << row.where();
    EXPECT_EQ(tokenizer.Decode(ids, true), row.Get<std::string>("text_skip_special"));
  }
}

TEST(TokenizerGolden, Stream) {
  ROENTGEN_NEED(test::TextGolden("decode.jsonl"));
  ROENTGEN_NEED(test::QwenFolder());
  const Tokenizer& tokenizer = test::QwenTokenizer();
  for (const JsonObject& row : test::ReadJsonLines(test::TextGolden("decode.jsonl"))) {
    const auto ids = row.Get<Ids>("ids");
    const Json& chunks = row.json().at("stream_skip_special");
    ASSERT_EQ(chunks.size(), ids.size());
    StreamDecoder stream(tokenizer);
    std::string all;
    for (size_t i = 0; i < ids.size(); ++i) {
      const std::string chunk = stream.Push(ids[i]);
      EXPECT_EQ(chunk, chunks[i].is_null() ? "" : chunks[i].get<std::string>())
          << row.where() << ": id " << i;
      all += chunk;
    }
    EXPECT_EQ(all + stream.Finish(), row.Get<std::string>("text_skip_special")) << row.where();
  }
}

TEST(TokenizerGolden, EveryIdDecodes) {
  ROENTGEN_NEED(test::TextGolden("vocab_check.json"));
  ROENTGEN_NEED(test::QwenFolder());
  const Tokenizer& tokenizer = test::QwenTokenizer();
  const JsonObject golden(ReadJsonFile(test::TextGolden("vocab_check.json"), 1 << 20), "vocab");
  const auto last = golden.Get<int32_t>("added_last");
  const auto hash_of = [&](int32_t first, int32_t end) {
    uint64_t hash = kFnv1a64Offset;
    for (int32_t id = first; id <= end; ++id) {
      const std::string bytes = tokenizer.DecodeBytes(std::span(&id, 1), false);
      const auto number = static_cast<size_t>(id);
      hash = Fnv1a64(test::LittleEndian(number) + test::LittleEndian(bytes.size()) + bytes, hash);
    }
    return Hex64(hash);
  };
  for (const Json& block : golden.json().at("blocks_of_4096")) {
    EXPECT_EQ(hash_of(block.at("first"), block.at("last")), block.at("fnv1a64")) << block;
  }
  EXPECT_EQ(hash_of(0, last), golden.Get<std::string>("all_ids_fnv1a64"));
  EXPECT_EQ(tokenizer.size(), static_cast<size_t>(last) + 1);
  EXPECT_EQ(tokenizer.id_limit(), golden.Get<int32_t>("undefined_first"));
  const auto undefined_last = golden.Get<int32_t>("undefined_last");
  EXPECT_EQ(undefined_last - last, golden.Get<int32_t>("undefined_count"));
  for (int32_t id = last + 1; id <= undefined_last; ++id) {
    EXPECT_EQ(tokenizer.DecodeBytes(std::span(&id, 1), false), "");
  }
}

TEST(TokenizerGolden, EveryTokenEncodesAgain) {
  ROENTGEN_NEED(test::TextGolden("vocab_check.json"));
  ROENTGEN_NEED(test::QwenFolder());
  const Tokenizer& tokenizer = test::QwenTokenizer();
  const JsonObject root(ReadJsonFile(test::TextGolden("vocab_check.json"), 1 << 20), "vocab");
  const JsonObject golden = root.Object("reencode");
  size_t valid = 0;
  size_t same = 0;
  uint64_t hash = kFnv1a64Offset;
  for (int32_t id = 0; id < root.Get<int32_t>("base_vocab"); ++id) {
    const std::string bytes = tokenizer.DecodeBytes(std::span(&id, 1), false);
    if (FindInvalidUtf8(bytes)) continue;
    const Ids ids = tokenizer.Encode(bytes);
    ++valid;
    same += ids == Ids{id};
    hash = Fnv1a64(test::LittleEndian(static_cast<size_t>(id)) + test::IdRecord(ids), hash);
  }
  EXPECT_EQ(valid, golden.Get<size_t>("valid_utf8"));
  EXPECT_EQ(same, golden.Get<size_t>("round_trip_to_same_single_id"));
  EXPECT_EQ(Hex64(hash), golden.Get<std::string>("fnv1a64"));
}

TEST(TokenizerGolden, AddedTokens) {
  ROENTGEN_NEED(test::TextGolden("added_tokens.json"));
  ROENTGEN_NEED(test::QwenFolder());
  const Tokenizer& tokenizer = test::QwenTokenizer();
  const Json golden = ReadJsonFile(test::TextGolden("added_tokens.json"), 1 << 20);
  ASSERT_EQ(golden.at("added_tokens").size(), 14u);
  for (const Json& token : golden.at("added_tokens")) {
    const int32_t id = token.at("id");
    const std::string content = token.at("content");
    EXPECT_EQ(tokenizer.FindSpecial(content), id);
    EXPECT_EQ(tokenizer.IsSpecial(id), token.at("special").get<bool>());
    EXPECT_EQ(tokenizer.Decode(std::span(&id, 1), false), content);
  }
  size_t special = 0;
  for (int32_t id = 0; id < tokenizer.id_limit(); ++id) special += tokenizer.IsSpecial(id);
  EXPECT_EQ(special, golden.at("all_special_ids").size());
  EXPECT_EQ(tokenizer.Special(golden.at("eos").get<std::string>()), 151645);
  EXPECT_EQ(tokenizer.Special(golden.at("pad").get<std::string>()), 151643);
}

/// The texts of a data set in the order of the golden hash.
std::vector<std::string> CorpusTexts(const std::filesystem::path& path) {
  std::vector<std::string> texts;
  for (const Json& item : ReadJsonFile(path, 64 << 20)) {
    for (const char* key : {"question", "answer"}) {
      const Json& value = item.at(key);
      texts.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  return texts;
}

TEST(TokenizerGolden, RealQuestionsAndAnswers) {
  ROENTGEN_NEED(test::TextGolden("corpus_hash.json"));
  ROENTGEN_NEED(test::QwenFolder());
  const Tokenizer& tokenizer = test::QwenTokenizer();
  const std::filesystem::path data = test::SharedRoot() / "data";
  const Json golden = ReadJsonFile(test::TextGolden("corpus_hash.json"), 1 << 20);
  ASSERT_EQ(golden.at("corpora").size(), 3u);
  for (const Json& corpus : golden.at("corpora")) {
    const std::string name = corpus.at("corpus");
    const auto path = name == "vqa-rad" ? data / "vqa-rad" / "VQA_RAD Dataset Public.json"
                                        : data / "slake" / (name.substr(6) + ".json");
    ROENTGEN_NEED(path);
    const auto texts = CorpusTexts(path);
    size_t tokens = 0;
    uint64_t hash = kFnv1a64Offset;
    for (const std::string& text : texts) {
      const Ids ids = tokenizer.Encode(text);
      tokens += ids.size();
      hash = Fnv1a64(test::IdRecord(ids), hash);
    }
    EXPECT_EQ(texts.size(), corpus.at("texts").get<size_t>());
    EXPECT_EQ(tokens, corpus.at("tokens").get<size_t>());
    EXPECT_EQ(Hex64(hash), corpus.at("fnv1a64"));
  }
}

/// The tokenizer of a folder, read from its three older files although it has a tokenizer.json.
Tokenizer LoadOlderFiles(const std::filesystem::path& model, const test::TemporaryFolder& folder) {
  for (const char* file : {"vocab.json", "merges.txt", "tokenizer_config.json"}) {
    std::filesystem::copy_file(model / file, folder.path() / file);
  }
  return Tokenizer::Load(folder.path());
}

TEST(TokenizerGolden, BothFormsOfFilesGiveTheSame) {
  ROENTGEN_NEED(test::QwenFolder());
  ROENTGEN_NEED(test::TextGolden("encode.jsonl"));
  const std::filesystem::path models = test::SharedRoot() / "models";
  for (const char* model : {"qwen2-vl-2b-instruct", "tiny-rad"}) {
    ROENTGEN_NEED(models / model / "tokenizer.json");
    const test::TemporaryFolder folder;
    const Tokenizer older = LoadOlderFiles(models / model, folder);
    const Tokenizer newer = Tokenizer::Load(models / model);
    EXPECT_EQ(older.size(), newer.size());
    ASSERT_EQ(older.id_limit(), newer.id_limit());
    for (int32_t id = 0; id < newer.id_limit(); ++id) {
      ASSERT_EQ(older.DecodeBytes(std::span(&id, 1), false),
                newer.DecodeBytes(std::span(&id, 1), false));
      ASSERT_EQ(older.IsSpecial(id), newer.IsSpecial(id));
    }
    for (const JsonObject& row : test::ReadJsonLines(test::TextGolden("encode.jsonl"))) {
      const auto text = row.Get<std::string>("text");
      EXPECT_EQ(older.Encode(text), newer.Encode(text)) << model << ": " << row.where();
    }
  }
}

}  // namespace
}  // namespace roentgen
