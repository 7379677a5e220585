// Tables drawn at random from the kinds of rows that people have, whose truth is known: no good row
// is altered or dropped, and everything that was planted is found. ROENTGEN_LONG=1 draws 10,000.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <iconv.h>

#include <array>
#include <map>
#include <set>

#include "data/generated_set.h"
#include "roentgen/base/output.h"
#include "roentgen/base/random.h"
#include "roentgen/data/import.h"
#include "roentgen/imaging/encode_png.h"
#include "support/long_checks.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

struct Texts {
  std::string question;
  std::string answer;
};

/// What a row is, and so what must become of it.
enum class Truth { kGood, kLeak, kCopy, kUnusable };

struct Row {
  std::string id;
  std::string image;
  std::string question;
  std::string answer;
  std::string split;
  std::string modality;
  std::string organ;
  std::string type;
  std::string note;
  Truth truth = Truth::kGood;
  bool disputed = false;  ///< another row answers it otherwise
};

/// What answers say differently, and what they say in other words.
constexpr std::array<std::array<const char*, 2>, 18> kDisagreeing = {{
    {"Yes", "No"},
    {"left", "right"},
    {"2 cm", "3 cm"},
    {"有", "没有"},
    {"左肺", "右肺"},
    {"T1", "T2"},
    {"liver", "spleen"},
    {"肝脏", "肾脏"},
    {"L4", "L5"},
    {"5 mm", "5 cm"},
    {"axial", "coronal"},
    {"冠状面", "矢状面"},
    {"<5 mm", ">5 mm"},
    {"ilium", "ileum"},
    {"3 cm", "-3 cm"},
    {"上叶", "下叶"},
    {"present", "absent"},
    {"正常", "不正常"},
}};
constexpr std::array<std::array<const char*, 2>, 12> kAgreeing = {{
    {"2 cm", "20 mm"},
    {"Yes", "Yes, it is"},
    {"有", "是的"},
    {"liver, spleen", "spleen and liver"},
    {"right", "right side"},
    {"edema", "oedema"},
    {"X光", "X线"},
    {"两肺", "双肺"},
    {"没有异常", "未见异常"},
    {"three", "3"},
    {"T1", "T1-weighted"},
    {"5厘米", "5 cm"},
}};
/// Good answers that a rule might take for something else.
constexpr const char* kAnswers[] = {"0",           "None",
                                    "N/A",         "no",
                                    "007",         "2.50",
                                    "-",           "<",
                                    "+",           "L5",
                                    "T1WI",        "T2WI",
                                    "肾脏",        "肝脏",
                                    "R&D",         "5 < 6",
                                    "a|b",         "w/o contrast",
                                    "2D CT",       "3D CT",
                                    "grade 1",     "右侧第5肋骨骨折，余未见异常。",
                                    "hepatitis A", "parotid",
                                    "carotid",     "1. mass\n2. fluid",
                                    "±3 °C",       "café",
                                    "“quoted”",    "a\"b",
                                    "a;b",         "a,b",
                                    "无",          "否",
                                    "双肺纹理增粗"};
constexpr const char* kModalities[] = {"CT", "MRI", "X-Ray", "US", "T1WI", "T2WI", ""};
constexpr const char* kOrgans[] = {"肝脏",  "肾脏",  "parotid", "carotid",
                                   "ilium", "ileum", "shin",    "skin"};
constexpr const char* kTypes[] = {"PRES", "yes/no", "w/o contrast", "Location (left, right)",
                                  "大小(长/宽)"};
constexpr const char* kNotes[] = {"", "a  b", "2.50", "007", "C:\\x  y"};
constexpr const char* kTestNames[] = {"test",   "Test", "TEST", "test_public",
                                      "测试集", "val",  "dev"};
constexpr const char* kNothing[] = {"", "   ", "\u3000", "\u00a0", "\u200b", "nan", "NULL"};

