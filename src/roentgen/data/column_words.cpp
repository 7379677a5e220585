#include "roentgen/data/column_words.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "roentgen/text/normal_form.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using enum ColumnWord;

struct Entry {
  std::string_view text;
  ColumnWord word;
};

constexpr Entry kWords[] = {
    {"patient", kPatient},
    {"患者", kPatient},
    {"病人", kPatient},
    {"病患", kPatient},
    {"病员", kPatient},
    {"就诊者", kPatient},
    {"patients", kPatients},
    {"pat", kPatients},
    {"pt", kPatients},
    {"受试者", kSubject},
    {"被试", kSubject},
    {"受检者", kSubject},
    {"participant", kSubject},
    {"subject", kSubject},
    {"subjects", kSubjects},
    {"subj", kSubjects},
    {"sub", kSubjects},
    {"person", kSubjects},
    {"个体", kSubjects},
    {"medicalrecord", kRecord},
    {"hospitalnumber", kFullRecord},
    {"hospitalno", kFullRecord},
    {"病历", kRecord},
    {"病案", kRecord},
    {"住院", kRecord},
    {"门诊", kRecord},
    {"就诊卡", kRecord},
    {"登记", kRecord},
    {"registration", kRecord},
    {"mrn", kFullRecord},
    {"empi", kFullRecord},
    {"身份证", kFullRecord},
    {"pid", kMayBeRecord},
    {"name", kName},
    {"名字", kName},
    {"姓名", kFullName},
    {"study", kStudy},
    {"studyinstance", kStudy},
    {"exam", kStudy},
    {"examination", kStudy},
    {"检查", kStudy},
    {"申请", kStudy},
    {"acc", kStudy},
    {"accession", kFullStudy},
    {"case", kCase},
    {"病例", kCase},
    {"个案", kCase},
    {"encounter", kCase},
    {"影像", kCase},
    {"visit", kCase},
    {"就诊", kCase},
    {"档案", kCase},
    {"id", kNumber},
    {"ids", kNumber},
    {"uid", kNumber},
    {"guid", kNumber},
    {"uuid", kNumber},
    {"nr", kNumber},
    {"code", kNumber},
    {"key", kNumber},
    {"index", kNumber},
    {"idx", kNumber},
    {"identifier", kNumber},
    {"hash", kNumber},
    {"pseudonym", kNumber},
    {"编号", kNumber},
    {"号", kNumber},
    {"号码", kNumber},
    {"代码", kNumber},
    {"编码", kNumber},
    {"标识", kNumber},
    {"标识符", kNumber},
    {"序号", kNumber},
    {"代号", kNumber},
    {"索引", kNumber},
    {"ref", kNumber},
    {"no", kCountOrNo},
    {"num", kCountOrNo},
    {"number", kCountOrNo},
    {"of", kOf},
    {"的", kRest},
    {"s", kRest},  // 's
    {"the", kRest},
    {"唯一", kRest},
    {"主", kRest},
    {"流水", kRest},
    {"单", kRest},
    {"拼音", kRest},
    {"unique", kRest},
    {"dicom", kRest},
    {"metadata", kRest},
    {"meta", kRest},
    {"original", kMark},
    {"id号", kNumber},
    {"deid", kMark},
    {"deidentified", kMark},
    {"anon", kMark},
    {"anonymous", kMark},
    {"anonymized", kMark},
    {"anonymised", kMark},
    {"pseudonymized", kMark},
    {"pseudonymised", kMark},
    {"hashed", kMark},
    {"masked", kMark},
    {"encrypted", kMark},
    {"脱敏", kMark},
    {"匿名", kMark},
    {"加密", kMark},
    {"原始", kMark},
};

std::optional<ColumnWord> Known(std::string_view text) {
  const auto* const at = std::find_if(std::begin(kWords), std::end(kWords),
                                      [&](const Entry& each) { return each.text == text; });
  return at == std::end(kWords) ? std::nullopt : std::optional(at->word);
}

/// The text as known words that follow each other, of several ways that with the longest ones
/// first; nothing where it is no such text.
std::optional<std::vector<ColumnNamePart>> InKnownWords(std::string_view text) {
  constexpr size_t kLongest = 64;  // bytes; columns that name patients have short names
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  std::vector<std::optional<size_t>> word_at(text.size() + 1);  // its length
  word_at[text.size()] = 0;
  for (size_t at = text.size(); at-- > 0;) {
    for (size_t length = text.size() - at; length > 0 && !word_at[at]; --length) {
      if (word_at[at + length] && Known(text.substr(at, length))) word_at[at] = length;
    }
  }
  if (!word_at[0]) return std::nullopt;
  std::vector<ColumnNamePart> words;
  for (size_t at = 0; at < text.size(); at += *word_at[at]) {
    const std::string_view word = text.substr(at, *word_at[at]);
    words.push_back({*Known(word), std::string(word)});
  }
  return words;
}

