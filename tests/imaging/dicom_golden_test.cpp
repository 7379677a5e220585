// Every file of ../shared/data/dicom against pydicom's stored values and display image.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/dicom_frame.h"
#include "roentgen/imaging/load.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

std::string HexHash(uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

std::span<const uint8_t> AsBytes(const std::string& content) {
  return {reinterpret_cast<const uint8_t*>(content.data()), content.size()};
}

uint64_t HashOfValues(const DicomFrame& frame) {
  std::string bytes;
  for (const uint32_t value : frame.values) {
    for (int byte = 0; byte < 4; ++byte) bytes += static_cast<char>(value >> 8 * byte & 255);
  }
  return Fnv1a64(bytes);
}

/// Means of 16 × 16 cells, rounded half up, as the golden's README defines them.
std::vector<int> Thumbnail(const RawImage& image) {
  const auto channels = static_cast<size_t>(Channels(image.mode));
  const auto height = static_cast<size_t>(image.height);
  const auto width = static_cast<size_t>(image.width);
  std::vector<int> cells;
  for (size_t row = 0; row < 16; ++row) {
    const size_t top = row * height / 16;
    const size_t bottom = std::max(top + 1, (row + 1) * height / 16);
    for (size_t column = 0; column < 16; ++column) {
      const size_t left = column * width / 16;
      const size_t right = std::max(left + 1, (column + 1) * width / 16);
      for (size_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (size_t y = top; y < bottom; ++y) {
          for (size_t x = left; x < right; ++x)
            sum += image.samples[(y * width + x) * channels + c];
        }
        const auto count = static_cast<double>((bottom - top) * (right - left));
        cells.push_back(static_cast<int>(std::floor(sum / count + 0.5)));
      }
    }
  }
  return cells;
}

double Mean(const std::vector<uint8_t>& samples) {
  return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

class DicomCase {
 public:
  DicomCase(const fs::path& folder, const Json& row)
      : row_(row, "dicom.jsonl"),
        path_(folder / row_.Get<std::string>("file")),
        content_(ReadFile(path_, size_t{1} << 30)) {}

  void Check() {
    SCOPED_TRACE(path_.filename().string());
    if (row_.Has("error")) return CheckError();
    CheckHeader();
    lossless_ = !row_.Get<bool>("lossy");
    if (lossless_) CheckStored();
    CheckDisplay();
  }

 private:
  void CheckError() {
    const bool damaged = row_.Get<std::string>("error") == "decode_error";
    ROENTGEN_EXPECT_ERROR(DecodeRawImage(AsBytes(content_), "file.dcm"),
                          damaged ? "JPEG 2000 stream cannot be decoded" : "Rows is missing");
    if (damaged) CheckHeader();
  }

  void CheckHeader() {
    const DicomFile file = ReadDicom(AsBytes(content_), size_t{1} << 30);
    EXPECT_EQ(file.transfer_syntax, row_.Get<std::string>("transfer_syntax"));
    EXPECT_EQ(file.dataset.Text(dicom_tag::kModality), row_.GetOr<std::string>("modality", ""));
    const DicomHeader header = ReadDicomHeader(file.dataset);
    EXPECT_EQ(header.rows, row_.Get<int64_t>("rows"));
    EXPECT_EQ(header.columns, row_.Get<int64_t>("columns"));
    EXPECT_EQ(header.frames, row_.Get<size_t>("frames"));
    EXPECT_EQ(header.samples, row_.Get<int>("samples_per_pixel"));
    EXPECT_EQ(header.bits_allocated, row_.Get<int>("bits_allocated"));
    EXPECT_EQ(header.bits_stored, row_.Get<int>("bits_stored"));
    EXPECT_EQ(header.high_bit, row_.Get<int>("high_bit"));
    EXPECT_EQ(header.is_signed, row_.Get<int>("pixel_representation") == 1);
    EXPECT_EQ(header.photometric, row_.Get<std::string>("photometric"));
  }

  void CheckStored() {
    const DicomFile file = ReadDicom(AsBytes(content_), size_t{1} << 30);
    const DicomHeader header = ReadDicomHeader(file.dataset);
    const EncodedImage source{AsBytes(content_), "file.dcm", kMaxImagePixels};
    EXPECT_EQ(HexHash(HashOfValues(DecodeDicomFrame(file, header, 0, source))),
              row_.Object("stored").Get<std::string>("fnv1a64_i32le"));
  }

  void CheckDisplay() {
    const JsonObject display = row_.Object("display");
    const RawImage image = DecodeRawImage(AsBytes(content_), "file.dcm");
    ASSERT_EQ(image.width, display.Get<int>("width"));
    ASSERT_EQ(image.height, display.Get<int>("height"));
    ASSERT_EQ(Channels(image.mode), display.Get<int>("channels"));
    const bool converted = display.Object("rule").GetOr<bool>("colour_converted", false);
    if (lossless_ && !converted) {
      const std::string_view bytes(reinterpret_cast<const char*>(image.samples.data()),
                                   image.samples.size());
      EXPECT_EQ(HexHash(Fnv1a64(bytes)), display.Get<std::string>("fnv1a64"));
    }
    // Rounding of a lossy decoder shifts a whole picture by up to a level.
    EXPECT_NEAR(Mean(image.samples), display.Get<double>("mean"), lossless_ ? 0.5 : 1);
    const auto expected = display.Get<std::vector<int>>("thumb16");
    const std::vector<int> cells = Thumbnail(image);
    ASSERT_EQ(cells.size(), expected.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      ASSERT_NEAR(cells[i], expected[i], converted ? 3 : 1) << "cell " << i;
    }
  }

  JsonObject row_;
  fs::path path_;
  std::string content_;
  bool lossless_ = true;
};

TEST(DicomGolden, StoredValuesAndDisplay) {
  const fs::path folder = test::SharedRoot() / "data/dicom";
  const fs::path lines = test::GoldenRoot() / "dicom/dicom.jsonl";
  ROENTGEN_NEED(lines);
  ROENTGEN_NEED(folder);
  size_t count = 0;
  for (const Json& row : test::JsonLines(lines)) {
    ASSERT_NO_THROW(DicomCase(folder, row).Check()) << row.at("file");
    ++count;
  }
  EXPECT_EQ(count, 104u);
}

}  // namespace
}  // namespace roentgen
