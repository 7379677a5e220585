#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/data/cleaning_rules.h"
#include "roentgen/data/dataset_writer.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/data/split_plan.h"
#include "roentgen/data/statistics.h"

namespace roentgen {

struct ImportOptions {
  RuleModes rules;
  std::optional<double> blur_threshold;  ///< instead of CalibrateBlurLimits
  SplitPlan split;
  /// What parts of the source are, by the names that they have there: kTrain, kValidation, kTest.
  std::map<std::string, std::string> parts;
  double missing_share = 0.1;  ///< of the images: nothing is written when more are missing
  bool conversations = false;  ///< questions about the same images become turns of one sample
  std::optional<OutputOptions> output;  ///< nothing is written without
  StatisticsOptions statistics;
  /// Hears of everything that is found, in the order of the rows.
  std::function<void(const Sample&, const CleaningFinding&)> on_finding;
  std::stop_token stop;
};

/// What happened to a part's rows.
struct PartSummary {
  size_t rows = 0;       ///< read
  size_t kept = 0;       ///< that were not dropped
  size_t questions = 0;  ///< of the rows read: a conversation of n turns has n
  size_t images = 0;     ///< distinct pictures, pixel for pixel, of the rows read
  size_t closed = 0;     ///< of the questions, by their answer type, mended
  size_t yes = 0;        ///< closed and answered by a plain yes
  size_t no = 0;
};

struct RuleSummary {
  size_t dropped = 0;
  size_t mended = 0;
  size_t reported = 0;
  size_t actable = 0;                   ///< of the reported: on what the rule would act
  std::map<std::string, size_t> tally;  ///< by CleaningFinding::tally
};

/// How many images of an official test or validation part another part has too.
struct Overlap {
  std::string part;
  std::string other;  ///< training, or validation for the test
  size_t images = 0;  ///< of the part
  size_t shared = 0;
  size_t patients = 0;  ///< of the part, where known
  size_t shared_patients = 0;
};

/// Where blur begins among the images of one modality; see BlurLimit.
struct BlurSummary {
  std::string modality;  ///< empty: of those that have none
  double median = 0;
  double threshold = 0;
};

struct ImportSummary {
  size_t rows = 0;
  size_t questions = 0;
  size_t kept = 0;
  size_t written = 0;                        ///< kept rows, or conversations made of them
  std::map<std::string, PartSummary> parts;  ///< the source's
  std::map<std::string, size_t> written_parts;
  std::map<UnitTie, size_t> units;  ///< that were split, by what holds them together
  std::array<RuleSummary, kRules> rules;
  std::vector<BlurSummary> blur;             ///< of modalities where something can be said
  std::vector<std::string> unknown_parts;    ///< that are neither train, validation, test nor folds
  size_t images = 0;                         ///< files that rows name
  size_t images_in_set = 0;                  ///< files that are there, 0 where that is not known
  std::vector<std::string> unused_images;    ///< those that no row uses: names, with the folder
                                             ///< where several have one name
  size_t knowledge = 0;                      ///< facts of the knowledge graph
  std::vector<Overlap> overlaps;             ///< those above 0
  Statistics statistics;                     ///< of what is kept
  std::vector<std::string> notes;            ///< the source's: what of it is not read, and why
  std::vector<std::filesystem::path> files;  ///< written
};

/// Reads a question set, looks at its images, cleans, splits, counts and writes it: the samples as
/// DatasetWriter does, NAME_cleaning.jsonl with a line per finding, NAME_knowledge.jsonl where the
/// set has a knowledge graph, NAME_statistics.json and the pages
/// NAME_report.html and NAME_cleaning.html. The set is read
/// two to four times, one row at a time; memory grows by some hundred bytes a question, with the
/// number of images, and with the texts of rows that rules compare by their meaning.
///
/// A set that was written here and is imported again with the same rules does not change.
/// Throws Error as the source does, when an official part is not known (ImportOptions::parts), when
/// too many images are missing and when no row is kept; Cancelled when stopped. Nothing is written
/// then: see DatasetWriter.
ImportSummary Import(const SampleSource& source, const ImportOptions& options, ThreadPool& pool,
                     const Progress& progress = {});

/// What an overlap means, in a sentence.
std::string Describe(const Overlap& overlap);

/// What a report on the import says before its tables: which rows are not kept, which images two
/// official parts share.
std::vector<std::string> NotesOn(const ImportSummary& summary, const SplitPlan& split);

}  // namespace roentgen
