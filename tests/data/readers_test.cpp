// What each reader takes, and how it refuses what is not in the form of its set.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "data/generated_set.h"
#include "roentgen/base/error.h"
#include "roentgen/data/guess_language.h"
#include "roentgen/data/reading.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ReadersTest : public testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return folder_.path() / name; }
  void Put(const std::string& name, const std::string& text) const {
    fs::create_directories(Path(name).parent_path());
    WriteFile(Path(name), text);
  }
  test::TemporaryFolder folder_;
};

// --- VQA-RAD

constexpr const char* kRadRow =
    R"({{"qid": {}, "phrase_type": "{}", "image_name": "{}", "image_organ": "HEAD",
        "question": "{}", "question_type": "{}", "answer": {}, "answer_type": "CLOSED "}})";

class VqaRadTest : public ReadersTest {
 protected:
  void PutRows(const std::string& rows) {
    test::PutImage(Path("VQA_RAD Image Folder"), "a.jpg", "baseline.jpg");
    Put("VQA_RAD Dataset Public.json", rows);
  }
  std::vector<SourceSample> Read() const { return test::ReadAll(*OpenVqaRad(folder_.path())); }
  void ExpectRefused(const std::string& rows, const std::string& message) {
    PutRows(rows);
    ROENTGEN_EXPECT_ERROR(Read(), message);
  }
};

TEST_F(VqaRadTest, RowsBecomeSamplesAsTheyAre) {
  PutRows(fmt::format(
      "[{}, {}, {}]",
      fmt::format(kRadRow, "\"0\"", "freeform", "a.jpg", "Is it? ", "PRES", "\"Yes\""),
      fmt::format(kRadRow, 1, "test_para", "a.jpg", "How many?", "COUNT", "4"),
      fmt::format(kRadRow, 2, "para", "a.jpg", "Which modality?", "MODALITY", "\"CT scan\"")));
  const std::vector<SourceSample> rows = Read();
  ASSERT_THAT(rows, SizeIs(3));
  const Sample& first = rows[0].sample;
  EXPECT_EQ(first.id, "vqa-rad-0");
  EXPECT_EQ(first.turns[0].text, "<image>Is it? ");
  EXPECT_EQ(first.answer_type, "CLOSED ");
  EXPECT_EQ(first.split, kTrain);
  EXPECT_EQ(first.modality, "CT");  // as the third row says of the same image
  EXPECT_EQ(first.source, (SourceRow{"VQA_RAD Dataset Public.json", 1}));
  EXPECT_TRUE(FileExists(first.images[0]));
  EXPECT_EQ(rows[1].sample.split, kTest);
  EXPECT_EQ(rows[1].sample.turns[1].text, "4");
  EXPECT_FALSE(rows[1].sample.extra.contains("answer"));
  EXPECT_THAT(rows[1].number_fields, ElementsAre("answer"));
  EXPECT_THAT(rows[0].number_fields, IsEmpty());
}

TEST_F(VqaRadTest, BadRowsAreRefusedWithTheirPlace) {
  const auto row = [](const std::string& image, const std::string& answer) {
    return fmt::format("[{}]",
                       fmt::format(kRadRow, 7, "freeform", image, "Is it?", "PRES", answer));
  };
  ExpectRefused(row("a.jpg", "[1]"), "row 1: answer: expected a text");
  ExpectRefused(row("a.jpg", "null"), "row 1: answer: missing");
  ExpectRefused(R"([{"qid": 1}])", "row 1: image_name: missing");
  ExpectRefused("[3]", "row 1: expected an object");
  ExpectRefused("[\n{]", "line 2, column 2: not valid JSON");
  for (const char* image : {"../../etc/passwd", "/etc/passwd", "", "x/../../y.jpg"}) {
    ExpectRefused(row(image, "\"Yes\""), "the path \"");
  }
}

TEST_F(VqaRadTest, OneBadRowIsDroppedWithItsReason) {
  const std::string good = fmt::format(kRadRow, 7, "para", "a.jpg", "有吗？", "PRES", "\"有\"");
  const auto flaw = [&](const std::string& row) {
    PutRows(fmt::format("[{}, {}]", row, good));
    const std::vector<SourceSample> rows = Read();
    EXPECT_EQ(rows.size(), 2u);
    EXPECT_FALSE(rows[1].flaw);
    EXPECT_EQ(rows[0].sample.source.row, 1u);
    EXPECT_EQ(rows[0].flaw.value().rule, Rule::kMalformed);
    return rows[0].flaw->reason;
  };
  const auto with = [&](const char* type, const char* image, const char* answer) {
    return fmt::format(kRadRow, 8, type, image, "Is it?", "PRES", answer);
  };
  EXPECT_EQ(flaw(with("para", "a.jpg", "null")), "answer: missing");
  EXPECT_THAT(flaw(with("para", "../x.jpg", "\"是\"")), HasSubstr("image_name: "));
  EXPECT_THAT(flaw(with("para", "../x.jpg", "\"是\"")), HasSubstr("leaves the folder"));
  EXPECT_THAT(flaw(with("para", "", "\"Yes\"")), HasSubstr("names no file"));
  EXPECT_THAT(flaw(with("para", "https://x.org/a.png", "1")),
              HasSubstr("pictures are not fetched"));
  EXPECT_THAT(flaw(with("测试", "a.jpg", "1")),
              HasSubstr("\"测试\" is none of freeform, para, test_freeform, test_para"));
  EXPECT_THAT(flaw(with("val_para", "a.jpg", "1")), HasSubstr("phrase_type: \"val_para\" is none"));
  for (const auto& [key, reason] : {std::pair("qid", "qid: expected a number or text"),
                                    std::pair("phrase_type", "phrase_type: missing")}) {
    Json row = Json::parse(good);
    row[key] = nullptr;
    EXPECT_EQ(flaw(row.dump()), reason);
    row.erase(key);
    EXPECT_EQ(flaw(row.dump()), reason);
  }
  // What only describes a row may be missing.
  Json row = Json::parse(good);
  row["qid"] = 8;
  for (const char* key : {"image_organ", "question_type", "answer_type"}) row[key] = nullptr;
  PutRows(fmt::format("[{}, {}]", row.dump(), good));
  EXPECT_FALSE(Read()[0].flaw);
}

