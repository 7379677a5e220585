#include "roentgen/assistant/examination.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <vector>

#include "roentgen/language/answer.h"
#include "roentgen/language/clauses.h"
#include "roentgen/language/sentences.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

struct Name {
  ReportSubject subject;
  std::array<std::string_view, 2> names;  // by Language, in FoldText's form
};
constexpr std::array kNames = {
    Name{ReportSubject::kChest, {"chest", "胸部"}},
    Name{ReportSubject::kHead, {"head", "头颅"}},
    Name{ReportSubject::kAbdomen, {"abdomen", "腹部"}},
    Name{ReportSubject::kOther, {"other", "其他"}},
};

// Of DICOM.

/// Pictures by cameras, microscopes, endoscopes, and of teeth, eyes, breasts, vessels and hearts:
/// whatever part they name, the questions about lungs, brain or liver are not theirs.
constexpr std::string_view kOtherModalities[] = {
    "AR",  "BDUS", "BI",     "CF",     "CFM", "CP",  "CS", "DMS", "EPS", "ES", "FA",  "FS",  "GM",
    "IO",  "IOL",  "IVOCT",  "IVUS",   "KER", "LEN", "LP", "LS",  "M3D", "MG", "OAM", "OCT", "OP",
    "OPM", "OPT",  "OPTBSV", "OPTENF", "OPV", "OSS", "PX", "SM",  "SRF", "VA", "XC",
};

struct BodyPart {
  std::string_view term;
  ReportSubject subject;
};
// All others are of kOther, also those of several regions.
constexpr BodyPart kBodyParts[] = {
    {"CHEST", ReportSubject::kChest},         {"LUNG", ReportSubject::kChest},
    {"MEDIASTINUM", ReportSubject::kChest},   {"BRONCHUS", ReportSubject::kChest},
    {"RIB", ReportSubject::kChest},           {"NECKCHEST", ReportSubject::kChest},
    {"HEAD", ReportSubject::kHead},           {"BRAIN", ReportSubject::kHead},
    {"SKULL", ReportSubject::kHead},          {"CEREBELLUM", ReportSubject::kHead},
    {"CIRCLEOFWILLIS", ReportSubject::kHead}, {"HEADNECK", ReportSubject::kHead},
    {"ABDOMEN", ReportSubject::kAbdomen},     {"ABDOMENPELVIS", ReportSubject::kAbdomen},
    {"LIVER", ReportSubject::kAbdomen},       {"KIDNEY", ReportSubject::kAbdomen},
    {"SPLEEN", ReportSubject::kAbdomen},      {"PANCREAS", ReportSubject::kAbdomen},
    {"GALLBLADDER", ReportSubject::kAbdomen}, {"BILEDUCT", ReportSubject::kAbdomen},
    {"ADRENAL", ReportSubject::kAbdomen},
};

/// What one file is of; nothing where it does not say. modality, body_part: defined terms or empty.
std::optional<ReportSubject> SubjectOfFile(std::string_view modality, std::string_view body_part) {
  if (std::find(std::begin(kOtherModalities), std::end(kOtherModalities), modality) !=
      std::end(kOtherModalities)) {
    return ReportSubject::kOther;
  }
  if (body_part.empty()) return std::nullopt;
  for (const BodyPart& part : kBodyParts) {
    if (part.term == body_part) return part.subject;
  }
  return ReportSubject::kOther;
}

// Of an answer.

struct Mention {
  ReportSubject subject = ReportSubject::kOther;
  size_t begin = 0;  // bytes of the form
  size_t end = 0;
};

// Words of an answer, between blanks; in FoldText's form, with hyphens as blanks.
constexpr std::string_view kChestWords =
    " chest thorax thoracic lung lungs pulmonary mediastinum mediastinal cxr ";
constexpr std::string_view kHeadWords =
    " brain brains skull cranium cranial intracranial cerebral cerebrum cerebellum cerebellar "
    "neurocranium ";
constexpr std::string_view kAbdomenWords =
    " abdomen abdominal abdominopelvic kub urinary liver hepatic kidney kidneys renal spleen "
    "splenic pancreas pancreatic gallbladder ";
