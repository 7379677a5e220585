#include "roentgen/language/said.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

struct Pair {
  const char* answer;
  const char* reference;
};

TEST(Says, AffirmedAndDeniedAsTheReference) {
  const Pair pairs[] = {{"正常", "正常"},
                        {"正常。", "正常"},
                        {"图像正常", "正常"},
                        {"不正常", "不正常"},
                        {"心脏不正常。", "不正常"},
                        {"未见结节", "未见结节"},
                        {"无结节", "未见结节"},
                        {"没有明显结节。", "未見結節"},
                        {"結節", "结节"},
                        {"左肺结节，未见钙化", "结节"},
                        {"可见结节", "结节"},
                        {"There is a nodule.", "nodule"},
                        {"There is no nodule in the lung.", "no nodule"},
                        {"No nodules or mass", "no mass"},
                        {"这是CT图像", "CT"},
                        {"这是一张CT图像。", "CT"},
                        {"It is a CT scan.", "CT"},
                        {"这是磁共振图像", "MRI"},
                        {"核磁共振", "MRI"},
                        {"I think that it is taken from behind (PA).", "PA"},
                        {"A pa view", "PA"},
                        {"图片显示的是胸部。", "胸部"},
                        {"右侧，左肺", "左肺, 右侧"},
                        {"两个", "2"},
                        {"It has 12 ribs", "12"},
                        {"不仅有结节", "结节"},
                        {"对称", "对称"},
                        {"不对称", "不对称"},
                        {"不规则结节", "结节"},
                        {"In the left lung", "left lung"},
                        {"不确定", "不确定"},
                        {"这是一张X光片", "X-Ray"},
                        {"冠状位图像", "冠状面"},
                        {"左侧无结节，右侧有结节", "结节"}};
  for (const Pair& pair : pairs) {
    EXPECT_TRUE(Says(pair.answer, pair.reference)) << pair.answer << " / " << pair.reference;
  }
}

TEST(Says, NotTheContraryNorAPartOfAWord) {
  const Pair pairs[] = {{"不正常", "正常"},
                        {"图像不正常。", "正常"},
                        {"正常", "不正常"},
                        {"不对称", "对称"},
                        {"不對稱", "对称"},
                        {"对称", "不对称"},
                        {"未见结节", "结节"},
                        {"未见明显结节", "结节"},
                        {"未见胸腔积液及结节", "结节"},
                        {"结节未见", "结节"},
                        {"没有结节", "结节"},
                        {"结节", "未见结节"},
                        {"可见结节", "没有结节"},
                        {"There is no nodule.", "nodule"},
                        {"no nodule", "nodule"},
                        {"The nodule is not seen.", "nodule"},
                        {"without nodules, no nodule", "nodule"},
                        {"nodule", "no nodule"},
                        {"It is abnormal.", "normal"},
                        {"not normal", "normal"},
                        {"It is paper.", "PA"},
                        {"12", "2"},
                        {"T12", "T1"},
                        {"不是CT图像", "CT"},
                        {"这不是CT", "CT"},
                        {"可排除结节", "结节"},
                        {"左肺", "左肺, 右侧"},
                        {"", "左肺"},
                        {"左肺", ""},
                        {"无法判断是否为肺炎", "肺炎"},
                        {"是肺炎吗？", "肺炎"}};
  for (const Pair& pair : pairs) {
    EXPECT_FALSE(Says(pair.answer, pair.reference)) << pair.answer << " / " << pair.reference;
  }
}