class Table {
 public:
  Table(uint64_t seed, const std::vector<std::string>& images) : random_(seed), images_(images) {
    train_ = Draw(2) == 0 ? "train" : "";
    test_ = Pick(kTestNames);
    const uint64_t kinds = 3 + Draw(12);
    for (uint64_t i = 0; i < kinds; ++i) AddKind();
    for (size_t i = rows_.size(); i > 1; --i) std::swap(rows_[i - 1], rows_[Draw(i)]);
    for (size_t i = 0; i < rows_.size(); ++i) rows_[i].id = fmt::format("r{}", i);
  }

  const std::vector<Row>& rows() const { return rows_; }

  /// Writes it in one of the forms that tables have.
  void Write(const fs::path& file) {
    const char separator = std::array{',', ';', '\t'}[Draw(3)];
    std::string text;
    const auto line = [&](const std::vector<std::string>& fields) {
      for (size_t i = 0; i < fields.size(); ++i) {
        std::string quoted = fields[i];
        for (size_t at = quoted.find('"'); at != std::string::npos; at = quoted.find('"', at + 2)) {
          quoted.insert(at, 1, '"');
        }
        const bool needs =
            quoted != fields[i] || quoted.find_first_of("\n,;\t|") != std::string::npos;
        text += (i == 0 ? "" : std::string(1, separator)) + (needs ? "\"" + quoted + "\"" : quoted);
      }
      text += "\n";
    };
    line({"id", "image", "question", "answer", "split", "modality", "organ", "question_type",
          "note"});
    for (const Row& row : rows_) {
      line({row.id, row.image, row.question, row.answer, row.split, row.modality, row.organ,
            row.type, row.note});
    }
    WriteFile(file, Encoded(text));
  }

 private:
  uint64_t Draw(uint64_t below) { return random_.NextBits() % below; }
  template <size_t N>
  std::string Pick(const char* const (&list)[N]) {
    return list[Draw(N)];
  }

  std::string Encoded(const std::string& text) {
    switch (Draw(4)) {
      case 0:
        return "\xef\xbb\xbf" + text;
      case 1:
        return "\xff\xfe" + Converted(text, "UTF-16LE");
      case 2:
        return "\xfe\xff" + Converted(text, "UTF-16BE");
      default:
        return text;
    }
  }
  static std::string Converted(std::string text, const char* to) {
    iconv_t converter = iconv_open(to, "UTF-8");
    std::string result(text.size() * 4, '\0');
    char* in = text.data();
    char* out = result.data();
    size_t in_left = text.size();
    size_t out_left = result.size();
    EXPECT_NE(iconv(converter, &in, &in_left, &out, &out_left), static_cast<size_t>(-1));
    iconv_close(converter);
    result.resize(result.size() - out_left);
    return result;
  }

  /// Asked nowhere else in the table.
  std::string NewQuestion() {
    const size_t number = ++questions_;
    return Draw(2) == 0 ? fmt::format("What is seen at site {}?", number)
                        : fmt::format("第{}处可见什么？", number);
  }

  /// The same question as another person types it.
  std::string Retyped(std::string question) {
    if (question.starts_with("What")) {
      if (Draw(2) == 0) question[0] = 'w';
      if (Draw(2) == 0) question.pop_back();
    } else if (Draw(2) == 0) {
      question.replace(question.find("？"), 3, "?");
    }
    return question;
  }

  Row New() {
    Row row;
    row.image = images_[Draw(images_.size())];
    row.question = NewQuestion();
    row.answer = Pick(kAnswers);
    row.split = Draw(3) == 0 ? test_ : train_;
    row.modality = Pick(kModalities);
    row.organ = Pick(kOrgans);
    row.type = Pick(kTypes);
    row.note = Pick(kNotes);
    return row;
  }

