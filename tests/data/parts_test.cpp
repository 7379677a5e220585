// Which part of a set a name names, which patient a column, and what the names of files and entries
// decide.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "data/generated_set.h"
#include "roentgen/data/name_list.h"
#include "roentgen/data/part_names.h"
#include "roentgen/data/patient_names.h"
#include "roentgen/data/sample_source.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TEST(PartNames, AreReadWordByWord) {
  for (const char* name : {"test",          "Test",         "TEST",           "testing",
                           "tests",         "Test Set",     "test_public",    "test-private",
                           "public test",   "PublicTest",   "internal test",  "external_test_set",
                           "testset1",      "Testset",      "test_2024",      "test2",
                           "test A",        "testB",        "test-std",       "hold-out",
                           "holdout",       "Held Out set", "held_out test",  "test_eval",
                           "test (hidden)", "test:v2",      "test II",        "ＴＥＳＴ",
                           "测试",          "测试集",       "測試集",         "内部测试集",
                           "外部測試集",    "公开测试",     "私有测试集",     "测试集A",
                           "测试集1",       "第二测试集",   "测试集（外部）", "独立测试队列",
                           "测试数据集",    "留出集",       "test集",         "HoldOut",
                           "盲测集",        "TestPublic",   "前瞻性测试组"}) {
    EXPECT_EQ(PartNamed(name), kTest) << name;
  }
  for (const char* name : {"val",
                           "VAL",
                           "valid",
                           "Validation",
                           "validate",
                           "dev",
                           "Dev-Set",
                           "development",
                           "val2014",
                           "minival",
                           "val_mini",
                           "internal validation",
                           "eval",
                           "Evaluation set",
                           "held-out validation",
                           "tuning set",
                           "验证",
                           "验证集",
                           "驗證集",
                           "内部验证集",
                           "外部验证集",
                           "校验集",
                           "開發集",
                           "评估集"}) {
    EXPECT_EQ(PartNamed(name), kValidation) << name;
  }
  for (const char* name : {"train", "Training", "TRAIN_SET", "train-2", "trn", "training cohort",
                           "trainset", "训练", "訓練集", "训练数据", "训练组"}) {
    EXPECT_EQ(PartNamed(name), kTrain) << name;
  }
}

TEST(PartNames, ThatMaySayAnythingElseAreAskedAbout) {
  for (const char* name : {"trainval",   "train_val",
                           "train+val",  "train_test",
                           "train/test", "test-dev",
                           "traindev",   "train eval",
                           "pretrain",   "pre-train",
                           "untested",   "train_old",
                           "contest",    "not test",
                           "latest",     "valve",
                           "训练验证集", "训练/测试",
                           "训练和测试", "旧训练",
                           "非测试集",   "未测试",
                           "交叉验证",   "外部",
                           "数据集",     "set",
                           "part 1",     "A",
                           "1",          "",
                           " ",          "其他",
                           "unknown",    "test_or_something"}) {
    EXPECT_EQ(PartNamed(name), std::nullopt) << name;
    EXPECT_FALSE(IsFold(name)) << name;
  }
  EXPECT_EQ(PartOrName("  train/test "), "train/test");
  EXPECT_EQ(PartOrName(" 公开测试"), kTest);
}

TEST(PartNames, NamesWithoutEndAreReadToo) {
  for (const std::string word : {"测试", "test", "一", "val验证"}) {
    std::string name;
    while (name.size() < 1'000'000) name += word;
    EXPECT_NO_THROW(PartNamed(name + "x")) << word;
  }
}

TEST(PartNames, FoldsAreNoPart) {
  for (const char* name : {"fold-1", "fold1", "Fold 10", "FOLD_2", "折1", "第3折", "2折"}) {
    EXPECT_TRUE(IsFold(name)) << name;
    EXPECT_EQ(PartNamed(name), std::nullopt) << name;
    EXPECT_EQ(PartOrName(name), name);
  }
  EXPECT_FALSE(IsFold("fold"));
  EXPECT_FALSE(IsFold("unfold-1"));
}

