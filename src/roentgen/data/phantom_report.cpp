#include "roentgen/data/phantom_report.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace roentgen {
namespace {

class ReportWriter {
 public:
  ReportWriter(const Patient& patient, Language language)
      : patient_(patient), english_(language == Language::kEnglish), language_(language) {}

  std::string Write() {
    Describe();
    return english_ ? fmt::format("Findings:\n{}\nImpression:\n{}", text_, Impression())
                    : fmt::format("影像表现：\n{}\n诊断意见：\n{}", text_, Impression());
  }

  std::string WritePart(std::string_view key) {
    if (key == "impression") return Impression();
    only_ = key;
    Describe();
    return text_;
  }

 private:
  void Describe() {
    about_ = "technique";
    Say("{view} radiograph of the chest.", "胸部{view}X线片。", patient_.study == Study::kChest);
    Say("Axial CT slice of the head.", "头颅CT横断面图像。", patient_.study == Study::kHead);
    Say("Axial CT slice of the upper abdomen.", "上腹部CT横断面图像。",
        patient_.study == Study::kAbdomen);
    switch (patient_.study) {
      case Study::kChest:
        DescribeChest();
        break;
      case Study::kHead:
        DescribeHead();
        break;
      case Study::kAbdomen:
        DescribeAbdomen();
        break;
    }
  }

  const ImagingFinding* Find(FindingKind kind) const { return patient_.Find(kind); }

  /// One sentence in the report's language; {view}, {place}, {size}, {count} are filled in.
  void Say(std::string_view english, std::string_view chinese, bool when = true,
           const ImagingFinding* finding = nullptr) {
    if (!when || (!only_.empty() && only_ != about_)) return;
    const ImagingFinding none;
    const ImagingFinding& about = finding == nullptr ? none : *finding;
    // In a lateral view sides cover each other.
    const std::string place = patient_.view == View::kLateral ? "" : PlaceOf(about, language_);
    const std::string sentence =
        fmt::format(fmt::runtime(english_ ? english : chinese),
                    fmt::arg("view", TermOf(patient_.view, language_)), fmt::arg("place", place),
                    fmt::arg("size", SizeOf(about, language_)), fmt::arg("count", about.count));
    if (english_ && !text_.empty()) text_ += ' ';
    text_ += sentence;
  }

  void DescribeChest() {
    using enum FindingKind;
    const ImagingFinding* nodule = Find(kNodule);
    const ImagingFinding* consolidation = Find(kConsolidation);
    const ImagingFinding* fluid = Find(kPleuralEffusion);
    const ImagingFinding* air = Find(kPneumothorax);
    about_ = "lungs";
    Say("There is a nodule of {size} in the {place}.", "{place}见一结节，直径{size}。",
        nodule != nullptr, nodule);
    Say("There is an area of consolidation in the {place}.", "{place}见片状实变影。",
        consolidation != nullptr, consolidation);
    Say("The lungs are clear.", "双肺野清晰，未见实变及结节影。",
        nodule == nullptr && consolidation == nullptr && air == nullptr);
    const bool lateral = patient_.view == View::kLateral;
    about_ = "diaphragm";
    Say("The posterior costophrenic angle is blunted by pleural effusion.",
        "后肋膈角变钝，提示胸腔积液。", fluid != nullptr && lateral, fluid);
    Say("The {place} costophrenic angle is blunted by pleural effusion.",
        "{place}肋膈角变钝，见胸腔积液影。", fluid != nullptr && !lateral, fluid);
    about_ = "lungs";
    Say("The {place} lung has collapsed from a pneumothorax; a pleural line is seen.",
        "{place}胸腔见无肺纹理透亮区及气胸线，肺组织受压。", air != nullptr, air);
    about_ = "diaphragm";
    Say("The costophrenic angles are sharp. The diaphragm is smooth.", "双侧肋膈角锐利，膈面光滑。",
        fluid == nullptr);
    about_ = "heart";
    Say("The heart is enlarged.", "心影增大。", Find(kEnlargedHeart) != nullptr);
    Say("The heart is of normal size.", "心影大小正常。", Find(kEnlargedHeart) == nullptr);
    Say("The mediastinum is widened.", "纵隔增宽。", Find(kWidenedMediastinum) != nullptr);
    Say("The mediastinum is of normal width.", "纵隔不宽。", Find(kWidenedMediastinum) == nullptr);
    const ImagingFinding* fracture = Find(kRibFracture);
    about_ = "bones";
    Say("A rib on the {place} is fractured.", "{place}肋骨见骨质连续性中断。", fracture != nullptr,
        fracture);
    Say("No rib fracture is seen.", "所见肋骨未见骨折。", fracture == nullptr);
  }

