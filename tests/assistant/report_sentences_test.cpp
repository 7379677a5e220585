// What becomes of the sentences that a model says.

#include <gmock/gmock.h>

#include "roentgen/assistant/report.h"
#include "roentgen/base/random.h"
#include "roentgen/data/phantom_report.h"
#include "roentgen/phantom/patient.h"
#include "roentgen/text/printable.h"
#include "support/long_checks.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A report on a chest, or another examination, with these answers.
RadiologyReport Said(const std::vector<std::string>& answers,
                     Language language = Language::kEnglish,
                     ReportSubject subject = ReportSubject::kChest) {
  RadiologyReport report;
  report.language = language;
  report.study.examination.subject = subject;
  const auto steps = ReportProtocol(subject);
  for (size_t i = 0; i < steps.size(); ++i) {
    ReportAnswer answer;
    answer.step = steps[i];
    if (i < answers.size()) answer.answer = answers[i];
    report.answers.push_back(answer);
  }
  ReadAnswers(report);
  return report;
}

/// Which sentences contradict another, by their texts.
std::vector<std::string> Contradicting(const RadiologyReport& report) {
  std::vector<std::string> texts;
  for (const ReportSentence& sentence : report.sentences) {
    if (!sentence.marks.contradicts.empty()) texts.push_back(sentence.text);
  }
  return texts;
}

/// Whether two sentences contradict each other, the first as a finding, the second as the
/// impression.
bool Contradict(const std::string& finding, const std::string& impression,
                ReportSubject subject = ReportSubject::kChest) {
  std::vector<std::string> answers(ReportProtocol(subject).size());
  answers[1] = finding;
  answers.back() = impression;
  const std::vector<std::string> texts = Contradicting(Said(answers, Language::kEnglish, subject));
  EXPECT_NE(texts.size(), 1u) << finding;  // the mark is on both
  return !texts.empty();
}

TEST(ReportSentences, AFindingBesideAnAbstentionStays) {
  const RadiologyReport report = Said(
      {"Chest.", "Large right tension pneumothorax. The left base cannot be seen.", "", "", "",
       "1. Consolidation in the right lung with a 4 cm mass. Whether it is malignant cannot be "
       "determined"});
  const auto impression = Sentences(report, true);
  ASSERT_THAT(impression, SizeIs(2));
  EXPECT_EQ(impression[0].text, "1. Consolidation in the right lung with a 4 cm mass.");
  EXPECT_FALSE(impression[0].marks.abstains);
  EXPECT_TRUE(impression[1].marks.abstains);
  EXPECT_TRUE(report.answers[5].assessed);
  const auto findings = Sentences(report, false);
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_EQ(findings[1].text, "Large right tension pneumothorax.");
  EXPECT_FALSE(findings[1].marks.abstains);
  EXPECT_TRUE(findings[2].marks.abstains);
  EXPECT_TRUE(report.answers[1].assessed);
}

TEST(ReportSentences, AFindingOfWhichTheNatureIsOpenIsAssessed) {
  const RadiologyReport report = Said({"胸片", "可见大量气胸，性质不确定"}, Language::kChinese);
  ASSERT_THAT(report.sentences, SizeIs(2));
  EXPECT_TRUE(report.sentences[1].marks.abstains);
  EXPECT_TRUE(report.answers[1].assessed);
}

TEST(ReportSentences, AFindingInASentenceThatAbstainsIsAssessed) {
  for (const char* answer :
       {"The heart is difficult to assess, but there is a large pericardial effusion.",
        "Large right tension pneumothorax and the left base cannot be seen",
        "The left base cannot be seen and there is a right pneumothorax.",
        "There is a mass whose nature cannot be determined.",
        "Unclear margins of the heart suggest consolidation.",
        "The left base is not assessable due to a large effusion.",
        "The lungs are clear, but the heart cannot be assessed.",
        "图像质量差，难以评估，但可见右侧气胸。",
        "左侧肋膈角显示不清，考虑胸腔积液。",
        "右肺肿块性质待定。",
        "由于胸腔积液，左肺底无法评估。",
        "肺野清晰，心影观察受限。",
        "Ill-defined opacity of uncertain significance.",
        "Nodule, uncertain etiology.",
        "Pneumothorax of unknown age.",
        "性质待定的结节",
        "来源不明的肿块。",
        "不明原因的胸腔积液。",
        "结节，意义不明",
        "心影被积液遮挡。",
        "Error: pneumothorax.",
        "错误：左侧气胸",
        "The lungs are clear but the heart is not visible.",
        "The lungs are not well seen due to a large effusion."}) {
    const RadiologyReport report = Said({"Chest.", answer});
    EXPECT_TRUE(report.answers[1].assessed) << answer;
    EXPECT_TRUE(report.sentences[1].marks.abstains) << answer;
  }
}

