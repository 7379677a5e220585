#include "roentgen/assistant/report_contradictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/assistant/named_findings.h"
#include "roentgen/assistant/stated.h"
#include "roentgen/evaluation/report_labels.h"
#include "roentgen/language/agreement.h"
#include "roentgen/language/clauses.h"
#include "roentgen/language/refusal.h"
#include "roentgen/language/said.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using Sides = std::bitset<2>;  // right, left; none: no side is named
constexpr size_t kRight = 0;
constexpr size_t kLeft = 1;

constexpr std::string_view kMidlineShift = "midline shift";

/// Something that may be there, besides what ReadReport tells apart.
struct Concept {
  // In English and in Chinese, between bars; the first one names the concept.
  std::array<std::string_view, 2> names;
  std::string_view Name() const { return names[0].substr(0, names[0].find('|')); }
};
constexpr std::array kConcepts = {
    Concept{{"hemorrhage|haemorrhage|subdural hematoma|subdural haematoma|epidural hematoma|"
             "epidural haematoma|extradural haematoma|intracranial hematoma|intracranial haematoma|"
             "intracerebral hematoma|intracerebral haematoma",
             "出血|硬膜下血肿|硬膜外血肿|颅内血肿|脑内血肿"}},
    Concept{{"infarct", "梗死"}},
    Concept{{kMidlineShift, "移位"}},
    Concept{{"hydrocephalus", "脑积水"}},
    Concept{{"mass", "肿块"}},
    Concept{{"tumor|tumour", "肿瘤"}},
    Concept{{"metastasis", "转移"}},
    Concept{{"cyst", "囊肿"}},
    Concept{{"stone", "结石"}},
    Concept{{"ascites", "腹水"}},
    Concept{{"calcification", "钙化"}},
    Concept{{"lesion", "病灶"}},
    Concept{{"hepatomegaly", "肝大"}},
    Concept{{"splenomegaly", "脾大"}},
    Concept{{"hydronephrosis", "肾积水"}},
    Concept{{"lymphadenopathy", "淋巴结肿大"}},
    Concept{{"dislocation|dislocated", "脱位"}},
    Concept{{"joint effusion", "关节积液|关节腔积液"}},
    Concept{{"tear|torn|rupture|ruptured", "撕裂|断裂"}},
    Concept{{"pneumoperitoneum|free air|free intraperitoneal air|free gas", "气腹|游离气体"}},
};

/// A part of the body that may be called normal, and what it is not normal with.
struct Region {
  std::string_view topics;  // steps of the protocol about it
  std::string_view words;   // in FoldText's form, between blanks; those in Chinese anywhere
  std::vector<ReportLabel> labels;
  std::string_view concepts = "";  // by their English names, between blanks
};

const std::vector<Region>& Regions() {
  using enum ReportLabel;
  static const std::vector<Region> regions = {
      {"lungs",
       "lung lungs 肺野 双肺 两肺 左肺 右肺 肺部 肺内 肺组织",
       {kLungLesion, kLungOpacity, kEdema, kConsolidation, kPneumonia, kAtelectasis}},
      {"heart", "heart cardiac 心影 心脏", {kCardiomegaly}},
      {"heart", "mediastinum mediastinal 纵隔", {kEnlargedCardiomediastinum}},
      {"diaphragm", "angle angles costophrenic 肋膈角", {kPleuralEffusion}},
      {"",
       "心肺",
       {kCardiomegaly, kLungLesion, kLungOpacity, kEdema, kConsolidation, kPneumonia, kAtelectasis,
        kPneumothorax, kPleuralEffusion}},
      {"", "pleura pleural 胸膜 胸腔", {kPleuralEffusion, kPneumothorax, kPleuralOther}},
      {"bones", "bone bones bony rib ribs 骨 骨质 骨骼 肋骨", {kFracture}},
      {"bones", "skull 颅骨", {kFracture}},
      {"brain", "brain cerebral parenchyma 脑实质 大脑 脑内 脑组织", {}, "hemorrhage infarct"},
      {"midline", "midline 中线", {}, kMidlineShift},
      {"midline", "ventricle ventricles ventricular 脑室", {}, "hydrocephalus"},
      {"liver", "liver hepatic 肝", {}, "hepatomegaly"},
      {"kidneys", "kidney kidneys renal 肾", {}, "hydronephrosis"},
      {"spleen", "spleen splenic 脾", {}, "splenomegaly"},
      {"", "pancreas pancreatic 胰", {}},
      {"", "gallbladder 胆囊", {}},
  };
  return regions;
}

