#include "roentgen/data/phantom_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/random.h"
#include "roentgen/data/phantom_questions.h"
#include "roentgen/data/split.h"
#include "roentgen/data/statistics.h"
#include "roentgen/data/statistics_report.h"
#include "roentgen/imaging/encode_png.h"
#include "roentgen/phantom/phantom_image.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kBatch = 32;  // patients between two rows of progress

/// A patient or his twin, and his picture.
struct Examination {
  Patient patient;
  std::string name;
  std::string image;  // the file
  std::vector<PixelRectangle> boxes;
  PhantomSketch sketch;  // where it is asked for
};

Json FindingsToJson(const Patient& patient) {
  Json list = Json::array();
  for (const ImagingFinding& finding : patient.findings) {
    Json item = {{"kind", NameOf(finding.kind)}};
    if (finding.side != Side::kNone) item["side"] = NameOf(finding.side);
    if (finding.zone != Zone::kNone) item["zone"] = NameOf(finding.zone);
    if (finding.size_mm > 0) item["size_mm"] = finding.size_mm;
    if (finding.kind == FindingKind::kLiverLesion) item["count"] = finding.count;
    list.push_back(std::move(item));
  }
  return list;
}

/// To a tenth of a pixel.
double Rounded(double pixels) {
  return std::round(10 * pixels) / 10;
}

/// In VQA-RAD's words.
const char* OrganOf(Study study) {
  return study == Study::kChest ? "CHEST" : study == Study::kHead ? "HEAD" : "ABD";
}

class PhantomSetWriter {
 public:
  PhantomSetWriter(const PhantomSetOptions& options, ThreadPool& pool, const Progress& progress)
      : options_(options), pool_(pool), progress_(progress), writer_(options.output) {}

  PhantomSetSummary Write() {
    const ThreadPool::CancelScope cancel(pool_, options_.stop);
    patients_ = DrawPatients(options_);
    AssignParts();
    for (size_t begin = 0; begin < patients_.size(); begin += kBatch) {
      Report(progress_, "Drawing", begin, patients_.size());
      WriteBatch(begin, std::min(kBatch, patients_.size() - begin));
    }
    Report(progress_, "Drawing", 1, 1);
    WriteStatistics();
    summary_.files = writer_.Finish();
    return std::move(summary_);
  }