TEST(ReportSentences, OnlyAbstainingIsNotAssessed) {
  for (const char* answer : {"Not sure, quality too poor to judge",
                             "It cannot be assessed.",
                             "I cannot tell. Unclear.",
                             "图像质量差，无法评估。",
                             "不确定",
                             "看不清",
                             "看不到小脑。",
                             "未见大脑显示",
                             "",
                             "I cannot see an image.",
                             "请上传图片。",
                             "抱歉，我无法提供诊断。",
                             "I'm sorry, but I can't assist with that.",
                             "Nondiagnostic study",
                             "The heart is not assessable",
                             "心影观察受限",
                             "Angles obscured",
                             "N/A",
                             "Pneumothorax and effusion cannot be assessed.",
                             "Cannot assess for pneumothorax, effusion, or fracture.",
                             "气胸、胸腔积液无法评估。",
                             "无法判断是否有气胸、胸腔积液。",
                             "图像质量差，无法评估，建议CT排除骨折。",
                             "It is unclear, whether there is a fracture.",
                             "Error 500: internal server error",
                             "错误：无法读取图像",
                             "There is no way to tell.",
                             "Lungs not visualized.",
                             "The image doesn't show the lungs.",
                             "The heart is not visible.",
                             "Heart not included.",
                             "Not visualized.",
                             "Cannot comment on the lungs.",
                             "Assessment is difficult.",
                             "Undetermined.",
                             "Equivocal.",
                             "Out of field of view.",
                             "未见显示",
                             "看不到肺。",
                             "没有显示肺野。",
                             "双侧肺野未显示",
                             "无法从图中看出。",
                             "判断困难",
                             "超出视野范围",
                             "本图未包含肺部。",
                             "未拍到肺部",
                             "肝脏未扫及",
                             "诊断困难",
                             "图像模糊，看不清"}) {
    const RadiologyReport report = Said({"Chest.", answer});
    EXPECT_FALSE(report.answers[1].assessed) << answer;
    for (const ReportSentence& sentence : report.sentences) {
      EXPECT_EQ(sentence.marks.abstains, sentence.answer == 1) << sentence.text;
    }
  }
  EXPECT_EQ(NotAssessed(Said({"Chest.", "clear", "fine", "sharp", "", "Normal."})), "Bones");
}

TEST(ReportSentences, WhatIsDeniedIsTold) {
  for (const char* answer : {"No effusion is visible.",
                             "The effusion is not visible.",
                             "Effusion not visualized.",
                             "There is no way to miss the large pneumothorax.",
                             "The lungs do not show consolidation.",
                             "The lungs are not enlarged.",
                             "No displacement of the heart is seen.",
                             "The spleen is absent.",
                             "未见气胸",
                             "看不到气胸。",
                             "心脏不大。",
                             "心脏未见增大",
                             "气胸未显示",
                             "无法从图中看出骨折。",
                             "没有发现脂肪肝。",
                             "未发现肿大脾脏",
                             "看不到多囊肾",
                             "扫描范围内肝内外胆管未见扩张。",
                             "扫描范围内颅骨内外板未见骨折。",
                             "The image shows a large pneumothorax that is difficult to miss."}) {
    const RadiologyReport report = Said({"Chest.", answer});
    EXPECT_TRUE(report.answers[1].assessed) << answer;
    EXPECT_FALSE(report.sentences[1].marks.abstains) << answer;
  }
}