TEST(PartNames, ColumnsOfFolds) {
  for (const char* name : {"fold", "Fold", "cv_fold", "kfold", "k-fold", "Fold ID", "foldIndex",
                           "5-fold", "折", "折号", "ｆｏｌｄ", "交叉验证 折"}) {
    EXPECT_TRUE(NamesFolds(name)) << name;
  }
  for (const char* name : {"骨折", "骨折数", "skin_fold", "fold_change", "manifold", "scaffold",
                           "unfold", "split", "折射", ""}) {
    EXPECT_FALSE(NamesFolds(name)) << name;
  }
  EXPECT_EQ(FoldNamed("3"), "fold-3");
  EXPECT_EQ(FoldNamed(" ３ "), "fold-3");
  EXPECT_EQ(FoldNamed(" Fold 2"), "Fold 2");
  EXPECT_EQ(FoldNamed("第2折"), "第2折");
  for (const char* value : {"", "x", "1.5", "-1", "2024", "train"}) {
    EXPECT_EQ(FoldNamed(value), std::nullopt) << value;
  }
}

TEST(PartNames, InNamesOfFilesAndEntries) {
  EXPECT_EQ(PartInName("slake_train"), kTrain);
  EXPECT_EQ(PartInName("x_test"), kTest);
  EXPECT_EQ(PartInName("test_x"), kTest);
  EXPECT_EQ(PartInName("ChestXray-Test-v2"), kTest);
  EXPECT_EQ(PartInName("my.val.en"), kValidation);
  EXPECT_EQ(PartInName("vqa_holdout"), kTest);
  EXPECT_EQ(PartInName("vqaTest"), kTest);
  EXPECT_EQ(PartInName("VQATestSet"), kTest);
  EXPECT_EQ(PartInName("胸片问答测试集"), kTest);
  EXPECT_EQ(PartInName("胸片_驗證"), kValidation);
  EXPECT_EQ(PartInName("rad_dev_questions"), kValidation);
  for (const char* name : {"vqa-rad", "contest", "pretrained", "latest", "胸片", "", "evaluable"}) {
    EXPECT_EQ(PartInName(name), "") << name;
  }
  EXPECT_EQ(PartInName("slake_trainval"), "trainval");
  EXPECT_EQ(PartInName("slakeTrainVal"), "train val");
  EXPECT_EQ(PartInName("x_train_test_y"), "train_test");
  EXPECT_EQ(PartInName("胸片训练和测试"), "胸片训练和测试");
}

class NamedFilesTest : public testing::Test {
 protected:
  fs::path Path(const std::string& name) const { return folder_.path() / name; }
  void Put(const std::string& name, const std::string& text) const { WriteFile(Path(name), text); }
  test::TemporaryFolder folder_;
};

constexpr const char* kRow = R"([{"instruction": "有吗？", "output": "有"}])";
constexpr const char* kOwnPart = R"([{"instruction": "?", "output": "!", "split": "Dev"},
                                     {"instruction": "?", "output": "!", "split": ""}])";

TEST_F(NamedFilesTest, AnEntrysNameSaysThePartOfItsRows) {
  Put("a.json", kRow);
  Put("测试.json", kRow);
  Put("b.json", kOwnPart);
  const auto parts = [&](const std::string& name, const std::string& file) {
    Put("dataset_info.json", R"({")" + name + R"(": {"file_name": ")" + file + R"("}})");
    std::vector<std::string> found;
    for (const SourceSample& row : test::ReadAll(*OpenLlamaFactory(folder_.path(), {name}))) {
      found.push_back(row.sample.split);
    }
    return found;
  };
  const auto notes = [&](const std::string& name) {
    return OpenLlamaFactory(folder_.path(), {name})->Notes();
  };
  EXPECT_THAT(parts("x_train", "a.json"), ElementsAre(kTrain));
  EXPECT_THAT(notes("x_train"), IsEmpty());
  EXPECT_THAT(parts("胸片", "a.json"), ElementsAre(kTrain));
  EXPECT_THAT(parts("x_test", "a.json"), ElementsAre(kTest));
  EXPECT_THAT(notes("x_test"), ElementsAre(HasSubstr("x_test: rows that do not say their part are "
                                                     "\"test\", as its name says")));
  EXPECT_THAT(parts("胸片_验证集", "a.json"), ElementsAre(kValidation));
  EXPECT_THAT(parts("x", "测试.json"), ElementsAre(kTest));
  EXPECT_THAT(notes("x"), ElementsAre(HasSubstr("测试.json: ")));
  EXPECT_THAT(parts("x_train", "测试.json"), ElementsAre(kTrain));  // the entry's before the file's
  EXPECT_THAT(parts("x_trainval", "a.json"), ElementsAre("trainval"));
  EXPECT_THAT(parts("x_test", "b.json"), ElementsAre(kValidation, kTest));
  EXPECT_THAT(notes("x_test"), IsEmpty());
}

