#include "roentgen/assistant/examination.h"

#include <gmock/gmock.h>

#include "roentgen/assistant/report.h"

namespace roentgen {
namespace {

using enum ReportSubject;

ReportSubject Read(const char* answer) {
  return ReadExamination(answer).subject;
}

ShownPicture Dicom(const char* modality, const char* body_part) {
  ShownPicture image;
  image.modality = modality;
  image.body_part = body_part;
  return image;
}

TEST(Examination, IsReadFromAnAnswerInBothLanguages) {
  for (const char* chest :
       {"AP radiograph of the chest.", "胸部侧位X线片。", "胸部後前位X光片", "雙肺CT", "Ｃｈｅｓｔ",
        "CXR, PA", "chest X-ray (PA)", "CT of the lungs", "thoracic CT", "胸片", "纵隔MRI",
        "CT of the chest at the level of the liver", "Chest CT. The liver is partly shown."}) {
    EXPECT_EQ(Read(chest), kChest) << chest;
  }
  for (const char* head : {"Axial CT slice of the Head.", "頭部CT橫斷面", "頭顱MRI", "腦部磁振造影",
                           "ＨＥＡＤ　ＣＴ", "颅脑CT平扫", "This is a head CT.", "头CT平扫",
                           "X-ray of the skull", "患者头部", "axial non-contrast head CT",
                           "cranial MRI", "这是头CT", "患者头轴位CT", "患者头冠状位MRI"}) {
    EXPECT_EQ(Read(head), kHead) << head;
  }
  for (const char* abdomen :
       {"上腹部CT横断面图像。", "腹部超聲", "肝臟CT", "KUB", "泌尿系平片", "Ａｂｄｏｍｉｎａｌ CT",
        "CT of the abdomen and pelvis", "kidney ultrasound", "胰头CT", "pancreatic head CT"}) {
    EXPECT_EQ(Read(abdomen), kAbdomen) << abdomen;
  }
}

TEST(Examination, OfSeveralRegionsAsksWhatIsAskedOfAny) {
  const auto described = [](const char* answer, Language language) {
    return DescribeExamination(ReadExamination(answer), language);
  };
  for (const char* several :
       {"Chest, abdomen and pelvis CT", "CT of chest, abdomen and pelvis", "胸腹部CT",
        "胸部、腹部及盆腔CT", "CT of the chest and the upper abdomen",
        "CT of the head and chest"}) {
    EXPECT_EQ(Read(several), kOther) << several;
    EXPECT_EQ(ReadExamination(several).source, Examination::Source::kAnswer) << several;
  }
  EXPECT_EQ(described("CT of chest, abdomen and pelvis", Language::kEnglish),
            "other (from the answer: chest, abdomen and pelvis)");
  EXPECT_EQ(described("胸腹部CT", Language::kChinese), "其他（据回答：胸腹）");
  EXPECT_EQ(ExaminationOf(std::vector{Dicom("CT", "CHESTABDOMEN")}).subject, kOther);
}

TEST(Examination, IsReadByWordsAndNotBySubstrings) {
  for (const char* other : {"a hand",
                            "X-ray of the left hip, femoral head",
                            "thoracolumbar spine MRI",
                            "Thoracic spine, lateral",
                            "radial head fracture, elbow",
                            "a patient with headache, knee",
                            "股骨头坏死X线片",
                            "右肱骨小头",
                            "胸椎侧位片",
                            "胸腰椎MRI",
                            "腹股沟超声",
                            "乳头特写",
                            "超声探头",
                            "心脏彩超",
                            "口腔全景片",
                            "the long head of the biceps",
                            "胎头超声",
                            "Chest wall ultrasound",
                            "胸壁超声",
                            "Sagittal MRI of the cervical spine from C7 to the skull base.",
                            "颈椎MRI，可见颅底。",
                            "乳腺钼靶（头尾位）",
                            "头皮超声",
                            "Mammogram",
                            "Knee MRI; no chest.",
                            "X-ray of lumbar spine; abdominal gas overlies."}) {
    const Examination examination = ReadExamination(other);
    EXPECT_EQ(examination.subject, kOther) << other;
    EXPECT_EQ(examination.source, Examination::Source::kUnknown) << other;
  }
  EXPECT_NE(Read("pancreatic head"), kHead);
  EXPECT_NE(Read("head of the pancreas"), kHead);
}

TEST(Examination, IsNotWhatIsDeniedOrLeftOpen) {
  EXPECT_EQ(Read("This is not a chest radiograph but a CT of the brain."), kHead);
  EXPECT_EQ(Read("这不是胸片，而是头颅CT。"), kHead);
  EXPECT_EQ(Read("I cannot tell whether it is the chest or the abdomen."), kOther);
  EXPECT_EQ(Read("无法判断是胸部还是腹部。"), kOther);
  EXPECT_EQ(Read("看不出是胸部还是腹部"), kOther);
  EXPECT_EQ(Read("The chest or the abdomen."), kOther);
  EXPECT_EQ(Read("Chest? No, this is an abdomen."), kAbdomen);
  EXPECT_EQ(Read("胸部？不，这是腹部。"), kAbdomen);
  EXPECT_EQ(Read("Chest X-ray. No, sorry, it is a CT of the head."), kHead);
  EXPECT_EQ(Read("Chest CT. No abnormality in the liver."), kChest);
  EXPECT_EQ(Read("It isn't a chest X-ray but an MRI of the brain."), kHead);
  EXPECT_EQ(Read("Chest? No, the knee."), kOther);
  EXPECT_EQ(Read("Not a spine MRI. Chest X-ray."), kChest);
  EXPECT_EQ(Read("The spine is straight. This is a chest radiograph."), kChest);
  EXPECT_EQ(Read("不是乳腺，是胸片"), kChest);
  EXPECT_EQ(Read("可能是胸片或腹部平片"), kOther);
  EXPECT_EQ(Read("Either a chest X-ray or an abdominal radiograph."), kOther);
}

TEST(Examination, ComesFromDicomWhereFilesAgree) {
  using enum Examination::Source;
  const auto of = [](std::vector<ShownPicture> images) { return ExaminationOf(images); };
  EXPECT_EQ(of({Dicom("CR", "CHEST")}).subject, kChest);
  EXPECT_EQ(of({Dicom("CR", "CHEST")}).source, kDicom);
  EXPECT_EQ(of({Dicom("CR", "CHEST")}).evidence, "CR CHEST");
  EXPECT_EQ(of({Dicom("", "CHEST")}).evidence, "CHEST");
  EXPECT_EQ(of({Dicom("MG", "")}).evidence, "MG");
  EXPECT_EQ(of({Dicom("CT", "HEAD"), Dicom("MR", "BRAIN")}).subject, kHead);
  EXPECT_EQ(of({Dicom("CT", ""), Dicom("CT", "ABDOMEN")}).subject, kAbdomen);
  EXPECT_EQ(of({Dicom("DX", "HIP")}).subject, kOther);
  EXPECT_EQ(of({Dicom("DX", "HIP")}).source, kDicom);
  EXPECT_EQ(of({Dicom("MG", "")}).source, kDicom);
  EXPECT_EQ(of({Dicom("ES", "CHEST")}).subject, kOther);
  for (const auto& unknown : {std::vector{Dicom("CT", "")}, std::vector{Dicom("", "")},
                              std::vector{Dicom("CT", "CHEST"), Dicom("CT", "HEAD")}}) {
    EXPECT_EQ(of(unknown).source, kUnknown);
  }
}

TEST(Examination, IsNamedByWordsOfBothLanguages) {
  EXPECT_EQ(ParseExamination("Chest"), kChest);
  EXPECT_EQ(ParseExamination("ｈｅａｄ"), kHead);
  EXPECT_EQ(ParseExamination("腹部"), kAbdomen);
  EXPECT_EQ(ParseExamination("其他"), kOther);
  EXPECT_EQ(ParseExamination("knee"), std::nullopt);
  EXPECT_EQ(ParseExamination(""), std::nullopt);
}

TEST(Examination, IsDescribedWithItsSource) {
  using enum Examination::Source;
  EXPECT_EQ(DescribeExamination({kChest, kDicom, "CR CHEST"}, Language::kEnglish),
            "chest (from DICOM: CR CHEST)");
  EXPECT_EQ(DescribeExamination({kChest, kDicom, "CHEST"}, Language::kChinese),
            "胸部（据DICOM：CHEST）");
  EXPECT_EQ(DescribeExamination({kChest, kGiven, ""}, Language::kChinese), "胸部（用户指定）");
  EXPECT_EQ(DescribeExamination({kHead, kAnswer, "头颅"}, Language::kChinese),
            "头颅（据回答：头颅）");
  EXPECT_EQ(DescribeExamination({}, Language::kEnglish), "not recognised");
}

}  // namespace
}  // namespace roentgen