TEST(ReportSentences, OnlyTheLastSentenceOfACutAnswerIsMarked) {
  RadiologyReport report = Said({"Chest.", "The lungs are clear. There is a"});
  report.answers[1].finish = Answer::Finish::kLength;
  report.answers[2].finish = Answer::Finish::kLength;  // it has no sentence to be marked
  ReadAnswers(report);
  ASSERT_THAT(report.sentences, SizeIs(3));
  EXPECT_FALSE(report.sentences[0].marks.cut);
  EXPECT_FALSE(report.sentences[1].marks.cut);
  EXPECT_TRUE(report.sentences[2].marks.cut);
  EXPECT_THAT(DescribeMarks(report, report.sentences[2]),
              ElementsAre("cut off by the limit of length"));
  report.language = Language::kChinese;
  EXPECT_THAT(DescribeMarks(report, report.sentences[2]), ElementsAre("因长度限制被截断"));
}

TEST(ReportSentences, ASentenceUnderSeveralTopicsIsMarked) {
  const std::string same = "No abnormality is seen.";
  const RadiologyReport report =
      Said({same, same, "1. no abnormality is seen", same, same, "All."});
  for (const ReportSentence& sentence : report.sentences) {
    EXPECT_EQ(sentence.marks.repeated, sentence.answer < 5) << sentence.answer;
  }
  const RadiologyReport chinese =
      Said({"胸部正位片。", "未见异常。", "未见异常", "膈面光滑。", "未见骨折。", "未见异常！"},
           Language::kChinese);
  std::vector<size_t> repeated;
  for (const ReportSentence& sentence : chinese.sentences) {
    if (sentence.marks.repeated) repeated.push_back(sentence.answer);
  }
  EXPECT_THAT(repeated, ElementsAre(1, 2, 5));
}

TEST(ReportSentences, ALoopInOneAnswerIsMarked) {
  std::string loop = "The lungs are clear.";
  for (int i = 0; i < 19; ++i) loop += " and again.";
  const RadiologyReport report = Said({"Chest.", loop});
  ASSERT_THAT(report.sentences, SizeIs(21));
  EXPECT_FALSE(report.sentences[1].marks.repeated);
  for (size_t i = 2; i < report.sentences.size(); ++i) {
    EXPECT_THAT(DescribeMarks(report, report.sentences[i]), ElementsAre("said more than once"));
  }
  const RadiologyReport chinese = Said({"胸片。", "清晰。清晰。"}, Language::kChinese);
  EXPECT_THAT(DescribeMarks(chinese, chinese.sentences[1]), ElementsAre("重复"));
}

TEST(ReportContradictions, OfPresence) {
  EXPECT_TRUE(Contradict("The lungs are clear.", "Consolidation in the right lung."));
  EXPECT_TRUE(Contradict("There is no pneumothorax.", "Left pneumothorax."));
  EXPECT_TRUE(Contradict("Right pleural effusion.", "No pleural effusion."));
  EXPECT_TRUE(Contradict("A nodule of 2 cm in the left upper zone.", "No abnormality is seen."));
  EXPECT_TRUE(Contradict("The heart is enlarged.", "The heart is of normal size."));
  EXPECT_TRUE(Contradict("双肺野清晰，未见实变及结节影。", "右肺上野结节。"));
  EXPECT_TRUE(Contradict("右侧胸腔积液。", "未见胸腔积液。"));
  EXPECT_TRUE(Contradict("心影增大。", "未见异常。"));
  EXPECT_TRUE(Contradict("所见肋骨未见骨折。", "左侧肋骨骨折。"));
  EXPECT_TRUE(Contradict("No hemorrhage is seen.", "Intracranial hemorrhage on the right.",
                         ReportSubject::kHead));
  EXPECT_TRUE(Contradict("脑实质内未见出血灶。", "1. 右侧颅内出血。", ReportSubject::kHead));
  EXPECT_TRUE(Contradict("There is one hypodense lesion of 2 cm in the liver.",
                         "The liver is normal.", ReportSubject::kAbdomen));
  EXPECT_TRUE(Contradict("双肾未见结石。", "右肾结石。", ReportSubject::kAbdomen));
}

