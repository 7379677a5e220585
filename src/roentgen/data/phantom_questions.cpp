#include "roentgen/data/phantom_questions.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "roentgen/data/phantom_asking.h"
#include "roentgen/data/phantom_report.h"
#include "roentgen/data/report_protocol.h"

namespace roentgen {
namespace {

constexpr PhantomTemplate kModality = {
    {{"What type of imaging is this?", "What imaging modality was used?",
      "Which modality is this image?"},
     {"这是什么类型的影像？", "这张图像采用了哪种成像方式？", "图像的成像模态是什么？"}}};
constexpr PhantomTemplate kIsModality = {
    {{"Is this a {} image?", "Was this image taken with {}?", "Is the modality {}?"},
     {"这是{}图像吗？", "这张图像是用{}拍摄的吗？", "成像方式是{}吗？"}}};
constexpr PhantomTemplate kPlane = {
    {{"Which view is this?", "What is the plane of this image?", "How was this image taken?"},
     {"这是什么体位或切面？", "图像的投照体位或切面是什么？", "这张图像是哪个方位的？"}}};
constexpr PhantomTemplate kIsView = {
    {{"Is this a {} view?", "Is the view {}?", "Was this taken as a {} view?"},
     {"这是{}图像吗？", "这张图像是{}的吗？", "拍摄方位是{}吗？"}}};
constexpr PhantomTemplate kBodyPart = {
    {{"Which part of the body is shown?", "What body part is this?", "What is imaged here?"},
     {"图像显示的是身体哪个部位？", "这是哪个部位的影像？", "检查的部位是什么？"}}};
constexpr PhantomTemplate kIsNormal = {
    {{"Is this image normal?", "Is this a normal study?", "Does this image look normal?"},
     {"这张图像是正常的吗？", "这次检查的结果是正常的吗？", "图像表现是否正常？"}}};
constexpr PhantomTemplate kIsAbnormal = {
    {{"Is there an abnormality?", "Is anything abnormal seen?",
      "Does the image show any pathology?"},
     {"图像中有异常吗？", "是否可见异常？", "图像有病变吗？"}}};
constexpr PhantomTemplate kWhatIsAbnormal = {
    {{"What abnormality is seen?", "What is the main finding?", "What is wrong in this image?"},
     {"图像中有什么异常？", "主要的影像学发现是什么？", "图像提示什么病变？"}}};
constexpr PhantomTemplate kIsThere = {
    {{"Is there evidence of {}?", "Does the image show {}?", "Is {} present?"},
     {"图像中有{}吗？", "是否可见{}？", "有没有{}的表现？"}}};
constexpr PhantomTemplate kIsHeartLarge = {
    {{"Is the heart enlarged?", "Is the cardiac silhouette enlarged?", "Is the heart too large?"},
     {"心脏增大吗？", "心影是否增大？", "心脏的大小超出正常吗？"}}};
constexpr PhantomTemplate kIsMediastinumWide = {
    {{"Is the mediastinum widened?", "Is the mediastinum too wide?",
      "Is there widening of the mediastinum?"},
     {"纵隔增宽吗？", "纵隔是否增宽？", "上纵隔有增宽吗？"}}};
constexpr PhantomTemplate kWhere = {
    {{"Where is the {}?", "What is the location of the {}?", "Where do you see the {}?"},
     {"{}在哪里？", "{}位于什么位置？", "{}的部位是哪里？"}}};
constexpr PhantomTemplate kWhichSide = {
    {{"On which side is the {}?", "Which side is affected by the {}?", "Is the {} right or left?"},
     {"{}在哪一侧？", "{}位于哪一侧？", "{}是左侧还是右侧？"}}};
constexpr PhantomTemplate kShiftedWhere = {
    {{"To which side is the midline shifted?", "In which direction is the midline shift?",
      "Is the midline shifted to the right or to the left?"},
     {"中线向哪一侧移位？", "中线移位的方向是哪一侧？", "中线是向左还是向右移位？"}}};
constexpr PhantomTemplate kIsOnLeft = {
    {{"Is the {} on the left?", "Is the {} on the patient's left side?", "Is the {} left-sided?"},
     {"{}在左侧吗？", "{}位于患者的左侧吗？", "{}是左侧的吗？"}}};
constexpr PhantomTemplate kHowLarge = {
    {{"How large is the {}?", "What is the size of the {}?", "What does the {} measure?"},
     {"{}有多大？", "{}的大小是多少？", "{}的直径约为多少？"}}};
constexpr PhantomTemplate kHowFar = {
    {{"How far is the midline shifted?", "How large is the midline shift?",
      "What is the extent of the midline shift?"},
     {"中线移位多少？", "中线移位的程度是多少？", "中线偏移了多少毫米？"}}};
constexpr PhantomTemplate kHowMany = {
    {{"How many liver lesions are there?", "How many lesions are seen in the liver?",
      "What is the number of liver lesions?"},
     {"肝脏有几个病灶？", "肝内可见几个病灶？", "肝脏病灶的数目是多少？"}}};
constexpr PhantomTemplate kReport = {
    {{"Write a radiology report for this image.", "Please report this study.",
      "Describe the findings and give your impression."},
     {"请为这张图像写一份影像报告。", "请书写本次检查的诊断报告。",
      "请描述影像表现并给出诊断意见。"}}};

/// How "yes" and "no" are said to each wording of a closed question; in Chinese it depends on the
/// verb.
struct YesNo {
  std::string_view yes;
  std::string_view no;
};
constexpr YesNo kEnglish{"Yes", "No"};
constexpr YesNo kIs{"是", "不是"};
constexpr YesNo kHas{"有", "没有"};
constexpr YesNo kTrue{"是", "否"};

class RadiologyQuestions {
 public:
  RadiologyQuestions(const Patient& patient, const Patient& twin,
                     const std::vector<Language>& languages)
      : patient_(patient), twin_(twin), languages_(languages), asking_(patient.seed, languages) {}

