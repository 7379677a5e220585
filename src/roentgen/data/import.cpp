#include "roentgen/data/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/data/cleaning_finding.h"
#include "roentgen/data/cleaning_page.h"
#include "roentgen/data/conversation_joiner.h"
#include "roentgen/data/label_spelling.h"
#include "roentgen/data/mend.h"
#include "roentgen/data/name_list.h"
#include "roentgen/data/part_names.h"
#include "roentgen/data/patient_names.h"
#include "roentgen/data/row_facts.h"
#include "roentgen/data/split_units.h"
#include "roentgen/data/statistics_report.h"
#include "roentgen/data/verdicts.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

class Importing {
 public:
  Importing(const SampleSource& source, const ImportOptions& options, ThreadPool& pool,
            const Progress& progress)
      : source_(source),
        options_(options),
        pool_(pool),
        progress_(progress),
        statistics_(options.statistics),
        joiner_([this](Sample sample) { Emit(std::move(sample)); }) {
    if (!options.output) return;
    OutputOptions output = *options.output;
    output.inputs = source.Files();
    writer_.emplace(std::move(output));
  }

  ImportSummary Run() {
    // Right spellings are known only when all labels were counted.
    if (options_.rules.Applies(Rule::kLabelSpelling)) CountLabels();
    Survey();
    CheckParts();
    LookAtImages();
    Decide();
    if (options_.conversations) ExpectConversations();
    WriteRows();
    if (summary_.kept == 0 && writer_) ThrowNothingKept();
    WriteKnowledge();
    Summarise();
    summary_.statistics = statistics_.Finish();
    if (writer_) {
      WriteReport();
      CheckStop();
      summary_.files = writer_->Finish();
    }
    return std::move(summary_);
  }

 private:
  void CheckStop() const {
    if (options_.stop.stop_requested()) throw Cancelled();
  }

  /// Calls take for every row of the source, in the part that the options make of its own.
  template <class Take>
  void ForEachRow(const Take& take) const {
    source_.ForEach([&](SourceSample read) {
      CheckStop();
      const auto part = options_.parts.find(read.sample.split);
      if (part != options_.parts.end()) {
        renamed_.insert(part->first);
        read.sample.split = part->second;
      }
      take(std::move(read));
    });
  }

  void CountLabels() {
    std::vector<CleaningFinding> ignored;
    ForEachRow([&](SourceSample read) {
      ++rows_;
      MendRow(read, ignored);  // but for spellings, as none is known yet
      CountLabelsOf(read.sample);
      ignored.clear();
    });
    DecideSpellings();
  }

  void CountLabelsOf(const Sample& sample) {
    for (const std::string& label : sample.question_types) question_types_.Count(label);
    answer_types_.Count(sample.answer_type);
    organs_.Count(sample.organ);
    modalities_.Count(sample.modality);
  }

  void DecideSpellings() {
    for (LabelSpelling* field : {&question_types_, &answer_types_, &organs_, &modalities_}) {
      field->Decide();
    }
  }

  void MendRow(SourceSample& read, std::vector<CleaningFinding>& findings) const {
    Mend(options_.rules, {question_types_, answer_types_, organs_, modalities_}, read, findings);
  }

  void Survey() {
    const bool count_labels =
        options_.rules.On(Rule::kLabelSpelling) && !options_.rules.Applies(Rule::kLabelSpelling);
    std::vector<CleaningFinding> ignored;
    ForEachRow([&](SourceSample read) {
      MendRow(read, ignored);
      ignored.clear();
      if (count_labels) CountLabelsOf(read.sample);
      const auto flaw = FindUnusable(read);
      facts_.Add(read.sample, flaw && options_.rules.Applies(flaw->rule));
      patient_zeros_.Count(read.sample);
      if (facts_.rows.size() % 1024 == 0) Report(progress_, "Reading", facts_.rows.size(), rows_);
    });
    Report(progress_, "Reading", 1, 1);
    if (facts_.rows.empty()) throw Error("the set has no rows");
    if (count_labels) DecideSpellings();
  }

