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
                        {"不能排除结节", "结节"},
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

}  // namespace
}  // namespace roentgen
