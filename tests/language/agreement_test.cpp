#include "roentgen/language/agreement.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "roentgen/language/measures.h"
#include "roentgen/language/word_form.h"
#include "support/processor_time.h"

namespace roentgen {
namespace {

using Pairs = std::vector<std::pair<const char*, const char*>>;

void ExpectAgree(const Pairs& pairs) {
  for (const auto& [a, b] : pairs) {
    EXPECT_TRUE(AnswersAgree(a, b)) << a << " / " << b;
    EXPECT_TRUE(AnswersAgree(b, a)) << b << " / " << a;
  }
}

void ExpectDiffer(const Pairs& pairs) {
  for (const auto& [a, b] : pairs) {
    EXPECT_FALSE(AnswersAgree(a, b)) << a << " / " << b;
    EXPECT_FALSE(AnswersAgree(b, a)) << b << " / " << a;
  }
}

TEST(AnswersAgree, OnYesAndNoInAnyWords) {
  ExpectAgree({{"Yes", "Yes, it is"},
               {"yes.", "Yes, there is."},
               {"Yes", "Yes, they are"},
               {"Yes", "是的"},
               {"是的", "有"},
               {"Yes", "有。"},
               {"No", "No, it is not."},
               {"no", "No, there isn't"},
               {"No", "没有"},
               {"否", "沒有"},
               {"None", "No"},
               {"present", "Yes"},
               {"absent", "No"},
               {"Y", "Yes"},
               {"N", "No"},
               {"Yes", "Yes, on the left side"},
               {"No", "No, there is no fracture."},
               {"有", "有，左侧"},
               {"没有", "没有，未见骨折。"}});
  ExpectDiffer({{"Yes", "No"},
                {"Yes", "没有"},
                {"Yes, it is", "No, it is not"},
                {"Yes", "It is unclear"},
                {"Yes, on the left", "Yes, on the right"},
                {"有", "无"},
                {"是", "不确定"},
                {"present", "absent"},
                {"阳性", "阴性"},
                {"Yes", "Possibly"},
                {"Yes", "yes or no"}});
}

TEST(AnswersAgree, ThatNothingIsAbnormal) {
  ExpectAgree({{"normal", "no abnormality"},
               {"Normal", "No abnormalities"},
               {"It is normal", "unremarkable"},
               {"没有异常", "未见异常"},
               {"未见明显异常", "无明显异常"},
               {"正常", "未见明显异常。"},
               {"正常", "normal"},
               {"未見異常", "未见异常"},
               {"no fracture", "no evidence of fracture"},
               {"There is no fracture", "without fracture"},
               {"No pleural effusion", "no pleural effusions"},
               {"无骨折", "没有看到骨折"},
               {"未见明显骨折", "未發現骨折"},
               {"abnormal", "not normal"},
               {"nothing abnormal", "normal"},
               {"双肺未见异常", "两肺正常"},
               {"The heart is normal", "Heart is unremarkable"},
               {"The heart is not enlarged", "heart not enlarged"},
               {"异常", "不正常"}});
  ExpectDiffer({{"normal", "abnormal"},
                {"正常", "不正常"},
                {"正常", "异常"},
                {"双肺正常", "双肺不正常"},
                {"双肺正常", "心脏正常"},
                {"no fracture", "fracture"},
                {"骨折", "未见骨折"},
                {"no mass", "no nodule"},
                {"有骨折", "没有骨折"},
                {"无名动脉", "名动脉"},
                {"mass, no nodule", "no nodule, mass"},
                {"no effusion", "no fracture"}});
}

TEST(AnswersAgree, OnNumbersWithUnits) {
  ExpectAgree({{"2 cm", "20 mm"},
               {"2.0cm", "2 cm"},
               {"2厘米", "2 cm"},
               {"20毫米", "2cm"},
               {"two centimeters", "2 centimetres"},
               {"２ｃｍ", "2 cm"},
               {"㎝ 2", "cm 2"},
               {"three", "3"},
               {"3", "三"},
               {"3个", "三"},
               {"three", "3个"},
               {"fifteen", "15"},
               {"twenty-one", "21"},
               {"-5", "\u22125"},
               {"\u20135 HU", "-5 HU"},
               {"50%", "50 %"},
               {"50 percent", "50%"},
               {"2-3 cm", "20-30 mm"},
               {"2 to 3 cm", "2–3 cm"},
               {"between 3 and 5", "3-5"},
               {"3至5", "3～5"},
               {"2 x 3 cm", "20 × 30 mm"},
               {"2 cm x 3 cm", "2x3cm"},
               {"1,000 ml", "1 L"},
               {"1000毫升", "1升"},
               {"2cm-3cm", "2-3 cm"},
               {"2cm～3cm", "2至3厘米"},
               {"90 minutes", "1.5 hours"},
               {"2周", "14天"},
               {"1 inch", "2.54 cm"},
               {"0.5 cm", ".5 cm"},
               {"at least 5", "≥5"},
               {">= 5", "≥ 5"},
               {"less than 5 mm", "<5mm"},
               {"小于5毫米", "< 5 mm"},
               {"不超过5", "≤5"},
               {"about 3 cm", "3 cm"},
               {"约3厘米", "3cm左右"},
               {"It is 2 cm", "2 cm"},
               {"45岁", "45 years"},
               {"37 °C", "37°C"}});
  ExpectDiffer({{"2 cm", "2 mm"},
                {"2 cm", "3 cm"},
                {"2", "2 cm"},
                {"50%", "0.5"},
                {"50%", "50"},
                {"5", "-5"},
                {"≥5", "<5"},
                {"≥5", ">5"},
                {"<5 mm", ">5 mm"},
                {".5 cm", "5 cm"},
                {"3-5", "3, 5"},
                {"3-5", "35"},
                {"1 2", "12"},
                {"1/2", "1-2"},
                {"3", "4"},
                {"三", "四"},
                {"2 kg", "2 g"},
                {"2厘米", "2毫米"},
                {"10⁹", "109"},
                {"2 cm", "2 cm2"},
                {"2D", "3D"},
                {"2 days", "2 hours"},
                {"at least 5", "at most 5"},
                {"不小于5", "小于5"},
                {"grade 2", "grade 1"}});
}

TEST(AnswersAgree, OnWhatIsWrittenInSeveralWays) {
  ExpectAgree({{"5 cm^2", "500 mm²"},
               {"1 kPa", "1000 Pa"},
               {"5 cm³", "5 cc"},
               {"5 cm^3", "5毫升"},
               {"80 bpm", "80/min"},
               {"80次/分", "80 beats per minute"},
               {"120/80 mmHg", "120/80 mm Hg"},
               {"L4/5", "L4-5"},
               {"L4-5", "L4-L5"},
               {"L4–L5", "l4/l5"},
               {"第三腰椎", "L3"},
               {"第3腰椎椎体", "腰3椎体"},
               {"5 square centimeters", "500 mm²"},
               {"5 cubic centimetres", "5 ml"},
               {"腰4/5", "L4-5"},
               {"腰5-骶1", "L5/S1"},
               {"腰4-5椎间盘", "L4/5椎间盘"},
               {"一半", "half"},
               {"third lumbar vertebra", "L3"},
               {"the 3rd lumbar vertebra", "L3 vertebra"},
               {"腰3", "L3"},
               {"腰三椎体", "第三腰椎"},
               {"2 times", "twice"},
               {"half", "1/2"},
               {"one half", "½"},
               {"3/4", "3 / 4"},
               {"+5", "5"},
               {"1,5 cm", "1.5 cm"},
               {"1，5厘米", "1.5厘米"},
               {"α", "alpha"},
               {"β-blocker", "beta blocker"},
               {"leucocyte", "leukocytes"},
               {"pneumothorax", "pneumothoraces"},
               {"cortex", "cortices"},
               {"appendix", "appendices"},
               {"phalanx", "phalanges"},
               {"foramen", "foramina"},
               {"complex", "complexes"},
               {"右下肺", "右肺下部"},
               {"右下肺野", "右肺下野"},
               {"右下叶", "右肺下叶"},
               {"答案是肝脏", "肝脏"},
               {"答案：肝脏", "肝脏"},
               {"The answer is liver.", "liver"},
               {"1. liver 2. spleen", "liver, spleen"},
               {"1、肝脏 2、脾脏", "肝脏、脾脏"},
               {"①肝脏②脾脏", "脾脏和肝脏"},
               {"(1) liver; (2) spleen", "spleen, liver"},
               {"CT scan of the chest", "chest CT"},
               {"MRI of the brain", "brain MRI scan"},
               {"T2*-weighted", "T2*"}});
  ExpectDiffer({{"T2", "T2*"},
                {"T2加权像", "T2*加权像"},
                {"L4/5", "L5"},
                {"L4-5", "L3-4"},
                {"L3", "第四腰椎"},
                {"third lumbar vertebra", "third thoracic vertebra"},
                {"third lumbar vertebra", "fourth lumbar vertebra"},
                {"upper lumbar vertebra", "lower lumbar vertebra"},
                {"第三胸椎", "第三腰椎"},
                {"5", "-5"},
                {"+5", "-5"},
                {"1,500", "1.5"},
                {"1,500 ml", "1.5 ml"},
                {"5'", "5\""},
                {"1e3", "1e-3"},
                {"a few", "few"},
                {"80/min", "80 min"},
                {"1 kPa", "1 mmHg"},
                {"1/2", "1/4"},
                {"右下肺", "左下肺"},
                {"右下肺", "右肺下叶"},
                {"右上肺", "右下肺"},
                {"CT of the chest", "CT of the abdomen"},
                {"CT of the chest", "MRI of the chest"},
                {"1. liver 2. spleen", "liver"},
                {"α", "β"},
                {"thorax", "pneumothorax"}});
}

TEST(AnswersAgree, OnSetsInAnyOrder) {
  ExpectAgree({{"liver, spleen", "spleen and liver"},
               {"Liver & spleen", "the spleen, the liver."},
               {"肝脏、脾脏", "脾和肝"},
               {"肝臟、脾臟", "脾，肝"},
               {"肝脏和脾脏", "liver, spleen"},
               {"CT, MRI", "MRI and CT"},
               {"heart; lungs; liver", "liver, heart, and lungs"},
               {"both lungs", "bilateral lungs"},
               {"left lung and right lung", "both lungs"},
               {"right and left lung", "bilateral lung"},
               {"双肺", "两肺"},
               {"双肺", "双侧肺"},
               {"兩肺", "两侧肺"},
               {"双肺", "左肺、右肺"},
               {"双肺", "both lungs"},
               {"left, right", "bilateral"},
               {"liver/spleen", "spleen/liver"},
               {"肝/脾", "脾、肝"},
               {"liver and liver", "liver"}});
  ExpectDiffer({{"liver", "liver, spleen"},
                {"liver, spleen", "liver, kidney"},
                {"肝脏", "肝脏、脾脏"},
                {"左肺", "右肺"},
                {"左肺", "双肺"},
                {"右肺", "双肺"},
                {"左肺", "肺"},
                {"left lung, right kidney", "right lung, left kidney"},
                {"CT", "CT, MRI"},
                {"L3, L4", "L3, L5"}});
}

TEST(AnswersAgree, OnNamesWithWordsThatAddNothing) {
  ExpectAgree({{"right", "right side"},
               {"Right", "on the right"},
               {"right-sided", "on the right side"},
               {"右", "右侧"},
               {"右側", "位于右侧"},
               {"右侧", "right"},
               {"axial", "axial view"},
               {"Axial", "axial plane"},
               {"transverse plane", "横断面"},
               {"T1", "T1-weighted"},
               {"T1WI", "T1 weighted image"},
               {"T1加权", "T1"},
               {"Ｔ１加權像", "T1WI"},
               {"kidney", "kidneys"},
               {"lung", "the lungs"},
               {"left kidney", "left kidneys"},
               {"左肾", "左侧肾脏"},
               {"左肺", "left lung"},
               {"x-ray", "X光"},
               {"chest x-ray", "chest radiograph"},
               {"It is a CT scan", "CT"},
               {"这是CT图像", "CT"},
               {"edema", "oedema"},
               {"pulmonary oedema", "pulmonary edema"},
               {"tumour", "Tumors"},
               {"haemorrhage", "hemorrhage"},
               {"colour", "color"},
               {"anaemia", "anemia"},
               {"localised", "localized"},
               {"fibre", "fiber"},
               {"metastasis", "metastases"},
               {"vertebra", "vertebrae"},
               {"a mass", "masses"},
               {"subdural", "sub-dural"},
               {"gall bladder", "gallbladder"},
               {"肝脏右叶", "肝右叶"},
               {"胸部X光片", "胸部Ｘ线片"},
               {"FLAIR", "FLAIR sequence"},
               {"grade II", "Grade 2"},
               {"Ⅱ级", "2级"},
               {"白色", "白"},
               {"in the liver", "liver"}});
}

TEST(AnswersAgree, NotOnWhatOnlyLooksAlike) {
  ExpectDiffer({{"left", "right"},
                {"left kidney", "right kidney"},
                {"左侧", "右侧"},
                {"T1", "T2"},
                {"T1WI", "T2WI"},
                {"T1加权", "T2加权"},
                {"L4", "L5"},
                {"L4/L5", "L5/S1"},
                {"kidney", "liver"},
                {"肾脏", "肝脏"},
                {"upper", "lower"},
                {"上叶", "下叶"},
                {"mild", "severe"},
                {"轻度", "重度"},
                {"ileum", "ilium"},
                {"增大", "缩小"},
                {"axial", "coronal"},
                {"CT", "MRI"},
                {"benign", "malignant"},
                {"peroneal", "perineal"},
                {"plane", "plan"},
                {"right", "right lung"},
                {"hepatitis A", "hepatitis B"},
                {"hepatitis a", "hepatitis"},
                {"A", "B"},
                {"", "no"},
                {"hyperdense", "hypodense"},
                {"typical", "atypical"},
                {"HER2+", "HER2-"},
                {"(+)", "(-)"},
                {"grade II", "grade III"},
                {"PA", "AP"},
                {"anterior", "posterior"},
                {"with contrast", "without contrast"}});
}

/// Words that answers are made of, each of another meaning.
constexpr std::string_view kWords[] = {
    "left", "right", "lung",   "liver", "kidney", "2 cm",   "3 mm",  "mass",  "no mass", "T1",
    "T2",   "L4",    "normal", "yes",   "no",     "左肺",   "右肺",  "双肺",  "胰脏",    "未见骨折",
    "骨折", "增大",  "3厘米",  "缩小",  "mild",   "severe", "upper", "edema", "50%",     "≥5"};

std::string AnswerOf(const std::vector<uint8_t>& choices) {
  static constexpr std::string_view kJoints[] = {" ", ", ", " and ", "、", "和", ". "};
  std::string answer;
  for (size_t i = 0; i < choices.size() && i < 5; ++i) {
    if (i > 0) answer += kJoints[choices[i] / 32 % std::size(kJoints)];
    answer += kWords[choices[i] % std::size(kWords)];
  }
  return answer;
}

/// As people write the same: full width, capitals, traditional characters.
std::string WrittenOtherwise(std::string_view text) {
  std::string other;
  for (const char c : text) {
    if (c >= '!' && c <= '~') {
      const int wide = 0xff01 + (c - '!');
      other += static_cast<char>(0xe0 | wide >> 12);
      other += static_cast<char>(0x80 | (wide >> 6 & 0x3f));
      other += static_cast<char>(0x80 | (wide & 0x3f));
    } else {
      other += c;
    }
  }
  for (const auto& [simplified, traditional] :
       {std::pair("双", "雙"), std::pair("脏", "臟"), std::pair("见", "見"), std::pair("没", "沒"),
        std::pair("缩", "縮")}) {
    for (size_t at; (at = other.find(simplified)) != std::string::npos;) {
      other.replace(at, 3, traditional);
    }
  }
  return other;
}

TEST(AnswersAgree, IsSymmetricReflexiveAndBlindToWriting) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& one, const std::vector<uint8_t>& two) {
    const std::string a = AnswerOf(one);
    const std::string b = AnswerOf(two);
    RC_ASSERT(AnswersAgree(a, a));
    RC_ASSERT(AnswersAgree(a, b) == AnswersAgree(b, a));
    RC_ASSERT(AnswersAgree(a, WrittenOtherwise(a)));
    RC_ASSERT(AnswersAgree(a, b) == AnswersAgree(WrittenOtherwise(a), b));
    RC_ASSERT(AnswersAgree(a, b) == AnswersAgree(a, WrittenOtherwise(b)));
  }));
}

