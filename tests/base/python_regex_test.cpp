#include "roentgen/base/python_regex.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

bool FitsName(const std::string& key, std::string_view name) {
  return PythonRegex("(.*\\.)?(" + key + ")$").FitsStartOf(name);
}

// Each key as PEFT asks for it, re.match(rf"(.*\.)?({key})$", name), and Python 3.11's answers for
// the names in their order.
TEST(PythonRegex, AnswersAsPythonDoes) {
  constexpr const char* kNames[] = {"model.language_model.layers.0.self_attn.q_proj",
                                    "model.layers.10.mlp.up_proj",
                                    "visual.blocks.3.attn.qkv",
                                    "model.visual.merger.mlp.0",
                                    "lm_head",
                                    "q_proj",
                                    ""};
  constexpr std::pair<const char*, const char*> kAnswers[] = {
      {R"(q_proj)", "1000010"},
      {R"(.*\.layers\.3\..*(q_proj|k_proj))", "0000000"},
      {R"(^model\.language_model\.layers\.0\.self_attn\.q_proj)", "1000000"},
      {R"(layers\.\d+\.self_attn\.[qk]_proj)", "1000000"},
      {R"(layers\.(0|1|2)\..*)", "1000000"},
      {R"(q_proj|up_proj)", "1100010"},
      {R"(layers.0.*)", "1000000"},
      {R"(.*mlp\.[0-9]{1})", "0001000"},
      {R"([^v]*proj)", "1100010"},
      {R"((?!.*visual).*proj)", "1100010"},
      {R"(.*(?<=q)_proj)", "1000010"},
      {R"(.*(?<!q)_proj)", "0100000"},
      {R"(model\.(?:layers|language_model\.layers)\.\d{1,2}\..*?)", "1100000"},
      {R"((?i:Q_PROJ))", "1000010"},
      {R"(\bq_proj\b)", "1000010"},
      {R"(blocks\.[1-3]\.attn\.qkv)", "0010000"},
      {R"(\w+)", "1111110"},
      {R"((\w+\.)*\w+)", "1111110"},
      {R"(((a*)*)*b)", "0000000"},
      {R"(q_proj$)", "1000010"},
      {R"((?P<x>q)_proj)", "1000010"},
      {R"([]a-z_]+)", "1110110"},
      {R"(layers\.1\d\..+)", "0100000"},
      {R"(\A.*\Z)", "1111111"},
      {R"(lm{1}_head)", "0000100"},
      {R"(a{x}|lm_head)", "0000100"},
      {R"([\w.]+attn\.q_proj)", "1000000"},
      {R"(mlp.up_proj)", "0100000"},
      {R"(layers\.\S+\.up_proj)", "0100000"},
      {R"()", "0000001"},
      {R"((|q)_proj)", "1000010"},
      {R"(layers\.[13579]0?.*)", "0100000"},
  };
  for (const auto& [key, answers] : kAnswers) {
    std::string ours;
    for (const char* name : kNames) ours += FitsName(key, name) ? '1' : '0';
    EXPECT_EQ(ours, answers) << key;
  }
}

TEST(PythonRegex, FitsTheStartOfAText) {
  EXPECT_TRUE(PythonRegex("ab").FitsStartOf("abc"));
  EXPECT_FALSE(PythonRegex("b").FitsStartOf("abc"));
  EXPECT_TRUE(PythonRegex("ab$").FitsStartOf("ab\n"));
  EXPECT_TRUE(PythonRegex("影.*").FitsStartOf("影像"));
  EXPECT_TRUE(PythonRegex(R"(\x41[\x42-\x43]\t)").FitsStartOf("AC\t"));
}

TEST(PythonRegex, SaysWhatIsNoPatternAndWhere) {
  ROENTGEN_EXPECT_ERROR(PythonRegex("a(b"), "a(b: missing closing parenthesis at byte 3");
  ROENTGEN_EXPECT_ERROR(PythonRegex("ab)"), "ab): unmatched closing parenthesis at byte 2");
  ROENTGEN_EXPECT_ERROR(PythonRegex("*a"), "quantifier does not follow a repeatable item");
  ROENTGEN_EXPECT_ERROR(PythonRegex("[b-a]"), "range out of order in character class");
  ROENTGEN_EXPECT_ERROR(PythonRegex("a\\"), "\\ at end of pattern");
  ROENTGEN_EXPECT_ERROR(PythonRegex("a\xff"), "UTF-8 error");
  ROENTGEN_EXPECT_ERROR(PythonRegex("a{,2}"), "a{,2}: {,n} is not supported");
}

TEST(PythonRegex, HostilePatternsEnd) {
  const std::string name(200, 'a');
  const auto answers_or_gives_up = [&](const std::string& pattern) {
    try {
      EXPECT_FALSE(PythonRegex(pattern).FitsStartOf(name)) << pattern;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("limit exceeded")) << pattern;
    }
  };
  answers_or_gives_up("(a+)+[bc]");
  answers_or_gives_up("(a|a)*(a|aa)*(a*)*[bc]");
  std::string nested = "[bc]";
  for (int i = 0; i < 20; ++i) nested = "(?=.*" + nested + ")";
  answers_or_gives_up(nested);
  ROENTGEN_EXPECT_ERROR(PythonRegex("((a{999}){999}){999}"), "too large");
  ROENTGEN_EXPECT_ERROR(PythonRegex(std::string(300, '(')), "too deep");
  ROENTGEN_EXPECT_ERROR(PythonRegex(std::string(5000, 'a')), "5000 bytes: longer than 4096");
}

}  // namespace
}  // namespace roentgen
