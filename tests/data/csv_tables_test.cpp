// Tables as people have them: encodings, separators, ragged rows, images in cells, types.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "data/generated_set.h"
#include "roentgen/base/error.h"
#include "roentgen/data/csv_form.h"
#include "roentgen/data/patient_names.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// 图像,问题,答案 / a.png,胸片是否异常？,是 in GB 2312
constexpr std::string_view kGbk =
    "\xcd\xbc\xcf\xf1,\xce\xca\xcc\xe2,\xb4\xf0\xb0\xb8\r\n"
    "a.png,\xd0\xd8\xc6\xac\xca\xc7\xb7\xf1\xd2\xec\xb3\xa3\xa3\xbf,\xca\xc7\r\n";
// 圖像,問題,答案 / a.png,胸片是否異常？,是 in Big5
constexpr std::string_view kBig5 =
    "\xb9\xcf\xb9\xb3,\xb0\xdd\xc3\x44,\xb5\xaa\xae\xd7\n"
    "a.png,\xaf\xdd\xa4\xf9\xac\x4f\xa7\x5f\xb2\xa7\xb1\x60\xa1\x48,\xac\x4f\n";

class CsvTableTest : public testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return folder_.path() / name; }
  void Put(const std::string& name, std::string_view text) const {
    WriteFile(Path(name), std::string(text));
  }
  std::vector<SourceSample> Read(std::string_view text, const CsvOptions& options = {}) const {
    Put("t.csv", text);
    return test::ReadAll(*OpenCsv(Path("t.csv"), options));
  }
  std::string Question(std::string_view text, const CsvOptions& options = {}) const {
    return Read(text, options).at(0).sample.turns.at(0).text;
  }
  std::vector<std::string> Notes(std::string_view text) const {
    Put("t.csv", text);
    return OpenCsv(Path("t.csv"))->Notes();
  }
  void Refuse(std::string_view text, const std::string& message, const std::string& hint,
              const CsvOptions& options = {}) const {
    try {
      Read(text, options);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
      EXPECT_THAT(error.hint(), HasSubstr(hint));
    }
  }
  test::TemporaryFolder folder_;
};

/// A text in UTF-16, its units in this order of bytes.
std::string Utf16(std::string_view text, bool little, bool mark) {
  std::string bytes;
  const auto put = [&](char32_t unit) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit & 0xff);
    bytes += little ? std::string{low, high} : std::string{high, low};
  };
  if (mark) put(0xfeff);
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    at += step.length;
    if (step.code_point > 0xffff) {
      put(0xd800 + ((step.code_point - 0x10000) >> 10));
      put(0xdc00 + (step.code_point & 0x3ff));
    } else {
      put(step.code_point);
    }
  }
  return bytes;
}

// --- Blanks

TEST_F(CsvTableTest, CellsAreAsTheyWereTyped) {
  const Sample sample = Read(
                            "image,question,answer,organ,id,note\n"
                            "a.png, 有吗？ ,\t2.5 cm  , chest , 7 , x \n   \n")
                            .at(0)
                            .sample;
  EXPECT_EQ(sample.turns.at(0).text, "<image> 有吗？ ");
  EXPECT_EQ(sample.turns.at(1).text, "\t2.5 cm  ");
  EXPECT_EQ(sample.organ, " chest ");
  EXPECT_EQ(sample.id, "7");
  EXPECT_EQ(sample.extra["note"], " x ");
  EXPECT_EQ(Question("image,question,answer\na.png,\"  有吗？ \",有\n"), "<image>  有吗？ ");
}

TEST_F(CsvTableTest, BlanksOutsideQuotesAreNoneOfTheField) {
  for (const char* row : {"a.png, \"Is it, or not?\", \"no, \"\"no\"\"\"\n",
                          "a.png,\"Is it, or not?\" ,\t\"no, \"\"no\"\"\" \r\n",
                          "a.png,  \"Is it, or not?\"\t,\"no, \"\"no\"\"\"  "}) {
    const auto rows = Read(std::string("image,question,answer\n") + row);
    ASSERT_THAT(rows, SizeIs(1)) << row;
    EXPECT_EQ(rows[0].sample.turns.at(0).text, "<image>Is it, or not?") << row;
    EXPECT_EQ(rows[0].sample.turns.at(1).text, "no, \"no\"") << row;
  }
  EXPECT_EQ(Question("图像;问题;答案\na.png; \"左侧; 还是右侧？\" ;左\n"),
            "<image>左侧; 还是右侧？");
  EXPECT_EQ(Question("图像\t问题\t答案\na.png\t \"有吗？\" \t有\n"), "<image>有吗？");
  Refuse("image,question,answer\na.png, \"Is\" it?,b\n", "row 2: a quote in it is not closed", "");
}