  void AddKind() {
    Row row = New();
    switch (Draw(7)) {
      case 0: {  // asked in the test, too
        row.split = test_;
        rows_.push_back(row);
        row.question = Retyped(row.question);
        row.split = train_;
        row.truth = Truth::kLeak;
        break;
      }
      case 1: {  // once more; either of the two may stay
        row.split = train_;
        row.truth = Truth::kCopy;
        rows_.push_back(row);
        break;
      }
      case 2: {
        row.split = train_;
        const auto& [one, other] = kDisagreeing[Draw(kDisagreeing.size())];
        row.disputed = true;
        row.answer = one;
        rows_.push_back(row);
        row.question = Retyped(row.question);
        row.answer = other;
        break;
      }
      case 3: {
        row.split = train_;
        const auto& [one, other] = kAgreeing[Draw(kAgreeing.size())];
        row.answer = one;
        rows_.push_back(row);
        row.question = Retyped(row.question);
        row.answer = other;
        break;
      }
      case 4:
        (Draw(2) == 0 ? row.question : row.answer) = Pick(kNothing);
        row.truth = Truth::kUnusable;
        break;
      case 5:
        row.image = "gone.png";
        row.truth = Truth::kUnusable;
        break;
      default:
        break;
    }
    rows_.push_back(row);
  }

  Random random_;
  const std::vector<std::string>& images_;
  std::string train_;
  std::string test_;
  size_t questions_ = 0;
  std::vector<Row> rows_;
};

class GeneratedTables : public testing::Test {
 protected:
  GeneratedTables() {
    for (int i = 0; i < 12; ++i) {
      Random random(static_cast<uint64_t>(i));
      constexpr Size kSize{48, 40};
      std::vector<uint8_t> grey(48 * 40);
      for (uint8_t& value : grey) value = static_cast<uint8_t>(random.NextBits());
      images_.push_back(fmt::format("{}.png", i));
      WriteFile(folder_.path() / images_.back(), EncodePng(grey, kSize));
    }
    options_.output = OutputOptions{folder_.path() / "out", "d", false, false};
    options_.missing_share = 1;
    options_.on_finding = [this](const Sample& sample, const CleaningFinding& finding) {
      found_[sample.id].insert(finding.rule);
    };
  }

  void Check(uint64_t seed) {
    Table table(seed, images_);
    table.Write(folder_.path() / "table.csv");
    const bool any = std::any_of(table.rows().begin(), table.rows().end(),
                                 [](const Row& row) { return row.truth != Truth::kUnusable; });
    if (!any) return;
    found_.clear();
    Import(*OpenCsv(folder_.path() / "table.csv"), options_, pool_);
    std::map<std::string, Sample> written;
    for (SourceSample& read : test::ReadAll(*OpenLlamaFactory(folder_.path() / "out", {}))) {
      written.emplace(read.sample.id, read.sample);
    }
    std::map<std::string, int> copies;
    for (const Row& row : table.rows()) {
      SCOPED_TRACE(fmt::format("table {}, {}: {} / {}", seed, row.id, row.question, row.answer));
      const bool kept = written.contains(row.id);
      if (row.truth == Truth::kCopy) {
        copies[row.question + row.image] += kept ? 1 : 0;
      } else {
        ASSERT_EQ(kept, row.truth == Truth::kGood);
      }
      EXPECT_EQ(found_[row.id].contains(Rule::kTestLeak), row.truth == Truth::kLeak);
      EXPECT_EQ(found_[row.id].contains(Rule::kContradiction), row.disputed);
      if (kept) ExpectUnaltered(row, written.at(row.id));
    }
    for (const auto& [question, kept] : copies) EXPECT_EQ(kept, 1) << seed << question;
  }

  static void ExpectUnaltered(const Row& row, const Sample& sample) {
    EXPECT_EQ(sample.turns[0].text, "<image>" + row.question);
    EXPECT_EQ(sample.turns[1].text, row.answer);
    EXPECT_EQ(sample.modality, row.modality);
    EXPECT_EQ(sample.organ, row.organ);
    EXPECT_THAT(sample.question_types, testing::ElementsAre(row.type));
    EXPECT_EQ(sample.extra["note"], row.note);
  }

  test::TemporaryFolder folder_;
  std::vector<std::string> images_;
  ImportOptions options_;
  ThreadPool pool_{2};
  std::map<std::string, std::set<Rule>> found_;
};

TEST_F(GeneratedTables, GoodRowsStayAndWhatWasPlantedIsFound) {
  const uint64_t tables = test::Trials(150, 10'000);
  for (uint64_t seed = 0; seed < tables && !HasFailure(); ++seed) Check(seed);
}

}  // namespace
}  // namespace roentgen