TEST(ReportContradictions, OfSides) {
  EXPECT_TRUE(Contradict("Right pleural effusion.", "Left pleural effusion."));
  EXPECT_TRUE(Contradict("左侧气胸。", "右侧气胸。"));
  EXPECT_FALSE(Contradict("Bilateral pleural effusions.", "Left pleural effusion."));
  EXPECT_FALSE(Contradict("左侧气胸。", "气胸。"));
  EXPECT_FALSE(Contradict("The left lung is clear.", "Consolidation in the right lung."));
  EXPECT_FALSE(Contradict("No effusion on the left.", "Right pleural effusion."));
  EXPECT_FALSE(Contradict("左肺野清晰。", "右肺实变。"));
  EXPECT_TRUE(Contradict("左肺野清晰。", "左肺实变。"));
}

TEST(ReportContradictions, AreNoOthers) {
  EXPECT_FALSE(Contradict("Consolidation in the right lung.", "Consolidation in the right lung."));
  EXPECT_FALSE(Contradict("No rib fracture is seen.", "Cardiomegaly."));
  EXPECT_FALSE(Contradict("Small right effusion. No large effusion.", "Right effusion."));
  EXPECT_FALSE(Contradict("右侧肋骨骨折，余未见异常。", "右侧肋骨骨折。"));
  EXPECT_FALSE(Contradict("Otherwise the lungs are clear.", "A nodule in the left lung."));
  EXPECT_FALSE(Contradict("No pneumonia.", "Pneumonia cannot be excluded."));
  EXPECT_FALSE(Contradict("The heart is of normal size.", "Left pneumothorax."));
  EXPECT_FALSE(Contradict("肋膈角锐利。", "右侧气胸。"));
  EXPECT_FALSE(Contradict("The lungs are clear.", "Cardiomegaly."));
  EXPECT_FALSE(Contradict("Is there an effusion?", "No effusion."));
  EXPECT_FALSE(Contradict("Unable to assess for pneumothorax.", "No pneumothorax."));
  EXPECT_FALSE(Contradict("难以判断是否骨折。", "未见骨折。"));
  EXPECT_FALSE(Contradict("", ""));
}