TEST_F(VqaRadTest, TestRowsAreFoundByAnySpelling) {
  const auto part = [&](const char* type) {
    PutRows("[" + fmt::format(kRadRow, 7, type, "a.jpg", "Is it?", "PRES", "\"Yes\"") + "]");
    return Read()[0].sample.split;
  };
  for (const char* type : {"test_freeform", "Test_freeform", "test freeform", "test-para",
                           " test_para", "TEST_PARA "}) {
    EXPECT_EQ(part(type), kTest) << type;
  }
  for (const char* type : {"freeform", "para", "Freeform", " para"}) {
    EXPECT_EQ(part(type), kTrain) << type;
  }
}

TEST_F(VqaRadTest, LinksOutOfTheFolderAreRefused) {
  PutRows(fmt::format(
      "[{}]", fmt::format(kRadRow, 7, "freeform", "out/passwd", "Is it?", "PRES", "\"Yes\"")));
  fs::create_directory_symlink("/etc", Path("VQA_RAD Image Folder/out"));
  ROENTGEN_EXPECT_ERROR(Read(), "leaves the folder");
}

TEST_F(VqaRadTest, AnotherFolderIsNoVqaRad) {
  ROENTGEN_EXPECT_ERROR(OpenVqaRad(folder_.path()), "no VQA-RAD");
}

// --- SLAKE

TEST_F(ReadersTest, SlakeBringsBoxesMasksAndKnowledge) {
  test::PutImage(Path("imgs"), "xmlab1/source.jpg", "baseline.jpg");
  test::PutImage(Path("imgs"), "xmlab1/mask.png");
  Put("imgs/xmlab1/detection.json", R"([{"Liver": [54.0, 106, 30.5, 31.0]}])");
  const std::string row =
      R"([{"img_id": 1, "img_name": "xmlab1/source.jpg", "question": "图像里有肝吗？", "answer": "有",
          "q_lang": "zh", "location": "Abdomen", "modality": "CT", "answer_type": "CLOSED",
          "base_type": "vqa", "content_type": "Organ", "triple": ["vhead", "_", "_"], "qid": 9}])";
  Put("train.json", row);
  Put("validate.json", row);
  Put("KG/organ.csv",
      "\xef\xbb\xbf"
      "entity,property,value\n运动系统,组成,\"骨，肌\"\n");
  Put("KG/en_organ.csv", "organ#attribute#value\nJoint#belong to#Motor, System\n");
  const auto slake = OpenSlake(folder_.path());
  const std::vector<SourceSample> rows = test::ReadAll(*slake);
  ASSERT_THAT(rows, SizeIs(2));
  const Sample& sample = rows[1].sample;
  EXPECT_EQ(sample.split, kValidation);
  EXPECT_THAT(sample.boxes, ElementsAre(Box{"Liver", 54, 106, 30.5, 31}));
  EXPECT_THAT(sample.extra["mask"].get<std::string>(), HasSubstr("mask.png"));
  EXPECT_EQ(sample.language, "zh");
  EXPECT_THAT(slake->Images(), SizeIs(1));
  const auto knowledge = slake->Knowledge();
  ASSERT_THAT(knowledge, SizeIs(2));
  EXPECT_EQ(knowledge[0].object, "骨，肌");
  EXPECT_EQ(knowledge[1].object, "Motor, System");
  Put("KG/organ.csv", "a,b,c\n1,2\n");
  ROENTGEN_EXPECT_ERROR(slake->Knowledge(), "organ.csv: row 2: expected 3 fields, found 2");
  Put("imgs/xmlab1/detection.json", R"([{"Liver": [54.0]}])");
  ROENTGEN_EXPECT_ERROR(test::ReadAll(*slake), "Liver: expected four numbers");
}

constexpr const char* kSlakeRow = R"([{{"img_id": 0, "img_name": "x/source.jpg", "question": "Q?",
    "answer": "Lung", "q_lang": "en", "location": "Lung", "modality": "X-Ray",
    "answer_type": "OPEN", "base_type": "vqa", "content_type": "Organ", "qid": {}}}])";

TEST_F(ReadersTest, OneBadSlakeRowIsDroppedWithItsReason) {
  test::PutImage(Path("imgs"), "x/source.jpg", "baseline.jpg");
  const Json good = Json::parse(fmt::format(kSlakeRow, 1)).at(0);
  for (const char* key : {"answer", "qid", "img_name", "question"}) {
    for (const Json& value : {Json(), Json::array()}) {
      Json bad = good;
      bad[key] = value;
      Put("train.json", Json::array({bad, good}).dump());
      const std::vector<SourceSample> rows = test::ReadAll(*OpenSlake(folder_.path()));
      ASSERT_THAT(rows, SizeIs(2));
      EXPECT_EQ(rows[0].flaw.value().rule, Rule::kMalformed);
      EXPECT_THAT(rows[0].flaw->reason, testing::StartsWith(std::string(key) + ": "));
      EXPECT_EQ(rows[0].sample.split, kTrain);
      EXPECT_FALSE(rows[1].flaw);
    }
  }
}