/// Bones that may be broken, each as words between blanks.
constexpr std::array<std::string_view, 9> kBones = {
    "rib ribs costal 肋骨",
    "clavicle clavicles clavicular 锁骨",
    "scapula scapular 肩胛骨",
    "sternum sternal 胸骨",
    "humerus humeral 肱骨",
    "spine vertebra vertebrae vertebral 椎体 脊柱 胸椎 腰椎",
    "skull calvarium calvarial 颅骨",
    "femur femoral 股骨",
    "pelvis pelvic 骨盆",
};
using Bones = std::bitset<kBones.size()>;  // none: no bone is named

struct Statement {
  size_t of = 0;  // a label, or behind them a concept
  bool present = false;
  Sides sides;
  Bones bones;
};

/// Something that is neither a label nor a concept, by its name.
struct NamedStatement {
  NamedFinding finding;
  bool present = false;
  Sides sides;
  Bones bones;
};

/// What a sentence says, as far as others can say the opposite.
struct Reading {
  std::vector<Statement> statements;
  std::vector<size_t> named;   // regions
  std::vector<size_t> normal;  // of these, those that it calls normal
  bool abnormal = false;       // something is there that should not be
  bool all_normal = false;     // the topic that it stands under
  bool whole = false;          // not the topic, but the whole examination
  bool acute_only = false;     // normal as far as acute things go
  bool acute = false;          // what is abnormal may be acute
  Sides sides;
  Bones bones;
  std::string normal_name;         // what it calls normal, where that is of no region: "acl"
  std::string abnormal_form = {};  // the WordForms of its pieces that call nothing normal
  std::vector<NamedStatement> findings = {};
  std::string without_sides = {};  // all of it, where it names a side

  /// Whether it says that something is there that should not be, or on a side.
  bool Affirms() const {
    return abnormal || !without_sides.empty() || Has(statements, true) || Has(findings, true);
  }
  /// Whether it says that something is not there, or as it should be.
  bool Denies() const {
    return Has(statements, false) || Has(findings, false) || !normal.empty() || all_normal ||
           !normal_name.empty();
  }

 private:
  template <class Said>
  static bool Has(const std::vector<Said>& said, bool present) {
    return std::any_of(said.begin(), said.end(),
                       [&](const Said& one) { return one.present == present; });
  }
};

bool HasIdeograph(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (IsIdeograph(step.code_point)) return true;
    at += step.length;
  }
  return false;
}

/// ClauseForm with a blank for each mark, and one at both ends: words lie between blanks.
std::string WordForm(std::string_view text) {
  std::string form = fmt::format(" {} ", ClauseForm(text));
  for (char& c : form) {
    const bool part = (c & 0x80) != 0 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!part) c = ' ';
  }
  return form;
}

bool HasWord(std::string_view form, std::string_view word) {
  if ((word.front() & 0x80) != 0) return form.find(word) != std::string_view::npos;
  return form.find(fmt::format(" {} ", word)) != std::string_view::npos;
}