TEST_F(NamedFilesTest, ASplitColumnOfJsonIsNamedAsPeopleNameIt) {
  for (const char* name : {"split", "Split", "划分", "數據劃分", "data_split"}) {
    Put("x_train.json", fmt::format(R"([{{"instruction": "?", "output": "!", "{0}": "测试集"}},
                                         {{"instruction": "?", "output": "!"}}])",
                                    name));
    const auto rows = test::ReadAll(*OpenAlpaca(Path("x_train.json")));
    EXPECT_EQ(rows.at(0).sample.split, kTest) << name;
    EXPECT_EQ(rows.at(1).sample.split, kTrain) << name;
    EXPECT_THAT(rows.at(0).sample.extra, IsEmpty()) << name;
  }
}

TEST_F(NamedFilesTest, AFilesNameSaysThePartOfItsRows) {
  Put("test.json", kRow);
  Put("val.csv", "image,question,answer\na.png,b,c\n");
  Put("训练_测试.csv", "image,question,answer\na.png,b,c\n");
  Put("dev.csv", "image,question,answer,split\na.png,b,c,测试\na.png,b,c,\n");
  Put("cases.json", kRow);
  EXPECT_EQ(test::ReadAll(*OpenAlpaca(Path("test.json"))).at(0).sample.split, kTest);
  EXPECT_THAT(OpenAlpaca(Path("test.json"))->Notes(), ElementsAre(HasSubstr("test.json: ")));
  EXPECT_EQ(test::ReadAll(*OpenAlpaca(Path("cases.json"))).at(0).sample.split, kTrain);
  EXPECT_EQ(test::ReadAll(*OpenCsv(Path("val.csv"))).at(0).sample.split, kValidation);
  EXPECT_THAT(OpenCsv(Path("val.csv"))->Notes(), ElementsAre(HasSubstr("\"validation\"")));
  EXPECT_EQ(test::ReadAll(*OpenCsv(Path("训练_测试.csv"))).at(0).sample.split, "训练_测试");
  const auto rows = test::ReadAll(*OpenCsv(Path("dev.csv")));
  EXPECT_EQ(rows.at(0).sample.split, kTest);
  EXPECT_EQ(rows.at(1).sample.split, kValidation);
  EXPECT_THAT(OpenCsv(Path("dev.csv"))->Notes(), IsEmpty());
}

/// A row whose further columns are these.
Sample With(const Json& extra) {
  Sample sample;
  sample.extra = extra;
  return sample;
}

