#include "roentgen/assistant/report_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"

namespace roentgen {
namespace {

struct Form {
  std::string_view ending;
  std::string (*write)(const RadiologyReport&);
};

constexpr std::array kForms = {
    Form{".md", ReportMarkdown},    Form{".html", ReportHtml}, Form{".pdf", ReportPdf},
    Form{".fhir.json", ReportFhir}, Form{".json", ReportJson},
};

const Form* FormOf(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const auto found = std::find_if(kForms.begin(), kForms.end(), [&](const Form& form) {
    return name.size() > form.ending.size() && name.ends_with(form.ending);
  });
  return found == kForms.end() ? nullptr : &*found;
}

}  // namespace

bool IsReportName(const std::filesystem::path& path) {
  return FormOf(path) != nullptr;
}

void WriteReport(const RadiologyReport& report, const std::filesystem::path& path) {
  const Form* form = FormOf(path);
  if (form == nullptr) throw Error(fmt::format("{}: no form of a report", path.string()));
  WriteFileAtomically(path, form->write(report), Readers::kOwner);
}

}  // namespace roentgen
