#include "roentgen/imaging/dicom_display.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_grey.h"
#include "roentgen/imaging/dicom_palette.h"
#include "roentgen/imaging/dicom_terms.h"
#include "roentgen/imaging/ycbcr.h"

namespace roentgen {
namespace {

using namespace dicom_tag;

std::vector<uint8_t> PaletteColours(const DicomDataset& dataset, const DicomFrame& pixels,
                                    std::vector<std::string>& notes) {
  const std::array<DicomLut, 3> palette = ReadDicomPalette(dataset, StoredRange(pixels));
  NoteUnusedLevels(palette, notes);
  std::vector<uint8_t> rgb;
  rgb.reserve(pixels.values.size() * 3);
  for (size_t i = 0; i < pixels.values.size(); ++i) {
    for (const DicomLut& channel : palette) {
      const auto entry = static_cast<unsigned>(channel.At(pixels.Value(i)));
      rgb.push_back(static_cast<uint8_t>(entry >> (channel.bits - 8)));
    }
  }
  return rgb;
}

std::vector<uint8_t> DirectColours(const DicomHeader& header, const DicomFrame& pixels) {
  const int drop = std::max(header.bits_stored - 8, 0);
  std::vector<uint8_t> samples(pixels.values.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    // A lossy code stream may overshoot the stored bits.
    samples[i] = static_cast<uint8_t>(std::min<uint32_t>(pixels.values[i] >> drop, 255));
  }
  if (pixels.colours == ColourSpace::kYbrFull) YcbcrToRgb(samples);
  return samples;
}

/// High values are bright unless the header says MONOCHROME1.
void InvertMonochrome1(const DicomHeader& header, RawImage& image) {
  if (header.photometric == "MONOCHROME1") {
    for (uint8_t& sample : image.samples) sample = static_cast<uint8_t>(255 - sample);
  } else if (header.photometric != "MONOCHROME2") {
    image.provenance.notes.push_back(fmt::format("{} for grey values: taken for MONOCHROME2",
                                                 DescribePhotometric(header.photometric)));
  }
}

/// Text in the picture may name the patient, and no program can take it out.
void WarnOfBurnedInText(const DicomDataset& dataset, Provenance& provenance) {
  const std::string burned_in = dataset.Text(kBurnedInAnnotation);
  if (burned_in == "YES") {
    provenance.notes.emplace_back("text is burned into the picture and may name the patient");
  } else if (burned_in != "NO" && (provenance.modality == "US" || provenance.modality == "OT")) {
    provenance.notes.emplace_back("text may be burned into the picture: look for names");
  }
}

}  // namespace

RawImage DisplayDicomFrame(const DicomDataset& dataset, const DicomHeader& header,
                           const DicomFrame& pixels, const DicomView& view) {
  const bool palette = header.photometric == "PALETTE COLOR" && header.samples == 1;
  const bool grey = !palette && header.samples == 1;
  RawImage image = MakeRawImage("DICOM", grey ? PixelMode::kGrey : PixelMode::kRgb,
                                static_cast<int>(header.columns), static_cast<int>(header.rows));
  Provenance& provenance = image.provenance;
  provenance.modality = DicomModality(dataset.Text(kModality));
  provenance.body_part = DicomBodyPart(dataset.Text(kBodyPartExamined));
  provenance.study_date = DicomDate(dataset.Text(kStudyDate));
  provenance.frame = view.frame;
  provenance.frames = header.frames;
  provenance.notes = pixels.notes;
  if (grey) {
    DicomGrey shown = ShowDicomGrey(dataset, pixels, view);
    image.samples = std::move(shown.samples);
    provenance.window = std::move(shown.window);
    std::move(shown.notes.begin(), shown.notes.end(), std::back_inserter(provenance.notes));
    InvertMonochrome1(header, image);
  } else if (view.window) {
    throw Error("a window was asked for, but the picture is in colour");
  } else {
    image.samples =
        palette ? PaletteColours(dataset, pixels, provenance.notes) : DirectColours(header, pixels);
  }
  WarnOfBurnedInText(dataset, provenance);
  return image;
}

}  // namespace roentgen
