#include "roentgen/data/label_qualities.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// Words of one kind; a Chinese text is one of the kind where it consists of these alone.
constexpr std::string_view kQualities[] = {
    // sides and places
    R"(
left right bilateral unilateral both upper lower middle mid central peripheral anterior
posterior superior inferior medial lateral proximal distal inner outer cervical thoracic lumbar
sacral 左 右 双 两 单 上 下 前 后 内 外 中 近 远 侧 部 叶 段 边 端
)",
    // planes and views
    R"(
axial coronal sagittal transverse oblique frontal lateral ap pa supine prone erect 轴位 轴面 冠状 矢状
横断 斜位 正位 侧位 位 面 卧位 立位 俯卧 仰卧
)",
    // sequences
    R"(flair dwi adc swi stir gre pd pwi tof dce 加权 压脂 弥散 扩散)",
    // contrast
    R"(
enhanced unenhanced noncontrast non with without w/ w/o iv plain pre post arterial venous portal
delayed 增强 平扫 动脉期 静脉期 门脉期 延迟期
)",
    // course, degree and size
    R"(
acute subacute chronic mild moderate severe benign malignant primary secondary unspecified small
large 急性 慢性 亚急性 轻度 中度 重度 良性 恶性 原发性 继发性
)"};
constexpr LabelQualities kSequence = 1 << 2;
constexpr LabelQualities kNumber = 1 << std::size(kQualities);

/// Words that stand beside those of any kind and say nothing alone.
constexpr std::string_view kBeside =
    "and or the side sided lobe part view plane image sequence weighted scan contrast phase 期 相 "
    "像 图像 扫描 序列";

/// Letters and digits in a row, and Chinese characters in a row.
std::vector<std::string> WordsIn(std::string_view text) {
  const std::string folded = FoldText(text);
  std::vector<std::string> words;
  bool in_chinese = false;
  bool begins = true;
  for (size_t at = 0; at < folded.size();) {
    const Utf8Step step = ReadUtf8(folded, at);
    const bool chinese = IsIdeograph(step.code_point);
    if (step.code_point == ' ' || step.code_point == '-' || step.code_point == '+') {
      begins = true;
    } else {
      if (begins || chinese != in_chinese) words.emplace_back();
      words.back() += folded.substr(at, step.length);
      begins = false;
    }
    in_chinese = chinese;
    at += step.length;
  }
  return words;
}

/// T1, T2WI.
bool IsWeighting(std::string_view word) {
  return word.size() >= 2 && word.size() <= 5 && word[0] == 't' && word[1] >= '1' && word[1] <= '2';
}

/// "5", "type 2", "grade II"
bool IsNumbered(const std::vector<std::string>& words) {
  constexpr std::string_view kCounted[] = {"type", "grade", "stage", "class"};
  const bool counted = words.size() > 1 && std::find(std::begin(kCounted), std::end(kCounted),
                                                     words[0]) != std::end(kCounted);
  const std::string& number = words[counted ? 1 : 0];
  return (number[0] >= '0' && number[0] <= '9') ||
         (counted && number.find_first_not_of("iv") == number.npos);
}

/// What each word is known as.
class Vocabulary {
 public:
  Vocabulary() {
    for (size_t kind = 0; kind < std::size(kQualities); ++kind) {
      Add(kQualities[kind], LabelQualities{1} << kind);
    }
    Add(kBeside, 0);
  }

  /// The qualities of a word or, in Chinese, of the words that it consists of, longer ones first.
  std::optional<LabelQualities> Of(std::string_view word) const {
    constexpr size_t kLongest = 12;  // bytes
    if (IsWeighting(word)) return kSequence;
    if (const auto known = words_.find(std::string(word)); known != words_.end()) {
      return known->second;
    }
    if (!IsIdeograph(ReadUtf8(word, 0).code_point)) return std::nullopt;
    for (size_t length = std::min(kLongest, word.size() - 1); length > 0; --length) {
      const auto known = words_.find(std::string(word.substr(0, length)));
      if (known == words_.end()) continue;
      const auto rest = Of(word.substr(length));
      return rest ? std::optional(known->second | *rest) : std::nullopt;
    }
    return std::nullopt;
  }

 private:
  void Add(std::string_view list, LabelQualities qualities) {
    std::istringstream words{std::string(list)};
    for (std::string word; words >> word;) words_[word] |= qualities;
  }

  std::unordered_map<std::string, LabelQualities> words_;
};

}  // namespace

LabelQualities QualitiesOf(std::string_view text) {
  static const Vocabulary kVocabulary;
  const std::vector<std::string> words = WordsIn(text);
  if (words.empty()) return 0;
  if (IsNumbered(words)) return kNumber;
  LabelQualities qualities = 0;
  for (const std::string& word : words) {
    const std::optional<LabelQualities> own = kVocabulary.Of(word);
    if (!own) return 0;
    qualities |= *own;
  }
  return qualities;
}

}  // namespace roentgen