TEST_F(CsvTableTest, ImagesWithBlanksAreFound) {
  test::PutImage(folder_.path(), " lead.png");
  test::PutImage(folder_.path(), "plain.png");
  const auto rows = Read("image,question,answer\n lead.png,?,a\n plain.png ,?,b\n");
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(fs::path(rows[0].sample.images.at(0)).filename(), " lead.png");
  EXPECT_EQ(fs::path(rows[1].sample.images.at(0)).filename(), "plain.png");
}

// --- Splits

TEST_F(CsvTableTest, FoldsAreTheSplit) {
  const auto splits = [&](std::string_view text) {
    std::string all;
    for (const SourceSample& row : Read(text)) all += row.sample.split + " ";
    return all;
  };
  const char* numbers = "image,question,answer,fold\na,b,c,1\nd,e,f,2\nd,e,f,\n";
  EXPECT_EQ(splits(numbers), "fold-1 fold-2 train ");
  EXPECT_THAT(Notes(numbers),
              ElementsAre("the column \"fold\" is the split: its values are folds"));
  EXPECT_EQ(splits("图像,问题,答案,折号\na,b,c,第1折\nd,e,f,第2折\n"), "第1折 第2折 ");
  EXPECT_EQ(splits("image,question,answer,CV Fold\na,b,c, fold-1 \n"), "fold-1 ");
  // Not where there is a split, where the name says something else, or where others are among them.
  EXPECT_EQ(splits("image,question,answer,fold,split\na,b,c,1,test\n"), "test ");
  EXPECT_EQ(splits("image,question,answer,骨折\na,b,c,1\nd,e,f,0\n"), "train train ");
  EXPECT_EQ(splits("image,question,answer,skin_fold\na,b,c,1\n"), "train ");
  const char* others = "image,question,answer,fold\na,b,c,1\nd,e,f,inner\n";
  EXPECT_EQ(splits(others), "train train ");
  EXPECT_THAT(Notes(others), ElementsAre(HasSubstr("not read: the column \"fold\"")));
}

TEST_F(CsvTableTest, ColumnsThatMarkAPartAreNamed) {
  for (const char* column :
       {"is_test", "isTest", "test_flag", "是否测试", "is_training", "測試集"}) {
    const std::string head = fmt::format("image,question,answer,{}\n", column);
    EXPECT_THAT(Notes(head + "a,b,c,0\nd,e,f,1\n"),
                ElementsAre(HasSubstr(fmt::format("not read: the column \"{}\"", column))));
    EXPECT_THAT(Notes(head + "a,b,c,True\nd,e,f,False\n"), SizeIs(1));
    EXPECT_THAT(Notes(head + "a,b,c,是\nd,e,f,否\n"), SizeIs(1));
    EXPECT_THAT(Notes(head + "a,b,c,blood\nd,e,f,urine\n"), IsEmpty());
  }
  EXPECT_THAT(Notes("image,question,answer,骨折\na,b,c,1\nd,e,f,0\n"), IsEmpty());
}

TEST_F(CsvTableTest, AFlawedRowKeepsItsSplitWhereThatIsCertain) {
  const auto split = [&](std::string_view text) {
    const auto rows = Read(text);
    EXPECT_TRUE(rows.at(1).flaw.has_value());
    return rows.at(1).sample.split;
  };
  EXPECT_EQ(split("image,question,answer,划分\na,b,c,train\n../a,b,c,测试集\n"), "test");
  EXPECT_EQ(split("image,question,answer,fold\na,b,c,1\n../a,b,c,2\n"), "fold-2");
  EXPECT_EQ(split("image,question,answer,split\na,b,c,train\na,b,c,d,test\n"), "");
  EXPECT_EQ(split("image,question,answer\na,b,c\na,b,c,d\n"), "train");
}

// --- Encodings