 private:
  void AssignParts() {
    part_names_ = {std::string(kTrain)};
    std::vector<double> shares = {1 - options_.test_share - options_.validation_share};
    const auto add = [&](std::string_view name, double share) {
      if (share <= 0) return;
      part_names_.emplace_back(name);
      shares.push_back(share);
    };
    add(kTest, options_.test_share);
    add(kValidation, options_.validation_share);
    std::vector<SplitRow> rows;
    for (size_t i = 0; i < patients_.size(); ++i) {
      rows.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(patients_[i].study)});
    }
    parts_ = SplitByGroup(rows, shares, options_.seed);
  }

  void WriteBatch(size_t first, size_t count) {
    const size_t each = options_.twins ? 2 : 1;
    std::vector<Examination> examinations(count * each);
    pool_.ForEach(examinations.size(), [&](size_t i, int /*worker*/) {
      examinations[i] = Examine(first + i / each, /*twin=*/i % each == 1);
    });
    for (size_t i = 0; i < examinations.size(); ++i) {
      const size_t other = options_.twins ? i ^ 1 : i;
      AddSamples(first + i / each, examinations[i], examinations[other]);
    }
  }

  Examination Examine(size_t number, bool twin) {
    Examination examination;
    examination.patient = twin ? CounterfactualTwin(patients_[number]) : patients_[number];
    examination.name =
        fmt::format("{}-{:06}{}", options_.output.name, number + 1, twin ? "-twin" : "");
    PhantomImage image = DrawPhantom(examination.patient, options_.side);
    examination.image =
        writer_.PutImage(examination.name + ".png", options_.sixteen_bits
                                                        ? EncodePng(image.pixels, image.size)
                                                        : EncodePng(image.EightBits(), image.size));
    if (options_.questioner == PhantomQuestioner::kTeacher) {
      examination.sketch = SketchOf(examination.patient, image);
    }
    examination.boxes = std::move(image.finding);
    return examination;
  }

  std::vector<PhantomQuestion> Ask(const Examination& one, const Examination& twin) const {
    switch (options_.questioner) {
      case PhantomQuestioner::kTeacher:
        return AskForSketches(one.patient, one.sketch, options_.languages);
      case PhantomQuestioner::kAnybody:
        return AskGenerally(one.patient, twin.patient, options_.languages);
      default:
        return AskAboutPhantom(one.patient, twin.patient, options_.languages);
    }
  }

  void AddSamples(size_t number, const Examination& examination, const Examination& twin) {
    const Patient& patient = examination.patient;
    ++summary_.images;
    summary_.normal += patient.findings.empty() ? 1 : 0;
    for (const ImagingFinding& finding : patient.findings) ++summary_.findings[finding.kind];
    const Size size{options_.side, options_.side};
    std::vector<PhantomQuestion> questions = Ask(examination, twin);
    std::map<std::string, size_t> wordings;
    for (const PhantomQuestion& question : questions) ++wordings[question.subject];
    std::map<std::string, std::string> twin_answers;  // by key
    for (PhantomQuestion& question : Ask(twin, examination)) {
      twin_answers[question.key] = std::move(question.answer);
    }
    for (PhantomQuestion& question : questions) {
      Sample sample;
      sample.id = fmt::format("{}/{}", examination.name, question.key);
      sample.images = {writer_.Staged(examination.image).string()};
      sample.turns = {{Role::kUser, std::string(kImagePlaceholder) + question.question},
                      {Role::kAssistant, std::move(question.answer)}};
      sample.language = CodeOf(question.language);
      sample.modality = patient.study == Study::kChest ? "X-Ray" : "CT";
      sample.organ = OrganOf(patient.study);
      sample.question_types = {std::move(question.type)};
      sample.answer_type = question.closed ? kClosed : kOpen;
      sample.split = part_names_[parts_[number]];
      for (size_t i = 0; i < examination.boxes.size(); ++i) {
        const PixelRectangle& box = examination.boxes[i];
        sample.boxes.push_back({std::string(NameOf(patient.findings[i].kind)), Rounded(box.left),
                                Rounded(box.top), Rounded(box.right - box.left),
                                Rounded(box.bottom - box.top)});
      }
      sample.source = {options_.output.name, ++rows_};
      sample.extra["patient"] = {{"number", number + 1},
                                 {"seed", fmt::format("{:016x}", patient.seed)}};
      if (options_.twins) sample.extra["twin_image"] = fs::path(twin.image).filename().string();
      sample.extra["key"] = std::move(question.key);
      const auto answer_of_twin = twin_answers.find(sample.extra["key"].get<std::string>());
      if (answer_of_twin != twin_answers.end() &&
          answer_of_twin->second != sample.turns.back().text) {
        sample.extra["twin"] = fmt::format("{}/{}", number + 1, answer_of_twin->first);
      }
      if (question.false_premise) sample.extra["premise"] = "false";
      if (wordings[question.subject] > 1) {
        sample.extra["paraphrase"] = fmt::format("{}/{}", examination.name, question.subject);
      }
      sample.extra["findings"] = FindingsToJson(patient);
      ++summary_.questions[sample.split];
      statistics_.Add(sample, std::span(&size, 1));
      sample.images = {examination.image};
      writer_.Add(std::move(sample));
    }
  }

  void WriteStatistics() {
    const Statistics statistics = statistics_.Finish();
    writer_.File("statistics.json").Write(StatisticsToJson(statistics).dump(2) + "\n");
    const HtmlReport report{options_.output.name,
                            {"Phantoms: drawn from physics, with known findings. They look like "
                             "radiology; they are not."}};
    writer_.File("report.html").Write(StatisticsToHtml(statistics, report));
  }

  const PhantomSetOptions& options_;
  ThreadPool& pool_;
  const Progress& progress_;
  DatasetWriter writer_;
  std::vector<Patient> patients_;
  std::vector<std::string> part_names_;
  std::vector<uint32_t> parts_;  // by patient
  size_t rows_ = 0;
  StatisticsCollector statistics_{StatisticsOptions{}};
  PhantomSetSummary summary_;
};

}  // namespace

std::vector<Patient> DrawPatients(const PhantomSetOptions& options) {
  Random seeds(options.seed);
  std::vector<Patient> patients;
  while (patients.size() < options.patients) {
    Patient patient = DrawPatient(seeds.NextBits());
    const auto& wanted = options.studies;
    if (std::find(wanted.begin(), wanted.end(), patient.study) != wanted.end()) {
      patients.push_back(std::move(patient));
    }
  }
  return patients;
}

PhantomSetSummary WritePhantomSet(const PhantomSetOptions& options, ThreadPool& pool,
                                  const Progress& progress) {
  if (options.languages.empty() || options.studies.empty() || options.patients == 0) {
    throw Error("a phantom set needs a language, a study and a patient");
  }
  return PhantomSetWriter(options, pool, progress).Write();
}

}  // namespace roentgen