TEST(ReportContradictions, AreReadInManyWords) {
  struct Pair {
    bool contradict;
    const char* finding;
    const char* impression;
    ReportSubject subject;
  };
  const Pair pairs[] = {
      {true, "There is no nodule.", "Nodules are present in both lungs.", ReportSubject::kChest},
      {true, "未见骨折。", "可见骨折线。", ReportSubject::kChest},
      {true, "Clear lungs.", "Right lower lobe pneumonia.", ReportSubject::kChest},
      {true, "Lungs are normal.", "Pulmonary edema.", ReportSubject::kChest},
      {true, "两肺纹理清晰，未见异常。", "右下肺炎。", ReportSubject::kChest},
      {true, "No acute cardiopulmonary abnormality.", "Left pleural effusion.",
       ReportSubject::kChest},
      {true, "心影正常", "心脏增大", ReportSubject::kChest},
      {true, "Heart size is normal.", "Cardiomegaly.", ReportSubject::kChest},
      {true, "Normal chest radiograph.", "Right pneumothorax.", ReportSubject::kChest},
      {true, "Pleural effusion on the left.", "Pleural effusion on the right.",
       ReportSubject::kChest},
      {true, "左肺结节", "右肺结节", ReportSubject::kChest},
      {true, "The left lung shows consolidation.", "Right-sided consolidation.",
       ReportSubject::kChest},
      {true, "胸腔未见积液", "双侧胸腔积液", ReportSubject::kChest},
      {true, "There is a fracture of the left rib.", "No fracture.", ReportSubject::kChest},
      {true, "No fracture.", "Left rib fracture.", ReportSubject::kChest},
      {true, "Opacity in the right lung.", "No opacity, effusion or pneumothorax.",
       ReportSubject::kChest},
      {true, "无气胸。", "气胸。", ReportSubject::kChest},
      {true, "没有胸腔积液", "有胸腔积液", ReportSubject::kChest},
      {false, "No pneumothorax or effusion. The heart is normal.",
       "1. Consolidation in the left lung.", ReportSubject::kChest},
      {false, "右肺上叶结节，左肺清晰。", "右肺上叶结节。", ReportSubject::kChest},
      {false, "Right effusion; no left effusion.", "Right effusion.", ReportSubject::kChest},
      {false, "Right effusion, no left effusion.", "Right effusion.", ReportSubject::kChest},
      {false, "The right lung is clear, but the left lung shows consolidation.",
       "Left consolidation.", ReportSubject::kChest},
      {false, "右侧胸腔积液，左侧未见积液。", "右侧胸腔积液。", ReportSubject::kChest},
      {false, "No focal consolidation.", "Atelectasis at the left base.", ReportSubject::kChest},
      {false, "No rib fracture.", "Clavicle is normal.", ReportSubject::kChest},
      {false, "未见明显异常。", "建议复查。", ReportSubject::kChest},
      {false, "No abnormality.", "Follow up.", ReportSubject::kChest},
      {false, "No acute fracture.", "Old healed rib fracture.", ReportSubject::kChest},
      {false, "Possible effusion.", "No effusion.", ReportSubject::kChest},
      {false, "Heart is enlarged. No pericardial effusion.", "Cardiomegaly.",
       ReportSubject::kChest},
      {false, "Lung volumes are normal.", "Consolidation in left lung.", ReportSubject::kChest},
      {false, "Nodule in the right lung. The rest of the lungs is clear.",
       "Nodule in the right lung.", ReportSubject::kChest},
      {false, "右肺结节，余肺野清晰。", "右肺结节。", ReportSubject::kChest},
      {false, "右肺结节。余肺野清晰。", "右肺结节。", ReportSubject::kChest},
      {false, "No pneumothorax.", "Pneumothorax has resolved.", ReportSubject::kChest},
      {false, "Bilateral effusions.", "Right effusion.", ReportSubject::kChest},
      {false, "Effusion on the left. Effusion on the right.", "Bilateral effusions.",
       ReportSubject::kChest},
      {true, "No mass effect. The ventricles are normal.", "Hydrocephalus.", ReportSubject::kHead},
      {true, "The brain is normal.", "Intracerebral hemorrhage on the left.", ReportSubject::kHead},
      {true, "No midline shift.", "The midline is shifted to the left.", ReportSubject::kHead},
      {true, "Midline is central.", "Midline shift to the right.", ReportSubject::kHead},
      {true, "The skull is intact.", "Skull fracture.", ReportSubject::kHead},
      {true, "左侧脑出血。", "右侧脑出血。", ReportSubject::kHead},
      {true, "中线向左侧移位", "中线向右侧移位", ReportSubject::kHead},
      {true, "The midline is shifted to the left.", "Midline shift to the right.",
       ReportSubject::kHead},
      {false, "No hemorrhage.", "Infarct of the left hemisphere.", ReportSubject::kHead},
      {true, "The liver is unremarkable.", "Liver lesion.", ReportSubject::kAbdomen},
      {true, "Stone in the left kidney.", "Kidney stone on the right.", ReportSubject::kAbdomen},
      {false, "The liver is normal. Stone in the left kidney.", "Left kidney stone.",
       ReportSubject::kAbdomen},
      {false, "肝未见异常。左肾结石。", "左肾结石。", ReportSubject::kAbdomen},
      {true, "肝脏未见病灶", "肝右叶囊肿，肝脏病灶", ReportSubject::kAbdomen},
      {true, "The spleen is normal.", "Splenomegaly.", ReportSubject::kAbdomen},
      {true, "脾脏正常", "脾大", ReportSubject::kAbdomen},
      // beside an abstention
      {true, "图像质量差，难以评估，但可见右侧气胸。", "未见气胸。", ReportSubject::kChest},
      {true, "Hard to assess, but there is a right pneumothorax.", "No pneumothorax.",
       ReportSubject::kChest},
      // normal phrases
      {true, "右侧气胸。", "未见明显异常。", ReportSubject::kChest},
      {true, "右侧气胸。", "心肺未见异常。", ReportSubject::kChest},
      {true, "右下肺炎。", "心肺膈未见异常。", ReportSubject::kChest},
      {true, "右肺肿块。", "心肺膈未见异常。", ReportSubject::kChest},
      {false, "左侧肋骨骨折。", "心肺未见异常。", ReportSubject::kChest},
      {true, "肩关节脱位。", "未见骨折及脱位。", ReportSubject::kOther},
      {true, "气管居中。", "气管右移。", ReportSubject::kChest},
      {false, "气管居中。", "气管旁淋巴结肿大。", ReportSubject::kChest},
      {true, "Pneumothorax: none.", "Right pneumothorax.", ReportSubject::kChest},
      {true, "Pneumothorax: negative.", "Right pneumothorax.", ReportSubject::kChest},
      {true, "Pleural effusion: no.", "Right pleural effusion.", ReportSubject::kChest},
      {true, "气胸：无。", "右侧气胸。", ReportSubject::kChest},
      {false, "Pneumothorax: none.", "No pneumothorax.", ReportSubject::kChest},
      {true, "Acute rib fracture.", "No acute findings.", ReportSubject::kChest},
      {false, "Old healed rib fracture.", "No acute findings.", ReportSubject::kChest},
      {false, "Mild cardiomegaly.", "No acute findings.", ReportSubject::kChest},
      {true, "No haemorrhage.", "Left frontal mass with haemorrhage.", ReportSubject::kHead},
      {true, "No intracranial haemorrhage.", "Subdural haematoma.", ReportSubject::kHead},
      {false, "No intracranial haemorrhage.", "Scalp haematoma.", ReportSubject::kHead},
      {true, "未见颅内出血。", "左侧硬膜下血肿。", ReportSubject::kHead},
      {true, "No joint effusion.", "Moderate joint effusion.", ReportSubject::kOther},
      {true, "ACL intact.", "ACL torn.", ReportSubject::kOther},
      {true, "No free air.", "Pneumoperitoneum.", ReportSubject::kAbdomen},
      {false, "No rib fracture.", "Clavicle fracture.", ReportSubject::kChest},
      {false, "未见肋骨骨折。", "锁骨骨折。", ReportSubject::kChest},
      {true, "未见肋骨骨折。", "左侧肋骨骨折。", ReportSubject::kChest},
      {false, "Heart size upper limit of normal.", "Mild cardiomegaly.", ReportSubject::kChest},
      {false, "心影大小正常高限。", "心影轻度增大。", ReportSubject::kChest},
      // what no list knows, by its name
      {true, "No emphysema.", "Emphysema.", ReportSubject::kChest},
      {true, "There isn't any scoliosis.", "Mild scoliosis.", ReportSubject::kChest},
      {true, "No aneurysm.", "Aortic aneurysm of 4 cm.", ReportSubject::kChest},
      {true, "No bowel obstruction.", "Small bowel obstruction.", ReportSubject::kAbdomen},
      {true, "A hiatal hernia is noted.", "No hernia is seen.", ReportSubject::kAbdomen},
      {true, "Negative for appendicitis.", "Acute appendicitis.", ReportSubject::kAbdomen},
      {true, "No tubes or lines.", "Endotracheal tube in place.", ReportSubject::kChest},
      {true, "Fracture absent.", "Fracture present.", ReportSubject::kChest},
      {true, "There isn't any effusion.", "Left pleural effusion.", ReportSubject::kChest},
      {true, "未见肺气肿。", "双肺肺气肿。", ReportSubject::kChest},
      {true, "无肠梗阻", "肠梗阻", ReportSubject::kAbdomen},
      {true, "无脊柱侧弯", "脊柱侧弯", ReportSubject::kOther},
      {true, "未见脑梗塞", "左侧脑梗塞", ReportSubject::kHead},
      {true, "未见引流管", "引流管在位", ReportSubject::kChest},
      {true, "导管未见", "中心静脉导管", ReportSubject::kChest},
      {true, "骨折阴性", "骨折阳性", ReportSubject::kChest},
      {true, "结核阴性", "结核阳性", ReportSubject::kChest},
      {false, "No acute emphysema.", "Emphysema.", ReportSubject::kChest},
      {false, "History of emphysema.", "No emphysema.", ReportSubject::kChest},
      {false, "No emphysema.", "CT is recommended for emphysema.", ReportSubject::kChest},
      {false, "No emphysema.", "Emphysema cannot be excluded.", ReportSubject::kChest},
      {false, "肺气肿待排", "无肺气肿", ReportSubject::kChest},
      {false, "Left varices.", "No right varices.", ReportSubject::kAbdomen},
      {false, "No other hernia.", "Hiatal hernia.", ReportSubject::kAbdomen},
      {false, "No significant hernia.", "Small hiatal hernia.", ReportSubject::kAbdomen},
      {true, "No disc herniation.", "Posterior disc herniation.", ReportSubject::kOther},
      {false, "No effusion.", "Pericardial effusion.", ReportSubject::kChest},
      {false, "胸腔未见积液", "心包积液", ReportSubject::kChest},
      {false, "肝内胆管无扩张", "胆总管扩张", ReportSubject::kAbdomen},
      {false, "No change.", "Interval change in the left base.", ReportSubject::kChest},
      // normal and not
      {true, "Abnormal.", "Normal.", ReportSubject::kChest},
      {true, "双肺异常", "双肺正常", ReportSubject::kChest},
      // the other side
      {true, "气管右移。", "气管左移。", ReportSubject::kChest},
      {true, "左肾结石", "右肾结石", ReportSubject::kAbdomen},
      {true, "RUL nodule.", "LUL nodule.", ReportSubject::kChest},
      {false, "左肾结石。右肾结石。", "右肾结石。", ReportSubject::kAbdomen},
      // a name alone, a wish, a variant
      {false, "X-ray of the heart and lungs.", "Pneumonia.", ReportSubject::kChest},
      {false, "The heart.", "Cardiomegaly.", ReportSubject::kChest},
      {false, "No heart.", "Cardiomegaly.", ReportSubject::kChest},
      {false, "Rule out pneumonia.", "No pneumonia.", ReportSubject::kChest},
      {false, "If there is fever, pneumonia should be considered.", "No pneumonia.",
       ReportSubject::kChest},
      {false, "A normal variant azygos lobe.", "Pneumonia.", ReportSubject::kChest},
      // what is there, of an open nature
      {true, "A nodule of uncertain significance.", "No nodule.", ReportSubject::kChest},
      {true, "性质待定的结节。", "未见结节。", ReportSubject::kChest},
      {true, "Error: pneumothorax.", "No pneumothorax.", ReportSubject::kChest},
  };
  for (const auto& [contradict, finding, impression, subject] : pairs) {
    EXPECT_EQ(Contradict(finding, impression, subject), contradict)
        << finding << " | " << impression;
  }
}