// What a thoracic thing may be that is not the chest.
constexpr std::string_view kSpineWords =
    " spine spinal vertebra vertebrae vertebral disc discs outlet cord inlet ";
// What names no region, but is told with those that it is joined to: "abdomen and pelvis".
constexpr std::string_view kJoinedWords = " pelvis pelvic neck ";
// What is examined where it is named first: "cervical spine from the skull base down" is no head.
constexpr std::string_view kElsewhereWords =
    " spine spinal knee hip shoulder elbow wrist ankle thoracolumbar breast mammogram ";
constexpr std::string_view kElsewhereChinese[] = {"颈椎", "胸椎", "腰椎", "脊柱",
                                                  "脊椎", "乳腺", "头皮"};
// Bones and organs have heads as well: "femoral head", "head of the pancreas". It is the head of a
// person only behind words that may stand before any part of the body.
constexpr std::string_view kBeforeHead =
    " a an the of and or with for this is human adult child pediatric paediatric neonatal plain "
    "contrast enhanced unenhanced noncontrast non axial coronal sagittal transverse transaxial "
    "frontal lateral ct mri mr mra cta pet xray ray radiograph scan image slice section view whole "
    "normal patient patients cranial ";

// 头 by itself is that of a person only between what may stand around any part of the body:
// 股骨小头, 乳头, 探头, 头皮 and 头尾位 are none.
constexpr std::string_view kHeadAlone = "头";
constexpr std::u32string_view kBehindHeadAlone =
    U"和与及的颈正侧平增磁扫片胸腹核或还检轴冠矢横断超为是";
constexpr std::u32string_view kBeforeHeadAlone = U"是为的人童儿者性男女行查及和与、，。：（";

struct ChineseWord {
  std::string_view text;
  std::optional<ReportSubject> subject;  // nothing: it only looks like a part of the body
};
constexpr std::array kChineseWords = {
    // Longer ones first where one begins with another.
    ChineseWord{"胸壁", std::nullopt},
    ChineseWord{"腹壁", std::nullopt},
    ChineseWord{"胸椎", std::nullopt},
    ChineseWord{"胸骨", std::nullopt},
    ChineseWord{"胸锁", std::nullopt},
    ChineseWord{"胸腰", std::nullopt},
    ChineseWord{"胸段", std::nullopt},
    ChineseWord{"胸髓", std::nullopt},
    ChineseWord{"腹股沟", std::nullopt},
    ChineseWord{"腹侧", std::nullopt},
    ChineseWord{"颅侧", std::nullopt},
    ChineseWord{"头侧", std::nullopt},
    ChineseWord{"头位", std::nullopt},
    ChineseWord{"头端", std::nullopt},
    ChineseWord{"头臂", std::nullopt},
    ChineseWord{"头静脉", std::nullopt},
    ChineseWord{"头状骨", std::nullopt},
    ChineseWord{"头肌", std::nullopt},
    ChineseWord{"骨头", std::nullopt},
    ChineseWord{"胰头", ReportSubject::kAbdomen},
    ChineseWord{"电脑", std::nullopt},
    ChineseWord{"胸", ReportSubject::kChest},
    ChineseWord{"肺", ReportSubject::kChest},
    ChineseWord{"纵隔", ReportSubject::kChest},
    ChineseWord{"头部", ReportSubject::kHead},
    ChineseWord{"头颅", ReportSubject::kHead},
    ChineseWord{"头颈", ReportSubject::kHead},
    ChineseWord{kHeadAlone, ReportSubject::kHead},
    ChineseWord{"颅", ReportSubject::kHead},
    ChineseWord{"脑", ReportSubject::kHead},
    ChineseWord{"腹", ReportSubject::kAbdomen},
    ChineseWord{"肝", ReportSubject::kAbdomen},
    ChineseWord{"肾", ReportSubject::kAbdomen},
    ChineseWord{"脾", ReportSubject::kAbdomen},
    ChineseWord{"胰", ReportSubject::kAbdomen},
    ChineseWord{"胆", ReportSubject::kAbdomen},
    ChineseWord{"泌尿", ReportSubject::kAbdomen},
};