TEST_F(CsvTableTest, Utf16IsReadWithAMarkOrWithout) {
  for (const bool little : {true, false}) {
    for (const bool mark : {true, false}) {
      for (const char* text :
           {"image,question,answer\na.png,Is 𠮷 it?,b\n", "图像,问题,答案\na.png,Is 𠮷 it?,是\n",
            "图像\t问题\t答案\r\na.png\tIs 𠮷 it?\t是\r\n"}) {
        EXPECT_EQ(Question(Utf16(text, little, mark)), "<image>Is 𠮷 it?");
        EXPECT_THAT(Notes(Utf16(text, little, mark)), ElementsAre(HasSubstr("read as UTF-16")));
      }
    }
  }
  EXPECT_THAT(Notes("\xef\xbb\xbf图像,问题,答案\na.png,有吗？,有\n"), IsEmpty());
  // A zero byte in UTF-8 makes no UTF-16.
  Refuse(std::string_view("image,question,answer\na\0b,b,c\n", 29), "names no file", "");
}

TEST_F(CsvTableTest, LongUtf16IsReadAcrossPieces) {
  std::string text = "图像,问题,答案\n";
  for (int i = 0; i < 9000; ++i) text += fmt::format("a.png,第{}张𠮷有异常吗？,有\n", i);
  const std::vector<SourceSample> rows = Read(Utf16(text, true, true));
  ASSERT_THAT(rows, SizeIs(9000));
  for (int i = 0; i < 9000; ++i) {
    ASSERT_EQ(rows[i].sample.turns[0].text, fmt::format("<image>第{}张𠮷有异常吗？", i));
  }
}

TEST_F(CsvTableTest, GbkBig5AndLatinAreTold) {
  EXPECT_EQ(Question(kGbk), "<image>胸片是否异常？");
  EXPECT_THAT(Notes(kGbk), ElementsAre("read as GB18030"));
  EXPECT_EQ(Question(kBig5), "<image>胸片是否異常？");
  EXPECT_THAT(Notes(kBig5), ElementsAre("read as Big5"));
  for (const auto& [bytes, text] :
       {std::pair("Is this M\xe9ni\xe8re\x92s disease?", "Is this Ménière’s disease?"),
        std::pair("Fever of 37\xb0\x43?", "Fever of 37°C?"),
        std::pair("5 \xb1 1 mm or 20 \xb5m?", "5 ± 1 mm or 20 µm?"),
        std::pair("Ist die F\xfc\xdf"
                  "e gr\xf6\xdf"
                  "er?",
                  "Ist die Füße größer?"),
        std::pair("\x93normal\x94 \x96 or not?", "“normal” – or not?")}) {
    const std::string table = fmt::format("image,question,answer\na.png,{},b\n", bytes);
    EXPECT_EQ(Question(table), std::string("<image>") + text);
    EXPECT_THAT(Notes(table), ElementsAre("read as windows-1252"));
  }
}

TEST_F(CsvTableTest, WhatTheBytesLeaveOpenIsAsked) {
  const std::string no = "image,question,answer\na.png,Is it?,\xb7\xf1\n";  // 否 in GBK
  Refuse(no, "not UTF-8 but perhaps GB18030, or Big5", "--encoding GB18030");
  EXPECT_EQ(Read(no, {.encoding = "gbk", .separator = ""}).at(0).sample.turns[1].text, "否");
  EXPECT_EQ(Read(no, {.encoding = "Big5", .separator = ""}).at(0).sample.turns[1].text, "瘁");
  // Это? in windows-1251
  const std::string russian = "image,question,answer\na.png,\xdd\xf2\xee \xf7\xf2\xee?,b\n";
  Refuse(russian, "line 2: neither UTF-8 nor UTF-16", "--encoding");
  EXPECT_EQ(Question(russian, {.encoding = "windows-1251", .separator = ""}), "<image>Это что?");
  Refuse(no, "no encoding \"klingon\"", "GB18030", {.encoding = "klingon", .separator = ""});
}

TEST_F(CsvTableTest, LettersOfOtherLanguagesAreNotReadAsWesternOnes) {
  // płuca prawidłowe in windows-1250, şişlik var mı in windows-1254
  Refuse("image,question,answer\na.png,p\xb3uca prawid\xb3owe?,b\n", "line 2: ", "--encoding");
  Refuse("image,question,answer\na.png,\xfei\xfelik var m\xfd?,b\n", "line 2: ", "--encoding");
}

TEST_F(CsvTableTest, Utf16OfChineseIsTold) {
  std::string text = "图像,问题,答案\n";
  for (int i = 0; i < 3; ++i)
    text += "图像一,这一张图像中有没有需要进一步检查的异常密度影呢,没有发现\n";
  EXPECT_THAT(Read(Utf16(text, true, false)), SizeIs(3));
  EXPECT_THAT(Read(Utf16(text, false, false)), SizeIs(3));
}