  /// Only a part whose meaning is known can be kept apart from training.
  void CheckParts() {
    for (const auto& [name, part] : options_.parts) {
      if (!renamed_.contains(name)) throw Error(fmt::format("there is no part \"{}\"", name));
    }
    if (options_.split.kind != SplitPlan::Kind::kOfficial) return;
    std::vector<std::string>& unknown = summary_.unknown_parts;
    std::set<uint32_t> splits;  // of rows that may be kept
    for (const RowFacts& row : facts_.rows) {
      if (!row.unusable) splits.insert(row.split);
    }
    for (const uint32_t split : splits) {
      const std::string& part = facts_.splits[split];
      const bool known = part == kTrain || part == kValidation || part == kTest || IsFold(part);
      if (!known) unknown.push_back(part);
    }
    std::sort(unknown.begin(), unknown.end());
    if (unknown.empty() || !writer_) return;
    throw Error(fmt::format("the set has parts of unknown meaning: {}", QuotedListOf(unknown)),
                fmt::format("Say what each is: --part \"{}=test\", or train or validation.",
                            ShortName(unknown[0])));
  }

  void LookAtImages() {
    images_.resize(facts_.images.size());
    const ThreadPool::CancelScope cancel(pool_, options_.stop);
    // In pieces, so that the caller hears of the progress.
    constexpr size_t kPiece = 64;
    for (size_t begin = 0; begin < images_.size(); begin += kPiece) {
      const size_t count = std::min(kPiece, images_.size() - begin);
      pool_.ForEach(count, [&](size_t i, int /*worker*/) {
        images_[begin + i] = LookAtImage(facts_.images[static_cast<uint32_t>(begin + i)]);
      });
      Report(progress_, "Looking at images", begin + count, images_.size());
    }
    if (writer_) CheckMissing();
  }

  void CheckMissing() const {
    const auto missing = [](const ImageFacts& image) { return image.missing; };
    const auto first = std::find_if(images_.begin(), images_.end(), missing);
    const auto count = std::count_if(images_.begin(), images_.end(), missing);
    const auto all = static_cast<double>(images_.size());
    if (static_cast<double>(count) <= options_.missing_share * all) return;
    throw Error(fmt::format("{} of {} images are missing, more than {:g} %; the first: {}", count,
                            images_.size(), 100 * options_.missing_share,
                            facts_.images[static_cast<uint32_t>(first - images_.begin())]),
                "Put them there, or do without the rows: --missing-share 1.");
  }

  void Decide() {
    VerdictOptions options;
    options.modes = options_.rules;
    options.keep_test_parts = options_.split.kind == SplitPlan::Kind::kOfficial;
    options.blur_threshold = options_.blur_threshold;
    options.read_rows = [this](const std::set<uint32_t>& rows) { return ReadMended(rows); };
    verdicts_ = Judge(facts_, images_, options);
    if (!options.keep_test_parts) AssignParts();
  }

  std::map<uint32_t, Sample> ReadMended(const std::set<uint32_t>& rows) const {
    std::map<uint32_t, Sample> samples;
    uint32_t index = 0;
    std::vector<CleaningFinding> ignored;
    ForEachRow([&](SourceSample read) {
      if (!rows.contains(index++)) return;
      MendRow(read, ignored);
      samples.emplace(index - 1, std::move(read.sample));
    });
    if (index != facts_.rows.size()) ThrowChanged();
    return samples;
  }

  void AssignParts() {
    planned_parts_ = PlannedParts(options_.split);
    const std::vector<SplitUnit> units = SplitUnits(facts_, images_, verdicts_.near_pairs);
    std::vector<SplitUnit> kept;
    for (size_t i = 0; i < units.size(); ++i) {
      if (!verdicts_.dropped[i]) kept.push_back(units[i]);
    }
    if (kept.empty()) ThrowNothingKept();
    parts_ = DrawParts(kept, planned_parts_, options_.split.seed);
    for (const SplitUnit& unit : std::set(kept.begin(), kept.end())) ++summary_.units[unit.tie];
  }

  uint64_t ConversationOf(const Sample& sample) const {
    uint64_t key = kFnv1a64Offset;
    for (const std::string& image : sample.images) key = Fnv1a64(image + '\0', key);
    for (const std::string* text : {&sample.split, &sample.language, &sample.system}) {
      key = Fnv1a64(*text + '\0', key);
    }
    return key;
  }

