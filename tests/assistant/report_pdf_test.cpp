#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Without it, qpdf 11's headers warn of their older pointers.
#define POINTERHOLDER_TRANSITION 4
#include <map>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <set>

#include "assistant/made_reports.h"
#include "roentgen/assistant/report_document.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/assistant/report_pdf_images.h"
#include "roentgen/imaging/load.h"

namespace roentgen {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using Object = QPDFObjectHandle;

constexpr Language kLanguages[] = {Language::kEnglish, Language::kChinese};

/// An image that no other number has: grey or in colours.
ShownPicture ImageOf(Size size, size_t number, bool grey = true) {
  ShownPicture shown = test::MadeImage(number);
  Image image;
  image.width = size.width;
  image.height = size.height;
  for (size_t i = 0; i < static_cast<size_t>(size.width) * size.height; ++i) {
    const auto value = static_cast<uint8_t>((i * 7 + number * 31) ^ (i >> 5));
    const auto other = static_cast<uint8_t>(grey ? value : value + i % 3);
    image.rgb.insert(image.rgb.end(), {value, other, value});
  }
  shown.png = EncodePng(image);
  return shown;
}

RadiologyReport ReportWith(Language language, const std::vector<ShownPicture>& images) {
  RadiologyReport report = test::MadeReport(language, test::SomeAnswers(language));
  report.study.images = images;
  return test::Finished(std::move(report));
}

std::string Pixels(const ShownPicture& shown) {
  const Image image =
      DecodeImage({reinterpret_cast<const uint8_t*>(shown.png.data()), shown.png.size()}, "stored");
  return fmt::format("{}×{} ", image.width, image.height) +
         std::string(image.rgb.begin(), image.rgb.end());
}

/// What an image of a PDF shows, in the form of Pixels.
std::string Pixels(Object image) {
  const auto number = [&](const char* key) {
    return static_cast<size_t>(image.getDict().getKey(key).getIntValue());
  };
  const size_t width = number("/Width"), height = number("/Height");
  const size_t bits = number("/BitsPerComponent");
  const size_t channels =
      image.getDict().getKey("/ColorSpace").isNameAndEquals("/DeviceGray") ? 1 : 3;
  const std::shared_ptr<Buffer> data = image.getStreamData(qpdf_dl_all);
  std::string pixels = fmt::format("{}×{} ", width, height);
  const size_t stride = (width * channels * bits + 7) / 8;
  for (size_t y = 0; y < height; ++y) {
    const unsigned char* row = data->getBuffer() + y * stride;
    for (size_t x = 0; x < width; ++x) {
      for (size_t c = 0; c < 3; ++c) {
        if (bits == 1) {
          pixels += static_cast<char>((row[x / 8] >> (7 - x % 8) & 1) != 0 ? 255 : 0);
        } else {
          pixels += static_cast<char>(row[x * channels + (channels == 3 ? c : 0)]);
        }
      }
    }
  }
  return pixels;
}

/// A PDF as it is read.
class Read {
 public:
  explicit Read(std::string bytes) : bytes_(std::move(bytes)) {
    pdf_.setSuppressWarnings(true);
    pdf_.processMemoryFile("report", bytes_.data(), bytes_.size());
    for (const QPDFPageObjectHelper& page : QPDFPageDocumentHelper(pdf_).getAllPages()) {
      page_numbers_[page.getObjectHandle().getObjGen()] = pages_.size();
      pages_.push_back(page);
    }
    Walk(pdf_.getRoot().getKey("/StructTreeRoot").getKey("/K"), "", pages_.size());
  }

  std::vector<std::string> Images() {
    std::vector<std::string> images;
    for (QPDFPageObjectHelper& page : pages_) {
      for (auto& [name, image] : page.getImages()) images.push_back(Pixels(image));
    }
    return images;
  }

  Object root() { return pdf_.getRoot(); }
  std::string Info(const char* key) {
    return pdf_.getTrailer().getKey("/Info").getKey(key).getUTF8Value();
  }
  std::vector<QPDFPageObjectHelper>& pages() { return pages_; }

