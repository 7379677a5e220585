#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/data/cleaning_rules.h"
#include "roentgen/data/csv_form.h"
#include "roentgen/data/image_places.h"
#include "roentgen/data/sample.h"

namespace roentgen {

/// A row as a reader found it. When it cannot be a sample, flaw says which rule it breaks and why;
/// the sample then holds what is known, its source at least.
struct SourceSample {
  struct Flaw {
    Rule rule;
    std::string reason;
    /// Only the last answer is missing: the sample is whole up to its last question.
    bool only_answer = false;
    /// The row names an image outside of the set's folders (ImagePlaces).
    bool outside = false;
  };
  Sample sample;
  std::optional<Flaw> flaw = {};
  /// Fields of texts whose value was a number in the file: the rule integer-answer names them.
  std::vector<std::string> number_fields = {};
  /// A tab in a text of this set stands for a comma that was lost (VQA-RAD).
  bool tabs_are_commas = false;
  /// Columns in Sample::extra that are texts as the conversation is: other wordings of its
  /// question.
  std::vector<std::string> text_columns = {};
};

/// A fact of a knowledge graph that comes with a question set.
struct KnowledgeTriple {
  std::string language;
  std::string subject;
  std::string relation;
  std::string object;
};

/// A question set in files. It can be read any number of times, and one row at a time, so that its
/// size does not matter.
class SampleSource {
 public:
  virtual ~SampleSource() = default;

  /// Calls take for every row, always in the same order, with a source file and row, an id, and
  /// image paths that can be opened. A row that is not in the form of the set (a missing key, a
  /// value of a wrong type, a path that leaves its folder) comes with a flaw, and with its split
  /// where that can be read. Throws Error, naming file and row, where no row of a file is in that
  /// form, and for broken JSON.
  virtual void ForEach(const std::function<void(SourceSample)>& take) const = 0;

  /// The files that rows are read from.
  virtual std::vector<std::filesystem::path> Files() const { return {}; }
  /// Every image file that belongs to the set, used or not; empty where that is not known.
  virtual std::vector<std::filesystem::path> Images() const { return {}; }
  virtual std::vector<KnowledgeTriple> Knowledge() const { return {}; }

  /// What of the set is not read, or not as its files say, and why: sentences for people.
  virtual std::vector<std::string> Notes() const { return {}; }
};

/// VQA-RAD as published at osf.io/89kps: "VQA_RAD Dataset Public.json" and "VQA_RAD Image Folder".
/// The modality, which its rows do not give, is taken from the answers to an image's MODALITY
/// questions where these agree.
std::unique_ptr<SampleSource> OpenVqaRad(const std::filesystem::path& folder);

/// SLAKE as published at med-vqa.com/slake and on the Hugging Face hub: train.json, validate.json
/// or validation.json, test.json (those there are, JSON lines too), imgs/ with boxes and masks
/// beside the pictures, KG/.
std::unique_ptr<SampleSource> OpenSlake(const std::filesystem::path& folder);

/// Entries of a folder's dataset_info.json as LLaMA-Factory 0.9.5 reads them: ShareGPT, OpenAI and
/// Alpaca, JSON and JSON lines. Columns that say what a Sample says beside its conversation are
/// taken too. Rows that LLaMA-Factory drops come with a flaw. A row that does not say its part is
/// in the one that its entry's name says, or else its file's (PartInName), or in training.
///
/// names      the entries; when empty all that can be read, and Notes() names the others
/// images     where images are looked for, then from where the program runs. They must lie in the
///            folder, the row file's, images.media_dir, or where an import of this program found
///            them for the set that it wrote into the folder; else the row has a flaw
///
/// ForEach throws Error, beside what it says of every source, for rows that LLaMA-Factory trains on
/// in a way that is not supported (tools, videos, audio), and when no row has a column that counts.
std::unique_ptr<SampleSource> OpenLlamaFactory(const std::filesystem::path& folder,
                                               const std::vector<std::string>& names,
                                               const ImageOptions& images = {});

/// One such file without a dataset_info.json, with the default columns of LLaMA-Factory, or
/// "messages" with "role" and "content" where the first row has that; images in the column
/// "images", or one in "image" as LLaVA has it. A row that does not say its part is in the one that
/// the file's name says, or in training.
///
/// images  as above, with the file's folder
std::unique_ptr<SampleSource> OpenShareGpt(const std::filesystem::path& file,
                                           const ImageOptions& images = {});
std::unique_ptr<SampleSource> OpenAlpaca(const std::filesystem::path& file,
                                         const ImageOptions& images = {});

/// A table (RFC 4180, first row: names) beside its images. Its encoding and separator are found as
/// FindCsvForm says; Notes() names another encoding than UTF-8. Columns: image (or several in one
/// cell), question, answer; if there, id, modality, organ, question_type, answer_type, split,
/// language, system_prompt; others go to extra. Where there is no split, a column whose name and
/// values are about folds ("fold": 1, 2, …) is the split, which Notes() says; others that seem to
/// be one are named there, too. Cells are as they were typed, but for blanks around ids, languages,
/// splits and image files that are there without them. Names of columns may be written as people
/// write them (ColumnNamed); two of one name are an Error. Rows that do not say their part are in
/// the one that the file's name says, or in training. path is the file, or a folder with one .csv
/// or .tsv in it, or else one .txt; a row whose images do not lie in that folder has a flaw.
std::unique_ptr<SampleSource> OpenCsv(const std::filesystem::path& path,
                                      const CsvOptions& options = {});

}  // namespace roentgen
