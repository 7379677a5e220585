#include "roentgen/assistant/report_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>
#include <system_error>
#include <vector>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/path_inside.h"

namespace roentgen {
namespace {

struct Form {
  std::string_view ending;
  std::string (*write)(const RadiologyReport&);
};

std::string MarkedMarkdown(const RadiologyReport& report) {
  return fmt::format("{}\n<!-- {} -->\n", ReportMarkdown(report), MadeByMark(FileKind::kReport));
}

constexpr std::array kForms = {
    Form{".md", MarkedMarkdown},    Form{".html", ReportHtml}, Form{".pdf", ReportPdf},
    Form{".fhir.json", ReportFhir}, Form{".json", ReportJson},
};

const Form* FormOf(const std::filesystem::path& path) {
  const std::string name = LowerAscii(path.filename().string());
  const auto found = std::find_if(kForms.begin(), kForms.end(), [&](const Form& form) {
    return name.size() > form.ending.size() && name.ends_with(form.ending);
  });
  return found == kForms.end() ? nullptr : &*found;
}

const Form& RequireForm(const std::filesystem::path& path) {
  if (const Form* form = FormOf(path)) return *form;
  throw Error(fmt::format("{}: no form of a report", path.string()),
              "Let the name end in .md, .html, .pdf, .json or .fhir.json.");
}

/// Throws Error when one of the files before it is the same.
void CheckIsNew(std::span<const std::filesystem::path> before, const std::filesystem::path& file) {
  for (const std::filesystem::path& other : before) {
    if (!IsSameFile(other, file)) continue;
    throw Error(fmt::format("{}: the same file as {}", file.string(), other.string()),
                "Name each file once.");
  }
}

/// Does something with each file, also after it failed for another. Throws one Error on all that
/// failed; `heading` says what they are, where they are several.
void ForEachFile(std::span<const std::filesystem::path> files, std::string_view heading,
                 const std::function<void(size_t index)>& work) {
  std::vector<std::string> messages;
  std::vector<std::string> hints;
  for (size_t i = 0; i < files.size(); ++i) {
    try {
      work(i);
    } catch (const Error& error) {
      messages.emplace_back(error.what());
      const bool new_hint = std::find(hints.begin(), hints.end(), error.hint()) == hints.end();
      if (new_hint && !error.hint().empty()) hints.push_back(error.hint());
    } catch (const std::exception& error) {  // no memory for the images, for one
      messages.push_back(fmt::format("{}: {}", files[i].string(), error.what()));
    }
  }
  if (messages.empty()) return;
  const std::string message = fmt::format("{}", fmt::join(messages, "\n"));
  throw Error(messages.size() == 1 ? message
                                   : fmt::format("{} of {} {}:\n{}", messages.size(), files.size(),
                                                 heading, message),
              fmt::format("{}", fmt::join(hints, "\n")));
}

}  // namespace

bool IsReportName(const std::filesystem::path& path) {
  return FormOf(path) != nullptr;
}

void WriteReport(const RadiologyReport& report, const std::filesystem::path& path,
                 Replaces replaces) {
  WriteFile(path, RequireForm(path).write(report), Readers::kOwner, replaces, FileKind::kReport);
}

void CheckReportFiles(std::span<const std::filesystem::path> files,
                      std::span<const std::filesystem::path> inputs, Replaces replaces) {
  ForEachFile(files, "files cannot be written", [&](size_t i) {
    RequireForm(files[i]);
    CheckIsNew(files.first(i), files[i]);
    CheckIsNoInput(files[i], inputs, IsMadeByThisProgram(files[i], FileKind::kReport));
    CheckOutput(files[i], replaces, FileKind::kReport);
  });
}

void WriteReports(const RadiologyReport& report, std::span<const std::filesystem::path> files,
                  Replaces replaces,
                  const std::function<void(const std::filesystem::path&)>& on_written) {
  ForEachFile(files, "files were not written", [&](size_t i) {
    WriteReport(report, files[i], replaces);
    if (on_written) on_written(files[i]);
  });
}

}  // namespace roentgen