  std::vector<PhantomQuestion> Run() {
    AskWhatItIs();
    AskWhetherAbnormal();
    for (const FindingKind kind : VisibleFindings(patient_.study, patient_.view)) {
      const bool on_either = patient_.Find(kind) != nullptr || twin_.Find(kind) != nullptr;
      if (on_either || asking_.Choose(NameOf(kind), 0.2)) AskPresence(kind);
    }
    if (patient_.view != View::kLateral)
      AskForDetails();  // there neither side nor size can be told
    if (patient_.study == Study::kAbdomen) AskCount();
    AskForParts();
    for (const Language language : languages_) {
      AskIn(language, "report", "REPORT", kReport, "", PhantomReport(patient_, language));
    }
    return asking_.Take();
  }

 private:
  void AskIn(Language language, const std::string& what, const char* type,
             const PhantomTemplate& wordings, std::string_view about, const std::string& answer) {
    asking_.Add({what, type}, language, wordings, about, [&](size_t) { return answer; });
  }

  /// chinese: how yes and no are said to each of the Chinese wordings.
  /// twice: with this probability also in other words.
  void AskClosed(const std::string& what, const char* type, const PhantomTemplate& wordings,
                 std::string_view about, bool yes,
                 const std::array<YesNo, kPhantomWordings>& chinese, double twice = 0) {
    const Language language = asking_.LanguageOf(what);
    const auto answer = [&](size_t wording) {
      const YesNo& words = language == Language::kEnglish ? kEnglish : chinese[wording];
      return std::string(yes ? words.yes : words.no);
    };
    const PhantomAsking::Form form{what, type, /*closed=*/true};
    asking_.Add(form, language, wordings, about, answer);
    if (asking_.Choose(what + " twice", twice)) {
      asking_.AddAgain(form, language, wordings, about, answer);
    }
  }

