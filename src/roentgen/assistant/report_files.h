#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "roentgen/assistant/report.h"
#include "roentgen/base/output.h"

namespace roentgen {

// A report as text. All but ReportBody carry the hashes of model, adapters and pictures, the
// settings, the date, and that it is for research and no diagnosis; none carries a name of a file.

/// Both parts, with numbered references from sentences to questions, and what they do not cover.
std::string ReportBody(const RadiologyReport& report);

/// ReportBody, the questions, and what it was made with.
std::string ReportMarkdown(const RadiologyReport& report);

/// One page with its pictures in it, which needs no other file.
std::string ReportHtml(const RadiologyReport& report);

/// For programs: sentences with the numbers of their questions, and all that the others have.
std::string ReportJson(const RadiologyReport& report);

/// A FHIR R4 DiagnosticReport, status preliminary, with an Observation for every question and the
/// program as the Device that made them. It names no patient: whoever takes it in adds the subject.
std::string ReportFhir(const RadiologyReport& report);

/// A4 pages with all images, tagged so that they can be read aloud. A character that no installed
/// font has is written as its number in Unicode: "[U+1F9B4]".
std::string ReportPdf(const RadiologyReport& report);

/// Whether the installed fonts have all characters of a text.
bool PdfHasCharacters(std::string_view text);

/// Whether WriteReport takes a file of this name.
bool IsReportName(const std::filesystem::path& path);

/// Writes the report in the form that the file's name asks for: .md, .html, .pdf, .fhir.json or
/// .json, with a mark by which a later one may replace it. Throws Error for another name, and when
/// it cannot be written.
void WriteReport(const RadiologyReport& report, const std::filesystem::path& path,
                 Replaces replaces = Replaces::kOwn);

/// Before a report is made: throws one Error that names every file that could not be written. Its
/// name has no form of a report, or stands there twice; it is one of the inputs, files and
/// folders (CheckIsNoInput); its folder is missing or closed; it is a folder or a device, or not
/// this program's to replace.
void CheckReportFiles(std::span<const std::filesystem::path> files,
                      std::span<const std::filesystem::path> inputs, Replaces replaces);

/// Writes the report into all of the files; `on_written` is told each. One that fails does not keep
/// the others from being written: afterwards one Error names those that failed, and why.
void WriteReports(const RadiologyReport& report, std::span<const std::filesystem::path> files,
                  Replaces replaces,
                  const std::function<void(const std::filesystem::path&)>& on_written = {});

}  // namespace roentgen