bool Holds(std::string_view words, std::string_view word) {
  return words.find(fmt::format(" {} ", word)) != std::string_view::npos;
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// In lower case and simplified characters, without contractions; hyphens are blanks.
std::string WordsOf(std::string_view text) {
  std::string form;
  const std::string folded = WithoutContractions(FoldText(text));
  for (size_t at = 0; at < folded.size();) {
    const Utf8Step step = ReadUtf8(folded, at);
    at += step.length;
    const bool blank = step.code_point == '-' || step.code_point == '\n';
    AppendUtf8(blank ? U' ' : SimplifiedOf(step.code_point), form);
  }
  return form;
}

/// The English word that ends before, or begins at or behind a byte; empty where another mark than
/// a blank stands between.
std::string_view WordBefore(std::string_view form, size_t at) {
  while (at > 0 && form[at - 1] == ' ') --at;
  size_t begin = at;
  while (begin > 0 && IsWordByte(form[begin - 1])) --begin;
  return form.substr(begin, at - begin);
}
std::string_view WordBehind(std::string_view form, size_t at) {
  while (at < form.size() && form[at] == ' ') ++at;
  size_t end = at;
  while (end < form.size() && IsWordByte(form[end])) ++end;
  return form.substr(at, end - at);
}

std::optional<ReportSubject> SubjectOfWord(std::string_view form, size_t begin, size_t end) {
  const std::string_view word = form.substr(begin, end - begin);
  const std::string_view behind = WordBehind(form, end);
  if (word == "head") {
    const std::string_view before = WordBefore(form, begin);
    const bool of_person = before.empty() || Holds(kBeforeHead, before);
    return of_person && behind != "of" ? std::optional(ReportSubject::kHead) : std::nullopt;
  }
  if (behind == "wall") return std::nullopt;
  if (Holds(kHeadWords, word)) return ReportSubject::kHead;
  if (Holds(kAbdomenWords, word)) return ReportSubject::kAbdomen;
  if (Holds(kChestWords, word) && !(word == "thoracic" && Holds(kSpineWords, behind))) {
    return ReportSubject::kChest;
  }
  return std::nullopt;
}

bool MayBePersonsHead(std::string_view before, std::string_view behind) {
  const char32_t next = behind.empty() ? U' ' : ReadUtf8(behind, 0).code_point;
  if (IsIdeograph(next) && kBehindHeadAlone.find(next) == std::u32string_view::npos) return false;
  size_t at = before.size();
  while (at > 0 && (static_cast<uint8_t>(before[at - 1]) & 0xc0) == 0x80) --at;
  if (at == 0) return true;
  const char32_t c = ReadUtf8(before, at - 1).code_point;
  return !IsIdeograph(c) || kBeforeHeadAlone.find(c) != std::u32string_view::npos;
}

/// Whether what is named at a byte is denied: "not a chest radiograph", 不是胸片.
bool IsDenied(std::string_view form, size_t at) {
  for (const std::string_view denial : {"不是", "并非", "而非", "看不出", "分不清"}) {
    const size_t found = form.substr(0, at).rfind(denial);
    if (found != std::string_view::npos &&
        form.substr(found, at - found).find_first_of(",.;") == std::string_view::npos &&
        form.substr(found, at - found).find("而是") == std::string_view::npos) {
      return true;
    }
  }
  std::string_view before = WordBefore(form, at);
  while (before == "a" || before == "an" || before == "the" || before == "of") {
    before = WordBefore(form, static_cast<size_t>(before.data() - form.data()));
  }
  return before == "not" || before == "no" || before == "without" || before == "nor";
}

/// What a form names, in its order.
std::vector<Mention> MentionsIn(std::string_view form) {
  std::vector<Mention> mentions;
  const auto take = [&](std::optional<ReportSubject> subject, size_t begin, size_t end) {
    if (subject && !IsDenied(form, begin)) mentions.push_back({*subject, begin, end});
  };
  for (size_t at = 0; at < form.size();) {
    if (IsWordByte(form[at])) {
      size_t end = at;
      while (end < form.size() && IsWordByte(form[end])) ++end;
      take(SubjectOfWord(form, at, end), at, end);
      at = end;
      continue;
    }
    const auto* const found = std::find_if(
        kChineseWords.begin(), kChineseWords.end(),
        [&](const ChineseWord& word) { return form.substr(at).starts_with(word.text); });
    const size_t end =
        at + (found != kChineseWords.end() ? found->text.size() : ReadUtf8(form, at).length);
    const bool counts =
        found != kChineseWords.end() &&
        (found->text != kHeadAlone || MayBePersonsHead(form.substr(0, at), form.substr(end)));
    if (counts) take(found->subject, at, end);
    at = end;
  }
  return mentions;
}

bool TakeAll(std::string& text, std::string_view word) {
  bool taken = false;
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at)) {
    text.erase(at, word.size());
    taken = true;
  }
  return taken;
}