  void AskWhatItIs() {
    if (asking_.Choose("modality or is-modality", 0.5)) {
      const Language language = asking_.LanguageOf("modality");
      AskIn(language, "modality", "MODALITY", kModality, "",
            std::string(ModalityTerm(patient_.study, language)));
    } else {
      const Study asked =
          asking_.Choose("is-modality: radiograph", 0.5) ? Study::kChest : Study::kHead;
      const std::string what =
          fmt::format("is-modality/{}", ModalityTerm(asked, Language::kEnglish));
      const Language language = asking_.LanguageOf(what);
      AskClosed(what, "MODALITY", kIsModality, ModalityTerm(asked, language),
                ModalityTerm(asked, language) == ModalityTerm(patient_.study, language),
                {kIs, kIs, kIs});
    }
    if (asking_.Choose("plane or is-view", 0.5)) {
      const Language language = asking_.LanguageOf("plane");
      AskIn(language, "plane", "PLANE", kPlane, "", std::string(TermOf(patient_.view, language)));
    } else {
      const auto asked = static_cast<View>(asking_.Draws("is-view: which").Pick(4));
      const std::string what = fmt::format("is-view/{}", NameOf(asked));
      AskClosed(what, "PLANE", kIsView, TermOf(asked, asking_.LanguageOf(what)),
                asked == patient_.view, {kIs, kIs, kIs});
    }
    const Language language = asking_.LanguageOf("body-part");
    AskIn(language, "body-part", "ORGAN", kBodyPart, "",
          std::string(BodyPartTerm(patient_.study, language)));
  }

  void AskWhetherAbnormal() {
    const bool normal = patient_.findings.empty();
    if (asking_.Choose("is-normal or is-abnormal", 0.5)) {
      AskClosed("is-normal", "ABN", kIsNormal, "", normal, {kIs, kIs, kTrue});
    } else {
      AskClosed("is-abnormal", "ABN", kIsAbnormal, "", !normal, {kHas, kTrue, kHas});
    }
    const Language language = asking_.LanguageOf("what-is-abnormal");
    AskIn(language, "what-is-abnormal", "ABN", kWhatIsAbnormal, "", NamesOfAll(language));
  }

  /// "pleural effusion and cardiomegaly", in the order of the kinds.
  std::string NamesOfAll(Language language) const {
    std::string names;
    for (const FindingKind kind : VisibleFindings(patient_.study, patient_.view)) {
      if (patient_.Find(kind) == nullptr) continue;
      const char* between = language == Language::kEnglish ? " and " : "和";
      names += (names.empty() ? "" : between) + std::string(TermOf(kind, language));
    }
    if (!names.empty()) return names;
    return language == Language::kEnglish ? "None" : "未见异常";
  }

  void AskPresence(FindingKind kind) {
    const bool there = patient_.Find(kind) != nullptr;
    const std::string what = fmt::format("presence/{}", NameOf(kind));
    if (kind == FindingKind::kEnlargedHeart) {
      AskClosed(what, "SIZE", kIsHeartLarge, "", there, {kTrue, kTrue, kTrue});
    } else if (kind == FindingKind::kWidenedMediastinum) {
      AskClosed(what, "SIZE", kIsMediastinumWide, "", there, {kTrue, kTrue, kHas});
    } else {
      AskClosed(what, "PRES", kIsThere, WithArticle(kind, asking_.LanguageOf(what)), there,
                {kHas, kTrue, kHas}, /*twice=*/0.15);
    }
  }

  /// "a nodule", but "consolidation".
  static std::string WithArticle(FindingKind kind, Language language) {
    using enum FindingKind;
    const bool countable = kind != kConsolidation && kind != kHemorrhage && kind != kMidlineShift;
    const bool article = language == Language::kEnglish && countable;
    return fmt::format("{}{}", article ? "a " : "", TermOf(kind, language));
  }

  /// Where and how large what is there is, and where what is not there.
  void AskForDetails() {
    for (const ImagingFinding& finding : patient_.findings) {
      if (HasSide(finding.kind)) AskWhere(finding);
      AskSize(finding);
    }
    for (const FindingKind kind : VisibleFindings(patient_.study, patient_.view)) {
      if (!HasSide(kind) || patient_.Find(kind) != nullptr) continue;
      const double probability = twin_.Find(kind) != nullptr ? 0.5 : 0.05;
      if (asking_.Choose(fmt::format("absent/{}", NameOf(kind)), probability)) {
        AskWhereAbsent(kind);
      }
    }
  }