TEST(ReportContradictions, OfAnEndlessReportAreFoundInTime) {
  std::string findings;
  std::string impression;
  for (int i = 0; i < 1000; ++i) {
    findings += "Left effusion " + std::to_string(i) + ". ";
    impression += "Left pleural effusion. No nodule " + std::to_string(i) + ". ";
  }
  const RadiologyReport report = Said({"Chest.", findings, findings, "", "", impression});
  EXPECT_GT(report.sentences.size(), 3000u);
}

TEST(ReportContradictions, OfAnAnswerOfNumbersAreFoundInTime) {
  std::string numbers;
  std::string denials;
  for (int i = 0; i < 20'000; ++i) {
    numbers += std::to_string(i) + ". ";
    if (i < 1000) denials += "No hernia " + std::to_string(i) + ". ";
  }
  const RadiologyReport report = Said({"Chest.", numbers, "", "", "", denials});
  EXPECT_GT(report.sentences.size(), 20'000u);
}

TEST(ReportContradictions, OfATopicAreWithWhatBelongsToIt) {
  // "No abnormality" of the bones says nothing of the heart.
  const RadiologyReport report =
      Said({"PA radiograph of the chest.", "The lungs are clear.", "The heart is enlarged.",
            "The costophrenic angles are sharp.", "No abnormality is seen.", "Cardiomegaly."});
  EXPECT_THAT(Contradicting(report), IsEmpty());
  const RadiologyReport fractured =
      Said({"PA radiograph of the chest.", "The lungs are clear.", "The heart is enlarged.", "",
            "No abnormality is seen.", "Rib fracture on the right."});
  EXPECT_THAT(Contradicting(fractured),
              ElementsAre("No abnormality is seen.", "Rib fracture on the right."));
  EXPECT_THAT(DescribeMarks(fractured, fractured.sentences.back()), ElementsAre("contradicts [5]"));
}

TEST(ReportContradictions, AreNotInConsistentReports) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Patient patient = DrawPatient(seed);
    const ReportSubject subject = patient.study == Study::kChest  ? ReportSubject::kChest
                                  : patient.study == Study::kHead ? ReportSubject::kHead
                                                                  : ReportSubject::kAbdomen;
    for (const Language language : {Language::kEnglish, Language::kChinese}) {
      std::vector<std::string> answers;
      for (const ReportStep& step : ReportProtocol(subject)) {
        answers.push_back(PhantomReportPart(patient, language, step.key));
      }
      EXPECT_THAT(Contradicting(Said(answers, language, subject)), IsEmpty())
          << PhantomReport(patient, language);
    }
  }
}