// --- E4: published sets under other names

TEST_F(ReadersTest, SlakePartsAreFoundByAnySpelling) {
  test::PutImage(Path("a/imgs"), "x/source.jpg", "baseline.jpg");
  const auto parts = [&](const std::vector<std::string>& files) {
    fs::remove_all(Path("b"));
    fs::create_directories(Path("b"));
    fs::create_directory_symlink(Path("a/imgs"), Path("b/imgs"));
    for (size_t i = 0; i < files.size(); ++i) {
      Put("b/" + files[i], fmt::format(kSlakeRow, i));
    }
    std::string found;
    for (const SourceSample& row : test::ReadAll(*OpenSlake(Path("b")))) {
      found += row.sample.split + " ";
    }
    return found;
  };
  const std::string all = "train validation test ";
  EXPECT_EQ(parts({"train.json", "validation.json", "test.json"}), all);  // the hub's names
  EXPECT_EQ(parts({"train.json", "validate.json", "test.json"}), all);
  EXPECT_EQ(parts({"Train.json", "Validate.json", "TEST.JSON"}), all);
  EXPECT_EQ(parts({"training.jsonl", "dev.json", "test.json"}), all);
  EXPECT_THAT(OpenSlake(Path("b"))->Notes(), SizeIs(0));
  EXPECT_EQ(parts({"训练集.json", "验证.json", "测试.json"}), all);
  EXPECT_EQ(parts({"訓練集.json", "驗證.json", "測試.json"}), all);
  EXPECT_EQ(parts({"train.json", "val.json", "train_old.json", "旧训练.json"}),
            "train validation ");
  EXPECT_THAT(
      OpenSlake(Path("b"))->Notes(),
      testing::UnorderedElementsAre(HasSubstr("not read: train_old.json"),
                                    HasSubstr("not read: 旧训练.json"), HasSubstr("no test part")));
  EXPECT_EQ(parts({"test.json"}), "test ");
  EXPECT_THAT(OpenSlake(Path("b"))->Notes(),
              ElementsAre(HasSubstr("no train part"), HasSubstr("no validation part")));
  ROENTGEN_EXPECT_ERROR(parts({"validate.json", "validation.json"}),
                        "validate.json and validation.json are both the validation part");
}

TEST_F(VqaRadTest, OtherSpellingsOfItsNamesAreFoundAndOtherFilesNamed) {
  test::PutImage(Path("VQA_RAD_Image_Folder"), "a.jpg", "baseline.jpg");
  Put("vqa_rad_dataset_public.json",
      fmt::format("[{}]",
                  fmt::format(kRadRow, 7, "freeform", "a.jpg", "Is it?", "PRES", "\"Yes\"")));
  Put("testset.json", "[]");
  EXPECT_THAT(Read(), SizeIs(1));
  EXPECT_THAT(OpenVqaRad(folder_.path())->Notes(),
              ElementsAre(HasSubstr("not read: testset.json")));
}

// --- LLaMA-Factory

class LlamaFactoryTest : public ReadersTest {
 protected:
  std::vector<SourceSample> Read(const std::vector<std::string>& names = {}) const {
    return test::ReadAll(*OpenLlamaFactory(folder_.path(), names));
  }
  void PutInfo(const std::string& entry) const {
    Put("dataset_info.json", fmt::format("{{\"d\": {}}}", entry));
  }
};

TEST_F(LlamaFactoryTest, ShareGptWithDefaultsAndWithItsOwnNames) {
  test::PutImage(folder_.path(), "pictures/a.png");
  PutInfo(R"({"file_name": "d.json", "formatting": "sharegpt", "columns":
      {"messages": "conversations", "images": "images"}})");
  Put("d.json", R"([{"conversations": [{"from": "system", "value": "S"},
      {"from": "human", "value": "<image>What?"}, {"from": "gpt", "value": "CT"}],
      "images": "pictures/a.png", "note": {"x": 1}}])");
  std::vector<SourceSample> rows = Read();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].flaw.has_value(), false);
  EXPECT_EQ(rows[0].sample.system, "S");
  EXPECT_EQ(rows[0].sample.language, "en");
  EXPECT_EQ(rows[0].sample.extra["note"]["x"], 1);
  EXPECT_TRUE(FileExists(rows[0].sample.images.at(0)));

  PutInfo(R"({"file_name": "e.jsonl", "formatting": "sharegpt",
      "columns": {"messages": "m", "system": "s"},
      "tags": {"role_tag": "r", "content_tag": "c", "user_tag": "u", "assistant_tag": "a"}})");
  Put("e.jsonl",
      "{\"m\": [{\"r\": \"u\", \"c\": \"问\"}, {\"r\": \"a\", \"c\": \"答\"}], \"s\": \"T\"}\n\n");
  rows = Read({"d"});
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(rows[0].sample.turns,
              ElementsAre(Turn{Role::kUser, "问"}, Turn{Role::kAssistant, "答"}));
  EXPECT_EQ(rows[0].sample.system, "T");
  EXPECT_EQ(rows[0].sample.language, "zh");
}