TEST(PatientNames, AsPeopleNameThem) {
  const auto patient = [](const char* key, const Json& value) {
    return PatientOf(With({{key, value}, {"note", "x"}, {"study_id", "s1"}, {"patient_age", 60}}));
  };
  for (const char* key : {"patient",
                          "Patient ID",
                          "patient_id",
                          "PatientID",
                          "patient-no",
                          "Patient Number",
                          "pt_id",
                          "subject_id",
                          "SubjectID",
                          "participant",
                          "MRN",
                          "medical record number",
                          "hospital_no",
                          "subject",
                          "Subject",
                          "pid",
                          "id_patient",
                          "ID of the patient",
                          "patient's ID",
                          "dicom_patient_id",
                          "deid_patient",
                          "anon_patient_id",
                          "patient_id_hashed",
                          "UcsfPatientID",
                          "ucsf patientid",
                          "patient_id_1",
                          "patient_id_x",
                          "Patient's Name",
                          "registration_no",
                          "患者主索引",
                          "受检者编号",
                          "住院流水号",
                          "ＰａｔｉｅｎｔＩＤ",
                          "PatientID (0010,0020)",
                          "(0010,0020)",
                          "00100020",
                          "Patient (deidentified)",
                          "ID (patient)",
                          "metadata.patient_id",
                          "patient.id",
                          "患者",
                          "患者ID",
                          "患者编号",
                          "患者唯一标识",
                          "病人编号",
                          "病人ＩＤ",
                          "患者標識",
                          "患者ID（脱敏）",
                          "协和患者编号",
                          "患者的编号",
                          "病历号",
                          "病歷號",
                          "住院号",
                          "住院号码",
                          "患者住院号",
                          "登记号",
                          "登記號",
                          "身份证号",
                          "身份证号码",
                          "姓名",
                          "患者姓名",
                          "受试者编号",
                          "patient_name"}) {
    EXPECT_EQ(patient(key, " P7 "), "P7") << key;
  }
  for (const char* key :
       {"检查号",     "accession",          "AccessionNumber",  "study",        "series_id",
        "患者年龄",   "patient_sex",        "PatientPosition",  "病人性别",     "pathology",
        "影像号",     "图像编号",           "inpatient",        "inpatient_id", "num_patients",
        "is_patient", "patients",           "subject_name",     "hospital_id",  "医生姓名",
        "住院",       "age of patient",     "patient_study_id", "doctor_name",  "rapid",
        "住院天数",   "number of patients", "case_id",          "name",         "pidgin"}) {
    EXPECT_EQ(patient(key, "P7"), std::nullopt) << key;
  }
  EXPECT_EQ(patient("患者ID", 12), "12");
  EXPECT_EQ(patient("患者ID", 12.0), "12");
  EXPECT_EQ(patient("patient_id", "007"), "007");
  EXPECT_EQ(patient("subject", "Anatomy"), std::nullopt);  // of a question
  EXPECT_EQ(patient("姓名", "李明"), "李明");
  for (const Json& nothing : {Json(""), Json(" "), Json("nan"), Json("N/A"), Json("未知"), Json(0),
                              Json(nullptr), Json::array(), Json("-"), Json("匿名患者")}) {
    EXPECT_EQ(patient("patient_id", nothing), std::nullopt) << nothing;
  }
}

TEST(PatientNames, AllColumnsThatNameThePatientTieItsRows) {
  EXPECT_THAT(PatientsOf(With({{"patient_id", "P0"}, {"MRN", "M0"}})),
              ElementsAre("patient:p0", "mrn:m0"));
  EXPECT_THAT(PatientsOf(With({{"patient_id", ""}, {"MRN", "M0"}})), ElementsAre("mrn:m0"));
  EXPECT_THAT(PatientsOf(With({{"患者编号", "未知"}, {"住院号", "Z1"}, {"姓名", "李明"}})),
              ElementsAre("住院:z1", "姓名:李明"));
  // Numbers of different kinds do not meet, and the same kind does under all its names.
  EXPECT_THAT(PatientsOf(With({{"deid_patient", "7"}})), ElementsAre("deid patient:7"));
  for (const char* key : {"PatientID", "患者编号", "pt_id", "病人ID", "dicom_patient_id"}) {
    EXPECT_THAT(PatientsOf(With({{key, "7"}})), ElementsAre("patient:7")) << key;
  }
  EXPECT_THAT(PatientsOf(With({{"住院号", "7"}, {"门诊号", "7"}})),
              UnorderedElementsAre("住院:7", "门诊:7"));
  EXPECT_THAT(PatientsOf(Sample()), IsEmpty());
}

TEST(PatientNames, ObjectsAndListsAreLookedInto) {
  for (const Json& extra :
       {Json{{"metadata", {{"patient_id", "P1"}}}}, Json{{"patient", {{"id", "P1"}, {"age", 3}}}},
        Json{{"patient_id", {"P1"}}}, Json{{"patient_id", "[\"P1\"]"}},
        Json{{"metadata", "{\"patient_id\": \"P1\"}"}}, Json{{"a", {{"b", {{"患者ID", "P1"}}}}}},
        Json{{"dicom", {{"images", {{{"PatientID", "P1"}}, {{"PatientID", "P1"}}}}}}}}) {
    EXPECT_THAT(PatientsOf(With(extra)), ElementsAre("patient:p1")) << extra;
  }
  EXPECT_THAT(PatientsOf(With({{"patient_id", {"P1", "P2"}}})),
              ElementsAre("patient:p1", "patient:p2"));
  EXPECT_THAT(PatientsOf(With({{"boxes", {1, 2}}, {"metadata", "{no json"}})), IsEmpty());
}