TEST_F(CsvTableTest, ABrokenCharacterInUtf8IsNoOtherEncoding) {
  Refuse("图像,问题,答案\na.png,有异常吗？,有\nb.png,有异\xe5\xb8,无\n",
         "line 3: not UTF-8, though most of the file is", "mend that line");
  // And what is said is held to.
  Refuse("图像,问题,答案\na.png,\xff?,有\n", "row 2: field 2: not UTF-8", "",
         {.encoding = "utf-8", .separator = ""});
}

// --- Separators

TEST_F(CsvTableTest, SeparatorsAreFoundByTheNamesOfColumns) {
  for (const char separator : {',', ';', '\t', '|'}) {
    for (const char* names :
         {"image{0}question{0}answer{0}note\n", "图像{0}问题{0}答案{0}备注\n"}) {
      const std::string text = fmt::format(fmt::runtime(names), separator) +
                               fmt::format("a.png{0}\"a;b, c|d\te\"{0}yes{0}x\n", separator);
      const Sample sample = Read(text).at(0).sample;
      EXPECT_EQ(sample.turns[0].text, "<image>a;b, c|d\te");
      EXPECT_EQ(sample.turns[1].text, "yes");
    }
  }
  // Text with more semicolons than there are commas
  EXPECT_EQ(Question("image,question,answer\na.png,a;b;c;d;e?,x;y\n"), "<image>a;b;c;d;e?");
  EXPECT_EQ(Question("image;question;answer;a,b,c,d,e\na.png;Is it, or not?;no;\n"),
            "<image>Is it, or not?");
}

TEST_F(CsvTableTest, ASeparatorIsTakenAsItIsSaid) {
  EXPECT_EQ(Question("sep=;\r\nimage;question;answer\r\na.png;有吗？;有\r\n"), "<image>有吗？");
  EXPECT_EQ(Read("sep=;\nimage;question;answer\na.png;b;c\n").at(0).sample.source.row, 3u);
  EXPECT_EQ(Question("\xef\xbb\xbfsep=\t\nimage\tquestion\tanswer\na.png\tb\tc\n"), "<image>b");
  EXPECT_EQ(Question(Utf16("sep=;\r\n图像;问题;答案\r\na.png;有吗？;有\r\n", true, true)),
            "<image>有吗？");
  const std::string table = "image^question^answer\na.png^b^c\n";
  EXPECT_EQ(Question(table, {.encoding = "", .separator = "^"}), "<image>b");
  Refuse(table, "no column \"image\"", "--separator");
  for (const char* tab : {"tab", "\t", "\\t", "Tab", "制表符"}) {
    EXPECT_EQ(
        Question("image\tquestion\tanswer\na.png\tb\tc\n", {.encoding = "", .separator = tab}),
        "<image>b");
  }
  Refuse(table, "separates no fields", "semicolon", {.encoding = "", .separator = "xyz"});
  Refuse("image,question,answer\na.png;b;c\n", "row 2: 1 field under 3 names", "--separator");
}

TEST_F(CsvTableTest, FoldersMayHoldOtherTables) {
  const auto read = [&] { return test::ReadAll(*OpenCsv(folder_.path())).at(0).sample.id; };
  Put("notes.txt", "image|question|answer\na.png|b|c\n");
  EXPECT_EQ(read(), "notes-2");
  Put("A.TSV", "image\tquestion\tanswer\na.png\tb\tc\n");
  EXPECT_EQ(read(), "A-2");
  Put("b.CSV", "");
  ROENTGEN_EXPECT_ERROR(read(),
                        "expected one .csv or .tsv file there, found 2: \"A.TSV\", \"b.CSV\"");
}

