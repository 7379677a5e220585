// In C++17 (CMakeLists.txt): clang 14 cannot read qpdf 11's headers as C++20, where the destructor
// of a vector is constexpr and wants its type whole.
#include "roentgen/assistant/report_pdf_tags.h"

#include <fmt/format.h>

// Without it, qpdf 11's headers warn of their older pointers.
#define POINTERHOLDER_TRANSITION 4  // NOLINT(cppcoreguidelines-macro-usage)
#include <algorithm>
#include <exception>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <qpdf/QPDFWriter.hh>

#include "roentgen/base/error.h"
#include "roentgen/data/svg_chart.h"

namespace roentgen {
namespace {

using Object = QPDFObjectHandle;

void Open(QPDF& pdf, const std::string& bytes) {
  pdf.setSuppressWarnings(true);
  pdf.processMemoryFile("report", bytes.data(), bytes.size());
}

/// "D:20261127083102Z" of "2026-11-27T08:31:02Z".
std::string PdfDate(const std::string& date) {
  std::string digits = "D:";
  std::copy_if(date.begin(), date.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return digits + "Z";
}

/// The same for programs that do not read PDF's own entries.
std::string Xmp(const PdfDescription& description) {
  return fmt::format(
      R"(<?xpacket begin="{}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{}</xmp:CreateDate>
<xmp:CreatorTool>{}</xmp:CreatorTool>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
)",
      "\uFEFF", EscapeMarkup(description.title), EscapeMarkup(description.author),
      description.language, EscapeMarkup(description.date), EscapeMarkup(description.author));
}

void Describe(QPDF& pdf, const PdfDescription& description) {
  Object root = pdf.getRoot();
  root.replaceKey("/Lang", Object::newUnicodeString(description.language));
  root.replaceKey("/ViewerPreferences", Object::parse("<< /DisplayDocTitle true >>"));
  Object metadata = pdf.newStream(Xmp(description));
  metadata.getDict().replaceKey("/Type", Object::newName("/Metadata"));
  metadata.getDict().replaceKey("/Subtype", Object::newName("/XML"));
  root.replaceKey("/Metadata", metadata);

  Object info = pdf.getTrailer().getKey("/Info");
  info.replaceKey("/Title", Object::newUnicodeString(description.title));
  info.replaceKey("/Author", Object::newUnicodeString(description.author));
  info.replaceKey("/Creator", Object::newUnicodeString(description.author));
  info.replaceKey("/CreationDate", Object::newString(PdfDate(description.date)));
}

/// Goes through the structure in its order.
void DescribeElements(Object element, const std::vector<PdfFigure>& figures, size_t& figure) {
  if (!element.isDictionary() || !element.hasKey("/K")) return;
  Object kind = element.getKey("/S");
  if (kind.isNameAndEquals("/TH")) {
    element.replaceKey("/A", Object::parse("<< /O /Table /Scope /Row >>"));
  }
  if (kind.isNameAndEquals("/Figure")) {
    const auto& [text, box] = figures.at(figure++);
    element.replaceKey("/Alt", Object::newUnicodeString(text));
    element.replaceKey(
        "/A", Object::parse(fmt::format(
                  "<< /O /Layout /Placement /Block /BBox [{:.2f} {:.2f} {:.2f} {:.2f}] >>", box[0],
                  box[1], box[2], box[3])));
  }
  for (const Object& kid : element.getKey("/K").wrapInArray().getArrayAsVector()) {
    DescribeElements(kid, figures, figure);
  }
}

void AddFoot(QPDF& pdf, QPDFPageObjectHelper page, Object form) {
  Object resources = page.getAttribute("/Resources", true);
  resources.mergeResources(Object::parse("<< /XObject << >> >>"));
  resources.getKey("/XObject").replaceKey("/Foot", form);
  page.addPageContents(pdf.newStream("q\n"), true);
  page.addPageContents(
      pdf.newStream("\nQ\n/Artifact << /Type /Pagination /Subtype /Footer >> BDC\nq\n/Foot Do\nQ\n"
                    "EMC\n"),
      false);
  page.getObjectHandle().replaceKey("/Tabs", Object::newName("/S"));
}

std::string Write(QPDF& pdf, const std::string& mark) {
  QPDFWriter writer(pdf);
  writer.setOutputMemory();
  writer.setMinimumPDFVersion("1.7");
  writer.setObjectStreamMode(qpdf_o_generate);
  writer.setDeterministicID(true);
  writer.setExtraHeaderText("% " + mark + "\n");
  writer.write();
  const std::shared_ptr<Buffer> bytes = writer.getBufferSharedPointer();
  return {reinterpret_cast<const char*>(bytes->getBuffer()), bytes->getSize()};
}

}  // namespace

std::string CompletePdf(const std::string& pages, const std::string& feet,
                        const PdfDescription& description) {
  try {
    QPDF foot;  // must live until all is written
    QPDF pdf;
    Open(foot, feet);
    Open(pdf, pages);
    Describe(pdf, description);
    size_t figure = 0;
    DescribeElements(pdf.getRoot().getKey("/StructTreeRoot"), description.figures, figure);
    std::vector<QPDFPageObjectHelper> foot_pages = QPDFPageDocumentHelper(foot).getAllPages();
    size_t number = 0;
    for (const QPDFPageObjectHelper& page : QPDFPageDocumentHelper(pdf).getAllPages()) {
      AddFoot(pdf, page, pdf.copyForeignObject(foot_pages.at(number++).getFormXObjectForPage()));
    }
    return Write(pdf, description.mark);
  } catch (const std::exception& error) {
    throw Error(fmt::format("a PDF cannot be made: {}", error.what()));
  }
}

}  // namespace roentgen