TEST(PatientNames, OnePatientIsWrittenInManyWays) {
  const auto of = [](const Json& value) { return PatientsOf(With({{"patient_id", value}})); };
  for (const auto& [a, b] : {std::pair<Json, Json>("P01", "p01"),
                             {"Ｐ０１", "P01"},
                             {"張偉", "张伟"},
                             {"Li \u3000 Ming", "li ming"},
                             {" P\u200b01 ", "P01"},
                             {"12", "12.0"},
                             {"12.00", 12},
                             {12.0, "12"},
                             {"A\u2010 1", "A- 1"},
                             {"李\u00a0 明", "李 明"}}) {
    EXPECT_EQ(of(a), of(b)) << a << b;
    EXPECT_THAT(of(a), SizeIs(1)) << a;
  }
  for (const auto& [a, b] : {std::pair("0012", "12"),
                             {"P1", "P-1"},
                             {"12.1", "12"},
                             {"1.2.0", "1.2"},
                             {"李明", "李鸣"}}) {
    EXPECT_NE(of(a), of(b)) << a << b;
  }
}

TEST(PatientNames, ZerosAtTheBeginningAreNoted) {
  PatientZeros zeros;
  const auto count = [&](const char* id) { zeros.Count(With({{"patient_id", id}})); };
  for (const char* id : {"12", "13", "P7", "P07", "１３"}) count(id);
  EXPECT_EQ(zeros.Note(), std::nullopt);
  count("012");
  EXPECT_THAT(zeros.Note().value_or(""),
              testing::StartsWith("two numbers of patients differ only in zeros at the beginning, "
                                  "\"12\" and \"012\""));
  zeros.Count(With({{"患者编号", "0012"}, {"住院号", "0013"}}));
  zeros.Count(With({{"患者编号", "0013"}}));
  EXPECT_THAT(zeros.Note().value_or(""), HasSubstr("2 pairs of numbers"));
}

TEST(PatientNames, SomeValuesNameNobody) {
  for (const char* text : {"",
                           " ",
                           "ANONYMOUS",
                           "anon",
                           "Anonymized",
                           "匿名",
                           "unknown",
                           "0",
                           "000",
                           "nan",
                           "未知",
                           "xxx",
                           "XXXX",
                           "deidentified",
                           "De-Identified",
                           "N/A",
                           "<NA>",
                           "不詳",
                           "脱敏处理",
                           "无姓名",
                           "匿名患者",
                           "患者姓名不详",
                           "PATIENT^ANONYMOUS",
                           "已脱敏",
                           "－",
                           "?",
                           "none",
                           "-1",
                           "Unknown Patient",
                           "not available",
                           "ＡＮＯＮ",
                           "null",
                           "\u200b"}) {
    EXPECT_TRUE(NamesNobody(text)) << text;
  }
  for (const char* text : {"anon123", "Anonymous 7", "P0", "1", "李明", "吴未", "Nana", "Li^Ming",
                           "Xu", "匿名3", "patient 1", "01", "A", "patient", "Noname1", "肖无"}) {
    EXPECT_FALSE(NamesNobody(text)) << text;
  }
}

