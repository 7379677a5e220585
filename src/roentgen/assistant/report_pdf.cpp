// A report as a PDF: what stands where, and how it looks.

#include <fmt/format.h>

#include <span>
#include <utility>

#include "roentgen/assistant/report_document.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/assistant/report_pdf_pages.h"
#include "roentgen/base/made_by.h"
#include "roentgen/imaging/load.h"

namespace roentgen {
namespace {

constexpr PdfStyle kTitle{18, true, 0.1};
constexpr PdfStyle kHeading{11.5, true, 0.1};
constexpr PdfStyle kBody{10, false, 0.1};
constexpr PdfStyle kStrong{10, true, 0.1};
constexpr PdfStyle kAside{7.5, false, 0.42};  // marks and numbers of questions in the text
constexpr PdfStyle kSmall{8, false, 0.42};
constexpr PdfStyle kSmallDark{8, false, 0.2};

constexpr double kHeadingGap = 16;  // above a heading
constexpr double kGap = 5;          // above a paragraph
constexpr double kFactGap = 2;
constexpr double kTableGap = 9;  // above a table of facts
constexpr double kNames = 104;   // width of the column of names
constexpr double kNumbers = 20;

/// Whether what is known of an image stands under it; else it stands among the facts at the end.
bool FitsCaption(const std::string& facts) {
  constexpr size_t kLongest = 240;
  return facts.size() <= kLongest && facts.find('\n') == std::string::npos;
}

void WriteFacts(std::span<const ReportDocument::Fact> facts, const PdfStyle& name,
                const PdfStyle& value, PdfPages& pages) {
  double gap = kTableGap;
  pages.Open("Table");
  for (const ReportDocument::Fact& fact : facts) {
    std::string text = fact.value;
    if (!text.empty() && !fact.hash.empty()) text += "\n";
    text += fact.hash;
    pages.Open("TR");
    pages.WritePair("TH", {{fact.name, name}}, kNames, "TD", {{text.empty() ? "—" : text, value}},
                    std::exchange(gap, kFactGap));
    pages.Close();
  }
  pages.Close();
}

PdfText TextOf(const ReportDocument& report, const ReportDocument::Paragraph& paragraph) {
  PdfText text;
  if (!paragraph.topic.empty()) text.push_back({paragraph.topic + report.colon, kStrong});
  if (paragraph.sentences.empty()) text.push_back({report.no_answer, kSmall});
  for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
    text.push_back({sentence.before + sentence.text, kBody});
    text.push_back({MarksBehind(report, sentence), kAside});
  }
  text.push_back({fmt::format(" [{}]", paragraph.question), kAside});
  return text;
}

void WriteParts(const ReportDocument& report, PdfPages& pages) {
  for (const ReportDocument::Part& part : report.parts) {
    pages.WriteHeading("H2", {{part.heading, kHeading}}, kHeadingGap);
    for (const ReportDocument::Paragraph& paragraph : part.paragraphs) {
      pages.Write("P", TextOf(report, paragraph), kGap);
    }
    if (part.paragraphs.empty()) pages.Write("P", {{"—", kBody}}, kGap);
  }
  if (!report.not_assessed.empty()) {
    pages.Write("P", {{report.not_assessed, kStrong}}, 2 * kGap);
  }
}

void WriteQuestions(const ReportDocument& report, PdfPages& pages) {
  pages.WriteHeading("H2", {{report.questions_heading, kHeading}}, kHeadingGap);
  pages.Open("L");
  size_t number = 0;
  for (const ReportDocument::Question& question : report.questions) {
    PdfText text = {{question.text, kBody}};
    if (!question.settings.empty()) text.push_back({" [" + question.settings + "]", kAside});
    pages.Open("LI");
    pages.WritePair("Lbl", {{fmt::format("{}.", ++number), kBody}}, kNumbers, "LBody", text, kGap);
    pages.Close();
  }
  pages.Close();
}

std::vector<PdfImage> ImagesOf(const RadiologyReport& report, const ReportDocument& document) {
  std::vector<PdfImage> images;
  for (size_t i = 0; i < report.study.images.size(); ++i) {
    const std::string& png = report.study.images[i].png;
    const ReportDocument::Fact& fact = document.images.at(i);
    PdfImage image;
    image.pixels =
        DecodeImage({reinterpret_cast<const uint8_t*>(png.data()), png.size()}, fact.name);
    image.text = fact.name + document.colon + fact.value;
    image.caption = {{fact.name, kSmallDark}};
    if (FitsCaption(fact.value)) image.caption.push_back({"\n" + fact.value, kAside});
    images.push_back(std::move(image));
  }
  return images;
}

/// The images' hashes, and what was too long for a caption.
std::vector<ReportDocument::Fact> RestOfImages(const ReportDocument& report) {
  std::vector<ReportDocument::Fact> rest = report.images;
  for (ReportDocument::Fact& fact : rest) {
    if (FitsCaption(fact.value)) fact.value.clear();
  }
  return rest;
}

PdfDescription Describe(const RadiologyReport& report, const ReportDocument& document) {
  PdfDescription description;
  description.language = document.language;
  description.title = document.title;
  description.author = report.facts.program;
  description.date = report.date;
  description.mark = MadeByMark(FileKind::kReport);
  return description;
}

}  // namespace

bool PdfHasCharacters(std::string_view text) {
  return PdfTypesetter("zh-CN").HasAll(text);
}

std::string ReportPdf(const RadiologyReport& report) {
  const ReportDocument document = DocumentOf(report);
  const std::vector<PdfImage> images = ImagesOf(report, document);
  std::vector<Size> sizes;
  for (const PdfImage& image : images) sizes.push_back(image.pixels.size());
  const std::vector<PdfImageRow> rows =
      ArrangeImages(sizes, PdfPages::kWidth, PdfPages::kRowHeight);
  const bool few = rows.size() <= 1;  // more would part the findings from the title

  PdfPages pages(document.language);
  pages.Write("H1", {{document.title, kTitle}}, 0);
  pages.Write("P", {{document.date, kSmall}}, kFactGap);
  pages.Write("P", {{document.notice, kStrong}}, kTableGap);
  WriteFacts(document.about, kSmall, kBody, pages);
  if (few) pages.Draw(images, rows);
  WriteParts(document, pages);
  if (!few) pages.Draw(images, rows);
  WriteQuestions(document, pages);
  WriteFacts(RestOfImages(document), kSmall, kSmallDark, pages);
  WriteFacts(document.facts, kSmall, kSmallDark, pages);
  return pages.Finish(document.notice, Describe(report, document));
}

}  // namespace roentgen
