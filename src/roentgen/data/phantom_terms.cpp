#include "roentgen/data/phantom_terms.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace roentgen {
namespace {

using Term = std::array<std::string_view, 2>;  // by Language

constexpr std::array<Term, kFindingKinds> kFindings = {{{"nodule", "肺结节"},
                                                        {"pleural effusion", "胸腔积液"},
                                                        {"pneumothorax", "气胸"},
                                                        {"consolidation", "肺实变"},
                                                        {"cardiomegaly", "心脏增大"},
                                                        {"widened mediastinum", "纵隔增宽"},
                                                        {"rib fracture", "肋骨骨折"},
                                                        {"intracranial hemorrhage", "颅内出血"},
                                                        {"midline shift", "中线移位"},
                                                        {"liver lesion", "肝脏病灶"},
                                                        {"kidney stone", "肾结石"}}};
constexpr std::array<Term, 3> kSides = {{{"", ""}, {"right", "右侧"}, {"left", "左侧"}}};
constexpr std::array<Term, 4> kViews = {
    {{"PA", "后前位"}, {"AP", "前后位"}, {"lateral", "侧位"}, {"axial", "横断面"}}};
constexpr std::array<Term, 3> kParts = {{{"chest", "胸部"}, {"head", "头部"}, {"abdomen", "腹部"}}};

template <class Table, class Value>
std::string_view Look(const Table& table, Value value, Language language) {
  return table[static_cast<size_t>(value)][static_cast<size_t>(language)];
}

}  // namespace

std::string_view CodeOf(Language language) {
  return language == Language::kChinese ? "zh" : "en";
}

std::string_view TermOf(FindingKind kind, Language language) {
  return Look(kFindings, kind, language);
}

std::string_view TermOf(Side side, Language language) {
  return Look(kSides, side, language);
}

std::string_view TermOf(View view, Language language) {
  return Look(kViews, view, language);
}

std::string_view ModalityTerm(Study study, Language language) {
  if (study != Study::kChest) return "CT";
  return language == Language::kChinese ? "X光" : "X-ray";
}

std::string_view BodyPartTerm(Study study, Language language) {
  return Look(kParts, study, language);
}

std::string PlaceOf(const ImagingFinding& finding, Language language) {
  if (finding.zone == Zone::kNone) return std::string(TermOf(finding.side, language));
  if (language == Language::kEnglish) {
    return fmt::format("{} {} zone", NameOf(finding.side), NameOf(finding.zone));
  }
  constexpr std::array<std::string_view, 4> kZones = {"", "上野", "中野", "下野"};
  return fmt::format("{}肺{}", finding.side == Side::kLeft ? "左" : "右",
                     kZones[static_cast<size_t>(finding.zone)]);
}

std::string SizeOf(const ImagingFinding& finding, Language language) {
  const int millimetres = static_cast<int>(std::floor(finding.size_mm / 5 + 0.5)) * 5;
  return language == Language::kEnglish ? fmt::format("about {} mm", millimetres)
                                        : fmt::format("约{}毫米", millimetres);
}

}  // namespace roentgen