  struct Element {
    std::string path;  ///< "/Document/Table/TR"
    size_t page;       ///< where it begins; the number of pages: it holds others
    std::string alt;
    bool scoped;
  };
  const std::vector<Element>& elements() const { return elements_; }
  bool clean() { return pdf_.getWarnings().empty(); }

 private:
  void Walk(Object object, const std::string& path, size_t page) {
    if (object.isArray()) {
      for (Object& kid : object.getArrayAsVector()) Walk(kid, path, page);
    }
    if (!object.isDictionary() || !object.hasKey("/S")) return;
    const std::string here = path + object.getKey("/S").getName();
    if (object.hasKey("/Pg")) page = page_numbers_.at(object.getKey("/Pg").getObjGen());
    elements_.push_back(
        {here, page, object.hasKey("/Alt") ? object.getKey("/Alt").getUTF8Value() : "",
         object.getKey("/A").isDictionary() && object.getKey("/A").hasKey("/Scope")});
    Walk(object.getKey("/K"), here, page);
  }

  std::string bytes_;
  QPDF pdf_;
  std::vector<QPDFPageObjectHelper> pages_;
  std::map<QPDFObjGen, size_t> page_numbers_;
  std::vector<Element> elements_;
};

/// Counts what is painted outside of all marks: neither tagged nor an artifact.
class UnmarkedPainting : public Object::ParserCallbacks {
 public:
  void handleObject(Object object) override {
    if (!object.isOperator()) return;
    static const std::set<std::string> kPainting = {"Tj", "TJ", "'", "\"", "Do", "S",  "s", "f",
                                                    "F",  "f*", "B", "B*", "b",  "b*", "sh"};
    const std::string name = object.getOperatorValue();
    if (name == "BDC" || name == "BMC") ++depth_;
    if (name == "EMC") --depth_;
    if (kPainting.contains(name)) ++(depth_ > 0 ? marked : unmarked);
  }
  void handleEOF() override {}

  int marked = 0;
  int unmarked = 0;

