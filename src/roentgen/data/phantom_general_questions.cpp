#include <fmt/format.h>

#include <array>
#include <string_view>

#include "roentgen/data/phantom_asking.h"

namespace roentgen {
namespace {

using Term = std::array<std::string_view, 2>;  // by Language

/// What anybody sees of a finding, by kind.
constexpr std::array<Term, kFindingKinds> kSigns = {
    {{"a small round bright spot", "一个圆形的小亮斑"},
     {"a white area that fills the bottom corner", "底部的角落发白"},
     {"an empty black margin", "边缘有一片全黑的区域"},
     {"a cloudy white patch", "一片云雾状的白影"},
     {"a very broad white shape in the middle", "中间的白影特别宽大"},
     {"a broad white band at the top of the middle", "中间上方的白带很宽"},
     {"a break in one of the curved lines", "有一条弧形线断开了"},
     {"a bright blob", "一个明亮的团块"},
     {"a middle line that is pushed aside", "中线被推向一边"},
     {"dark round spots", "暗色的圆斑"},
     {"a tiny very bright dot", "一个极亮的小点"}}};

/// What a book says that the finding is.
constexpr std::array<Term, kFindingKinds> kMeanings = {
    {{"a small lump in the lung", "肺里的小肿块"},
     {"water around the lung", "肺周围的积水"},
     {"air around the lung", "肺周围的积气"},
     {"a part of the lung that is filled", "一部分肺被填满了"},
     {"a heart that is too large", "心脏过大"},
     {"that the space between the lungs is too wide", "两肺之间的部分过宽"},
     {"a broken rib", "肋骨断了"},
     {"bleeding inside the head", "头颅里面出血"},
     {"that the middle of the brain is displaced", "大脑的中间偏移了"},
     {"an abnormal spot in the liver", "肝里的异常斑块"},
     {"a hard stone in the kidney", "肾里的硬石头"}}};

constexpr std::array<Term, 4> kTakenFrom = {
    {{"taken from behind (PA)", "从背后拍摄的（后前位）"},
     {"taken from the front (AP)", "从前面拍摄的（前后位）"},
     {"taken from the side (lateral)", "从侧面拍摄的（侧位）"},
     {"a slice across the body (axial)", "身体的横断面"}}};

/// What else is in the picture of a study.
constexpr std::array<Term, 3> kAnatomy = {
    {{"The two dark areas are the lungs, and the white shape between them is the heart.",
      "两块暗的区域是肺，中间的白影是心脏。"},
     {"The bright ring is the skull, and the grey area inside it is the brain.",
      "明亮的环是颅骨，里面灰色的部分是大脑。"},
     {"The large grey area is the liver, and the bright shape in the middle is the spine.",
      "大片灰色的区域是肝脏，中间明亮的形状是脊柱。"}}};

constexpr PhantomTemplate kWhatIsIt = {
    {{"What is this?", "What do you see?", "What is this a picture of?"},
     {"这是什么？", "你看到了什么？", "这是一张什么图片？"}}};
constexpr PhantomTemplate kWhatKind = {
    {{"How was this picture made?", "Is this a photograph?", "What kind of picture is it?"},
     {"这张图片是怎么得到的？", "这是照片吗？", "这是哪一种图片？"}}};
constexpr PhantomTemplate kFromWhere = {
    {{"From where was it taken?", "From which direction do we look?", "Which way are we looking?"},
     {"是从哪个方向拍的？", "我们是从哪边看的？", "这是从哪一面看到的？"}}};
constexpr PhantomTemplate kBodyPart = {
    {{"Which body part can you see?", "What part of a person is it?", "Where in the body is this?"},
     {"能看到身体的什么部分？", "这是人的哪个部分？", "这是在身体的哪里？"}}};
constexpr PhantomTemplate kStandsOut = {
    {{"Does anything stand out?", "Do you notice anything unusual?", "Is something odd here?"},
     {"有什么特别的地方吗？", "你注意到什么不寻常的吗？", "这里有什么奇怪的吗？"}}};
constexpr PhantomTemplate kDoYouSee = {
    {{"Do you see {}?", "Can you find {}?", "Is there {}?"},
     {"能看到{}吗？", "你能找到这样的表现吗：{}？", "图片里是不是{}？"}}};
constexpr PhantomTemplate kWhichHalf = {
    {{"Where in the picture do you see {}?", "In which part of the picture is there {}?",
      "Point me to it: {}."},
     {"在图片的哪里能看到{}？", "图片的哪个部分有这种表现：{}？", "请指出位置：{}。"}}};
constexpr PhantomTemplate kHowBig = {
    {{"How big is it: {}?", "Is it big or small: {}?", "What size has it: {}?"},
     {"它有多大：{}？", "它是大还是小：{}？", "它的尺寸怎样：{}？"}}};
constexpr PhantomTemplate kHowManySpots = {
    {{"How many dark round spots do you see?", "Count the dark round spots.",
      "How often does a dark round spot occur?"},
     {"你看到几个暗色的圆斑？", "数一数暗色的圆斑。", "暗色的圆斑出现了几次？"}}};
constexpr PhantomTemplate kDescribe = {
    {{"Describe this picture.", "Tell me about this picture.", "Explain what can be seen."},
     {"描述一下这张图片。", "给我讲讲这张图片。", "说说能看到什么。"}}};
constexpr PhantomTemplate kWhatMeans = {
    {{"What does {} mean?", "Can you explain {}?", "What do doctors call {}?"},
     {"{}是什么意思？", "你能解释一下{}吗？", "医生说的{}指什么？"}}};

class GeneralQuestions {
 public:
  GeneralQuestions(const Patient& patient, const Patient& twin,
                   const std::vector<Language>& languages)
      : patient_(patient), twin_(twin), asking_(patient.seed, languages) {}

