#include "roentgen/language/sentences.h"

#include <gmock/gmock.h>

#include <string>

#include "support/processor_time.h"

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
    {"诊断：1、未见气胸2、双侧胸腔积液", "诊断：|1、未见气胸|2、双侧胸腔积液"},
    {"診斷：１、未見氣胸２、雙側胸腔積液", "診斷：|１、未見氣胸|２、雙側胸腔積液"},
    {"一、无气胸二、少量胸腔积液", "一、无气胸|二、少量胸腔积液"},
    {"1、无气胸2、积液3、右侧第4、5肋骨骨折4、心影大",
     "1、无气胸|2、积液|3、右侧第4、5肋骨骨折|4、心影大"},
    {"1、右侧第1、2、3肋骨骨折2、气胸", "1、右侧第1、2、3肋骨骨折|2、气胸"},
    {"1、右侧第2、第3肋骨骨折2、气胸", "1、右侧第2、第3肋骨骨折|2、气胸"},
    {"1、颈2、颈3及胸12、腰1椎体骨折2、颈2、胸3椎体增生",
     "1、颈2、颈3及胸12、腰1椎体骨折|2、颈2、胸3椎体增生"},
    {"一、第二、第三肋骨骨折二、气胸", "一、第二、第三肋骨骨折|二、气胸"},
    {"右侧第1、2肋骨骨折", "右侧第1、2肋骨骨折"},
    {"见结节2、3枚", "见结节2、3枚"},
    {"1、见结节2、3枚", "1、见结节2、3枚"},
    {"L1、2椎体", "L1、2椎体"},
    {"右侧第1、2、3肋骨骨折。", "右侧第1、2、3肋骨骨折。"},
    {"心脏：二、三尖瓣反流。", "心脏：二、三尖瓣反流。"},
    {"左肺 1、2、3段实变", "左肺 1、2、3段实变"},
};
INSTANTIATE_TEST_SUITE_P(Chinese, Sentences, testing::ValuesIn(kChinese));

constexpr Split kWrapped[] = {
    {"未见气胸、\n胸腔积液。", "未见气胸、\n胸腔积液。"},
    {"未見氣胸、\r\n胸腔積液。", "未見氣胸、\r\n胸腔積液。"},
    {"未见气胸及\n胸腔积液", "未见气胸及\n胸腔积液"},
    {"未見氣胸與\n胸腔積液", "未見氣胸與\n胸腔積液"},
    {"未见气胸或\n　　胸腔积液", "未见气胸或\n　　胸腔积液"},
    {"结节伴\n空洞", "结节伴\n空洞"},
    {"未见\n气胸及胸腔积液", "未见\n气胸及胸腔积液"},
    {"双肺无\n结节", "双肺无\n结节"},
    {"右上肺可见\n结节", "右上肺可见\n结节"},
    {"未见明显气胸,\n结节.", "未见明显气胸,\n结节."},
    {"未见明显气胸，\nDR示结节", "未见明显气胸，\nDR示结节"},
    {"右侧胸腔积\n液", "右侧胸腔积\n液"},
    {"右侧胸腔积\n液，心影增大", "右侧胸腔积\n液，心影增大"},
    {"右側胸腔積\n液，心影增大", "右側胸腔積\n液，心影增大"},
    {"双肺纹理清\n晰。心影不大", "双肺纹理清\n晰。|心影不大"},
    {"双肺清晰。双侧肋膈角锐利，未见胸腔积液\n征象。心影大小形态正常，主动脉壁未见钙化\n斑块。",
     "双肺清晰。|双侧肋膈角锐利，未见胸腔积液\n征象。|心影大小形态正常，主动脉壁未见钙化\n"
     "斑块。"},
    // One statement a line.
    {"两肺未见结节\n右侧胸腔积液", "两肺未见结节|右侧胸腔积液"},
    {"兩肺未見結節\n右側胸腔積液", "兩肺未見結節|右側胸腔積液"},
    {"双肺纹理清晰未见实变影\n心影大小形态未见异常\n双侧膈面光整肋膈角锐利",
     "双肺纹理清晰未见实变影|心影大小形态未见异常|双侧膈面光整肋膈角锐利"},
    {"心影增大\n小叶间隔增厚", "心影增大|小叶间隔增厚"},
    {"气胸：未见\n胸腔积液：右侧", "气胸：未见|胸腔积液：右侧"},
    {"气胸 无\n胸腔积液 有", "气胸 无|胸腔积液 有"},
    {"影像所见\n双肺清晰\n诊断意见\n正常", "影像所见|双肺清晰|诊断意见|正常"},
    {"肿大淋巴结未及\n双肾正常", "肿大淋巴结未及|双肾正常"},
    {"气胸\n无\n胸腔积液\n有", "气胸|无|胸腔积液|有"},
    {"结节、\n\n积液", "结节、|积液"},
    {"1、结节，\n2、积液", "1、结节，|2、积液"},
};
INSTANTIATE_TEST_SUITE_P(Wrapped, Sentences, testing::ValuesIn(kWrapped));

TEST(SentencesOfLines, TakeTimeInProportion) {
  for (const std::string_view line : {"双肺清晰。双侧肋膈角锐利未见胸腔积液征\n", "积\n", "未见\n",
                                      "结节、\n", "一、", "1、积液2、"}) {
    std::string repeated;
    while (repeated.size() < 100'000) repeated += line;
    const test::ProcessorTime time;
    SplitSentences(repeated);
    EXPECT_LT(time.Seconds(), 2) << line;
  }
}

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
