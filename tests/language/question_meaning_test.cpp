#include "roentgen/language/question_meaning.h"

#include <gmock/gmock.h>

#include <string_view>
#include <utility>
#include <vector>

namespace roentgen {
namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

void ExpectSame(const Pairs& pairs) {
  for (const auto& [a, b] : pairs) EXPECT_EQ(QuestionMeaning(a), QuestionMeaning(b)) << a << b;
}

void ExpectOther(const Pairs& pairs) {
  for (const auto& [a, b] : pairs) EXPECT_NE(QuestionMeaning(a), QuestionMeaning(b)) << a << b;
}

TEST(QuestionMeaning, IsOneForNamesOfOneThing) {
  ExpectSame({{"Is this a CT?", "Is this a computed tomography scan?"},
              {"Is this an X-ray?", "Is this an Xray"},
              {"Is this an x-ray image of the chest?", "Is this a radiograph of the chest?"},
              {"Is this an MRI?", "Is this a magnetic resonance image?"},
              {"Is the image axial?", "Is the image transverse?"},
              {"Is this an axial CT of the brain?", "Is this a transverse CT scan of the brain?"},
              {"Is it axial or coronal?", "Is it transverse or coronal?"},
              {"Is this a T2 weighted image?", "Is this a T2-weighted MRI?"},
              {"What does the CXR show?", "What does the chest X-ray show?"},
              {"这是CT图像吗？", "这是电脑断层吗?"},
              {"這是電腦斷層嗎？", "这是 CT 扫描吗"},
              {"这张X光片显示什么？", "这张Ｘ线平片显示什么？"},
              {"这是横断面还是冠状面？", "这是轴位还是冠状位？"}});
}

TEST(QuestionMeaning, IsOneForSpellingsAndUnits) {
  ExpectSame({{"Is the nodule larger than 5 mm?", "is the nodule larger than 5mm"},
              {"Is the nodule more than 0.5 cm?", "Is the nodule over 5 mm?"},
              {"Is there a tumour?", "Is there a tumor?"},
              {"Is there oedema in the lung?", "Is there edema in the lungs?"},
              {"Are there fractures?", "Is there a fracture?"},
              {"Does the kidney have cysts?", "Do the kidneys have a cyst?"},
              {"How many lesions are there?", "How many lesion is there"},
              {"结节大于5毫米吗？", "结节大于 0.5 cm 吗"},
              {"有没有骨折？", "是否有骨折？"},
              {"有无骨折", "有骨折吗？"},
              {"左侧肺部有结节吗", "左肺是否存在结节？"}});
}

TEST(QuestionMeaning, IsWithoutInstructions) {
  const std::string_view english = "What organ is this?";
  const std::string_view chinese = "这是什么器官？";
  ExpectSame({{english, "What organ is this? Answer the question using a single word or phrase."},
              {english, "What organ is this?\nAnswer with one word."},
              {english, "What organ is this?\nAnswer the question with a short phrase."},
              {english, "Question: What organ is this? Short answer:"},
              {english, "Please answer yes or no: What organ is this"},
              {english,
               "What organ is this?\nAnswer with the option's letter from the given choices "
               "directly."},
              {english, "Answer the question based on the image. What organ is this?"},
              {"Is it normal?", "Is it normal? Yes or no?"},
              {"正常吗？", "正常吗？（是或否）"},
              {chinese, "这是什么器官？请用一个词回答。"},
              {chinese, "这是什么器官？\n请用一个词或短语回答问题。"},
              {chinese, "請用一個詞回答：這是什麼器官"},
              {chinese, "问题：这是什么器官？请直接回答选项字母。"},
              {chinese, "请问这是什么器官，请直接给出答案。"}});
  ExpectOther({{"Answer yes or no.", "Answer with one word."},
               {"What is the correct option?", "What organ is this?"},
               {"Is the left one the answer? Answer yes or no", "Answer yes or no"},
               {"请用一个词回答左侧是什么", "请用一个词回答右侧是什么"}});
}

TEST(QuestionMeaning, TellsApartWhatIsAskedFor) {
  ExpectOther({{"Is the left lung normal?", "Is the right lung normal?"},
               {"Is L4 fractured?", "Is L5 fractured?"},
               {"Is L4/5 narrowed?", "Is L4 narrowed?"},
               {"Is T1 shown?", "Is T2 shown?"},
               {"Is this a T2 image?", "Is this a T1 image?"},
               {"Is this a T2* image?", "Is this a T2 image?"},
               {"这是T2*加权像吗？", "这是T2加权像吗？"},
               {"Are there a few nodules?", "Are there few nodules?"},
               {"Is this FLAIR?", "Is this T2 FLAIR?"},
               {"Is this T1?", "Is this T1+C?"},
               {"Are there 2 nodules?", "Are there 3 nodules?"},
               {"Is it over 5 mm?", "Is it over 5 cm?"},
               {"Is it over 5 mm?", "Is it under 5 mm?"},
               {"Is it over 1.5 cm?", "Is it over 15 cm?"},
               {"Is there a fracture?", "Is there no fracture?"},
               {"Is it normal?", "Is it not normal?"},
               {"Is it normal?", "Isn't it normal?"},
               {"Is it normal?", "Is it abnormal?"},
               {"Is the ilium normal?", "Is the ileum normal?"},
               {"Is the bladder seen?", "Is the gallbladder seen?"},
               {"Is the transverse colon seen?", "Is the axial colon seen?"},
               {"What is the transverse diameter?", "What is the axial diameter?"},
               {"What does arrow A show?", "What does arrow B show?"},
               {"What does arrow A show?", "What does the arrow show?"},
               {"Is this a CXR?", "Is this an X-ray?"},
               {"Is this a PA view?", "Is this an AP view?"},
               {"Is this CT or MRI?", "Is this CT?"},
               {"左肺正常吗？", "右肺正常吗？"},
               {"左肺正常吗？", "双肺正常吗？"},
               {"第4腰椎骨折吗？", "第5腰椎骨折吗？"},
               {"有骨折吗？", "没有骨折吗？"},
               {"肺正常吗？", "肺不正常吗？"},
               {"膀胱正常吗？", "胆囊正常吗？"},
               {"肺门正常吗？", "肺正常吗？"},
               {"胸膜正常吗？", "胸部正常吗？"},
               {"心影增大吗？", "心脏增大吗？"},
               {"右面部肿胀吗？", "右部肿胀吗？"},
               {"右位心吗？", "右侧位心吗？"},
               {"这是T1加权像吗？", "这是T2加权像吗？"},
               {"这是横断面吗？", "这是冠状面吗？"}});
}

TEST(QuestionMeaning, TakesAnyText) {
  EXPECT_EQ(QuestionMeaning(""), "");
  EXPECT_NE(QuestionMeaning("?"), QuestionMeaning("!"));
  EXPECT_NE(QuestionMeaning("\xff\xfe"), "");
}

}  // namespace
}  // namespace roentgen