  static const PhantomTemplate& WhereFor(FindingKind kind) {
    if (kind == FindingKind::kMidlineShift) return kShiftedWhere;
    return HasZone(kind) ? kWhere : kWhichSide;
  }

  void AskWhereAbsent(FindingKind kind) {
    const std::string what = fmt::format("where/{}", NameOf(kind));
    const Language language = asking_.LanguageOf(what);
    const std::string_view term = TermOf(kind, language);
    asking_.Add({what, "POS", /*closed=*/false, /*false_premise=*/true}, language, WhereFor(kind),
                term, [&](size_t) {
                  return language == Language::kEnglish ? fmt::format("There is no {}", term)
                                                        : fmt::format("未见{}", term);
                });
  }

  void AskWhere(const ImagingFinding& finding) {
    const std::string what = fmt::format("where/{}", NameOf(finding.kind));
    const Language language = asking_.LanguageOf(what);
    if (finding.kind != FindingKind::kMidlineShift && asking_.Choose(what + " or is-left", 0.4)) {
      const std::string closed = fmt::format("is-left/{}", NameOf(finding.kind));
      AskClosed(closed, "POS", kIsOnLeft, TermOf(finding.kind, asking_.LanguageOf(closed)),
                finding.side == Side::kLeft, {kIs, kIs, kIs});
    } else {
      AskIn(language, what, "POS", WhereFor(finding.kind), TermOf(finding.kind, language),
            PlaceOf(finding, language));
    }
  }

  void AskSize(const ImagingFinding& finding) {
    using enum FindingKind;
    const std::string what = fmt::format("size/{}", NameOf(finding.kind));
    const Language language = asking_.LanguageOf(what);
    if (finding.kind == kMidlineShift) {
      AskIn(language, what, "SIZE", kHowFar, "", SizeOf(finding, language));
    } else if (finding.kind == kNodule || finding.kind == kHemorrhage ||
               finding.kind == kKidneyStone) {
      AskIn(language, what, "SIZE", kHowLarge, TermOf(finding.kind, language),
            SizeOf(finding, language));
    }
  }

  /// Some steps of the protocol by which `roentgen report` asks, in its words.
  void AskForParts() {
    for (const ReportStep& step : ReportProtocol(SubjectOf(patient_.study))) {
      const std::string what = fmt::format("describe/{}", step.key);
      const Language language = asking_.LanguageOf(what);
      if (!asking_.Choose(what + " or not", 0.35)) continue;
      PhantomWordings words;
      words.fill(step.QuestionIn(language));
      AskIn(language, what, "DESCRIPTION", {words, words}, "",
            PhantomReportPart(patient_, language, step.key));
    }
  }

  static ReportSubject SubjectOf(Study study) {
    switch (study) {
      case Study::kHead:
        return ReportSubject::kHead;
      case Study::kAbdomen:
        return ReportSubject::kAbdomen;
      default:
        return ReportSubject::kChest;
    }
  }

  void AskCount() {
    const ImagingFinding* lesions = patient_.Find(FindingKind::kLiverLesion);
    if (lesions == nullptr && twin_.Find(FindingKind::kLiverLesion) == nullptr) return;
    AskIn(asking_.LanguageOf("count/liver-lesion"), "count/liver-lesion", "COUNT", kHowMany, "",
          std::to_string(lesions == nullptr ? 0 : lesions->count));
  }

  const Patient& patient_;
  const Patient& twin_;
  const std::vector<Language>& languages_;
  PhantomAsking asking_;
};

}  // namespace

std::vector<PhantomQuestion> AskAboutPhantom(const Patient& patient, const Patient& twin,
                                             const std::vector<Language>& languages) {
  return RadiologyQuestions(patient, twin, languages).Run();
}

}  // namespace roentgen