TEST_F(CsvTableTest, VeryManyColumnsAreRead) {
  std::string names = "image,question,answer";
  std::string row = "a.png,有吗？,有";
  for (int i = 0; i < 20'000; ++i) {
    names += fmt::format(",列{}", i);
    row += ",x";
  }
  EXPECT_EQ(Read(names + "\n" + row + "\n").at(0).sample.extra.size(), 20'000u);
  ROENTGEN_EXPECT_ERROR(Read(names + ",列7\n" + row + ",x\n"), "two columns are called \"列7\"");
}

// --- Rows

TEST_F(CsvTableTest, ARaggedRowDoesNotStopTheOthers) {
  const std::vector<SourceSample> rows = Read(
      "image,question,answer\na.png,Is it big, or small?,big\na.png,有吗？,有\na.png,只有问题\n"
      "a.png,b,c,,\n");
  ASSERT_THAT(rows, SizeIs(4));
  EXPECT_EQ(rows[0].flaw.value().rule, Rule::kMalformed);
  EXPECT_EQ(rows[0].flaw->reason, "4 fields under 3 names");
  EXPECT_FALSE(rows[1].flaw);
  EXPECT_EQ(rows[2].flaw.value().reason, "2 fields under 3 names");
  EXPECT_FALSE(rows[3].flaw);  // a spreadsheet's empty cells
}

TEST_F(CsvTableTest, AQuoteThatIsNotClosedIsAnErrorWhereItBegan) {
  std::string text = "image,question,answer\na.png,b,c\na.png,\"问？,c\n";
  for (int i = 0; i < 3; ++i) text += "a.png,b,c\n";
  Refuse(text, "row 3: a quote in it is not closed", "doubled");
  Refuse(text + "a.png,\"b\",c\n", "row 3: a quote in it is not closed", "doubled");
}

// --- Columns

TEST_F(CsvTableTest, PlacesOfImagesInQuestionsAreUnderstood) {
  const auto read = [&](const char* image, const char* question) {
    return Read(fmt::format("image,question,answer\n\"{}\",\"{}\",c\n", image, question))
        .at(0)
        .sample;
  };
  EXPECT_EQ(read("a.png", "<image>有吗？").turns[0].text, "<image>有吗？");
  EXPECT_EQ(read("a.png", "Look at <image> here").turns[0].text, "Look at <image> here");
  EXPECT_EQ(read("a.png", "有吗？").turns[0].text, "<image>有吗？");
  for (const char* cell :
       {"a.png;b.png", "a.png; b.png", "a.png|b.png", "a.png, b.png", "a.png;b.png;",
        "[\"\"a.png\"\", \"\"b.png\"\"]", "['a.png', 'b.png']"}) {
    const Sample sample = read(cell, "哪个？");
    ASSERT_THAT(sample.images, SizeIs(2)) << cell;
    EXPECT_THAT(sample.images[0], testing::EndsWith("/a.png"));
    EXPECT_THAT(sample.images[1], testing::EndsWith("/b.png"));
    EXPECT_EQ(sample.turns[0].text, "<image><image>哪个？");
  }
  EXPECT_EQ(read("a.png;b.png", "<image> or <image>?").turns[0].text, "<image> or <image>?");
  EXPECT_THAT(read("left, right.png", "?").images, SizeIs(1));
  Put("c.png;d.png", "");
  EXPECT_THAT(read("c.png;d.png", "?").images, SizeIs(1));  // a file of that name
}

TEST_F(CsvTableTest, VideosAndSoundAreFlaws) {
  const std::vector<SourceSample> rows =
      Read("image,question,answer\na.png,<video>有吗？,有\na.png,b,c\na.png,<audio>?,c\n");
  EXPECT_EQ(rows.at(0).flaw.value().rule, Rule::kMalformed);
  EXPECT_THAT(rows[0].flaw->reason, HasSubstr("<video>: videos and audio are not supported"));
  EXPECT_FALSE(rows.at(1).flaw);
  EXPECT_THAT(rows.at(2).flaw.value().reason, HasSubstr("<audio>"));
}

TEST_F(CsvTableTest, ASystemOfOrgansIsNoSystemPrompt) {
  for (const char* name : {"system", "System", "系统", "系統"}) {
    const std::string text =
        fmt::format("image,question,answer,{}\na.png,b,c,respiratory\na.png,b,c,呼吸系统\n", name);
    const Sample sample = Read(text).at(1).sample;
    EXPECT_EQ(sample.system, "");
    EXPECT_EQ(sample.extra[name], "呼吸系统");
    EXPECT_THAT(Notes(text), ElementsAre(HasSubstr("call it \"system_prompt\"")));
  }
  for (const char* name : {"system_prompt", "System Prompt", "系统提示", "系統提示詞"}) {
    const std::string text = fmt::format("image,question,answer,{}\na.png,b,c,Be brief.\n", name);
    EXPECT_EQ(Read(text).at(0).sample.system, "Be brief.");
    EXPECT_THAT(Notes(text), IsEmpty());
  }
}

TEST_F(CsvTableTest, ColumnsOfOneNameAreAnErrorInAnySpelling) {
  for (const char* names :
       {"image,question,answer,answer", "image,question,answer,Answer",
        "image,question,answer,ＡＮＳＷＥＲ", "image,question,answer, answer ",
        "图像,问题,答案,答案", "图像,问题,答案,\u3000答案", "图像,问题,問題,答案",
        "image,question,answer,备注,备注", "image,question,answer,note,note "}) {
    Refuse(fmt::format("{}\na,b,c,d,e\n", names), "t.csv: ", "Rename or remove one of them.");
  }
  // An index that pandas wrote, and columns without a name
  const Sample sample =
      Read("Unnamed: 0,image,question,answer,,\n0,a.png,有吗？,有,x,y\n").at(0).sample;
  EXPECT_EQ(sample.turns[0].text, "<image>有吗？");
  EXPECT_EQ(sample.extra["Unnamed: 0"], "0");
  EXPECT_EQ(sample.extra["column 5"], "x");
  EXPECT_EQ(sample.extra["column 6"], "y");
}

TEST_F(CsvTableTest, ValuesStayAsTyped) {
  const Sample sample =
      Read("image,question,answer,编号2,score,path\na  b.png,多少？,2.50,007,1e3,x  y/z.nii\n")
          .at(0)
          .sample;
  EXPECT_EQ(sample.turns[1].text, "2.50");
  EXPECT_EQ(sample.extra["编号2"], "007");
  EXPECT_EQ(sample.extra["score"], "1e3");
  EXPECT_EQ(sample.extra["path"], "x  y/z.nii");
  EXPECT_THAT(sample.images[0], testing::EndsWith("/a  b.png"));
}

TEST_F(CsvTableTest, PatientsAreKnownByTheirColumn) {
  const std::string text =
      "image,question,answer,subject_id,患者ID,检查号\na.png,b,c,s1,007,e1\na.png,b,c,s2,,e2\n";
  const std::vector<SourceSample> rows = Read(text);
  EXPECT_EQ(PatientOf(rows.at(0).sample), "007");
  EXPECT_EQ(PatientOf(rows.at(1).sample), "s2");
  EXPECT_THAT(PatientsOf(rows.at(0).sample), ElementsAre("patient:007", "subject:s1"));
  EXPECT_THAT(Notes(text), ElementsAre("patients are told by \"患者ID\" and \"subject_id\": rows "
                                       "that share any of these are one's"));
}

// --- Numbers of JSON files

TEST_F(CsvTableTest, NumbersInJsonStayAsWritten) {
  for (const char* number : {"2.50", "1e3", "10.0", "-0", "0", "7", "-5", "1E+2",
                             "123456789012345678901234567890", "0.10000000000000000555"}) {
    Put("r.json",
        fmt::format(R"([{{"instruction": "?", "output": {0}, "score": 2.5, "size": {0}}}])",
                    number));
    const SourceSample alpaca = test::ReadAll(*OpenAlpaca(Path("r.json"))).at(0);
    EXPECT_EQ(alpaca.sample.turns[1].text, number);
    EXPECT_THAT(alpaca.number_fields, ElementsAre("output"));
    EXPECT_EQ(alpaca.sample.extra["score"], 2.5);
    EXPECT_TRUE(alpaca.sample.extra.contains("size"));
    Put("m.jsonl", fmt::format(R"({{"conversations": [{{"from": "human", "value": "多少？"}},
                                  {{"from": "gpt", "value": {0}}}], "other": [{{"value": 7}}],
                                  "value": 8}})",
                               number));
    std::string line = ReadFile(Path("m.jsonl"), 10000);
    std::erase(line, '\n');
    Put("m.jsonl", line);
    const SourceSample talk = test::ReadAll(*OpenShareGpt(Path("m.jsonl"))).at(0);
    EXPECT_EQ(talk.sample.turns[1].text, number);
    EXPECT_THAT(talk.number_fields, ElementsAre("value"));
    EXPECT_EQ(talk.sample.extra["other"][0]["value"], 7);
    EXPECT_EQ(talk.sample.extra["value"], 8);
  }
  Put("r.json", R"([{"instruction": "?", "output": "5", "output2": 5,
                     "uid": 123456789012345678901234567890, "x": -0}])");
  const SourceSample row = test::ReadAll(*OpenAlpaca(Path("r.json"))).at(0);
  EXPECT_THAT(row.number_fields, IsEmpty());
  EXPECT_EQ(row.sample.extra["output2"], 5);
  EXPECT_EQ(row.sample.extra["uid"], "123456789012345678901234567890");  // no digit is lost
  EXPECT_EQ(row.sample.extra["x"].dump(), "-0.0");
}

}  // namespace
}  // namespace roentgen
