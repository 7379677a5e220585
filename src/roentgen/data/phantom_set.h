#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/data/dataset_writer.h"
#include "roentgen/data/phantom_terms.h"
#include "roentgen/data/sample.h"
#include "roentgen/imaging/image.h"

namespace roentgen {

/// Who asks about the phantoms.
enum class PhantomQuestioner {
  kRadiologist,  ///< AskAboutPhantom
  kAnybody,      ///< AskGenerally
  kTeacher,      ///< AskForSketches
};

struct PhantomSetOptions {
  OutputOptions output;
  size_t patients = 200;
  uint64_t seed = 1;
  int side = 256;             ///< of the square pictures, pixels
  bool sixteen_bits = false;  ///< instead of 8, in PNG
  PhantomQuestioner questioner = PhantomQuestioner::kRadiologist;
  bool twins = true;  ///< a second picture of each patient, see CounterfactualTwin
  std::vector<Language> languages = {Language::kEnglish, Language::kChinese};
  std::vector<Study> studies = {Study::kChest, Study::kHead, Study::kAbdomen};
  double test_share = 0.2;  ///< of the patients
  double validation_share = 0;
  std::stop_token stop;
};

/// The set's patients: all that these options say, in their order.
std::vector<Patient> DrawPatients(const PhantomSetOptions& options);

struct PhantomSetSummary {
  size_t images = 0;
  size_t normal = 0;                         ///< images without a finding
  std::map<FindingKind, size_t> findings;    ///< images with it
  std::map<std::string, size_t> questions;   ///< by part
  std::vector<std::filesystem::path> files;  ///< written, without the images
};

/// Draws patients and their twins, asks about them, and writes pictures (FOLDER/images/), samples,
/// NAME_statistics.json, the page NAME_report.html and dataset_info.json. A patient and his twin
/// are in the same part; parts have the same mix of studies. A sample's extra holds the truth:
/// "patient" (number and seed), "twin_image", "key" (see PhantomQuestion), "findings"; "twin", a
/// name shared with the twin's question where the answers differ; "premise": "false" where what it
/// asks for is not there; "paraphrase", a name shared by questions that ask the same about one
/// image. Its boxes are around the findings.
///
/// The same options give the same samples and pixels on every machine. Throws Error when something
/// cannot be written, Cancelled when stopped: then the dataset that was there stays, as
/// DatasetWriter says.
PhantomSetSummary WritePhantomSet(const PhantomSetOptions& options, ThreadPool& pool,
                                  const Progress& progress = {});

}  // namespace roentgen