TEST(AnswersAgree, WordsOfDifferentMeaningNeverDo) {
  for (const std::string_view a : kWords) {
    for (const std::string_view b : kWords) EXPECT_EQ(AnswersAgree(a, b), a == b) << a << " " << b;
  }
}

TEST(AnswersAgree, TakesAnyBytes) {
  EXPECT_TRUE(rc::check([](const std::string& a, const std::string& b) {
    RC_ASSERT(AnswersAgree(a, b) == AnswersAgree(b, a));
    RC_ASSERT(AnswersAgree(a, a));
  }));
}

TEST(AnswersAgree, TakesTimeInProportion) {
  std::string sides, others;
  for (int i = 0; sides.size() < 100'000; ++i) {
    sides += "left lobe " + std::to_string(i) + ", right lobe " + std::to_string(i) + ", ";
    others += "右肺, left lung, ";
  }
  const test::ProcessorTime time;
  EXPECT_FALSE(AnswersAgree(sides, others));
  EXPECT_LT(time.Seconds(), 4);
}

TEST(Measures, AreExact) {
  EXPECT_EQ(Quantity("2", *UnitNamed("cm")), Quantity("20.00", *UnitNamed("mm")));
  EXPECT_EQ(Quantity("0.1", *UnitNamed("inch")), Quantity("2.54", *UnitNamed("mm")));
  EXPECT_EQ(Quantity("-0", *UnitNamed("mm")), Quantity("0.0", *UnitNamed("mm")));
  EXPECT_NE(Quantity("1", *UnitNamed("month")), Quantity("30", *UnitNamed("day")));
  EXPECT_EQ(Quantity("123456789012345678901234567890", *UnitNamed("mm")),
            Quantity("123456789012345678901234567890", *UnitNamed("mm")));
  EXPECT_EQ(UnitNamed("parsec"), std::nullopt);
  EXPECT_EQ(ChineseUnitAt("毫米左右").value().second, std::string_view("毫米").size());
}

TEST(WordForm, JoinsNumbersAndSpellingsOfOneWord) {
  for (const auto& [a, b] :
       {std::pair("lungs", "lung"), std::pair("biopsies", "biopsy"),
        std::pair("diagnoses", "diagnosis"), std::pair("diseases", "disease"),
        std::pair("bronchi", "bronchus"), std::pair("diverticula", "diverticulum"),
        std::pair("oesophagus", "esophagus"), std::pair("hypovolaemia", "hypovolemia"),
        std::pair("tumours", "tumor"), std::pair("centres", "center"), std::pair("metres", "meter"),
        std::pair("labelled", "labeled"), std::pair("visualised", "visualized"),
        std::pair("grey", "gray"), std::pair("haematomata", "hematoma"),
        std::pair("masses", "mass")}) {
    EXPECT_EQ(WordForm(a), WordForm(b)) << a;
  }
  for (const auto& [a, b] :
       {std::pair("ileum", "ilium"), std::pair("mucus", "mucous"), std::pair("plane", "plan"),
        std::pair("spine", "spin"), std::pair("parotid", "carotid")}) {
    EXPECT_NE(WordForm(a), WordForm(b)) << a;
  }
}

}  // namespace
}  // namespace roentgen