TEST_F(LlamaFactoryTest, AlpacaJoinsInstructionInputAndHistory) {
  PutInfo(R"({"file_name": "d.json", "columns": {"prompt": "instruction", "query": "input",
      "response": "output", "history": "past"}})");
  Put("d.json", R"([{"instruction": "Look.", "input": "What?", "output": "CT",
                     "past": [["Hi", "Hello"]]}, {"instruction": "Q", "output": 5}])");
  const std::vector<SourceSample> rows = Read();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_THAT(rows[0].sample.turns,
              ElementsAre(Turn{Role::kUser, "Hi"}, Turn{Role::kAssistant, "Hello"},
                          Turn{Role::kUser, "Look.\nWhat?"}, Turn{Role::kAssistant, "CT"}));
  EXPECT_EQ(rows[1].sample.turns[1].text, "5");
  EXPECT_FALSE(rows[1].sample.extra.contains("output"));
  EXPECT_THAT(rows[1].number_fields, ElementsAre("output"));
}

TEST_F(LlamaFactoryTest, ConversationsInTheWrongOrderSaySo) {
  PutInfo(R"({"file_name": "d.json", "formatting": "sharegpt"})");
  const auto flaw = [&](const std::string& messages) {
    Put("d.json", fmt::format("[{{\"conversations\": [{}]}}]", messages));
    return Read()[0].flaw.value_or(SourceSample::Flaw{}).reason;
  };
  const std::string user = R"({"from": "human", "value": "?"})";
  const std::string model = R"({"from": "gpt", "value": "!"})";
  EXPECT_EQ(flaw(user + "," + model), "");
  EXPECT_EQ(flaw(""), "no messages");
  EXPECT_EQ(flaw(user), "the last message is not the assistant's");
  EXPECT_EQ(flaw(model + "," + user), "message 1 is from \"gpt\", not from \"human\"");
  EXPECT_EQ(flaw(R"({"from": "robot", "value": "?"})"),
            "message 1 is from \"robot\", not from \"human\"");
}

TEST_F(LlamaFactoryTest, WhatIsNotSupportedOrNotThereIsNamed) {
  const auto refuse = [&](const std::string& entry, const std::string& message) {
    PutInfo(entry);
    ROENTGEN_EXPECT_ERROR(Read(), message);
  };
  refuse(R"({"file_name": "d.json", "columns": {"videos": "v"}})", "columns: videos");
  refuse(R"({"file_name": "d.json", "columns": 3})", "columns: expected an object");
  refuse(R"({"file_name": "none.json"})", "none.json");
  ROENTGEN_EXPECT_ERROR(Read({"other"}), "other: no such dataset");
  PutInfo(R"({"file_name": "d.json", "formatting": "sharegpt"})");
  Put("d.json", R"([{"conversations": "text"}])");
  ROENTGEN_EXPECT_ERROR(Read(), "row 1: conversations: expected a list");
  Put("d.json", R"([{}])");
  ROENTGEN_EXPECT_ERROR(Read(), "no row of d.json has the column \"conversations\"");
  Put("d.json", R"([{"conversations": [{"from": "human"}]}])");
  ROENTGEN_EXPECT_ERROR(Read(), "no message of d.json has the key \"value\"");
}

TEST_F(LlamaFactoryTest, OneRowOfAWrongTypeLeavesTheOthers) {
  const auto flaw_of = [&](const std::string& entry, const std::string& good,
                           const std::string& bad) {
    PutInfo(entry);
    Put("d.json", fmt::format("[{0}, {1}, {0}]", good, bad));
    const std::vector<SourceSample> rows = Read();
    EXPECT_THAT(rows, SizeIs(3)) << bad;
    EXPECT_FALSE(rows.at(0).flaw || rows.at(2).flaw) << bad;
    EXPECT_EQ(rows.at(1).sample.split, "test") << bad;
    EXPECT_EQ(rows.at(1).sample.source.row, 2U) << bad;
    const auto& flaw = rows.at(1).flaw;
    return flaw ? std::string(InfoOf(flaw->rule).name) + ": " + flaw->reason : "";
  };
  const std::string sharegpt = R"({"file_name": "d.json", "formatting": "sharegpt"})";
  const std::string good =
      R"({"conversations": [{"from": "human", "value": "有吗？"}, {"from": "gpt", "value": "有"}]})";
  const auto bad_turn = [&](const std::string& value) {
    return flaw_of(sharegpt, good,
                   R"({"split": "Test", "conversations": [{"from": "human", "value": )" + value +
                       R"(}, {"from": "gpt", "value": "有"}]})");
  };
  EXPECT_THAT(bad_turn("true"), HasSubstr("malformed: conversations[0]: value: expected a text"));
  EXPECT_THAT(bad_turn(R"(["a"])"), HasSubstr("malformed: conversations[0]: value"));
  EXPECT_THAT(flaw_of(sharegpt, good, R"({"split": "test", "conversations": "x"})"),
              HasSubstr("malformed: conversations: expected a list of messages"));
  EXPECT_THAT(flaw_of(sharegpt, good, R"({"split": "测试集", "conversations": ["x"]})"),
              HasSubstr("malformed: conversations[0]: expected an object"));
  const std::string alpaca = R"({"file_name": "d.json", "columns": {"prompt": "instruction",
      "response": "output", "images": "images", "history": "history"}})";
  const std::string asked =
      R"({"instruction": "Any?", "output": "No", "images": [], "history": [], "x": ""})";
  for (const char* field : {R"("instruction": true)", R"("instruction": ["a"])",
                            R"("images": true)", R"("images": [1])", R"("history": ["a"])"}) {
    EXPECT_THAT(
        flaw_of(alpaca, asked, fmt::format(R"({{"output": "No", "split": "test", {}}})", field)),
        HasSubstr("malformed: "))
        << field;
  }
  EXPECT_THAT(flaw_of(alpaca, asked, R"({"instruction": "?", "output": true, "split": "test"})"),
              HasSubstr("empty-text: no answer"));
  // What LLaMA-Factory trains on and this program cannot ends the reading.
  PutInfo(sharegpt);
  Put("d.json", "[" + good + R"(, {"conversations": [{"from": "human", "value": "<video>"},
      {"from": "gpt", "value": "a"}]}])");
  ROENTGEN_EXPECT_ERROR(Read(), "row 2: a text has <video>");
}