  [[noreturn]] static void ThrowChanged() {
    throw Error("the set's files changed while they were read");
  }

  /// Calls visit for every row with its index, mended, in its part.
  template <class Visit>
  void ForEachMended(const Visit& visit) {
    uint32_t index = 0;
    size_t kept = 0;
    std::vector<CleaningFinding> findings;
    ForEachRow([&](SourceSample read) {
      if (index >= facts_.rows.size()) ThrowChanged();
      findings.clear();
      MendRow(read, findings);
      const std::string official = read.sample.split;
      if (!verdicts_.dropped[index] && !parts_.empty()) {
        read.sample.split = planned_parts_[parts_[kept++]].name;
      }
      visit(index++, read, official, findings);
    });
  }

  void ExpectConversations() {
    ForEachMended([&](uint32_t index, const SourceSample& read, const std::string&, auto&) {
      if (!verdicts_.dropped[index]) joiner_.Expect(ConversationOf(read.sample));
    });
  }

  void WriteRows() {
    const VerdictReader reader(facts_, images_, verdicts_);
    auto verdict = verdicts_.of_rows.begin();
    ForEachMended([&](uint32_t index, SourceSample& read, const std::string& official,
                      std::vector<CleaningFinding>& findings) {
      if (read.flaw && read.flaw->outside && ++outside_images_ == 1) {
        const SourceRow& source = read.sample.source;
        first_outside_ = fmt::format("{}: row {}: {}", source.file, source.row, read.flaw->reason);
      }
      if (const auto flaw = FindUnusable(read); flaw && options_.rules.On(flaw->rule)) {
        findings.push_back(FindingOf(*flaw, options_.rules.Applies(flaw->rule)));
        findings.back().tally = official;
      }
      for (; verdict != verdicts_.of_rows.end() && verdict->row == index; ++verdict) {
        findings.push_back(reader.FindingOf(*verdict, read.sample));
        findings.back().tally = official;
        if (verdict->rule == Rule::kDuplicateId) GiveId(read.sample, findings.back());
      }
      CountRow(read.sample, official, verdicts_.dropped[index]);
      NoteFindings(read.sample, findings);
      if (!verdicts_.dropped[index]) Keep(std::move(read.sample));
      if (index % 1024 == 0) Report(progress_, "Writing", index, facts_.rows.size());
    });
    Report(progress_, "Writing", 1, 1);
  }

  void GiveId(Sample& sample, CleaningFinding& finding) {
    if (!options_.rules.Applies(Rule::kDuplicateId)) return;
    finding.action = CleaningFinding::Action::kMended;
    finding.field = "id";
    finding.before = sample.id;
    sample.id = FreeId(sample.id);
    finding.after = sample.id;
  }

  std::string FreeId(const std::string& id) {
    if (ids_.empty()) {
      for (const RowFacts& row : facts_.rows) ids_.insert(row.id);
    }
    for (size_t& next = next_numbers_.try_emplace(id, 2).first->second;; ++next) {
      std::string free = fmt::format("{}-{}", id, next);
      if (ids_.insert(Fnv1a64(free)).second) return free;
    }
  }

  void CountRow(const Sample& sample, const std::string& split, bool dropped) {
    PartSummary& part = summary_.parts[split];
    ++part.rows;
    ++summary_.rows;
    if (!dropped) {
      ++part.kept;
      ++summary_.kept;
    }
    for (size_t i = 0; i < QuestionsOf(sample); ++i) {
      ++part.questions;
      ++summary_.questions;
      if (AnswerTypeOf(sample, i) != kClosed) continue;
      ++part.closed;
      const std::optional<bool> yes = YesOrNo(AnswerText(sample, i));
      if (yes) ++(*yes ? part.yes : part.no);
    }
  }