  void DescribeHead() {
    using enum FindingKind;
    const ImagingFinding* bleed = Find(kHemorrhage);
    const ImagingFinding* shift = Find(kMidlineShift);
    about_ = "brain";
    Say("There is an intracerebral hemorrhage of {size} on the {place}, with surrounding edema.",
        "{place}脑实质内见高密度出血灶，直径{size}，周围见水肿带。", bleed != nullptr, bleed);
    Say("No hemorrhage is seen.", "脑实质内未见出血灶。", bleed == nullptr);
    about_ = "midline";
    Say("The midline is shifted to the {place} by {size}.", "中线结构向{place}移位{size}。",
        shift != nullptr, shift);
    Say("The midline is central.", "中线结构居中。", shift == nullptr);
    if (only_.empty()) {
      Say("The ventricles are visible. The skull is intact.", "脑室系统可见，颅骨完整。");
      return;
    }
    Say("The ventricles are visible.", "脑室系统可见。");
    about_ = "bones";
    Say("The skull is intact.", "颅骨完整。");
  }

  void DescribeAbdomen() {
    using enum FindingKind;
    const ImagingFinding* lesion = Find(kLiverLesion);
    const ImagingFinding* stone = Find(kKidneyStone);
    about_ = "liver";
    Say("There are {count} hypodense lesions in the liver, the largest of {size}.",
        "肝内见{count}个低密度病灶，最大者直径{size}。", lesion != nullptr && lesion->count > 1,
        lesion);
    Say("There is one hypodense lesion of {size} in the liver.",
        "肝内见1个低密度病灶，直径{size}。", lesion != nullptr && lesion->count == 1, lesion);
    Say("The liver is homogeneous.", "肝实质密度均匀，未见病灶。", lesion == nullptr);
    about_ = "kidneys";
    Say("There is a stone of {size} in the {place} kidney.",
        "{place}肾内见高密度结石，直径{size}。", stone != nullptr, stone);
    Say("No kidney stone is seen.", "双肾未见结石。", stone == nullptr);
    about_ = "spleen";
    Say("The spleen is unremarkable.", "脾脏未见异常。");
  }

  std::string Impression() const {
    std::string impression;
    int number = 0;
    for (const FindingKind kind : VisibleFindings(patient_.study, patient_.view)) {
      const ImagingFinding* finding = Find(kind);
      if (finding == nullptr) continue;
      impression += fmt::format("{}{}. {}", number == 0 ? "" : "\n", number + 1, Name(*finding));
      ++number;
    }
    if (number > 0) return impression;
    return english_ ? "No abnormality is seen." : "未见异常。";
  }

  /// "Pleural effusion on the right."
  std::string Name(const ImagingFinding& finding) const {
    std::string term(TermOf(finding.kind, language_));
    const bool sided = finding.side != Side::kNone && patient_.view != View::kLateral;
    if (!english_) {
      if (finding.kind == FindingKind::kMidlineShift) {
        return fmt::format("中线向{}移位。", PlaceOf(finding, language_));
      }
      const bool zoned = finding.zone != Zone::kNone;
      // "右肺上野结节": the place names the lung already.
      const std::string_view bare = zoned ? std::string_view(term).substr(3) : term;
      return fmt::format("{}{}。", sided ? PlaceOf(finding, language_) : "", bare);
    }
    term[0] = static_cast<char>(term[0] - 'a' + 'A');
    if (finding.zone != Zone::kNone) {
      return fmt::format("{} in the {}.", term, PlaceOf(finding, language_));
    }
    const char* preposition = finding.kind == FindingKind::kMidlineShift ? "to" : "on";
    return sided ? fmt::format("{} {} the {}.", term, preposition, PlaceOf(finding, language_))
                 : term + ".";
  }

  const Patient& patient_;
  const bool english_;
  const Language language_;
  std::string text_;
  std::string_view about_;  // the step of the protocol that is being described
  std::string_view only_;   // the one that is wanted; empty: all
};

}  // namespace

std::string PhantomReport(const Patient& patient, Language language) {
  return ReportWriter(patient, language).Write();
}

std::string PhantomReportPart(const Patient& patient, Language language, std::string_view key) {
  return ReportWriter(patient, language).WritePart(key);
}

}  // namespace roentgen