TEST_F(LlamaFactoryTest, AnEmptyImageIsNone) {
  for (const char* image : {R"("")", R"(" ")", R"([""])", "[]", "null"}) {
    Put("d.json",
        fmt::format(R"([{{"instruction": "有吗？", "output": "有", "images": {}}}])", image));
    const auto rows = test::ReadAll(*OpenAlpaca(Path("d.json")));
    EXPECT_FALSE(rows.at(0).flaw) << image;
    EXPECT_THAT(rows.at(0).sample.images, IsEmpty()) << image;
  }
}

TEST_F(LlamaFactoryTest, FoldsAreTheSplit) {
  Put("d.json", R"([{"instruction": "?", "output": "a", "fold": 1},
                    {"instruction": "?", "output": "b", "fold": "fold-2"},
                    {"instruction": "?", "output": "c"}])");
  const auto source = OpenAlpaca(Path("d.json"));
  const auto rows = test::ReadAll(*source);
  EXPECT_EQ(rows.at(0).sample.split, "fold-1");
  EXPECT_EQ(rows.at(1).sample.split, "fold-2");
  EXPECT_EQ(rows.at(2).sample.split, kTrain);
  EXPECT_THAT(source->Notes(), ElementsAre(HasSubstr("\"fold\" is the split")));
  Put("d.json", R"([{"instruction": "?", "output": "a", "is_test": true},
                    {"instruction": "?", "output": "b", "is_test": false}])");
  EXPECT_THAT(OpenAlpaca(Path("d.json"))->Notes(), ElementsAre(HasSubstr("\"is_test\"")));
}

TEST_F(LlamaFactoryTest, AnAnswerThatIsNoTextIsNamed) {
  for (const auto& [value, why] :
       {std::pair(R"(, "output": null)", "no answer: \"output\" is null"),
        std::pair(R"(, "output": ["是"])", "no answer: \"output\" is a list, not a text"),
        std::pair(R"(, "output": {})", "no answer: \"output\" is an object, not a text"),
        std::pair("", "no answer: \"output\" is missing")}) {
    PutInfo(R"({"file_name": "d.json"})");
    Put("d.json",
        fmt::format(R"([{{"instruction": "问？"{}}}, {{"instruction": "?", "output": "!"}}])",
                    value));
    EXPECT_EQ(Read().at(0).flaw.value().reason, why);
  }
}

TEST_F(LlamaFactoryTest, ImagesMayLieBesideTheirRows) {
  test::PutImage(Path("elsewhere"), "a.png");
  Put("elsewhere/rows.json",
      fmt::format(R"([{{"instruction": "<image>?", "output": "!", "images": ["{}"]}},
                      {{"instruction": "<image>?", "output": "!", "images": ["info/../a.png"]}}])",
                  Path("elsewhere/a.png").string()));
  fs::create_directories(Path("elsewhere/info"));
  Put("elsewhere/dataset_info.json",
      R"({"d": {"file_name": "info/../rows.json", "columns": {"prompt": "instruction",
          "response": "output", "images": "images"}}})");
  const std::vector<SourceSample> rows = test::ReadAll(*OpenLlamaFactory(Path("elsewhere"), {}));
  ASSERT_THAT(rows, SizeIs(2));
  for (const SourceSample& row : rows) EXPECT_TRUE(FileExists(row.sample.images.at(0)));
  // But none that the system would read up to its zero byte.
  Put("elsewhere/rows.json", R"([{"instruction": "?", "output": "!", "images": "a.png\u0000b"}])");
  ROENTGEN_EXPECT_ERROR(test::ReadAll(*OpenLlamaFactory(Path("elsewhere"), {})),
                        "row 1: images: a path with a zero byte");
}

TEST_F(ReadersTest, AMillionTurnsAreOneRowThatCannotBeUsed) {
  std::string turns;
  for (int i = 0; i < 500'000; ++i) {
    turns += R"({"from":"human","value":"?"},{"from":"gpt","value":"!"},)";
  }
  turns.pop_back();
  const std::string row = fmt::format(R"({{"conversations":[{}]}})", turns);
  const std::string sound =
      R"({"conversations":[{"from":"human","value":"?"},{"from":"gpt","value":"!"}]})";
  Put("list.json", fmt::format("[{},{}]", row, sound));
  Put("lines.jsonl", row + "\n" + sound);
  for (const char* file : {"list.json", "lines.jsonl"}) {
    const std::vector<SourceSample> rows = test::ReadAll(*OpenShareGpt(Path(file)));
    ASSERT_THAT(rows, SizeIs(2)) << file;
    ASSERT_TRUE(rows[0].flaw) << file;
    EXPECT_EQ(rows[0].flaw->rule, Rule::kOversized);
    EXPECT_EQ(rows[0].flaw->reason, "more than 200000 values or 16 MB of text");
    EXPECT_EQ(rows[0].sample.source.row, 1u);
    EXPECT_THAT(rows[1].sample.turns, SizeIs(2));
  }
}