  void NoteFindings(const Sample& sample, const std::vector<CleaningFinding>& findings) {
    for (const CleaningFinding& finding : findings) {
      RuleSummary& rule = summary_.rules[static_cast<size_t>(finding.rule)];
      ++rule.tally[finding.tally];
      switch (finding.action) {
        case CleaningFinding::Action::kDropped:
          ++rule.dropped;
          break;
        case CleaningFinding::Action::kMended:
          ++rule.mended;
          break;
        case CleaningFinding::Action::kReported:
          ++rule.reported;
          rule.actable += finding.can_act ? 1 : 0;
          break;
      }
      if (writer_) {
        writer_->File("cleaning.jsonl").Write(FindingToJson(sample, finding));
        page_.Add(sample, finding);
      }
      if (options_.on_finding) options_.on_finding(sample, finding);
    }
  }

  void Keep(Sample sample) {
    if (options_.conversations) {
      const uint64_t conversation = ConversationOf(sample);
      joiner_.Add(conversation, std::move(sample));
    } else {
      Emit(std::move(sample));
    }
  }

  void Emit(Sample sample) {
    ++summary_.written;
    ++summary_.written_parts[sample.split];
    std::vector<Size> sizes;
    for (const std::string& image : sample.images) {
      sizes.push_back(images_[*facts_.images.Find(image)].size);
    }
    statistics_.Add(sample, sizes);
    if (writer_) writer_->Add(std::move(sample));
  }

  /// Says which rules took them all.
  [[noreturn]] void ThrowNothingKept() const {
    std::string rules;
    for (const RuleInfo& info : AllRules()) {
      const size_t dropped = summary_.rules[static_cast<size_t>(info.rule)].dropped;
      if (dropped == 0) continue;
      rules += fmt::format("{}{} by {}", rules.empty() ? ": " : ", ", dropped, info.name);
    }
    throw Error(fmt::format("none of the {} rows is kept{}", facts_.rows.size(), rules),
                "Nothing was written. A check names the rows and what is wrong with them.");
  }

  void WriteKnowledge() {
    const std::vector<KnowledgeTriple> triples = source_.Knowledge();
    summary_.knowledge = triples.size();
    if (!writer_ || triples.empty()) return;
    Output& file = writer_->File("knowledge.jsonl");
    for (const KnowledgeTriple& triple : triples) {
      OrderedJson line;
      line["language"] = triple.language;
      line["subject"] = triple.subject;
      line["relation"] = triple.relation;
      line["object"] = triple.object;
      file.Write(line.dump() + "\n");
    }
  }

  void WriteReport() {
    const std::string json = StatisticsToJson(summary_.statistics).dump(2);
    writer_->File("statistics.json").Write(json + "\n");
    const HtmlReport report = {options_.output->name, NotesOn(summary_, options_.split)};
    writer_->File("report.html").Write(StatisticsToHtml(summary_.statistics, report));
    writer_->File("cleaning.html").Write(page_.Finish(options_.output->name + ": cleaning"));
  }

