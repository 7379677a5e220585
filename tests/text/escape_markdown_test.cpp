#include "roentgen/text/escape_markdown.h"

#include <gtest/gtest.h>

#include <random>
#include <regex>

#include "roentgen/text/printable.h"
#include "support/hostile_text.h"
#include "support/long_checks.h"
#include "support/unescape.h"

namespace roentgen {
namespace {

TEST(EscapeMarkdown, OrdinarySentencesStayAsTheyAre) {
  for (const char* text :
       {"A nodule of 2.5 cm in the right lung (upper lobe), i.e. no mass; <3 cm, < 5 cm, R & D!",
        "右肺上叶见结节，约2.5cm（考虑良性）。建议复查：3个月后？",
        "temperature 0, max_new_tokens 64", "CT, window 350/40, and/or T1/T2",
        "-5 HU, +C, 3-5 mm, 100% -> \"clear\"", "1.左肺结节。", "2.5 cm",
        "DICOM 512×512 → 504×504"}) {
    EXPECT_EQ(EscapeMarkdown(text), text);
  }
}

TEST(EscapeMarkdown, WhatWouldBeMarkdownIsText) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"<script>x</script>", R"(\<script>x\</script>)"},
      {"<img onerror=x>", R"(\<img onerror=x>)"},
      {"# Title", R"(\# Title)"},
      {"a\n===\nb\n---", "a\\\n\\===\\\nb\\\n\\---"},
      {"1. Nodule\n2) Mass", "1\\. Nodule\\\n2\\) Mass"},
      {"- a\n+ b\n* c", "\\- a\\\n\\+ b\\\n\\* c"},
      {"> a", R"(\> a)"},
      {"```\n~~~", "\\`\\`\\`\\\n\\~\\~\\~"},
      {"a | b\n--- | ---\n:-", "a \\| b\\\n\\--- \\| ---\\\n\\:-"},
      {"*a* __b__ a_b", R"(\*a\* \_\_b\_\_ a_b)"},
      {"[a](b) ![a][b] [^1]", R"(\[a\](b) !\[a\]\[b\] \[^1\])"},
      {"&lt; &#60; &", R"(\&lt; \&#60; \&)"},
      {"runs.jsonl model.safetensors report.pdf", "runs.jsonl model.safetensors report.pdf"},
      {"http://a.org www.a.b a@b.org", R"(http:\//a\.org www\.a.b a`@`b\.org)"},
      {"$x$ ~~y~~", R"(\$x\$ \~\~y\~\~)"},
      {R"(C:\temp \_)", R"(C:\\temp \\\_)"},
      {"  a \nb\n", "&#32; a&#32;\\\nb&#10;"},
      {"a\r\n\r\nb", "a\\\n\\\nb"},
      {"a\x1b[2J", R"(a�\[2J)"},
      {"a #", R"(a \#)"},
      {"", ""},
  };
  for (const auto& [text, markdown] : cases) {
    EXPECT_EQ(EscapeMarkdown(text), markdown);
    EXPECT_EQ(test::UnescapeMarkdown(markdown), Printable(text));
  }
}

/// What of a Markdown text is not escaped; \x01 in the place of what is.
std::string Unescaped(const std::string& markdown) {
  static const std::regex kEscapes(R"(\\[!-/:-@\[-`{-~]|&#(32|9|10);|`@+`)");
  static const std::regex kBreak(R"(\\\n)");
  return std::regex_replace(std::regex_replace(markdown, kEscapes, "\x01"), kBreak, "\n");
}

TEST(EscapeMarkdown, NothingActiveIsLeftAndEverythingIsRead) {
  static const std::regex kActive(
      R"([\\`*\[\]~|$]|<[A-Za-z/!?]|&[A-Za-z0-9#]|//|[Ww]{3}\.|[^\s@\x01]@+[^\s@\x01])"
      R"(|[^A-Za-z0-9]_|_[^A-Za-z0-9])"
      R"(|(^|\n)[ \t]|[ \t](\n|$))"
      R"(|(^|\n)([-+]([ \t\n]|$)|[0-9]+[.)]([ \t\n]|$)|[#>=:]|--)| #+(\n|$))");
  const uint64_t trials = test::Trials(3000, 1'000'000);
  for (uint64_t seed = 0; seed < trials; ++seed) {
    std::mt19937_64 random(seed);
    const std::string text = test::HostileText(random, 1 + random() % 9);
    const std::string markdown = EscapeMarkdown(text);
    ASSERT_EQ(test::UnescapeMarkdown(markdown), Printable(text)) << seed;
    std::smatch found;
    const std::string rest = Unescaped(markdown);
    ASSERT_FALSE(std::regex_search(rest, found, kActive))
        << seed << ": " << found.str() << " in " << markdown;
  }
}

}  // namespace
}  // namespace roentgen