TEST_F(ReadersTest, BareFilesTellTheirStyle) {
  Put("a.json", R"([{"messages": [{"role": "user", "content": "?"},
                                  {"role": "assistant", "content": "!"}]}])");
  EXPECT_THAT(test::ReadAll(*OpenShareGpt(Path("a.json")))[0].sample.turns, SizeIs(2));
  Put("b.json", R"([{"conversations": [{"from": "human", "value": "?"},
                                       {"from": "gpt", "value": "!"}]}])");
  EXPECT_THAT(test::ReadAll(*OpenShareGpt(Path("b.json")))[0].sample.turns, SizeIs(2));
  Put("c.jsonl", R"({"instruction": "?", "output": "!", "history": [["a", "b"]]})");
  EXPECT_THAT(test::ReadAll(*OpenAlpaca(Path("c.jsonl")))[0].sample.turns, SizeIs(4));
}

// --- CSV

TEST_F(ReadersTest, CsvRowsWithQuotesAndFurtherColumns) {
  test::PutImage(folder_.path(), "a b.png");
  Put("t.csv",
      "\xef\xbb\xbfimage,question,answer,organ,score\r\n"
      "a b.png,\"Is it \"\"big\"\", or\nsmall?\",small,CHEST,0.5\r\n");
  const std::vector<SourceSample> rows = test::ReadAll(*OpenCsv(folder_.path()));
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].sample.turns[0].text, "<image>Is it \"big\", or\nsmall?");
  EXPECT_EQ(rows[0].sample.organ, "CHEST");
  EXPECT_EQ(rows[0].sample.extra["score"], "0.5");
  EXPECT_EQ(rows[0].sample.id, "t-2");
}

TEST_F(ReadersTest, BadCsvIsRefusedWithItsRow) {
  const auto refuse = [&](const std::string& text, const std::string& message) {
    Put("t.csv", text);
    ROENTGEN_EXPECT_ERROR(test::ReadAll(*OpenCsv(Path("t.csv"))), message);
  };
  refuse("image,question\n", "no column \"answer\"");
  refuse("image,question,answer\na,b\n", "row 2: 2 fields under 3 names");
  refuse("image,question,answer\na,\"b\"x,c\n", "row 2: ");
  refuse("image,question,answer\na,\"b", "row 2: ");
  refuse("image,question,answer\n../a,b,c\n", "lies outside of the set's folder");
  refuse("image,question,answer\n/etc/a,b,c\n", "lies outside of the set's folder");
  refuse(std::string("image,question,answer\na\0b,b,c\n", 29), "names no file");
  refuse("", "empty");
  Put("u.csv", "");
  ROENTGEN_EXPECT_ERROR(OpenCsv(folder_.path()), "expected one .csv or .tsv file there, found 2");
}

TEST_F(ReadersTest, CsvPartsAreReadInAnySpelling) {
  const auto part = [&](const std::string& name) {
    Put("t.csv", "image,question,answer,split\na.png,问？,答,\"" + name + "\"\n");
    return test::ReadAll(*OpenCsv(Path("t.csv"))).at(0).sample.split;
  };
  for (const char* name : {"test",
                           "Test",
                           "TEST",
                           "testing",
                           " test ",
                           "test set",
                           "test_set",
                           "Testset",
                           "测试",
                           "测试集",
                           "　测试",
                           "測試集",
                           "ＴＥＳＴ",
                           "测试数据",
                           "测试组",
                           "测试数据集",
                           "外部测试集",
                           "外部測試集",
                           "External test set",
                           "test cohort",
                           "test_data_set"}) {
    EXPECT_EQ(part(name), kTest) << name;
  }
  for (const char* name : {"val", "Valid", "dev", "Validation", "VALIDATE", "验证", "验证集",
                           "驗證集", "校验集", "校驗集", "验证组", "validation data"}) {
    EXPECT_EQ(part(name), kValidation) << name;
  }
  for (const char* name :
       {"train", "Training", "train-set", "训练", "训练集", "訓練", "", " ", "\u3000"}) {
    EXPECT_EQ(part(name), kTrain) << name;
  }
  EXPECT_EQ(part("fold-1"), "fold-1");
  EXPECT_EQ(part("外部"), "外部");
  EXPECT_EQ(part("数据集"), "数据集");
  EXPECT_EQ(part("contest"), "contest");
}

TEST_F(ReadersTest, CsvColumnsInAnyCaseButEachOnce) {
  Put("t.csv", "Image,\u3000Question ,ＡＮＳＷＥＲ,Note,\na.png,有吗？,有,x,y\n");
  const Sample sample = test::ReadAll(*OpenCsv(Path("t.csv"))).at(0).sample;
  EXPECT_EQ(sample.turns[0].text, "<image>有吗？");
  EXPECT_EQ(sample.extra["Note"], "x");
  EXPECT_EQ(sample.extra["column 5"], "y");
  const auto refuse = [&](const std::string& text, const std::string& message,
                          const std::string& hint) {
    Put("t.csv", text);
    try {
      test::ReadAll(*OpenCsv(Path("t.csv")));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
      EXPECT_THAT(error.hint(), HasSubstr(hint));
    }
  };
  refuse("image,question,answer,answer\na,b,c,d\n", "two columns are called \"answer\"", "Rename");
  refuse("image,question,answer,Answer\na,b,c,d\n", "two columns are called \"answer\"", "Rename");
  refuse("image,question,answer,备注,备注\na,b,c,d,e\n", "two columns are called \"备注\"",
         "Rename");
}