bool IsSign(std::string_view text, size_t at) {
  const CharClass kind = ClassOf(ReadUtf8(text, at).code_point);
  return kind != CharClass::kLetter && kind != CharClass::kNumber;
}

/// Letters and digits between signs, folded, also parted before capitals that follow small letters
/// and before the last of several capitals: "UcsfPatientID", "MRNumber". Digits are words.
std::vector<std::string> PiecesOf(std::string_view name) {
  const std::string written = FoldLookalikes(name);
  const auto is = [&](size_t at, char first, char last) {
    return at < written.size() && written[at] >= first && written[at] <= last;
  };
  std::string parted;
  for (size_t at = 0; at < written.size();) {
    const size_t length = ReadUtf8(written, at).length;
    const bool begins = at > 0 && is(at, 'A', 'Z') &&
                        (is(at - 1, 'a', 'z') || (is(at - 1, 'A', 'Z') && is(at + 1, 'a', 'z')));
    const bool digits = at > 0 && is(at, '0', '9') != is(at - 1, '0', '9');
    if (begins || digits || IsSign(written, at)) parted += ' ';
    if (!IsSign(written, at)) parted += written.substr(at, length);
    at += length;
  }
  std::vector<std::string> pieces;
  const std::string folded = FoldText(parted);
  for (size_t at = 0; at < folded.size();) {
    const size_t end = std::min(folded.find_first_of(" \n", at), folded.size());
    if (end > at) pieces.push_back(folded.substr(at, end - at));
    at = end + 1;
  }
  return pieces;
}

/// A piece that is not all known: what is known at the end of a Chinese one, with what is before it
/// as one unknown word (协和患者编号).
void AppendPiece(const std::string& piece, std::vector<ColumnNamePart>& words) {
  for (size_t at = 0; at < piece.size(); at += ReadUtf8(piece, at).length) {
    const bool ascii = static_cast<unsigned char>(piece[at]) < 0x80;
    if (at > 0 && ascii) break;  // inpatient is no patient
    const auto known = InKnownWords(std::string_view(piece).substr(at));
    if (!known) continue;
    if (at > 0) words.push_back({kUnknown, piece.substr(0, at)});
    words.insert(words.end(), known->begin(), known->end());
    return;
  }
  const bool digits = piece.find_first_not_of("0123456789") == piece.npos;
  words.push_back({digits || piece.size() == 1 ? kRest : kUnknown, piece});  // patient_id_x
}

std::string WithoutBrackets(std::string_view name) {
  constexpr std::string_view kOpening[] = {"(", "[", "{", "（", "【", "［"};
  constexpr std::string_view kClosing[] = {")", "]", "}", "）", "】", "］"};
  std::string left;
  size_t depth = 0;
  for (size_t at = 0; at < name.size();) {
    const size_t length = ReadUtf8(name, at).length;
    const std::string_view character = name.substr(at, length);
    const auto among = [&](const auto& list) {
      return std::find(std::begin(list), std::end(list), character) != std::end(list);
    };
    if (among(kOpening)) ++depth;
    if (depth == 0) left += character;
    if (among(kClosing) && depth > 0) --depth;
    at += length;
  }
  return depth == 0 ? left : std::string(name);
}

std::vector<ColumnNamePart> WordsOf(std::string_view name) {
  const std::vector<std::string> pieces = PiecesOf(name);
  std::string joined;
  for (const std::string& piece : pieces) joined += piece;
  if (auto known = InKnownWords(joined)) return *std::move(known);
  std::vector<ColumnNamePart> words;
  for (const std::string& piece : pieces) AppendPiece(piece, words);
  return words;
}

}  // namespace

std::vector<ColumnNamePart> WordsOfColumn(std::string_view name) {
  std::vector<ColumnNamePart> words = WordsOf(WithoutBrackets(name));
  const bool enough = std::any_of(words.begin(), words.end(), [](const ColumnNamePart& part) {
    return part.word != kNumber && part.word != kCountOrNo && part.word != kRest;
  });
  return enough ? words : WordsOf(name);
}

}  // namespace roentgen