/// The same of words of English: a text that begins and ends with a blank goes on to do so.
bool TakeWord(std::string& text, std::string_view word) {
  bool taken = false;
  const std::string between = fmt::format(" {} ", word);
  for (size_t at = text.find(between); at != text.npos; at = text.find(between, at)) {
    text.erase(at, between.size() - 1);
    taken = true;
  }
  return taken;
}

enum class Link { kNone, kAnd, kOr };

/// What stands between two mentions: only words that join (胸部和腹部, "chest, abdomen") or leave
/// open which it is (胸部还是腹部, "a chest X-ray or an abdominal one"), or something else.
Link LinkOf(std::string_view form, const Mention& first, const Mention& second) {
  std::string between(form.substr(first.end, second.begin - first.end));
  bool open = false;
  for (const std::string_view word : {"还是", "或者", "或是", "或"}) open |= TakeAll(between, word);
  between = fmt::format(" {} ", between);
  open |= TakeWord(between, "or");
  if (open) {
    for (const std::string_view image : {"平片", "片", "x线", "x光"}) TakeAll(between, image);
    for (const std::string_view word :
         {"x", "xray", "ray", "ct", "mri", "radiograph", "scan", "image", "film", "a", "an"}) {
      TakeWord(between, word);
    }
  }
  for (const std::string_view joint : {"部", "和", "及", "与", "、", "上", "以", "and", "the",
                                       "upper", "with", ",", "/", "&", "+", " "}) {
    TakeAll(between, joint);
  }
  return !between.empty() ? Link::kNone : open ? Link::kOr : Link::kAnd;
}

/// Where a form names first what is none of the regions; its end for nowhere.
size_t ElsewhereAt(std::string_view form) {
  size_t first = form.size();
  for (const std::string_view word : kElsewhereChinese) {
    const size_t at = form.find(word);
    if (at < first && !IsDenied(form, at)) first = at;
  }
  for (size_t at = 0; at < first;) {
    size_t end = at;
    while (end < form.size() && IsWordByte(form[end])) ++end;
    const std::string_view behind = WordBehind(form, end);
    const bool shadow =
        !behind.empty() && Holds(" shadow shadows implant implants tissue ", behind);
    const bool elsewhere = end > at && !shadow && Holds(kElsewhereWords, form.substr(at, end - at));
    if (elsewhere && !IsDenied(form, at)) first = at;
    at = std::max(end, at + 1);
  }
  return first;
}

/// The bytes of a form behind a mention that belong to it: 部, "and pelvis".
size_t EndWithJoined(std::string_view form, size_t end) {
  for (const std::string_view joined : {"盆腔", "盆部", "盆"}) {
    for (const std::string_view joint :
         {"", "部", "、", "部、", "部和", "和", "部及", "及", "部与"}) {
      const std::string text = fmt::format("{}{}", joint, joined);
      if (form.substr(end).starts_with(text)) return end + text.size();
    }
  }
  size_t at = end;
  while (at < form.size() && (form[at] == ' ' || form[at] == ',' || form[at] == '/')) ++at;
  if (WordBehind(form, at) == "and") at = form.find("and", at) + 3;
  const std::string_view word = WordBehind(form, at);
  return Holds(kJoinedWords, word) && !word.empty()
             ? static_cast<size_t>(word.data() + word.size() - form.data())
             : end;
}