TEST(PatientNames, StudiesAreKnownToo) {
  for (const char* key :
       {"StudyInstanceUID", "study_id", "Study ID", "accession", "AccessionNumber", "accession_no",
        "检查号", "檢查號", "检查流水号", "exam_id", "(0020,000D)", "StudyInstanceUID (0020,000D)",
        "metadata.study_id", "patient_study_id"}) {
    EXPECT_NE(StudyOf(With({{key, "S7"}})), std::nullopt) << key;
    EXPECT_THAT(PatientsOf(With({{key, "S7"}})), IsEmpty()) << key;
  }
  for (const char* key : {"study", "检查", "检查方法", "study_date", "series_id", "patient_id",
                          "影像号", "exam", "StudyDescription", "检查部位"}) {
    EXPECT_EQ(StudyOf(With({{key, "S7"}})), std::nullopt) << key;
  }
  EXPECT_EQ(StudyOf(With({{"检查号", "Ｅ 1"}, {"StudyInstanceUID", "1.2.3"}})),
            "studyinstance:1.2.3");
  EXPECT_EQ(StudyOf(With({{"检查号", "Ｅ1"}})), "检查:e1");
  EXPECT_EQ(StudyOf(With({{"study_id", "unknown"}})), std::nullopt);
  // A number within a patient
  EXPECT_EQ(StudyOf(With({{"study_id", 2}, {"patient_id", "P1"}})), std::nullopt);
  EXPECT_EQ(StudyOf(With({{"study_id", 2}})), "study:2");
  EXPECT_EQ(StudyOf(With({{"study_id", 50414267}, {"patient_id", "P1"}})), "study:50414267");
}

TEST(PatientNames, TheMostCertainColumnComesFirst) {
  Sample sample = With({{"subject_id", "s"}, {"patient", "p"}, {"患者姓名", "n"}, {"住院号", "h"}});
  EXPECT_EQ(PatientOf(sample), "p");
  sample.extra["patient_id"] = "I";
  EXPECT_EQ(PatientOf(sample), "I");
  sample.extra["patient_id"] = "";
  EXPECT_EQ(PatientOf(sample), "p");
  EXPECT_EQ(PatientColumn({"subject_id", "患者编号"}), "患者编号");
  EXPECT_EQ(PatientColumn({"image", "question"}), std::nullopt);
  EXPECT_EQ(PatientOf(Sample()), std::nullopt);
}

TEST(PatientNames, SeveralColumnsAndDoubtfulOnesAreNoted) {
  EXPECT_THAT(
      NoteOfPatients({"subject_id", "x", "patient_id"}).value(),
      "patients are told by \"patient_id\" and \"subject_id\": rows that share any of these "
      "are one's");
  for (const char* name : {"case_id", "病例号", "patient_group_id", "影像号", "患者档案号"}) {
    EXPECT_THAT(NoteOfPatients({"x", name}).value_or(""),
                testing::StartsWith("\"" + std::string(name) + "\" may name patients"));
  }
  for (const char* name : {"patient_age", "患者性别", "case", "patient_id", "检查号", "question"}) {
    EXPECT_EQ(NoteOfPatients({"x", name}), std::nullopt) << name;
  }
}

TEST(PatientNames, VeryManyColumnsAreReadAndTheFirstNoted) {
  std::vector<std::string> names;
  Sample sample;
  for (int i = 0; i < 1000; ++i) {
    names.push_back("患者编号" + std::string(static_cast<size_t>(i), ' '));
    sample.extra[names.back()] = fmt::format("P{}", i / 2);
  }
  names.push_back("patient_id" + std::string(100'000, ' '));
  EXPECT_THAT(PatientsOf(sample), testing::SizeIs(500));
  const std::string note = NoteOfPatients({names.begin(), names.end()}).value();
  EXPECT_THAT(note, testing::StartsWith("patients are told by \"患者编号\" and \"患者编号 \""));
  EXPECT_THAT(note, testing::HasSubstr("and 981 more: rows"));
  EXPECT_LT(note.size(), 3000u);
}

TEST(NameList, ManyAreTheFirstAndLongOnesTheirBeginning) {
  EXPECT_EQ(ListOf({"a", "肺"}), "a, 肺");
  EXPECT_EQ(QuotedListOf({"a", "肺"}, " and "), "\"a\" and \"肺\"");
  EXPECT_THAT(ListOf(std::vector<std::string>(30'000, "x")), testing::EndsWith("x and 29980 more"));
  std::string longer;
  for (int i = 0; i < 65; ++i) longer += "肺";
  EXPECT_EQ(QuotedName(longer), "\"" + longer.substr(3) + "…\"");
  EXPECT_EQ(ShortName(longer.substr(3)), longer.substr(3));
}

}  // namespace
}  // namespace roentgen