  void Summarise() {
    std::map<std::string, std::set<uint32_t>> images_of;
    const std::vector<uint32_t> same = SameImages(images_);
    for (const RowFacts& row : facts_.rows) {
      std::set<uint32_t>& images = images_of[facts_.splits[row.split]];
      for (const uint32_t image : facts_.image_sets[row.image_set]) images.insert(same[image]);
    }
    for (const auto& [split, images] : images_of) summary_.parts[split].images = images.size();
    std::map<std::string, std::set<SplitUnit>> patients_of;
    const std::vector<SplitUnit> units = SplitUnits(facts_, images_, verdicts_.near_pairs);
    for (size_t i = 0; i < units.size(); ++i) {
      if (units[i].tie <= UnitTie::kStudy) {
        patients_of[facts_.splits[facts_.rows[i].split]].insert(units[i]);
      }
    }
    for (const auto& [part, other] :
         {std::pair(kValidation, kTrain), {kTest, kTrain}, {kTest, kValidation}}) {
      Overlap overlap{std::string(part), std::string(other), 0, 0, 0, 0};
      const std::set<uint32_t>& others = images_of[overlap.other];
      for (const uint32_t image : images_of[overlap.part]) {
        ++overlap.images;
        overlap.shared += others.contains(image) ? 1 : 0;
      }
      for (const SplitUnit& patient : patients_of[overlap.part]) {
        ++overlap.patients;
        overlap.shared_patients += patients_of[overlap.other].contains(patient) ? 1 : 0;
      }
      if (overlap.shared + overlap.shared_patients > 0) {
        summary_.overlaps.push_back(std::move(overlap));
      }
    }
    summary_.notes = source_.Notes();
    if (outside_images_ > 0) {
      summary_.notes.push_back(
          fmt::format("{} {} left out for {} that lie outside of the set's folder, the first: {}",
                      outside_images_, outside_images_ == 1 ? "row is" : "rows are",
                      outside_images_ == 1 ? "images" : "their images", first_outside_));
    }
    if (const auto note = patient_zeros_.Note()) summary_.notes.push_back(*note);
    if (!summary_.unknown_parts.empty()) {
      summary_.notes.push_back(fmt::format(
          "parts of unknown meaning: {}: import asks what they are (--part NAME=test); nothing is "
          "compared with them here",
          QuotedListOf(summary_.unknown_parts)));
    }
    for (const BlurLimit& limit : verdicts_.blur) {
      if (!std::isfinite(limit.threshold)) continue;
      summary_.blur.push_back({facts_.modalities[limit.modality], limit.median, limit.threshold});
    }
    summary_.images = facts_.images.size();
    const std::vector<fs::path> in_set = source_.Images();
    summary_.images_in_set = in_set.size();
    std::map<fs::path, int> of_name;
    for (const fs::path& image : in_set) ++of_name[image.filename()];
    for (const fs::path& image : in_set) {
      if (facts_.images.Find(image.string())) continue;
      const fs::path folder =
          of_name[image.filename()] > 1 ? image.parent_path().filename() : fs::path();
      summary_.unused_images.push_back((folder / image.filename()).string());
    }
  }

  const SampleSource& source_;
  const ImportOptions& options_;
  ThreadPool& pool_;
  const Progress& progress_;

  size_t rows_ = 0;            // as counted in the first pass; 0 without one
  size_t outside_images_ = 0;  // rows
  std::string first_outside_;
  LabelSpelling question_types_;
  LabelSpelling answer_types_;
  LabelSpelling organs_;
  LabelSpelling modalities_;
  SetFacts facts_;
  PatientZeros patient_zeros_;
  std::vector<ImageFacts> images_;  // by number in facts_.images
  Verdicts verdicts_;
  std::vector<PlannedPart> planned_parts_;
  std::vector<uint32_t> parts_;  // of kept rows, in planned_parts_; empty: the official ones
  std::unordered_set<uint64_t> ids_;
  std::unordered_map<std::string, size_t> next_numbers_;  // behind an id that was taken
  mutable std::set<std::string> renamed_;  // parts of the source that options_.parts names
  StatisticsCollector statistics_;
  CleaningPage page_;
  ConversationJoiner joiner_;
  std::optional<DatasetWriter> writer_;
  ImportSummary summary_;
};

}  // namespace

ImportSummary Import(const SampleSource& source, const ImportOptions& options, ThreadPool& pool,
                     const Progress& progress) {
  return Importing(source, options, pool, progress).Run();
}

std::string Describe(const Overlap& overlap) {
  std::string shared;
  const auto add = [&](size_t count, size_t of, const char* what) {
    if (count == 0) return;
    shared += fmt::format("{}{} of {} {} {}", shared.empty() ? "" : " and ", count, of,
                          overlap.part, what);
  };
  add(overlap.shared, overlap.images, "images");
  add(overlap.shared_patients, overlap.patients, "patients");
  const bool train = overlap.other == kTrain;
  return fmt::format("{} are in the {} part too: {}", shared, train ? "training" : overlap.other,
                     train ? "scores tell how well these are known, not how well new ones are read."
                           : "what is chosen by validation has seen the test.");
}

std::vector<std::string> NotesOn(const ImportSummary& summary, const SplitPlan& split) {
  std::vector<std::string> notes = summary.notes;
  if (summary.kept < summary.rows) {
    notes.push_back(
        fmt::format("{} of {} rows are kept; the cleaning log says why the {} others are not.",
                    summary.kept, summary.rows, summary.rows - summary.kept));
  }
  if (split.kind != SplitPlan::Kind::kOfficial) return notes;
  for (const Overlap& overlap : summary.overlaps) notes.push_back(Describe(overlap));
  return notes;
}

}  // namespace roentgen