TEST(Says, PartsOfWordsModifiersAndWhatIsDoubtedInBoth) {
  const Pair pairs[] = {{"右肺结节", "肺结节"},
                        {"左肺結節", "肺结节"},
                        {"双肺炎", "肺炎"},
                        {"右肾囊肿", "肾囊肿"},
                        {"右心房增大", "心房增大"},
                        {"右肺不张", "肺不张"},
                        {"右肺结节", "右肺"},
                        {"右肺结节", "结节"},
                        {"左侧", "左侧"},
                        {"双侧胸腔积液", "双侧"},
                        {"右侧胸腔积液", "胸腔积液"},
                        {"无钙化的肿块", "肿块"},
                        {"无强化肿块", "肿块"},
                        {"无包膜肿块", "肿块"},
                        {"无错位骨折", "骨折"},
                        {"没有移位的骨折", "骨折"},
                        {"无移位骨折", "骨折"},
                        {"血胸而非气胸", "血胸"},
                        {"不在左侧，在右侧", "右侧"},
                        {"考虑肺炎", "肺炎"},
                        {"hemothorax rather than pneumothorax", "hemothorax"},
                        {"non-displaced", "non-displaced"},
                        {"肿块：有", "肿块"},
                        {"积液部分吸收", "积液"},
                        {"除肝脏外，脾脏受累", "脾脏"},
                        {"位于右侧，左侧无异常", "右侧"},
                        {"left or right", "left or right"},
                        {"肺炎待排", "肺炎待排"},
                        {"不能除外肿块", "不能除外肿块"},
                        {"possible pneumonia", "possible pneumonia"},
                        {"右侧肾上腺", "肾上腺"},
                        {"右肾", "肾"},
                        {"PET-CT", "PET-CT"},
                        {"-5", "-5"},
                        {"CT值-50HU", "CT值-50HU"},
                        {"结节<5mm", "<5mm"},
                        {"＜5mm", "<5mm"},
                        {"约5mm", "5mm"},
                        {"3-5", "3-5"},
                        {"第3-5", "3-5"},
                        {"左肺，右肺", "左肺、右肺"},
                        {"图像上方", "图像上方"},
                        {"右肺上叶", "上叶"},
                        {"位于左肺上叶", "左肺上叶"},
                        {"图片显示的是胸部。", "胸部"},
                        {"密度不均匀", "不均匀"},
                        {"There is no nodule or mass", "no nodule"},
                        {"未见骨折及脱位", "未见骨折"},
                        {"右侧第5肋骨骨折，余未见异常", "骨折"},
                        {"肋骨骨折无移位", "骨折"},
                        {"这是心脏", "心脏"},
                        {"肝脏内可见低密度影", "肝脏"}};
  for (const Pair& pair : pairs) {
    EXPECT_TRUE(Says(pair.answer, pair.reference)) << pair.answer << " / " << pair.reference;
  }
}

TEST(Says, NotWhatIsDeniedDoubtedExceptedOrElsewhere) {
  const Pair pairs[] = {{"无钙化的肿块", "钙化"},
                        {"没有肿块", "肿块"},
                        {"未见钙化肿块", "肿块"},
                        {"双肺无钙化结节", "结节"},
                        {"非正常", "正常"},
                        {"欠清晰", "清晰"},
                        {"未行增强扫描", "增强扫描"},
                        {"非脑膜瘤", "脑膜瘤"},
                        {"血胸而非气胸", "气胸"},
                        {"不在左侧", "左侧"},
                        {"不位于右肺", "右肺"},
                        {"不支持肺炎", "肺炎"},
                        {"不考虑肺炎", "肺炎"},
                        {"不像肺炎", "肺炎"},
                        {"不伴气胸", "气胸"},
                        {"未触及肿块", "肿块"},
                        {"not located in the liver", "liver"},
                        {"It is not on the left.", "left"},
                        {"hemothorax rather than pneumothorax", "pneumothorax"},
                        {"non-displaced", "displaced"},
                        {"这不是一张CT", "CT"},
                        {"CT和MRI都不是", "CT"},
                        {"這不是一張CT", "CT"},
                        {"脾脏缺如", "脾脏"},
                        {"肿块（-）", "肿块"},
                        {"肿块：无", "肿块"},
                        {"肿块消失", "肿块"},
                        {"积液吸收", "积液"},
                        {"积液已吸收", "积液"},
                        {"除肝脏外", "肝脏"},
                        {"肝脏以外", "肝脏"},
                        {"位于右侧，左侧无异常", "左侧"},
                        {"the left lung is clear; right lung", "left lung"},
                        {"左侧或右侧", "左侧"},
                        {"left or right", "left"},
                        {"CT or MRI", "CT"},
                        {"肺炎待排", "肺炎"},
                        {"不能除外肿块", "肿块"},
                        {"Pneumonia is unlikely.", "pneumonia"},
                        {"possible pneumonia", "pneumonia"},
                        {"肾上腺", "肾"},
                        {"PET-CT", "CT"},
                        {"-5", "5"},
                        {"5", "-5"},
                        {"CT值50HU", "CT值-50HU"},
                        {">5mm", "<5mm"},
                        {">5mm", "5mm"},
                        {"左肺", "左肺、右肺"},
                        {"并非不均匀", "不均匀"},
                        {"possible nodule", "no nodule"},
                        {"阳性（-）", "阳性（+）"}};
  for (const Pair& pair : pairs) {
    EXPECT_FALSE(Says(pair.answer, pair.reference)) << pair.answer << " / " << pair.reference;
  }
}

}  // namespace
}  // namespace roentgen