TEST_F(ReadersTest, CsvColumnsAreNamedAsPeopleNameThem) {
  const auto read = [&](const std::string& text) {
    Put("t.csv", text);
    return test::ReadAll(*OpenCsv(Path("t.csv"))).at(0).sample;
  };
  for (const char* names :
       {"图像,问题,答案,划分,部位,问题类型,答案类型,模态,编号",
        "圖像,問題,答案,劃分,部位,問題類型,答案類型,模態,編號",
        "图片,提问,回答,数据集划分,器官,题型,回答类型,成像方式,序号",
        "Image,Question,Answer,SPLIT,Organ,question type,answer-type,Modality,ID",
        "image_path,Question,answer,Data Split,Body "
        "Part,Question-Type,ＡｎｓｗｅｒＴｙｐｅ,modality,id"}) {
    const Sample sample = read(std::string(names) + "\na.png,有吗？,有,测试集,肺,存在,封闭,CT,7\n");
    EXPECT_EQ(sample.turns[0].text, "<image>有吗？") << names;
    EXPECT_EQ(sample.split, kTest) << names;
    EXPECT_EQ(sample.organ, "肺") << names;
    EXPECT_THAT(sample.question_types, ElementsAre("存在")) << names;
    EXPECT_EQ(sample.answer_type, kClosed) << names;
    EXPECT_EQ(sample.modality, "CT") << names;
    EXPECT_EQ(sample.id, "7") << names;
    EXPECT_THAT(sample.extra, IsEmpty()) << names;
  }
  // Of two with one meaning, the one under its own name counts.
  Sample sample = read("图像,image,question,answer,部位,检查部位\nx,a.png,b,c,肺,胸部\n");
  EXPECT_THAT(sample.images.at(0), HasSubstr("a.png"));
  EXPECT_EQ(sample.extra["图像"], "x");
  EXPECT_EQ(sample.organ, "肺");
  EXPECT_EQ(sample.extra["检查部位"], "胸部");
  Put("t.csv", "图像,图片,问题,答案\na,b,c,d\n");
  ROENTGEN_EXPECT_ERROR(test::ReadAll(*OpenCsv(Path("t.csv"))),
                        "\"图像\" and \"图片\" are both the image");
}

TEST_F(ReadersTest, AnswerTypesAreReadInAnySpelling) {
  const auto type = [&](const std::string& name) {
    Put("t.csv", "image,question,answer,answer_type\na.png,b,c,\"" + name + "\"\n");
    return test::ReadAll(*OpenCsv(Path("t.csv"))).at(0).sample.answer_type;
  };
  for (const char* name : {"CLOSED", "closed", "Closed", "ＣＬＯＳＥＤ", "封闭", "封閉", "封闭式",
                           "封闭型问题", "closed-ended", " closed "}) {
    EXPECT_EQ(type(name), kClosed) << name;
  }
  for (const char* name :
       {"OPEN", "open", "Open", "ＯＰＥＮ", "开放", "開放", "开放性", "open ended"}) {
    EXPECT_EQ(type(name), kOpen) << name;
  }
  for (const char* name : {"", "free", "单选"}) EXPECT_EQ(type(name), name);
  Put("r.json", R"([{"messages": [{"role": "user", "content": "有吗？"},
                                  {"role": "assistant", "content": "有"}], "answer_type": "封闭"}])");
  EXPECT_EQ(test::ReadAll(*OpenShareGpt(Path("r.json"))).at(0).sample.answer_type, kClosed);
}

TEST_F(ReadersTest, CsvColumnsThatSeemToBeTheSplitAreNamed) {
  const auto notes = [&](const std::string& text) {
    Put("t.csv", text);
    return OpenCsv(Path("t.csv"))->Notes();
  };
  EXPECT_THAT(
      notes("图像,问题,答案,分组\na,b,c,训练集\nd,e,f,测试集\n"),
      ElementsAre(HasSubstr("\"分组\", though it names parts of the set (训练集, 测试集)")));
  EXPECT_THAT(notes("image,question,answer,set,note\na,b,c,train,x\nd,e,f,Test,\n"),
              ElementsAre(HasSubstr("\"set\"")));
  EXPECT_THAT(notes("image,question,answer,划分,set\na,b,c,train,train\n"), IsEmpty());
  EXPECT_THAT(notes("image,question,answer,备注\na,b,c,test\nd,e,f,无\n"), IsEmpty());
}

TEST_F(ReadersTest, LanguagesAreKnownByTheirLetters) {
  const auto language = [&](const std::string& question, const std::string& answer) {
    return GuessLanguage(QuestionAndAnswer(question, answer));
  };
  for (const char* question :
       {"“胸片”有异常吗？", "（单选）选哪个？", "①有骨折吗", "Ｘ光显示什么？", "≥5mm的结节有几个？",
        "β受体？", "「胸片」有異常嗎？", "…肺"}) {
    EXPECT_EQ(language(question, "1"), "zh") << question;
  }
  EXPECT_EQ(language("Where?", "左肺"), "zh");
  for (const char* question :
       {"What’s this?", "Is it 37°C?", "5 ± 1 mm?", "Is β high?", "20 µm?", "“Normal”?",
        "Ｗｈａｔ？", "Is this Ménière’s disease?", "γδ T cells?"}) {
    EXPECT_EQ(language(question, "1"), "en") << question;
  }
  for (const char* question :
       {"1?", "Что это?", "この画像の異常は何ですか", "이것은 CT입니까", "ما هذا؟",
        "Đây là cơ quan nào?", "यह क्या है", "Was ist größer?", "Τι είναι;"}) {
    EXPECT_EQ(language(question, "1"), "") << question;
  }
}