/// A sentence, an end, or what is none of both: in every language, hedged, cut, hostile.
std::string MadeAnswer(Random& random) {
  static const std::vector<std::string> pieces = {"The lungs are clear.",
                                                  "It cannot be assessed.",
                                                  "Not sure, quality too poor to judge",
                                                  "右肺实变。",
                                                  "无法评估，",
                                                  "可见大量气胸，性质不确定；",
                                                  "1. ",
                                                  "2) ",
                                                  "①",
                                                  "\n",
                                                  "\n\n",
                                                  " ",
                                                  "Nodule of 2.5 cm",
                                                  "No. ",
                                                  "e.g. ",
                                                  "<script>alert(1)</script>",
                                                  "# Findings\n",
                                                  "](x)",
                                                  "\x1b[31m",
                                                  "\xc2\x85",
                                                  "\xe2\x80\xae",
                                                  "<|im_end|>",
                                                  "\xff\xfe",
                                                  "\xe8\x82",
                                                  "…",
                                                  "。。。",
                                                  "?!",
                                                  "；",
                                                  "Findings:",
                                                  "Impression: ",
                                                  "诊断意见：",
                                                  "\t",
                                                  "\r\n",
                                                  "\"",
                                                  "&amp;",
                                                  "'",
                                                  "It is unclear whether the left base is clear.",
                                                  "No pneumothorax. ",
                                                  "ｆｕｌｌ　ｗｉｄｔｈ．",
                                                  "Es ist kein Erguss.",
                                                  "左側氣胸",
                                                  "|a|b|",
                                                  "```",
                                                  "- item\n",
                                                  std::string(3, '\0')};
  std::string answer;
  const uint64_t count = random.NextBits() % 12;  // none: an empty answer
  for (uint64_t i = 0; i < count; ++i) answer += pieces[random.NextBits() % pieces.size()];
  if (random.NextBits() % 25 == 0) {
    const std::string once = answer;
    for (int i = 0; i < 40; ++i) answer += once;
  }
  return answer;
}

