#include "roentgen/language/synonyms.h"

#include <map>
#include <vector>

#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

// The first name of each group is the usual one. The others are in ComparisonForm.
struct SynonymGroup {
  std::string_view usual;
  std::vector<std::string_view> others;
};

const std::vector<SynonymGroup>& SynonymGroups() {
  static const std::vector<SynonymGroup> kGroups = {
      {"X-ray",
       {"xray", "x ray", "xr", "cxr", "x rays", "xrays", "plain film", "radiograph",
        "plain film x ray", "x ray plain film", "plain radiograph"}},
      {"CT", {"ct", "ct scan", "cat scan", "computed tomography", "computerized tomography"}},
      {"MRI", {"mri", "mr", "mri scan", "magnetic resonance imaging"}},
      {"Ultrasound", {"ultrasound", "us", "ultrasonography", "sonography"}},
      {"PA", {"pa", "posteroanterior", "posterior anterior", "pa view", "postero anterior"}},
      {"AP", {"ap", "anteroposterior", "anterior posterior", "ap view", "antero posterior"}},
      {"Axial", {"axial", "transverse", "axial plane", "transverse plane"}},
      {"Coronal", {"coronal", "coronal plane"}},
      {"Sagittal", {"sagittal", "sagittal plane"}},
      {"横断面", {"横断面", "轴位", "横断位", "轴状面"}},
      {"X光", {"x光", "x线", "x射线", "x光片", "x线片"}},
  };
  return kGroups;
}

const std::map<std::string_view, std::string_view>& UsualNames() {
  static const auto kNames = [] {
    std::map<std::string_view, std::string_view> names;
    for (const SynonymGroup& group : SynonymGroups()) {
      for (const std::string_view other : group.others) names[other] = group.usual;
    }
    return names;
  }();
  return kNames;
}

}  // namespace

std::optional<std::string> UsualName(std::string_view answer) {
  const auto name = UsualNames().find(ComparisonForm(answer));
  if (name == UsualNames().end() || name->second == answer) return std::nullopt;
  return std::string(name->second);
}

std::string AnswerForm(std::string_view answer) {
  return ComparisonForm(UsualName(answer).value_or(std::string(answer)));
}

}  // namespace roentgen
