#include "roentgen/text/tokenizer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>

#include "roentgen/base/error.h"
#include "roentgen/base/random.h"
#include "roentgen/text/byte_alphabet.h"
#include "roentgen/text/utf8.h"
#include "support/paths.h"
#include "support/processor_time.h"
#include "text/tiny_tokenizer.h"

namespace roentgen {
namespace {

using Ids = std::vector<int32_t>;

Tokenizer LoadTiny() {
  const test::TemporaryFolder folder;
  test::TinyTokenizer().WriteTokenizerJson(folder.path());
  return Tokenizer::Load(folder.path());
}

TEST(Tokenizer, EncodesAndDecodes) {
  const Tokenizer tokenizer = LoadTiny();
  EXPECT_EQ(tokenizer.Encode("th th"), (Ids{256, 257}));
  EXPECT_EQ(tokenizer.Encode(""), Ids{});
  EXPECT_EQ(tokenizer.Encode("a<|end|><b>"), (Ids{'a', 258, 259}));
  const Ids ids = {256, 258, 259, 257, 300, -1, 0x7fffffff};
  EXPECT_EQ(tokenizer.Decode(ids, false), "th<|end|><b> th");
  EXPECT_EQ(tokenizer.Decode(ids, true), "th<b> th");  // <b> is added, but not special
  EXPECT_EQ(tokenizer.DecodeBytes(Ids{0xe4, 0xbd}, true), "\xe4\xbd");
  EXPECT_EQ(tokenizer.Decode(Ids{0xe4, 0xbd}, true), "\ufffd");
  EXPECT_EQ(tokenizer.size(), 260u);
  EXPECT_EQ(tokenizer.id_limit(), 260);
}

TEST(Tokenizer, AddedTokensAreKnownByTheirText) {
  const Tokenizer tokenizer = LoadTiny();
  EXPECT_EQ(tokenizer.FindSpecial("<|end|>"), 258);
  EXPECT_EQ(tokenizer.FindSpecial("th"), std::nullopt);  // of the vocabulary, not added
  EXPECT_EQ(tokenizer.Special("<b>"), 259);
  EXPECT_TRUE(tokenizer.IsSpecial(258));
  EXPECT_FALSE(tokenizer.IsSpecial(259));
  EXPECT_FALSE(tokenizer.IsSpecial(-1));
  EXPECT_FALSE(tokenizer.IsSpecial(1 << 30));
  ROENTGEN_EXPECT_ERROR(tokenizer.Special("<|image_pad|>"),
                        "added_tokens: no token \"<|image_pad|>\"");
}

TEST(Tokenizer, TheLongestAddedTokenCounts) {
  test::TinyTokenizer files;
  files.tokenizer["added_tokens"].push_back({{"id", 260}, {"content", "<b><b>"}});
  const test::TemporaryFolder folder;
  files.WriteTokenizerJson(folder.path());
  const Tokenizer tokenizer = Tokenizer::Load(folder.path());
  EXPECT_EQ(tokenizer.Encode("<b><b><b><|end|"), (Ids{260, 259, '<', '|', 'e', 'n', 'd', '|'}));
  EXPECT_EQ(tokenizer.Encode("<b><b<b>"), (Ids{259, '<', 'b', 259}));
}

TEST(Tokenizer, ManyAddedTokensTakeTimeInProportion) {
  TokenizerDefinition definition;
  for (int byte = 0; byte < 256; ++byte) {
    definition.vocab.push_back({ByteSymbol(static_cast<unsigned char>(byte)), byte});
  }
  for (int32_t i = 0; i < 300'000; ++i) {
    definition.added_tokens.push_back({fmt::format("<影像{}>", i), 256 + i, true});
  }
  const test::ProcessorTime time;
  const Tokenizer tokenizer(definition);
  EXPECT_EQ(tokenizer.Special("<影像299999>"), 300'255);
  EXPECT_EQ(tokenizer.FindSpecial("<影像"), std::nullopt);
  std::string text;
  while (text.size() < 300'000) text += "<影像29999<影像12>";
  EXPECT_EQ(tokenizer.DecodeBytes(tokenizer.Encode(text), false), text);
  EXPECT_EQ(tokenizer.Encode("<影像12>").size(), 1u);
  EXPECT_LT(time.Seconds(), 5);
  definition.added_tokens.push_back({"<影像7>", 263, true});
  ROENTGEN_EXPECT_ERROR(Tokenizer{definition}, "\"<影像7>\" is there twice");
}

TEST(Tokenizer, InvalidTextIsRefusedWithItsPlace) {
  const Tokenizer tokenizer = LoadTiny();
  ROENTGEN_EXPECT_ERROR(tokenizer.Encode("<|end|>ab\xff"), "not valid UTF-8 at byte 9 (0xff)");
  ROENTGEN_EXPECT_ERROR(tokenizer.Encode("\xe4\xbd"), "not valid UTF-8 at byte 0 (0xe4)");
}

TEST(Tokenizer, RandomTextComesBack) {
  const Tokenizer tokenizer = LoadTiny();
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t n = random.NextBits() % 40; n > 0; --n) {
      // Nothing here changes in NFC.
      constexpr std::string_view kPieces[] = {"t", "h", " ",  "\n", "'s", "7",  "<b>",   "<|end|>",
                                              "<", "é", "肺", "😀",  ",",  "\r", "\u3000"};
      text += kPieces[random.NextBits() % std::size(kPieces)];
    }
    ASSERT_EQ(tokenizer.Decode(tokenizer.Encode(text), false), text);
    const std::string broken = text + "\xf0\x9f";
    ROENTGEN_EXPECT_ERROR(tokenizer.Encode(broken), fmt::format("at byte {}", text.size()));
  }
}

TEST(Tokenizer, BothFormsAndBothKindsOfMerges) {
  const test::TemporaryFolder folder;
  test::TinyTokenizer files;
  files.merges = "#version: 0.2\r\nt h\r\n\r\nĠ th";  // as an editor on Windows may leave it
  files.WriteOlderFiles(folder.path());
  EXPECT_EQ(Tokenizer::Load(folder.path()).Encode("th th<b>"), (Ids{256, 257, 259}));
  files.tokenizer["model"]["merges"] = Json::array({{"t", "h"}, {"Ġ", "th"}});
  files.WriteTokenizerJson(folder.path());
  EXPECT_EQ(Tokenizer::Load(folder.path()).Encode("th th<b>"), (Ids{256, 257, 259}));
}

TEST(Tokenizer, AnAddedTokenMayStandInTheVocabularyToo) {
  test::TinyTokenizer files;
  files.vocab["<|end|>"] = 258;
  const test::TemporaryFolder folder;
  files.WriteOlderFiles(folder.path());
  const Tokenizer tokenizer = Tokenizer::Load(folder.path());
  EXPECT_EQ(tokenizer.size(), 260u);
  EXPECT_EQ(tokenizer.Decode(Ids{258}, false), "<|end|>");
  EXPECT_EQ(tokenizer.Decode(Ids{258}, true), "");
}

TEST(Tokenizer, HostileTextTakesNearLinearTime) {
  const Tokenizer tokenizer = LoadTiny();
  const size_t n = 1 << 20;
  std::string lines;
  for (size_t i = 0; i < n / 4; ++i) lines += " \n  ";
  for (const std::string& text :
       {std::string(n, 't'), std::string(n, ' '), std::string(n, '\n'), std::string(n, '<'),
        std::string(n, '!'), std::string(n, ' ') + "x", "\n" + std::string(n, ' ') + "x", lines}) {
    EXPECT_EQ(tokenizer.DecodeBytes(tokenizer.Encode(text), false), text);
  }
}

/// Breaks the files, and expects an Error with the text on loading them.
struct Flaw {
  const char* expected;
  std::function<void(test::TinyTokenizer&)> apply;
};

TEST(Tokenizer, FlawsOfTheOlderFilesAreNamed) {
  const Flaw flaws[] = {
      {"vocab.json: token \"th\": id -1 is out of range", [](auto& f) { f.vocab["th"] = -1; }},
      {"vocab.json: token \"th\": id 4000000000 is out of range",
       [](auto& f) { f.vocab["th"] = 4000000000u; }},
      {"id 9223372036854775807 is out of range", [](auto& f) { f.vocab["th"] = UINT64_MAX; }},
      {"vocab.json: token \"th\": expected a whole number", [](auto& f) { f.vocab["th"] = "x"; }},
      {"vocab.json: token \"th\": expected a whole number", [](auto& f) { f.vocab["th"] = 1.5; }},
      {"vocab.json: token \"th\": expected a whole number",
       [](auto& f) { f.vocab["th"] = Json::array({1}); }},
      {"vocab.json: token \"th\": expected a whole number",
       [](auto& f) { f.vocab["th"] = Json::object(); }},
      {"vocab.json: token \"Ġth\" has id 256, as another has",
       [](auto& f) { f.vocab["th"] = 256, f.vocab["Ġth"] = 256; }},
      {"has id 97, as another has", [](auto& f) { f.vocab["th"] = 'a'; }},
      {"vocab.json: no token \"Ġ\" for byte 0x20", [](auto& f) { f.vocab.erase("Ġ"); }},
      {"vocab.json: expected an object of tokens", [](auto& f) { f.vocab = Json::array({1}); }},
      {"vocab.json: expected an object of tokens", [](auto& f) { f.vocab = 7; }},
      {"merges.txt: line 1: expected two tokens", [](auto& f) { f.merges = "th\n"; }},
      {"merges.txt: line 2: expected two tokens", [](auto& f) { f.merges = "t h\nĠ t h\n"; }},
      {"merges.txt: line 1: expected two tokens", [](auto& f) { f.merges = " h\n"; }},
      {"merges.txt: line 1: expected two tokens", [](auto& f) { f.merges = "h \n"; }},
      {"merges.txt: merge 2 needs the token \"xy\", which is not in the vocabulary",
       [](auto& f) { f.merges = "t h\nx y\n"; }},
      {"merges.txt: there are no merges", [](auto& f) { f.merges = "#version: 0.2\n"; }},
      {"merges.txt: merge 1 needs the token \"zz\"", [](auto& f) { f.merges = "zz h\n"; }},
      {"tokenizer_config.json: added_tokens_decoder: missing",
       [](auto& f) { f.config = Json::object(); }},
      {"tokenizer_config.json: expected an object", [](auto& f) { f.config = 3; }},
      {"added_tokens_decoder: 12x: expected a token id",
       [](auto& f) {
         f.config["added_tokens_decoder"]["12x"] = {{"content", "<c>"}};
       }},
      {"added_tokens_decoder: 260: content: missing",
       [](auto& f) { f.config["added_tokens_decoder"]["260"] = Json::object(); }},
      {"added_tokens_decoder: 260: content: empty",
       [](auto& f) {
         f.config["added_tokens_decoder"]["260"] = {{"content", ""}};
       }},
      {"added_tokens_decoder: 99999999: id 99999999 is out of range",
       [](auto& f) {
         f.config["added_tokens_decoder"]["99999999"] = {{"content", "<c>"}};
       }},
      {"added_tokens_decoder: 260: lstrip: this setting is not supported",
       [](auto& f) {
         f.config["added_tokens_decoder"]["260"] = {{"content", "<c>"}, {"lstrip", true}};
       }},
      {"added_tokens_decoder: \"<c>\" has id 97, but another token has it too",
       [](auto& f) {
         f.config["added_tokens_decoder"]["97"] = {{"content", "<c>"}};
       }},
      {"added_tokens_decoder: \"th\" has id 260, but also id 256",
       [](auto& f) {
         f.config["added_tokens_decoder"]["260"] = {{"content", "th"}};
       }},
      {"added_tokens_decoder: \"<b>\" has id 260, but also id 259",
       [](auto& f) {
         f.config["added_tokens_decoder"]["260"] = {{"content", "<b>"}};
       }},
  };
  for (const Flaw& flaw : flaws) {
    test::TinyTokenizer files;
    flaw.apply(files);
    const test::TemporaryFolder folder;
    files.WriteOlderFiles(folder.path());
    ROENTGEN_EXPECT_ERROR(Tokenizer::Load(folder.path()), flaw.expected);
  }
}

TEST(Tokenizer, FlawsOfTokenizerJsonAreNamed) {
  const auto model = [](const char* key, const Json& value) {
    return [key, value](auto& f) { f.tokenizer["model"][key] = value; };
  };
  const auto root = [](const char* key, const Json& value) {
    return [key, value](auto& f) { f.tokenizer[key] = value; };
  };
  const auto step = [](int index, const char* key, const Json& value) {
    return [=](auto& f) { f.tokenizer["pre_tokenizer"]["pretokenizers"][index][key] = value; };
  };
  const Flaw flaws[] = {
      {"tokenizer.json: model: type: this setting is not supported", model("type", "WordPiece")},
      {"model: dropout: this setting is not supported", model("dropout", 0.1)},
      {"model: ignore_merges: this setting", model("ignore_merges", true)},
      {"model: end_of_word_suffix: this setting", model("end_of_word_suffix", "</w>")},
      {"model: continuing_subword_prefix: this", model("continuing_subword_prefix", "##")},
      {"tokenizer.json: no vocabulary", model("vocab", Json::array())},
      {"tokenizer.json: no vocabulary", root("model", Json::object())},
      {"tokenizer.json: model.merges: missing", model("merges", nullptr)},
      {"model.merges[0]: expected two tokens", model("merges", Json::array({"th"}))},
      {"model.merges[1]: expected two tokens", model("merges", Json::array({"t h", "Ġ t h"}))},
      {"model.merges[0]: expected two tokens", model("merges", Json::array({{"t"}}))},
      {"model.merges[0]: expected two tokens", model("merges", Json::array({{"t", "h", "x"}}))},
      {"model.merges[0]: expected two tokens", model("merges", Json::array({{"t", 5}}))},
      {"model.merges[0]: expected two tokens", model("merges", Json::array({5}))},
      {"model.merges[1]: expected two tokens", model("merges", Json::array({"t h", {"Ġ", "th"}}))},
      {"model.merges[1]: expected two tokens", model("merges", Json::array({{"t", "h"}, "Ġ th"}))},
      {"model.merges: merge 1 needs the token \"q\u0141\"",
       model("merges", Json::array({{"q\u0141", "h"}}))},
      {"normalizer: type: this setting is not supported", root("normalizer", {{"type", "NFKC"}})},
      {"tokenizer.json: normalizer: missing", root("normalizer", nullptr)},
      {"tokenizer.json: pre_tokenizer: missing", root("pre_tokenizer", nullptr)},
      {"pre_tokenizer: type: this setting", root("pre_tokenizer", {{"type", "Whitespace"}})},
      {"pre_tokenizer: pretokenizers: this setting", root("pre_tokenizer", {{"type", "Sequence"}})},
      {"pretokenizers[0]: pattern: this setting", step(0, "pattern", {{"Regex", "\\s+"}})},
      {"pretokenizers[0]: behavior: this setting", step(0, "behavior", "Removed")},
      {"pretokenizers[0]: invert: this setting", step(0, "invert", true)},
      {"pretokenizers[1]: use_regex: this setting", step(1, "use_regex", true)},
      {"pretokenizers[1]: use_regex: this setting", step(1, "use_regex", nullptr)},
      {"pretokenizers[1]: add_prefix_space: this", step(1, "add_prefix_space", true)},
      {"post_processor: type: this setting", root("post_processor", {{"type", "BertProcessing"}})},
      {"post_processor: single: this setting",
       root("post_processor",
            {{"type", "TemplateProcessing"}, {"single", {{{"SpecialToken", {{"id", "x"}}}}}}})},
      {"decoder: type: this setting", root("decoder", {{"type", "WordPiece"}})},
      {"added_tokens: expected a list", root("added_tokens", 3)},
      {"added_tokens[0]: expected an object", root("added_tokens", Json::array({3}))},
      {"added_tokens[0]: id: missing", root("added_tokens", {{{"content", "<c>"}}})},
      {"added_tokens[0]: id -5 is out of",
       root("added_tokens", {{{"content", "<c>"}, {"id", -5}}})},
      {"added_tokens[0]: normalized: this setting",
       root("added_tokens", {{{"content", "<c>"}, {"id", 260}, {"normalized", true}}})},
      {"added_tokens: \"<b>\" is there twice",
       [](auto& f) { f.tokenizer["added_tokens"].push_back(f.tokenizer["added_tokens"][1]); }},
  };
  for (const Flaw& flaw : flaws) {
    test::TinyTokenizer files;
    flaw.apply(files);
    const test::TemporaryFolder folder;
    files.WriteTokenizerJson(folder.path());
    ROENTGEN_EXPECT_ERROR(Tokenizer::Load(folder.path()), flaw.expected);
  }
}

TEST(Tokenizer, BrokenJsonIsNamedWithItsPlace) {
  const auto expect = [](const char* text, const char* expected) {
    ROENTGEN_EXPECT_ERROR(ParseTokenizerJson({"tokenizer.json", text}), expected);
  };
  expect(R"({"model": )", "tokenizer.json: not valid JSON at byte 11");
  expect("{\"\xff\": 1}", "tokenizer.json: not valid JSON at byte 3");
  expect("", "tokenizer.json: not valid JSON");
  expect("[]", "tokenizer.json: no vocabulary");
  ROENTGEN_EXPECT_ERROR(
      ParseTokenizerJson(
          {"tokenizer.json", {"{\"model\": {\"vocab\": {}, \"merges\": []}}\0{}", 40}}),
      "tokenizer.json: not valid JSON at byte 39: a zero byte");
  expect(R"({"model": {"vocab": {}, "vocab": {}}})", "tokenizer.json: two vocabularies");
  expect(R"({"model": {"merges": [], "merges": []}})", "model.merges: there twice");
  expect(R"([{"model": 1}, {"vocab": {}}])", "tokenizer.json: ");
  expect(std::string(100, '[').c_str(), "tokenizer.json: nested deeper than 32 at byte 33");
  ROENTGEN_EXPECT_ERROR(Tokenizer(ParseVocabAndMerges({"v", R"({"a": 1, "a": 2})"}, {"m", "a a\n"},
                                                      {"c", R"({"added_tokens_decoder": {}})"})),
                        "v: token \"a\" is there twice");
}

TEST(Tokenizer, MissingFilesAreNamed) {
  const test::TemporaryFolder folder;
  ROENTGEN_EXPECT_ERROR(Tokenizer::Load(folder.path()), "neither tokenizer.json nor vocab.json");
  ROENTGEN_EXPECT_ERROR(Tokenizer::Load(folder.path() / "none"), "none: neither tokenizer.json");
  for (const char* file : {"merges.txt", "tokenizer_config.json"}) {
    test::TinyTokenizer().WriteOlderFiles(folder.path());
    std::filesystem::remove(folder.path() / file);
    try {
      Tokenizer::Load(folder.path());
      ADD_FAILURE() << file;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("neither tokenizer.json nor " +
                                                   std::string(file) + " is there"));
      EXPECT_THAT(error.hint(),
                  testing::HasSubstr("merges.txt and tokenizer_config.json together"));
    }
  }
  // A file that is too large is refused before it is read: this one has no content on the disk.
  WriteFile(folder.path() / "tokenizer.json", "");
  std::filesystem::resize_file(folder.path() / "tokenizer.json", uintmax_t{1} << 40);
  ROENTGEN_EXPECT_ERROR(Tokenizer::Load(folder.path()),
                        "tokenizer.json: 1099511627776 bytes, more");
}

TEST(Tokenizer, L14GitLfsPointersAreRecognised) {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n";
  const test::TemporaryFolder folder;
  for (const char* file : {"vocab.json", "merges.txt", "tokenizer_config.json", "tokenizer.json"}) {
    test::TinyTokenizer().WriteOlderFiles(folder.path());
    WriteFile(folder.path() / file, pointer);
    try {
      Tokenizer::Load(folder.path());
      ADD_FAILURE() << file;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(std::string(file) + ": a Git LFS pointer"));
      EXPECT_THAT(error.hint(), testing::HasSubstr("git lfs pull"));
    }
  }
}

}  // namespace
}  // namespace roentgen