/// Without what cannot be seen: blanks, control characters, directions of writing.
std::string WithoutBlanks(std::string text) {
  for (const std::string_view invisible : {"\xe2\x80\xae", "\xc2\x85", "\xe3\x80\x80"}) {
    for (size_t at = text.find(invisible); at != text.npos; at = text.find(invisible, at)) {
      text.erase(at, invisible.size());
    }
  }
  std::erase_if(text, [](char c) { return c >= 0 && c <= ' '; });
  return text;
}

TEST(ReportSentences, AllThatAModelSaysStandsInTheReport) {
  Random random(29);
  for (uint64_t trial = 0; trial < test::Trials(500, 20'000); ++trial) {
    std::vector<std::string> answers;
    for (int i = 0; i < 6; ++i) answers.push_back(MadeAnswer(random));
    RadiologyReport report =
        Said(answers, trial % 2 == 0 ? Language::kEnglish : Language::kChinese);
    for (ReportAnswer& answer : report.answers) {
      if (random.NextBits() % 4 == 0) answer.finish = Answer::Finish::kLength;
    }
    ReadAnswers(report);
    std::vector<std::string> said(answers.size());
    for (const bool impression : {false, true}) {
      for (const ReportSentence& sentence : Sentences(report, impression)) {
        said[sentence.answer] += sentence.text;
        EXPECT_EQ(report.answers[sentence.answer].step.IsImpression(), impression);
      }
    }
    for (size_t i = 0; i < answers.size(); ++i) {
      ASSERT_EQ(WithoutBlanks(said[i]), WithoutBlanks(Printable(answers[i]))) << trial;
      EXPECT_FALSE(WithoutBlanks(answers[i]).empty() && report.answers[i].assessed);
    }
    for (const ReportSentence& sentence : report.sentences) {
      for (const size_t other : sentence.marks.contradicts) {
        ASSERT_LT(other, report.sentences.size());
      }
    }
  }
}

}  // namespace
}  // namespace roentgen