 private:
  int depth_ = 0;
};

TEST(ReportPdf, HasAllImagesOnceAsTheyAreStored) {
  const auto many = [](size_t count, Size size, bool grey) {
    std::vector<ShownPicture> images;
    for (size_t i = 0; i < count; ++i) images.push_back(ImageOf(size, i, grey));
    return images;
  };
  const std::vector<std::vector<ShownPicture>> studies = {
      many(1, {224, 224}, true),
      many(3, {224, 224}, false),
      many(6, {56, 280}, true),
      {ImageOf({2800, 28}, 1)},
      {ImageOf({28, 2800}, 1, false)},
      many(40, {112, 84}, true),
      {ImageOf({1, 1}, 1), ImageOf({2, 1}, 2, false), ImageOf({3, 5}, 3), ImageOf({28, 28}, 4)},
  };
  for (const std::vector<ShownPicture>& images : studies) {
    const Language language = kLanguages[images.size() % 2];
    Read pdf(ReportPdf(ReportWith(language, images)));
    std::vector<std::string> stored;
    for (const ShownPicture& image : images) stored.push_back(Pixels(image));
    EXPECT_TRUE(pdf.clean());
    EXPECT_EQ(pdf.Images().size(), stored.size());
    std::vector<std::string> shown = pdf.Images();
    std::sort(shown.begin(), shown.end());
    std::sort(stored.begin(), stored.end());
    EXPECT_TRUE(shown == stored) << images.size() << " images, not as stored";
  }
}

TEST(ReportPdf, BlackAndWhiteStaysSo) {
  ShownPicture shown = test::MadeImage(0);
  Image image;
  image.width = 19;
  image.height = 3;
  for (int i = 0; i < 19 * 3; ++i) image.rgb.insert(image.rgb.end(), 3, i % 3 == 0 ? 255 : 0);
  shown.png = EncodePng(image);
  Read pdf(ReportPdf(ReportWith(Language::kEnglish, {shown})));
  EXPECT_THAT(pdf.Images(), ElementsAre(Pixels(shown)));
}

TEST(ReportPdf, TellsItsLanguageItsTitleAndWhoMadeIt) {
  for (const Language language : kLanguages) {
    const RadiologyReport report = ReportWith(language, {ImageOf({56, 56}, 1)});
    const ReportDocument document = DocumentOf(report);
    Read pdf(ReportPdf(report));
    EXPECT_EQ(pdf.root().getKey("/Lang").getUTF8Value(), document.language);
    EXPECT_EQ(pdf.Info("/Title"), document.title);
    EXPECT_EQ(pdf.Info("/Author"), "roentgen 0.1.0");
    EXPECT_EQ(pdf.Info("/CreationDate"), "D:20261127080000Z");
    EXPECT_TRUE(pdf.root().getKey("/ViewerPreferences").getKey("/DisplayDocTitle").getBoolValue());
    EXPECT_TRUE(pdf.root().getKey("/MarkInfo").getKey("/Marked").getBoolValue());
    const auto metadata = pdf.root().getKey("/Metadata").getStreamData();
    EXPECT_THAT(
        std::string(reinterpret_cast<const char*>(metadata->getBuffer()), metadata->getSize()),
        AllOf(HasSubstr("<rdf:li xml:lang=\"x-default\">" + document.title),
              HasSubstr("<rdf:li>" + document.language + "</rdf:li>")));
  }
}

TEST(ReportPdf, IsTaggedInTheOrderOfTheReport) {
  for (const Language language : kLanguages) {
    const RadiologyReport report =
        ReportWith(language, {ImageOf({56, 56}, 1), ImageOf({56, 56}, 2)});
    const ReportDocument document = DocumentOf(report);
    Read pdf(ReportPdf(report));
    std::vector<std::string> top;
    std::vector<std::string> alts;
    std::map<std::string, size_t> count;
    for (const Read::Element& element : pdf.elements()) {
      ++count[element.path];
      if (element.path.find('/', 10) == std::string::npos && element.path != "/Document") {
        const std::string name = element.path.substr(10);
        if (name != "P" || top.empty() || top.back() != "P") top.push_back(name);
      }
      if (element.path.ends_with("/Figure")) alts.push_back(element.alt);
      EXPECT_EQ(element.scoped, element.path.ends_with("/TH")) << element.path;
    }
    EXPECT_THAT(top, ElementsAre("H1", "P", "Table", "Div", "Div", "H2", "P", "H2", "P", "H2", "L",
                                 "Table", "Table"));
    EXPECT_THAT(alts,
                ElementsAre(document.images[0].name + document.colon + document.images[0].value,
                            document.images[1].name + document.colon + document.images[1].value));
    EXPECT_EQ(count["/Document/Div/Caption"], 2u);
    EXPECT_EQ(count["/Document/L/LI/LBody"], document.questions.size());
    EXPECT_EQ(count["/Document/Table/TR/TD"],
              document.about.size() + document.images.size() + document.facts.size());
  }
}

TEST(ReportPdf, NothingIsPaintedThatIsNeitherTaggedNorAnArtifact) {
  for (const Language language : kLanguages) {
    std::vector<ShownPicture> images;
    for (size_t i = 0; i < 9; ++i) images.push_back(ImageOf({100, 100}, i));
    Read pdf(ReportPdf(ReportWith(language, images)));
    EXPECT_GT(pdf.pages().size(), 1u);
    for (QPDFPageObjectHelper& page : pdf.pages()) {
      UnmarkedPainting painting;
      page.parseContents(&painting);
      EXPECT_EQ(painting.unmarked, 0);
      EXPECT_GT(painting.marked, 2);
      EXPECT_TRUE(page.getAttribute("/Resources", false).getKey("/XObject").hasKey("/Foot"));
    }
  }
}

TEST(ReportPdf, EqualReportsGiveEqualBytes) {
  const RadiologyReport report = ReportWith(Language::kChinese, {ImageOf({56, 56}, 1)});
  EXPECT_TRUE(ReportPdf(report) == ReportPdf(report));
}

TEST(ReportPdf, AHeadingStandsOnThePageOfItsFirstLine) {
  for (size_t lines = 0; lines < 40; ++lines) {
    std::string answer = "1. Mass.";
    for (size_t i = 0; i < lines; ++i) answer += "\nThe heart is of normal size.";
    RadiologyReport report = test::MadeReport(Language::kEnglish, {"Chest.", answer, answer});
    report.study.images.clear();
    Read pdf(ReportPdf(test::Finished(std::move(report))));
    std::optional<size_t> heading;
    for (const Read::Element& element : pdf.elements()) {
      if (element.page == pdf.pages().size()) continue;  // an element that holds others
      if (heading) {
        EXPECT_EQ(element.page, *heading) << lines << " lines: " << element.path;
      }
      heading.reset();
      if (element.path == "/Document/H2") heading = element.page;
    }
  }
}

TEST(ReportPdf, LongAnswersGoOnOverPages) {
  std::string answer;
  for (int i = 0; i < 3000; ++i) answer += "双肺野清晰，未见结节。";
  Read pdf(ReportPdf(test::Finished(test::MadeReport(Language::kChinese, {"胸片。", answer}))));
  EXPECT_GT(pdf.pages().size(), 12u);
  EXPECT_TRUE(pdf.clean());
}

TEST(ReportPdf, CharactersWithoutAGlyphTakeNothingAway) {
  const std::string rare = "\U0001F9B4 \U00013000 \uE000 \U000F0000 \u0645\u0631\u062D\u0628\u0627";
  for (const Language language : kLanguages) {
    RadiologyReport report = test::MadeReport(language, {"Chest " + rare, rare});
    report.study.indication = rare;
    report.facts.model = rare;
    Read pdf(ReportPdf(test::Finished(std::move(report))));
    EXPECT_TRUE(pdf.clean());
  }
}

TEST(ReportPdf, HostileTextsDoNoHarm) {
  for (uint64_t seed = 100; seed < 120; ++seed) {
    Read pdf(ReportPdf(test::HostileReport(seed, kLanguages[seed % 2])));
    EXPECT_TRUE(pdf.clean()) << seed;
  }
}

TEST(ArrangeImages, PutsEachImageInItsPlaceOnce) {
  constexpr double kWidth = 480, kHeight = 400;
  const std::vector<std::vector<Size>> studies = {
      {},
      {{224, 224}},
      std::vector<Size>(3, {224, 224}),
      std::vector<Size>(6, {56, 280}),
      std::vector<Size>(40, {448, 336}),
      {{5600, 28}, {28, 5600}, {1, 1}, {504, 504}},
  };
  for (const std::vector<Size>& images : studies) {
    size_t next = 0;
    for (const PdfImageRow& row : ArrangeImages(images, kWidth, kHeight)) {
      double end = 0;
      for (const PdfImageCell& cell : row) {
        EXPECT_EQ(cell.image, next++);
        EXPECT_GE(cell.x, end);
        end = cell.x + cell.column;
        EXPECT_GE(cell.column, cell.width);
        EXPECT_LE(cell.height, kHeight);
        EXPECT_NEAR(cell.width * images[cell.image].height, cell.height * images[cell.image].width,
                    1e-6 * kWidth * images[cell.image].height);
      }
      EXPECT_LE(end, kWidth + 1e-3);
    }
    EXPECT_EQ(next, images.size());
  }
  EXPECT_THAT(ArrangeImages(studies[2], kWidth, kHeight), ElementsAre(SizeIs(3)));
  EXPECT_THAT(ArrangeImages(studies[3], kWidth, kHeight), ElementsAre(SizeIs(6)));
}

}  // namespace
}  // namespace roentgen