  std::vector<PhantomQuestion> Run() {
    AskWhatItIs();
    AskWhatStandsOut();
    for (const FindingKind kind : VisibleFindings(patient_.study, patient_.view)) {
      const bool on_either = patient_.Find(kind) != nullptr || twin_.Find(kind) != nullptr;
      if (on_either || asking_.Choose(NameOf(kind), 0.2)) AskWhetherSeen(kind);
      if (asking_.Choose(fmt::format("meaning/{}", NameOf(kind)), 0.1)) AskForMeaning(kind);
    }
    for (const ImagingFinding& finding : patient_.findings) AskForDetails(finding);
    if (patient_.study == Study::kAbdomen) AskCount();
    return asking_.Take();
  }

 private:
  /// Asks in the language that is drawn; the answer has one sentence for each.
  template <class Answer>
  void Ask(const std::string& what, const char* type, const PhantomTemplate& wordings,
           const Term& about, const Answer& answer) {
    const Language language = asking_.LanguageOf(what);
    asking_.Add({what, type}, language, wordings, about[static_cast<size_t>(language)],
                [&](size_t) { return answer(language); });
  }

  /// What is easily told is asked of one picture in four.
  template <class Answer>
  void AskSometimes(const std::string& what, const char* type, const PhantomTemplate& wordings,
                    const Answer& answer) {
    if (asking_.Choose(what + " too", 0.25)) Ask(what, type, wordings, {}, answer);
  }

  static std::string_view In(Language language, const Term& term) {
    return term[static_cast<size_t>(language)];
  }
  static const Term& SignOf(FindingKind kind) { return kSigns[static_cast<size_t>(kind)]; }

  /// In the picture, where the patient's right is on the left; nothing where that cannot be told.
  std::string WhereInPicture(const ImagingFinding& finding, Language language) const {
    if (finding.side == Side::kNone || patient_.view == View::kLateral) return "";
    const bool left = finding.side == Side::kRight;
    const auto zone = static_cast<size_t>(finding.zone);
    if (language == Language::kEnglish) {
      constexpr std::array<std::string_view, 4> kHeights = {"", "at the top of ", "half way up in ",
                                                            "at the bottom of "};
      return fmt::format(" {}the {} half of the picture",
                         finding.zone == Zone::kNone ? "in " : kHeights[zone],
                         left ? "left" : "right");
    }
    constexpr std::array<std::string_view, 4> kHeights = {"", "的上部", "的中部", "的下部"};
    return fmt::format("，在图片{}半边{}", left ? "左" : "右", kHeights[zone]);
  }

  std::string WhatItIs(Language language) const {
    const std::string_view modality = ModalityTerm(patient_.study, language);
    const std::string_view part = BodyPartTerm(patient_.study, language);
    const std::string_view from = In(language, kTakenFrom[static_cast<size_t>(patient_.view)]);
    return language == Language::kEnglish
               ? fmt::format("This is {} {} picture of the {}, {}.",
                             modality == "X-ray" ? "an" : "a", modality, part, from)
               : fmt::format("这是一张{}的{}图片，是{}。", part, modality, from);
  }

  std::string WhatStandsOut(Language language) const {
    std::string signs;
    for (const ImagingFinding& finding : patient_.findings) {
      const bool first = signs.empty();
      const std::string_view between = language == Language::kEnglish ? " and " : "；还有";
      signs += fmt::format("{}{}{}", first ? "" : between, In(language, SignOf(finding.kind)),
                           WhereInPicture(finding, language));
    }
    if (signs.empty()) {
      return language == Language::kEnglish ? "Nothing in it stands out to me."
                                            : "没有什么特别的地方。";
    }
    return language == Language::kEnglish ? fmt::format("I notice {}.", signs)
                                          : fmt::format("我注意到{}。", signs);
  }