/// "No, …", 不对，…: what was said before was wrong.
bool Corrects(std::string_view form) {
  for (const std::string_view word :
       {"no", "sorry", "wait", "correction", "不", "不对", "不是", "更正", "错了", "抱歉"}) {
    if (!form.starts_with(word)) continue;
    const std::string_view rest = form.substr(word.size());
    for (const std::string_view mark : {",", ".", ":", ";", "，", "。", "："}) {
      if (rest.starts_with(mark)) return true;
    }
  }
  return false;
}

/// Whether a form says how an image was made.
bool NamesImage(std::string_view form) {
  for (const std::string_view word : {"片", "超声", "磁共振", "扫描", "造影", "钼靶"}) {
    if (form.find(word) != std::string_view::npos) return true;
  }
  constexpr std::string_view kImages =
      " ray xray radiograph radiographs ct mri mr ultrasound scan film mammogram ";
  for (size_t at = 0; at < form.size();) {
    const std::string_view word = WordBehind(form, at);
    if (!word.empty() && Holds(kImages, word)) return true;
    at = std::max(at + 1, static_cast<size_t>(word.data() + word.size() - form.data()));
  }
  return false;
}

/// What one sentence names; nothing where it names no region, or leaves open which.
std::optional<Examination> ReadSentence(std::string_view form) {
  const std::vector<Mention> mentions = MentionsIn(form);
  const size_t elsewhere = ElsewhereAt(form);
  if (mentions.empty()) {
    return elsewhere < form.size() && (NamesImage(form) || Corrects(form))
               ? std::optional(Examination{})
               : std::nullopt;
  }
  if (elsewhere < mentions[0].begin) return Examination{};
  // What is named first, with what is joined to it. Of several regions no one's questions are
  // enough: "chest and abdomen", 胸腹部.
  ReportSubject subject = mentions[0].subject;
  size_t last = 0;
  for (size_t i = 1; i < mentions.size(); ++i) {
    const Link link = LinkOf(form, mentions[i - 1], mentions[i]);
    if (link == Link::kNone) break;
    if (mentions[i].subject != subject) {
      if (link == Link::kOr) return std::nullopt;
      subject = ReportSubject::kOther;
    }
    last = i;
  }
  const size_t begin = mentions[0].begin;
  size_t end = mentions[last].end;
  if (subject == ReportSubject::kOther) end = EndWithJoined(form, end);
  return Examination{subject, Examination::Source::kAnswer,
                     std::string(form.substr(begin, end - begin))};
}

}  // namespace

std::optional<ReportSubject> ParseExamination(std::string_view name) {
  const std::string folded = FoldText(name);
  for (const Name& each : kNames) {
    for (const std::string_view known : each.names) {
      if (folded == known) return each.subject;
    }
  }
  return std::nullopt;
}

std::string_view NameOf(ReportSubject subject, Language language) {
  for (const Name& each : kNames) {
    if (each.subject == subject) return each.names[static_cast<size_t>(language)];
  }
  return "";
}

Examination ExaminationOf(std::span<const ShownPicture> images) {
  Examination found;
  for (const ShownPicture& image : images) {
    const std::optional<ReportSubject> subject = SubjectOfFile(image.modality, image.body_part);
    if (!subject) continue;
    const bool both = !image.modality.empty() && !image.body_part.empty();
    const std::string evidence = image.modality + (both ? " " : "") + image.body_part;
    if (found.source == Examination::Source::kUnknown) {
      found = {*subject, Examination::Source::kDicom, evidence};
    } else if (found.subject != *subject) {
      return {};
    }
  }
  return found;
}

Examination ReadExamination(std::string_view answer) {
  Examination found;
  bool asked = false;  // what was found is a question: "Chest? No, the abdomen."
  for (const std::string_view sentence : SplitSentences(answer)) {
    const std::string form = WordsOf(sentence);
    const bool corrects = Corrects(form);
    const bool known = found.source != Examination::Source::kUnknown;
    if (CannotTell(sentence) || (known && !asked && !corrects)) continue;
    const std::optional<Examination> named = ReadSentence(form);
    if (!named) continue;
    if (named->source == Examination::Source::kUnknown) return *named;
    found = *named;
    asked = form.ends_with('?');
  }
  return found;
}

}  // namespace roentgen
