#include "roentgen/data/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_set>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/data/conversation_joiner.h"
#include "roentgen/data/label_spelling.h"
#include "roentgen/data/labels.h"
#include "roentgen/data/mend.h"
#include "roentgen/data/row_facts.h"
#include "roentgen/data/split.h"
#include "roentgen/data/statistics_report.h"
#include "roentgen/data/verdicts.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string FileName(const std::string& path) {
  return fs::path(path).filename().string();
}

std::string FindingToJson(const Sample& sample, const CleaningFinding& finding) {
  OrderedJson line;
  line["id"] = sample.id;
  line["file"] = sample.source.file;
  line["row"] = sample.source.row;
  line["split"] = sample.split;
  line["rule"] = InfoOf(finding.rule).name;
  line["action"] = ActionName(finding.action);
  line["reason"] = finding.reason;
  if (!finding.field.empty()) {
    line["field"] = finding.field;
    line["before"] = finding.before;
    line["after"] = finding.after;
  }
  return line.dump() + "\n";
}

/// Sets of numbers that grow together.
class UnionFind {
 public:
  explicit UnionFind(size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), 0u); }
  uint32_t Find(uint32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void Unite(uint32_t a, uint32_t b) {
    parent_[std::max(Find(a), Find(b))] = std::min(Find(a), Find(b));
  }

 private:
  std::vector<uint32_t> parent_;
};

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
    if (options.output) writer_.emplace(*options.output);
  }

  ImportSummary Run() {
    if (options_.rules.On(Rule::kLabelSpelling)) CountLabels();
    Survey();
    LookAtImages();
    Decide();
    if (options_.conversations) ExpectConversations();
    WriteRows();
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

  void CountLabels() {
    source_.ForEach([&](const SourceSample& read) {
      CheckStop();
      ++rows_;
      const Sample& sample = read.sample;
      const bool split = options_.rules.Applies(Rule::kSeveralLabels);
      for (const std::string& label :
           split ? SplitLabels(sample.question_types) : sample.question_types) {
        question_types_.Count(label);
      }
      answer_types_.Count(sample.answer_type);
      organs_.Count(sample.organ);
      modalities_.Count(sample.modality);
    });
    for (LabelSpelling* field : {&question_types_, &answer_types_, &organs_, &modalities_}) {
      field->Decide();
    }
  }

  void MendRow(SourceSample& read, std::vector<CleaningFinding>& findings) const {
    Mend(options_.rules, {question_types_, answer_types_, organs_, modalities_}, read, findings);
  }

  void Survey() {
    std::vector<CleaningFinding> ignored;
    source_.ForEach([&](SourceSample read) {
      CheckStop();
      MendRow(read, ignored);
      ignored.clear();
      const auto flaw = FindUnusable(read);
      facts_.Add(read.sample, flaw && options_.rules.Applies(flaw->rule));
      if (facts_.rows.size() % 1024 == 0) Report(progress_, "Reading", facts_.rows.size(), rows_);
    });
    Report(progress_, "Reading", 1, 1);
    if (facts_.rows.empty()) throw Error("the set has no rows");
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
    summary_.blur_median = BlurMedian(images_);
    summary_.blur_threshold = options_.blur_threshold.value_or(CalibrateBlurThreshold(images_));
  }

  void Decide() {
    VerdictOptions options;
    options.modes = options_.rules;
    options.keep_test_parts = options_.split.kind == SplitPlan::Kind::kOfficial;
    options.blur_threshold = summary_.blur_threshold;
    verdicts_ = Judge(facts_, images_, options);
    if (!options.keep_test_parts) AssignParts();
  }

  /// Rows of the same image, of images that are shown together, or of near duplicates go together.
  std::vector<uint32_t> ImageGroups() const {
    UnionFind images(images_.size());
    const std::vector<uint32_t> same = SameImages(images_);
    for (uint32_t i = 0; i < same.size(); ++i) images.Unite(i, same[i]);
    for (const NearPair& pair : verdicts_.near_pairs) images.Unite(pair.first, pair.second);
    for (const std::vector<uint32_t>& set : facts_.image_sets) {
      for (const uint32_t image : set) images.Unite(set[0], image);
    }
    std::vector<uint32_t> groups;
    for (const std::vector<uint32_t>& set : facts_.image_sets) {
      // Rows without an image make one group: their texts may repeat.
      groups.push_back(set.empty() ? static_cast<uint32_t>(images_.size()) : images.Find(set[0]));
    }
    return groups;
  }

  void AssignParts() {
    const SplitPlan& plan = options_.split;
    std::vector<double> shares;
    if (plan.kind == SplitPlan::Kind::kFolds) {
      for (int i = 1; i <= plan.folds; ++i) part_names_.push_back(fmt::format("fold-{}", i));
      shares.assign(part_names_.size(), 1.0);
    } else {
      part_names_ = {std::string(kTrain), std::string(kTest)};
      shares = {1 - plan.test_share - plan.validation_share, plan.test_share};
      if (plan.validation_share > 0) {
        part_names_.emplace_back(kValidation);
        shares.push_back(plan.validation_share);
      }
    }
    const std::vector<uint32_t> groups = ImageGroups();
    std::vector<SplitRow> rows;
    for (size_t i = 0; i < facts_.rows.size(); ++i) {
      const RowFacts& row = facts_.rows[i];
      if (!verdicts_.dropped[i]) rows.push_back({groups[row.image_set], row.stratum});
    }
    parts_ = SplitByGroup(rows, shares, plan.seed);
  }

  uint64_t ConversationOf(const Sample& sample) const {
    uint64_t key = kFnv1a64Offset;
    for (const std::string& image : sample.images) key = Fnv1a64(image + '\0', key);
    for (const std::string* text : {&sample.split, &sample.language, &sample.system}) {
      key = Fnv1a64(*text + '\0', key);
    }
    return key;
  }

  /// Calls visit for every row with its index, mended, in its part.
  template <class Visit>
  void ForEachMended(const Visit& visit) {
    uint32_t index = 0;
    size_t kept = 0;
    std::vector<CleaningFinding> findings;
    source_.ForEach([&](SourceSample read) {
      CheckStop();
      if (index >= facts_.rows.size()) throw Error("the set's files changed while they were read");
      findings.clear();
      MendRow(read, findings);
      const std::string official = read.sample.split;
      if (!verdicts_.dropped[index] && !parts_.empty()) {
        read.sample.split = part_names_[parts_[kept++]];
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
    auto verdict = verdicts_.of_rows.begin();
    ForEachMended([&](uint32_t index, SourceSample& read, const std::string& official,
                      std::vector<CleaningFinding>& findings) {
      if (const auto flaw = FindUnusable(read); flaw && options_.rules.On(flaw->rule)) {
        findings.push_back(FlawFinding(*flaw, official));
      }
      for (; verdict != verdicts_.of_rows.end() && verdict->row == index; ++verdict) {
        findings.push_back(VerdictFinding(*verdict, read.sample, official));
      }
      CountRow(read.sample, official, verdicts_.dropped[index]);
      NoteFindings(read.sample, findings);
      if (!verdicts_.dropped[index]) Keep(std::move(read.sample));
      if (index % 1024 == 0) Report(progress_, "Writing", index, facts_.rows.size());
    });
    Report(progress_, "Writing", 1, 1);
  }

  static CleaningFinding FlawFinding(const SourceSample::Flaw& flaw, const std::string& split,
                                     bool apply) {
    return {
        flaw.rule,   apply ? CleaningFinding::Action::kDropped : CleaningFinding::Action::kReported,
        flaw.reason, "",
        "",          "",
        split};
  }
  CleaningFinding FlawFinding(const SourceSample::Flaw& flaw, const std::string& split) const {
    return FlawFinding(flaw, split, options_.rules.Applies(flaw.rule));
  }

  CleaningFinding VerdictFinding(const RowVerdict& verdict, Sample& sample,
                                 const std::string& split) {
    CleaningFinding finding{
        verdict.rule,
        verdict.drop ? CleaningFinding::Action::kDropped : CleaningFinding::Action::kReported,
        Reason(verdict),
        "",
        "",
        "",
        split};
    if (verdict.rule == Rule::kDuplicateId && options_.rules.Applies(Rule::kDuplicateId)) {
      finding.action = CleaningFinding::Action::kMended;
      finding.field = "id";
      finding.before = sample.id;
      sample.id = FreeId(sample.id);
      finding.after = sample.id;
    }
    return finding;
  }

  std::string Reason(const RowVerdict& verdict) const {
    const auto row = [&] {
      const RowFacts& other = facts_.rows[verdict.other];
      return fmt::format("row {} of {}", other.source_row, facts_.files[other.file]);
    };
    const auto image = [&] { return FileName(facts_.images[verdict.other]); };
    switch (verdict.rule) {
      case Rule::kMissingImage:
      case Rule::kUnreadableImage:
        return images_[verdict.other].problem;
      case Rule::kDuplicateId:
        return fmt::format("{} has this id", row());
      case Rule::kTestLeak:
        return fmt::format("{}, in a test part, asks the same about the same image", row());
      case Rule::kDuplicate:
        return fmt::format("the same as {}", row());
      case Rule::kNearDuplicate:
        return fmt::format("nearly the same as {}", row());
      case Rule::kContradiction:
        return fmt::format("{} answers the same question about the same image differently", row());
      case Rule::kBlur:
        return fmt::format("{}: blur {:.3f}, more than {:.3f}", image(),
                           images_[verdict.other].blur, summary_.blur_threshold);
      case Rule::kNearDuplicateImage:
        return fmt::format("{} looks like {}", image(), NearImage(verdict.other));
      default:
        return std::string(InfoOf(verdict.rule).what);
    }
  }

  /// The earlier image that looks like this one.
  std::string NearImage(uint32_t image) const {
    const auto pair = std::find_if(verdicts_.near_pairs.begin(), verdicts_.near_pairs.end(),
                                   [&](const NearPair& each) { return each.second == image; });
    return pair == verdicts_.near_pairs.end() ? "an earlier one"
                                              : FileName(facts_.images[pair->first]);
  }

  std::string FreeId(const std::string& id) {
    if (ids_.empty()) {
      for (const RowFacts& row : facts_.rows) ids_.insert(row.id);
    }
    for (int i = 2;; ++i) {
      std::string free = fmt::format("{}-{}", id, i);
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
    if (sample.answer_type != kClosed || sample.turns.empty()) return;
    ++part.closed;
    const std::optional<bool> yes = YesOrNo(sample.turns.back().text);
    if (yes) ++(*yes ? part.yes : part.no);
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
          break;
      }
      if (writer_) writer_->File("cleaning.jsonl").Write(FindingToJson(sample, finding));
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

  void WriteKnowledge() {
    const std::vector<KnowledgeTriple> triples = source_.Knowledge();
    summary_.knowledge = triples.size();
    if (!writer_ || triples.empty()) return;
    AtomicFile& file = writer_->File("knowledge.jsonl");
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
  }

  void Summarise() {
    std::map<std::string, std::set<uint32_t>> images_of;
    const std::vector<uint32_t> same = SameImages(images_);
    for (const RowFacts& row : facts_.rows) {
      std::set<uint32_t>& images = images_of[facts_.splits[row.split]];
      for (const uint32_t image : facts_.image_sets[row.image_set]) images.insert(same[image]);
    }
    for (const auto& [split, images] : images_of) summary_.parts[split].images = images.size();
    const std::set<uint32_t>& train = images_of[std::string(kTrain)];
    for (const std::string_view part : {kValidation, kTest}) {
      Overlap overlap{std::string(part), images_of[std::string(part)].size(), 0};
      for (const uint32_t image : images_of[std::string(part)]) {
        overlap.images_in_train += train.contains(image) ? 1 : 0;
      }
      if (overlap.images_in_train > 0) summary_.overlaps.push_back(std::move(overlap));
    }
    summary_.notes = source_.Notes();
    if (options_.split.kind == SplitPlan::Kind::kOfficial) NoteOtherParts();
    summary_.images = facts_.images.size();
    const std::vector<fs::path> in_set = source_.Images();
    summary_.images_in_set = in_set.size();
    for (const fs::path& image : in_set) {
      if (!facts_.images.Find(image.string())) summary_.unused_images.push_back(image.filename());
    }
  }

  /// Only a part whose meaning is known is kept apart from training.
  void NoteOtherParts() {
    std::string others;
    for (const auto& [part, ignored] : summary_.parts) {
      if (part.empty() || part == kTrain || part == kValidation || part == kTest) continue;
      others += fmt::format("{}\"{}\"", others.empty() ? "" : ", ", part);
    }
    if (others.empty()) return;
    summary_.notes.push_back(fmt::format(
        "parts with other names than train, validation and test: {}; their rows are neither "
        "compared with those of training nor kept from being cleaned",
        others));
  }

  const SampleSource& source_;
  const ImportOptions& options_;
  ThreadPool& pool_;
  const Progress& progress_;

  size_t rows_ = 0;  // as counted in the first pass; 0 without one
  LabelSpelling question_types_;
  LabelSpelling answer_types_;
  LabelSpelling organs_;
  LabelSpelling modalities_;
  SetFacts facts_;
  std::vector<ImageFacts> images_;  // by number in facts_.images
  Verdicts verdicts_;
  std::vector<std::string> part_names_;
  std::vector<uint32_t> parts_;  // of kept rows; empty: the official ones
  std::unordered_set<uint64_t> ids_;
  StatisticsCollector statistics_;
  ConversationJoiner joiner_;
  std::optional<DatasetWriter> writer_;
  ImportSummary summary_;
};

}  // namespace

ImportSummary Import(const SampleSource& source, const ImportOptions& options, ThreadPool& pool,
                     const Progress& progress) {
  return Importing(source, options, pool, progress).Run();
}

std::vector<std::string> NotesOn(const ImportSummary& summary, const SplitPlan& split) {
  std::vector<std::string> notes = summary.notes;
  if (summary.kept < summary.rows) {
    notes.push_back(
        fmt::format("{} of {} rows are kept; the cleaning log says why the {} others are not.",
                    summary.kept, summary.rows, summary.rows - summary.kept));
  }
  if (split.kind != SplitPlan::Kind::kOfficial) return notes;
  for (const Overlap& overlap : summary.overlaps) {
    notes.push_back(
        fmt::format("{} of {} {} images are in the training part too: scores tell how "
                    "well these images are known, not how well new ones are read.",
                    overlap.images_in_train, overlap.images, overlap.part));
  }
  return notes;
}

}  // namespace roentgen