/// words: between blanks.
bool HasAnyWord(std::string_view form, std::string_view words) {
  for (size_t begin = 0; begin < words.size();) {
    const size_t end = std::min(words.find(' ', begin), words.size());
    if (end > begin && HasWord(form, words.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

/// 左 and 右 that are of a side: not of 左心室.
bool HasChineseSide(std::string_view form, std::string_view side) {
  for (size_t at = form.find(side); at != form.npos; at = form.find(side, at + 1)) {
    const std::string_view rest = form.substr(at + side.size());
    const bool of_heart =
        rest.starts_with("心") || rest.starts_with("房") || rest.starts_with("室");
    if (!of_heart) return true;
  }
  return false;
}

Sides SidesNamed(std::string_view form) {
  Sides sides;
  const bool both = HasAnyWord(form, "bilateral bilaterally both 双侧 两侧 双肺 两肺 双肾");
  sides[kRight] = both || HasAnyWord(form, "right rul rml rll") || HasChineseSide(form, "右");
  sides[kLeft] = both || HasAnyWord(form, "left lul lll") || HasChineseSide(form, "左");
  return sides;
}

Bones BonesNamed(std::string_view form) {
  Bones bones;
  for (size_t i = 0; i < kBones.size(); ++i) bones[i] = HasAnyWord(form, kBones[i]);
  return bones;
}

/// Whether what is said of some bones can be meant of others.
bool MayBeSame(Bones some, Bones others) {
  return some.none() || others.none() || (some & others).any();
}

/// Whether a form has a name as a word, and not a place beside it: 气管, but not 气管旁淋巴结.
bool NamesThing(std::string_view form, std::string_view name) {
  if ((name.front() & 0x80) == 0) return HasWord(form, name);
  for (size_t at = form.find(name); at != form.npos; at = form.find(name, at + 1)) {
    const std::string_view rest = form.substr(at + name.size());
    const bool beside = rest.starts_with("旁") || rest.starts_with("周") ||
                        rest.starts_with("前") || rest.starts_with("后") ||
                        rest.starts_with("插管");
    if (!beside) return true;
  }
  return false;
}

/// The pieces between commas, and before what is contrasted.
std::vector<std::string> PiecesOf(std::string_view sentence) {
  std::string text = FoldText(sentence);
  for (const std::string_view mark : {"，", "、", "；", ";", " and ", " but ", "而"}) {
    for (size_t at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
      text.erase(at, mark.size()).insert(at, 1, ',');
    }
  }
  std::vector<std::string> pieces;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    pieces.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return pieces;
}

/// A sentence as far as it says something: without what it abstains on.
std::string StatedIn(std::string_view sentence) {
  if (!Abstains(sentence)) return std::string(sentence);
  std::string stated = StatedBeside(sentence);
  return stated.empty() && !Refuses(sentence) ? std::string(sentence) : stated;
}

/// A text in which what is denied behind a colon is denied before: "no pneumothorax" for
/// "Pneumothorax: none", 无气胸 for 气胸：阴性.
std::string WithDenialsBefore(std::string text) {
  if (text.find(':') == text.npos && text.find("：") == text.npos) return text;
  std::string plain;
  for (const std::string& piece : PiecesOf(text)) {
    const size_t colon = std::min(piece.find(':'), piece.find("："));
    const size_t behind = colon == piece.npos ? colon : colon + (piece[colon] == ':' ? 1 : 3);
    const std::string name = piece.substr(0, colon);
    const bool denied =
        colon != piece.npos && AnswersAgree(piece.substr(behind), HasIdeograph(name) ? "无" : "no");
    if (!plain.empty()) plain += ", ";
    plain += denied ? fmt::format("{}{}", HasIdeograph(name) ? "无" : "no ", name) : piece;
  }
  return plain;
}

/// Whether a label is that of a finding. Devices have many names of their own.
bool IsOfFindings(size_t label) {
  return label != static_cast<size_t>(ReportLabel::kNoFinding) &&
         label != static_cast<size_t>(ReportLabel::kSupportDevices);
}

class SentenceReader {
 public:
  explicit SentenceReader(std::string_view text)
      : text_(WithDenialsBefore(StatedIn(text))),
        form_(WordForm(text_)),
        chinese_(HasIdeograph(text_)) {}

  Reading Read() {
    // Numbers alone say nothing, and a model may count without end.
    const bool words = std::any_of(form_.begin(), form_.end(), [](char c) {
      return (c & 0x80) != 0 || (c >= 'a' && c <= 'z');
    });
    if (!words || Asks()) return {};
    const ReportReading report = ReadReport(text_);
    reading_.sides = SidesNamed(form_);
    reading_.bones = BonesNamed(form_);
    bool labelled = false;
    for (size_t label = 0; label < kReportLabels; ++label) {
      if (!IsOfFindings(label)) continue;
      labelled |= report.labels[label] != Finding::kNotMentioned;
      Take(label, report.labels[label]);
    }
    TakeConcepts();
    TakeNamed();
    const std::vector<Region>& regions = Regions();
    for (size_t i = 0; i < regions.size(); ++i) {
      if (HasAnyWord(form_, regions[i].words)) reading_.named.push_back(i);
    }
    reading_.abnormal |= report.other && !LeavesOpen();
    TakeNormality(report, labelled);
    TakeNormalName();
    if (reading_.abnormal) TakeAbnormalPieces();
    return std::move(reading_);
  }

 private:
  bool Asks() const { return text_.ends_with('?') || text_.ends_with("？"); }

  bool LeavesOpen() const { return HasCue(CueKind::kDoubt); }

  /// 正常高限: neither normal nor not.
  bool IsBorderline() const {
    return HasAnyWord(form_, "borderline 临界 上限 高限") ||
           form_.find("upper limit") != form_.npos || form_.find("upper normal") != form_.npos;
  }

  bool HasCue(CueKind kind) const {
    const std::string form = ClauseForm(text_);
    for (const Clause& clause : SplitClauses(form)) {
      for (const ClauseWord& word : clause.words) {
        if (word.Is(kind)) return true;
      }
    }
    return false;
  }

  /// Said of what has not been spoken of.
  bool IsOfTheRest() const {
    return HasCue(CueKind::kRest) || HasCue(CueKind::kExcept) ||
           HasAnyWord(form_,
                      "other further additional remaining remainder elsewhere else rest 其余 其它 "
                      "另外 余");
  }
  /// Said of some kind or degree of it alone.
  bool IsOfSomeKind() const {
    return HasAnyWord(
        form_,
        "large massive sizable big displaced new acute tension significant gross 大量 新发 "
        "急性 张力性 移位性");
  }

  void Take(size_t of, Finding finding) {
    if (finding == Finding::kPresent) {
      reading_.abnormal = true;
      reading_.statements.push_back({of, true, SidesOf(of, finding), BonesOf(of, finding)});
    } else if (finding == Finding::kAbsent && !IsOfTheRest() && !IsOfSomeKind() &&
               !IsBorderline()) {
      const Sides sides = SidesOf(of, finding);
      // On which side it is not, is not clear.
      if (reading_.sides.all() && sides.none() && PiecesOf(text_).size() > 1) return;
      reading_.statements.push_back({of, false, sides, BonesOf(of, finding)});
    }
  }

  /// Of a sentence about both sides, those of the pieces that say it of the label.
  Sides SidesOf(size_t label, Finding finding) const {
    if (!reading_.sides.all()) return reading_.sides;
    Sides sides;
    for (const std::string& piece : PiecesOf(text_)) {
      if (label < kReportLabels && ReadReport(piece).labels[label] == finding) {
        sides |= SidesNamed(WordForm(piece));
      }
    }
    return sides;
  }

  /// Of a fracture, the bones of the pieces that say it.
  Bones BonesOf(size_t label, Finding finding) const {
    Bones bones;
    if (label != static_cast<size_t>(ReportLabel::kFracture) || reading_.bones.none()) return bones;
    for (const std::string& piece : PiecesOf(text_)) {
      if (ReadReport(piece).labels[label] == finding) bones |= BonesNamed(WordForm(piece));
    }
    return bones;
  }

  /// Whether one of the names between bars is said, behind a denial or not.
  static bool SaysAny(std::string_view text, std::string_view denial, std::string_view names) {
    for (size_t begin = 0; begin < names.size();) {
      const size_t end = std::min(names.find('|', begin), names.size());
      if (Says(text, fmt::format("{}{}", denial, names.substr(begin, end - begin)))) return true;
      begin = end + 1;
    }
    return false;
  }

  void TakeConcepts() {
    const size_t language = chinese_ ? 1 : 0;
    for (size_t i = 0; i < kConcepts.size(); ++i) {
      const std::string_view names = kConcepts[i].names[language];
      const bool shifted = names == kMidlineShift && HasWord(form_, "midline") &&
                           HasAnyWord(form_, "shifted displaced deviated") &&
                           !HasCue(CueKind::kDenial) && !HasCue(CueKind::kAbsence);
      if ((shifted || SaysAny(text_, "", names)) && !LeavesOpen()) {
        Take(kReportLabels + i, Finding::kPresent);
      } else if (SaysAny(text_, chinese_ ? "无" : "no ", names)) {
        Take(kReportLabels + i, Finding::kAbsent);
      }
    }
  }

  /// Whether a label or a concept tells what a name is.
  static bool IsKnown(const std::string& name) {
    const ReportReading report = ReadReport(name);
    for (size_t label = 0; label < kReportLabels; ++label) {
      if (IsOfFindings(label) && report.labels[label] != Finding::kNotMentioned) return true;
    }
    const size_t language = HasIdeograph(name) ? 1 : 0;
    return std::any_of(kConcepts.begin(), kConcepts.end(), [&](const Concept& known) {
      return SaysAny(name, "", known.names[language]);
    });
  }

  void TakeNamed() {
    if (reading_.sides.any() && !reading_.sides.all()) reading_.without_sides = WithoutSides(text_);
    if (IsOfTheRest() || IsBorderline()) return;
    for (NamedFinding& finding : NamedFindings(text_)) {
      if (IsKnown(finding.name) || (!finding.present && IsOfSomeKind())) continue;
      const std::string form = WordForm(finding.clause);
      const bool present = finding.present;
      reading_.findings.push_back(
          {std::move(finding), present, SidesNamed(form), BonesNamed(form)});
    }
  }

  void TakeNormality(const ReportReading& report, bool labelled) {
    const bool central = HasWord(form_, "midline") &&
                         HasAnyWord(form_, "central centered centred") && !HasCue(CueKind::kDenial);
    const bool said =
        report.labels[static_cast<size_t>(ReportLabel::kNoFinding)] == Finding::kPresent;
    if (!(said || central) || reading_.abnormal || IsOfTheRest() || LeavesOpen()) return;
    if (IsBorderline()) return;
    const bool nothing_abnormal = HasAnyWord(form_, "abnormality abnormalities 异常");
    if (labelled && !HasCue(CueKind::kNormal) && !nothing_abnormal) return;
    // How large the lungs are is no matter of what is in them.
    if (HasAnyWord(form_, "volume volumes inflated expanded 体积 容积 膨胀")) return;
    if (!reading_.named.empty()) {
      if (!IsOfSomeKind()) reading_.normal = reading_.named;
      return;
    }
    reading_.all_normal =
        AnswersAgree(text_, chinese_ ? "正常" : "normal") ||
        HasAnyWord(
            form_,
            "normal abnormal abnormality abnormalities unremarkable disease finding findings "
            "异常 正常");
    reading_.acute_only = HasAnyWord(form_, "acute 急性");
    reading_.whole =
        HasAnyWord(form_,
                   "chest radiograph radiographs xray ray film study scan image examination ct "
                   "mri cardiopulmonary 胸片 胸部 平片 图像 检查 颅脑 头颅 腹部");
  }

  /// "ACL intact", 气管居中: the name before the state, where no region has it.
  void TakeNormalName() {
    if (reading_.abnormal || !reading_.named.empty() || IsOfTheRest() || IsOfSomeKind() ||
        LeavesOpen() || IsBorderline() || HasCue(CueKind::kDenial) || HasCue(CueKind::kAbsence)) {
      return;
    }
    const std::string form = ClauseForm(text_);
    const std::vector<Clause> clauses = SplitClauses(form);
    if (clauses.size() != 1) return;
    const std::vector<ClauseWord>& words = clauses[0].words;
    const auto content = std::find_if(words.begin(), words.end(),
                                      [](const ClauseWord& word) { return word.cue == nullptr; });
    if (content == words.end()) return;
    const bool state =
        std::any_of(content, words.end(),
                    [](const ClauseWord& word) { return word.Is(CueKind::kNormal); }) ||
        HasAnyWord(form_, "central centered centred midline");
    std::string_view name = content->text;
    for (const std::string_view mark :
         {"left ", "right ", "左侧", "右侧", "左", "右", " midline", " central"}) {
      if (name.starts_with(mark)) name.remove_prefix(mark.size());
      if (name.ends_with(mark)) name.remove_suffix(mark.size());
    }
    if (state) reading_.normal_name = name;
  }

  void TakeAbnormalPieces() {
    const auto said_normal = [](std::string_view piece) {
      const std::string form = ClauseForm(piece);
      const std::vector<Clause> clauses = SplitClauses(form);
      return std::any_of(clauses.begin(), clauses.end(), [](const Clause& clause) {
        return std::any_of(clause.words.begin(), clause.words.end(), [](const ClauseWord& word) {
          return word.Is(CueKind::kNormal) || word.Is(CueKind::kAbsence);
        });
      });
    };
    for (const std::string& piece : PiecesOf(text_)) {
      if (!said_normal(piece)) reading_.abnormal_form += WordForm(piece);
    }
    reading_.acute =
        HasAnyWord(form_, "acute new 急性 新发") ||
        std::any_of(reading_.statements.begin(), reading_.statements.end(),
                    [&](const Statement& said) { return said.present && MayBeAcute(said.of); });
  }

  bool MayBeAcute(size_t of) const {
    if (HasAnyWord(form_, "old healed healing chronic remote stable unchanged 陈旧 慢性"))
      return false;
    if (of >= kReportLabels) return kConcepts[of - kReportLabels].Name() == "hemorrhage";
    using enum ReportLabel;
    constexpr std::array kAcute = {kEdema,        kConsolidation,   kPneumonia,
                                   kPneumothorax, kPleuralEffusion, kFracture};
    return std::find(kAcute.begin(), kAcute.end(), static_cast<ReportLabel>(of)) != kAcute.end();
  }

  std::string text_;
  std::string form_;
  bool chinese_;
  Reading reading_;
};

/// A report's sentences, compared each with each.
class Comparison {
 public:
  explicit Comparison(RadiologyReport& report) : report_(report) {
    std::map<std::string_view, size_t> known;
    for (const ReportSentence& sentence : report.sentences) {
      const auto [at, is_new] = known.try_emplace(sentence.text, readings_.size());
      if (is_new) readings_.push_back(SentenceReader(sentence.text).Read());
      reading_of_.push_back(at->second);
    }
    for (size_t i = 0; i < report.sentences.size(); ++i) {
      const bool affirms = ReadingOf(i).Affirms();
      if (affirms) affirming_.push_back(i);
      if (affirms || ReadingOf(i).Denies()) telling_.push_back(i);
    }
    GatherFindings();
  }

  void Mark() {
    std::vector<ReportSentence>& sentences = report_.sentences;
    for (const size_t i : telling_) {
      const std::vector<size_t>& partners = ReadingOf(i).Affirms() ? telling_ : affirming_;
      std::vector<size_t>& others = sentences[i].marks.contradicts;
      for (const size_t j : partners) {
        // Of each answer the first: one that goes round in circles has thousands.
        const bool has_one =
            !others.empty() && sentences[others.back()].answer == sentences[j].answer;
        if (i != j && !has_one && Contradict(i, j)) others.push_back(j);
      }
    }
  }

 private:
  const Reading& ReadingOf(size_t sentence) const { return readings_[reading_of_[sentence]]; }
  bool Contradict(size_t i, size_t j) const {
    return Denies(i, j) || Denies(j, i) || OtherSide(i, j) || OtherSide(j, i);
  }

  const ReportStep& StepOf(size_t sentence) const {
    return report_.answers[report_.sentences[sentence].answer].step;
  }

  /// Whether what is said of some sides holds where something is: no side is all of them.
  static bool Covers(Sides said, Sides where) {
    return said.none() || said.all() || (where.any() && (where & ~said).none());
  }

  static bool IsPart(size_t whole, size_t part) {
    using enum ReportLabel;
    const auto is = [](size_t label, ReportLabel which) {
      return label == static_cast<size_t>(which);
    };
    return whole == part || (is(whole, kLungOpacity) && (is(part, kConsolidation) ||
                                                         is(part, kEdema) || is(part, kPneumonia)));
  }

  /// Whether i says that something is not there that is there in j.
  bool Denies(size_t i, size_t j) const {
    const Reading& denier = ReadingOf(i);
    const Reading& other = ReadingOf(j);
    for (const Statement& there : other.statements) {
      if (!there.present) continue;
      for (const Statement& absent : denier.statements) {
        if (!absent.present && IsPart(absent.of, there.of) && Covers(absent.sides, there.sides) &&
            MayBeSame(absent.bones, there.bones)) {
          return true;
        }
      }
    }
    if (DeniesNamed(denier, other)) return true;
    if (!other.abnormal || !Covers(denier.sides, other.sides)) return false;
    if (!denier.normal_name.empty() && NamesThing(other.abnormal_form, denier.normal_name)) {
      return true;
    }
    if (!MayBeSame(denier.bones, other.bones) || (denier.acute_only && !other.acute)) return false;
    for (const size_t region : denier.normal) {
      if (IsIn(other, region)) return true;
    }
    return denier.all_normal && (denier.whole || IsOfTopic(i, j));
  }

  static bool DeniesNamed(const Reading& denier, const Reading& other) {
    for (const NamedStatement& there : other.findings) {
      if (!there.present) continue;
      for (const NamedStatement& absent : denier.findings) {
        if (!absent.present && IsDenied(there.finding, absent.finding) &&
            Covers(absent.sides, there.sides) && MayBeSame(absent.bones, there.bones)) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether something abnormal is in a region: by its name, or by what it is.
  static bool IsIn(const Reading& reading, size_t region) {
    if (std::find(reading.named.begin(), reading.named.end(), region) != reading.named.end()) {
      return true;
    }
    return std::any_of(
        reading.statements.begin(), reading.statements.end(), [&](const Statement& said) {
          if (!said.present) return false;
          const auto& [topics, words, labels, concepts] = Regions()[region];
          if (said.of >= kReportLabels) {
            return concepts.find(kConcepts[said.of - kReportLabels].Name()) != concepts.npos;
          }
          return std::find(labels.begin(), labels.end(), static_cast<ReportLabel>(said.of)) !=
                 labels.end();
        });
  }

  /// Whether j is about what i calls normal without naming it: the topic that it stands under, of
  /// which there are some for the whole examination.
  bool IsOfTopic(size_t i, size_t j) const {
    const std::string_view topic = StepOf(i).key;
    if (topic == "impression" || topic == "abnormal" || topic == "organs" || topic == "technique") {
      return true;
    }
    if (StepOf(j).key == topic) return true;
    const std::vector<Region>& regions = Regions();
    for (size_t region = 0; region < regions.size(); ++region) {
      if (regions[region].topics == topic && IsIn(ReadingOf(j), region)) return true;
    }
    return false;
  }

  /// Whether i is of the impression and has something on a side where no finding has it, which j
  /// has.
  bool OtherSide(size_t i, size_t j) const {
    if (!StepOf(i).IsImpression() || StepOf(j).IsImpression()) return false;
    if (IsMirrored(ReadingOf(i), ReadingOf(j))) return true;
    for (const Statement& concluded : ReadingOf(i).statements) {
      if (!concluded.present || concluded.sides.none()) continue;
      for (const Statement& found : ReadingOf(j).statements) {
        if (found.present && found.of == concluded.of && found.sides.any() && !Found(concluded)) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether the impression says of one side what the findings say of the other alone: 气管右移 and
  /// 气管左移.
  bool IsMirrored(const Reading& concluded, const Reading& found) const {
    const std::string& said = concluded.without_sides;
    return concluded.statements.empty() && !said.empty() && said == found.without_sides &&
           (concluded.sides & ~mirrored_.at(said)).any();
  }

  /// Whether the findings have something where the impression has it, or may have.
  bool Found(const Statement& concluded) const {
    const auto found = found_.find(concluded.of);
    if (found == found_.end() || found->second.somewhere) return true;
    return (concluded.sides & ~found->second.sides).none();
  }

  void GatherFindings() {
    for (size_t i = 0; i < report_.sentences.size(); ++i) {
      if (StepOf(i).IsImpression()) continue;
      mirrored_[ReadingOf(i).without_sides] |= ReadingOf(i).sides;
      for (const Statement& said : ReadingOf(i).statements) {
        if (!said.present) continue;
        FoundAt& found = found_[said.of];
        found.somewhere |= said.sides.none();
        found.sides |= said.sides;
      }
    }
  }

  /// Where the findings have something.
  struct FoundAt {
    bool somewhere = false;  // a sentence names no side
    Sides sides;
  };

  RadiologyReport& report_;
  std::vector<Reading> readings_;
  std::vector<size_t> reading_of_;
  std::vector<size_t> telling_;    // sentences that say that something is there or not
  std::vector<size_t> affirming_;  // of these, those that say that something is there
  std::map<size_t, FoundAt> found_;
  std::map<std::string, Sides> mirrored_;  // of findings, by what they say without the sides
};

}  // namespace

void MarkContradictions(RadiologyReport& report) {
  for (ReportSentence& sentence : report.sentences) sentence.marks.contradicts.clear();
  Comparison(report).Mark();
}

}  // namespace roentgen
