#include "roentgen/language/sentences.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

/// A text, and its sentences with "|" between them.
struct Split {
  const char* text;
  const char* sentences;
};

class Sentences : public testing::TestWithParam<Split> {};

TEST_P(Sentences, AreSplit) {
  std::string shown;
  for (const std::string_view sentence : SplitSentences(GetParam().text)) {
    shown += (shown.empty() ? "" : "|") + std::string(sentence);
  }
  EXPECT_EQ(shown, GetParam().sentences);
}

constexpr Split kChinese[] = {
    {"", ""},
    {" \n　", ""},
    {"双肺清晰。心影不大", "双肺清晰。|心影不大"},
    {"双肺清晰！心影不大？膈面光整", "双肺清晰！|心影不大？|膈面光整"},
    {"两肺未见结节.右侧胸腔积液.", "两肺未见结节.|右侧胸腔积液."},
    {"两肺未见结节．右侧胸腔积液．", "两肺未见结节．|右侧胸腔积液．"},
    {"两肺未见结节｡右侧胸腔积液｡", "两肺未见结节｡|右侧胸腔积液｡"},
    {"两肺未见结节；右侧胸腔积液;心影不大", "两肺未见结节；|右侧胸腔积液;|心影不大"},
    {"兩肺未見結節。右側胸腔積液", "兩肺未見結節。|右側胸腔積液"},
    {"“双肺清晰。”心影不大", "“双肺清晰。”|心影不大"},
    {"双肺清晰\n心影不大", "双肺清晰|心影不大"},
    {"结节约3.5cm，CT值3．5Hu。无积液。", "结节约3.5cm，CT值3．5Hu。|无积液。"},
    {"结节(约2.5cm)。余(-)。", "结节(约2.5cm)。|余(-)。"},
    // Items.
    {"1. 左肺上野结节。\n2. 建议复查。", "1. 左肺上野结节。|2. 建议复查。"},
    {"①两肺未见结节②右侧胸腔积液", "①两肺未见结节|②右侧胸腔积液"},
    {"1）无肺炎，2）右侧胸腔积液", "1）无肺炎，|2）右侧胸腔积液"},
    {"（1）无肺炎（2）右侧胸腔积液", "（1）无肺炎|（2）右侧胸腔积液"},
    {"诊断：1.肺炎2.胸腔积液", "诊断：|1.肺炎|2.胸腔积液"},
    {"诊断：１．肺炎　２．胸腔积液", "诊断：|１．肺炎|２．胸腔积液"},
    {"1、双肺清晰 2、心影不大", "1、双肺清晰|2、心影不大"},
    {"结节1.2cm。2.积液", "结节1.2cm。|2.积液"},
    {"1.双肺清晰;2.心影不大;3.膈面光整", "1.双肺清晰;|2.心影不大;|3.膈面光整"},
    {"大小约3.5cm.CT示结节.3cm", "大小约3.5cm.|CT示结节.|3cm"},
    {"结节（直径1.2cm×0.8cm）.右肺未见异常.", "结节（直径1.2cm×0.8cm）.|右肺未见异常."},
    {"一、双肺清晰 二、心影不大", "一、双肺清晰|二、心影不大"},
    {"右侧第1、2、3肋骨骨折。", "右侧第1、2、3肋骨骨折。"},
    {"心脏：二、三尖瓣反流。", "心脏：二、三尖瓣反流。"},
    {"左肺 1、2、3段实变", "左肺 1、2、3段实变"},
};
INSTANTIATE_TEST_SUITE_P(Chinese, Sentences, testing::ValuesIn(kChinese));

constexpr Split kEnglish[] = {
    {"A nodule of 2.5 cm. Else clear.", "A nodule of 2.5 cm.|Else clear."},
    {"No effusion.The heart is normal.", "No effusion.|The heart is normal."},
    {"no effusion. heart normal", "no effusion.|heart normal"},
    {"Is it normal? Yes! It is.", "Is it normal?|Yes!|It is."},
    {"(Clear.) \"Normal.\" End", "(Clear.)|\"Normal.\"|End"},
    {"Clear; heart normal", "Clear;|heart normal"},
    {"No effusion\nis seen in\nthe lungs.\n\nHeart normal.",
     "No effusion\nis seen in\nthe lungs.|Heart normal."},
    {"no effusion\nheart normal", "no effusion|heart normal"},
    {"The grade is 2. The lungs are clear.", "The grade is 2.|The lungs are clear."},
    {"Disc at 10.03.2024, e.g. near the hilum, vs. prior. Clear.",
     "Disc at 10.03.2024, e.g. near the hilum, vs. prior.|Clear."},
    {"Seen by Dr. Smith. On DR. Normal.", "Seen by Dr. Smith.|On DR.|Normal."},
    {"No. 3 is benign. Fracture? No. Clear.", "No. 3 is benign.|Fracture?|No.|Clear."},
    {"1. Nodule\n2. Follow up.", "1. Nodule|2. Follow up."},
    {"a. Nodule. b. Effusion.", "a. Nodule.|b. Effusion."},
    {"The U.S. was normal vs.CT.", "The U.S. was normal vs.CT."},
    {"Findings: 1.Nodule 2.Effusion", "Findings:|1.Nodule|2.Effusion"},
    {"1) No pneumonia 2) Right pleural effusion", "1) No pneumonia|2) Right pleural effusion"},
    {"(1) No pneumonia (2) Effusion", "(1) No pneumonia|(2) Effusion"},
    {"Impression: 1. Nodule 2. Effusion 3. 2.5 cm mass.",
     "Impression:|1. Nodule|2. Effusion|3. 2.5 cm mass."},
    {"series (2) image (3) shows (grade 1) mass", "series (2) image (3) shows (grade 1) mass"},
};
INSTANTIATE_TEST_SUITE_P(English, Sentences, testing::ValuesIn(kEnglish));

}  // namespace
}  // namespace roentgen