TEST_F(ReadersTest, LanguagesInLatinLettersAreKnownByTheirFunctionWords) {
  const auto language = [&](const std::string& question, const std::string& answer) {
    return GuessLanguage(QuestionAndAnswer(question, answer));
  };
  for (const char* question :
       {"Are these naïve T cells?", "Are café-au-lait spots seen?", "What is the façade like?",
        "What is the SUVₘₐₓ?", "SUVₘₐₓ?", "Is this a repair à la Bassini?",
        "Is it a Le Fort fracture?", "Is the vena cava seen?", "Abnormal finding?",
        "Is hepatitis E likely?", "Is there a coup de sabre?", "Does the os trigonum show?",
        "Non contrast CT?", "ＩＳ ＩＴ ＮＯＲＭＡＬ？", "Did the patient die?", "MRI"}) {
    EXPECT_EQ(language(question, "1"), "en") << question;
  }
  for (const char* question : {"Ist die Leber normal?",
                               "Wo ist die Läsion?",
                               "Gibt es eine Fraktur?",
                               "Welches Organ ist das?",
                               "Est-ce normal?",
                               "Y a-t-il une fracture?",
                               "Quel organe voit-on ici ?",
                               "Hay fractura?",
                               "¿Dónde está la lesión?",
                               "Is de lever normaal?",
                               "Wat is dit?",
                               "C'è una frattura?",
                               "Dove si trova la lesione?",
                               "Onde fica a lesão?",
                               "O fígado é normal?",
                               "Var är skadan?",
                               "Hvor er bruddet?",
                               "Czy to jest złamanie?",
                               "Je to normální?",
                               "Unde este leziunea?",
                               "Hol van a törés?",
                               "Kırık var mı?",
                               "Onko maksa normaali?",
                               "Modalität?",
                               "Fraktur vorhanden?",
                               "Apakah ini normal?"}) {
    EXPECT_EQ(language(question, "1"), "") << question;
  }
  EXPECT_EQ(language("Ist die Leber normal?", "Yes"), "");
  EXPECT_EQ(language("Is the liver normal?", "No"), "en");
  EXPECT_EQ(language("肝脏 normal 吗？", "Ist die Leber normal?"), "zh");
}

TEST_F(ReadersTest, OneBadCsvRowIsDroppedWithItsReason) {
  Put("t.csv",
      "image,question,answer\n,空？,是\n../x.png,b,c\nhttps://x.org/a.png,b,c\na.png,b,c\n");
  const std::vector<SourceSample> rows = test::ReadAll(*OpenCsv(Path("t.csv")));
  ASSERT_THAT(rows, SizeIs(4));
  EXPECT_THAT(rows[0].flaw.value().reason, HasSubstr("names no file"));
  EXPECT_EQ(rows[0].sample.source.row, 2u);
  EXPECT_THAT(rows[1].flaw.value().reason, HasSubstr("lies outside of the set's folder"));
  EXPECT_THAT(rows[2].flaw.value().reason, HasSubstr("download it"));
  EXPECT_FALSE(rows[3].flaw);
}

TEST_F(ReadersTest, CsvIsReadFromItsOwnFolder) {
  test::PutImage(folder_.path(), "a.png");
  Put("t.csv", "image,question,answer\na.png,b,c\n");
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  const std::vector<SourceSample> rows = test::ReadAll(*OpenCsv("t.csv"));
  EXPECT_TRUE(FileExists(rows.at(0).sample.images.at(0)));
  Put("t.csv", "image,question,answer\n../a.png,b,c\n");
  ROENTGEN_EXPECT_ERROR(test::ReadAll(*OpenCsv("t.csv")), "row 2: image: ");
  fs::current_path(before);
}

/// A text as a CSV field that may hold anything.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

rc::Gen<std::string> FieldText() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                          "a", "\"", ",", "\n", "\r\n", "图", " ", "#", "'", "<image>")),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& piece : pieces) text += piece;
                        return text;
                      });
}

TEST_F(ReadersTest, CsvFieldsSurviveWhateverTheyHold) {
  EXPECT_TRUE(rc::check([this] {
    const std::string question = *FieldText();
    const std::string answer = *FieldText();
    const std::string note = *FieldText();
    Put("t.csv", fmt::format("image,question,answer,note\na.png,{},{},{}\n", Quoted(question),
                             Quoted(answer), Quoted(note)));
    const std::vector<SourceSample> rows = test::ReadAll(*OpenCsv(Path("t.csv")));
    RC_ASSERT(rows.size() == 1u);
    const bool placed = question.find("<image>") != std::string::npos;
    RC_ASSERT(rows[0].sample.turns[0].text == (placed ? "" : "<image>") + question);
    RC_ASSERT(rows[0].sample.turns[1].text == answer);
    RC_ASSERT(rows[0].sample.extra["note"] == note);
  }));
}

TEST_F(ReadersTest, AlpacaTextsSurviveWhateverTheyHold) {
  EXPECT_TRUE(rc::check([this] {
    const std::vector<std::string> texts =
        *rc::gen::container<std::vector<std::string>>(5, FieldText());
    const bool escaped = *rc::gen::arbitrary<bool>();
    const Json row = {{"instruction", texts[0]},
                      {"output", texts[1]},
                      {"system", texts[2]},
                      {"history", Json::array({Json::array({texts[3], texts[4]})})}};
    Put("a.json", fmt::format("[{}]", row.dump(1, ' ', escaped)));
    const Sample sample = test::ReadAll(*OpenAlpaca(Path("a.json"))).at(0).sample;
    RC_ASSERT(sample.turns == (std::vector<Turn>{{Role::kUser, texts[3]},
                                                 {Role::kAssistant, texts[4]},
                                                 {Role::kUser, texts[0]},
                                                 {Role::kAssistant, texts[1]}}));
    RC_ASSERT(sample.system == texts[2]);
  }));
}

}  // namespace
}  // namespace roentgen
