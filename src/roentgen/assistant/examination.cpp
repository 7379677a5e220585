#include "roentgen/assistant/examination.h"

#include <array>

#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

struct Name {
  ReportSubject subject;
  std::array<std::string_view, 2> names;  // by Language, in FoldText's form
};
constexpr std::array kNames = {
    Name{ReportSubject::kChest, {"chest", "胸部"}},
    Name{ReportSubject::kHead, {"head", "头颅"}},
    Name{ReportSubject::kAbdomen, {"abdomen", "腹部"}},
    Name{ReportSubject::kOther, {"other", "其他"}},
};

}  // namespace

std::optional<ReportSubject> ParseExamination(std::string_view name) {
  const std::string folded = FoldText(name);
  for (const Name& each : kNames) {
    for (const std::string_view known : each.names) {
      if (folded == known) return each.subject;
    }
  }
  return std::nullopt;
}

std::string_view NameOf(ReportSubject subject, Language language) {
  for (const Name& each : kNames) {
    if (each.subject == subject) return each.names[static_cast<size_t>(language)];
  }
  return "";
}

Examination ExaminationOf(std::span<const ShownPicture>) {
  return {};
}

Examination ReadExamination(std::string_view) {
  return {};
}

}  // namespace roentgen