  void AskWhatItIs() {
    AskSometimes("what-is-it", "ORGAN", kWhatIsIt, [&](Language l) { return WhatItIs(l); });
    AskSometimes("what-kind", "MODALITY", kWhatKind, [&](Language l) {
      const std::string_view modality = ModalityTerm(patient_.study, l);
      return l == Language::kEnglish
                 ? fmt::format("It is a medical picture; it looks like {} {} to me.",
                               modality == "X-ray" ? "an" : "a", modality)
                 : fmt::format("这是一张医学图片，看起来是{}。", modality);
    });
    AskSometimes("from-where", "PLANE", kFromWhere, [&](Language l) {
      const std::string_view from = In(l, kTakenFrom[static_cast<size_t>(patient_.view)]);
      return l == Language::kEnglish ? fmt::format("I think that it is {}.", from)
                                     : fmt::format("我觉得是{}。", from);
    });
    AskSometimes("body-part", "ORGAN", kBodyPart, [&](Language l) {
      const std::string_view part = BodyPartTerm(patient_.study, l);
      return l == Language::kEnglish ? fmt::format("The picture shows the {}.", part)
                                     : fmt::format("图片显示的是{}。", part);
    });
    Ask("describe", "DESCRIPTION", kDescribe, {}, [&](Language l) {
      const std::string_view between = l == Language::kEnglish ? " " : "";
      return fmt::format("{}{}{}{}{}", WhatItIs(l), between,
                         In(l, kAnatomy[static_cast<size_t>(patient_.study)]), between,
                         WhatStandsOut(l));
    });
  }

  void AskWhatStandsOut() {
    Ask("stands-out", "ABN", kStandsOut, {}, [&](Language l) {
      const bool some = !patient_.findings.empty();
      return l == Language::kEnglish ? fmt::format("{} {}", some ? "Yes." : "No.", WhatStandsOut(l))
                                     : fmt::format("{}{}", some ? "有。" : "", WhatStandsOut(l));
    });
  }

  void AskWhetherSeen(FindingKind kind) {
    const ImagingFinding* finding = patient_.Find(kind);
    Ask(fmt::format("see/{}", NameOf(kind)), "PRES", kDoYouSee, SignOf(kind), [&](Language l) {
      const std::string_view sign = In(l, SignOf(kind));
      if (finding == nullptr) {
        return l == Language::kEnglish ? fmt::format("No, I cannot find {} here.", sign)
                                       : fmt::format("没有，这里看不到{}。", sign);
      }
      const std::string where = WhereInPicture(*finding, l);
      return l == Language::kEnglish ? fmt::format("Yes, I can see {}{}.", sign, where)
                                     : fmt::format("是的，能看到{}{}。", sign, where);
    });
  }

  void AskForDetails(const ImagingFinding& finding) {
    if (patient_.view == View::kLateral) return;
    const Term& sign = SignOf(finding.kind);
    if (finding.side != Side::kNone) {
      Ask(fmt::format("half/{}", NameOf(finding.kind)), "POS", kWhichHalf, sign, [&](Language l) {
        const std::string where = WhereInPicture(finding, l);
        return l == Language::kEnglish ? fmt::format("I see it{}.", where)
                                       : fmt::format("我看到了{}。", where);
      });
    }
    if (finding.size_mm <= 0) return;
    Ask(fmt::format("big/{}", NameOf(finding.kind)), "SIZE", kHowBig, sign, [&](Language l) {
      const size_t size = finding.size_mm < 10   ? 0
                          : finding.size_mm < 22 ? 1
                          : finding.size_mm < 34 ? 2
                                                 : 3;
      constexpr std::array<Term, 4> kSizes = {
          {{"tiny", "很小"}, {"small", "较小"}, {"of medium size", "中等大小"}, {"large", "较大"}}};
      return l == Language::kEnglish ? fmt::format("It looks {} to me.", In(l, kSizes[size]))
                                     : fmt::format("看起来{}。", In(l, kSizes[size]));
    });
  }

  void AskCount() {
    const ImagingFinding* spots = patient_.Find(FindingKind::kLiverLesion);
    if (spots == nullptr && twin_.Find(FindingKind::kLiverLesion) == nullptr) return;
    const int count = spots == nullptr ? 0 : spots->count;
    Ask("spots", "COUNT", kHowManySpots, {}, [&](Language l) {
      return l == Language::kEnglish ? fmt::format("I count {} of them.", count)
                                     : fmt::format("我数到{}个。", count);
    });
  }

  void AskForMeaning(FindingKind kind) {
    const Term term = {TermOf(kind, Language::kEnglish), TermOf(kind, Language::kChinese)};
    Ask(fmt::format("meaning/{}", NameOf(kind)), "TERM", kWhatMeans, term, [&](Language l) {
      const std::string_view meaning = In(l, kMeanings[static_cast<size_t>(kind)]);
      return l == Language::kEnglish
                 ? fmt::format("By {} doctors mean {}. In a picture one sees {}.", In(l, term),
                               meaning, In(l, SignOf(kind)))
                 : fmt::format("{}的意思是{}，在图片上表现为{}。", In(l, term), meaning,
                               In(l, SignOf(kind)));
    });
  }

  const Patient& patient_;
  const Patient& twin_;
  PhantomAsking asking_;
};

}  // namespace

std::vector<PhantomQuestion> AskGenerally(const Patient& patient, const Patient& twin,
                                          const std::vector<Language>& languages) {
  return GeneralQuestions(patient, twin, languages).Run();
}

}  // namespace roentgen
