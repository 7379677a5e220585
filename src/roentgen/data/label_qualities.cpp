#include "roentgen/data/label_qualities.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string>
#include <unordered_set>
#include <vector>

#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// Words of one kind; a Chinese text is one of the kind where it consists of these alone.
constexpr std::string_view kQualities[] = {
    // sides and places
    "left right bilateral unilateral both upper lower middle mid central peripheral anterior "
    "posterior superior inferior medial lateral proximal distal inner outer "
    "左 右 双 两 单 上 下 前 后 内 外 中 近 远 侧 部 叶 段 边 端",
    // planes and views
    "axial coronal sagittal transverse oblique frontal lateral ap pa supine prone erect "
    "轴 冠状 矢状 横断 斜 正 侧 位 面 卧 立 俯 仰",
    // sequences
    "flair dwi adc swi stir gre pd pwi tof dce 加权 压脂 弥散 扩散",
    // contrast
    "enhanced unenhanced noncontrast non with without iv plain pre post 增强 平扫 前 后",
    // course and degree
    "acute subacute chronic mild moderate severe benign malignant primary secondary unspecified "
    "急性 慢性 亚急性 轻度 中度 重度 良性 恶性 原发性 继发性"};
constexpr LabelQualities kSequence = 1 << 2;
constexpr LabelQualities kNumber = 1 << std::size(kQualities);

/// Words that stand beside those of any kind and say nothing alone.
constexpr std::string_view kBeside =
    "and or the side sided lobe part view plane image sequence weighted scan contrast phase 期 相 "
    "像 图像 扫描 序列";

using WordSet = std::unordered_set<std::string>;

WordSet SetOf(std::string_view list) {
  std::istringstream words{std::string(list)};
  WordSet set;
  for (std::string word; words >> word;) set.insert(word);
  return set;
}

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

/// Whether the word is in the set or, in Chinese, consists of words in it; longer ones first.
bool ConsistsOf(const WordSet& set, const WordSet& beside, std::string_view word) {
  constexpr size_t kLongest = 12;  // bytes
  if (set.contains(std::string(word)) || beside.contains(std::string(word))) return true;
  if (word.empty() || !IsIdeograph(ReadUtf8(word, 0).code_point)) return false;
  for (size_t length = std::min(kLongest, word.size() - 1); length > 0; --length) {
    const std::string begin(word.substr(0, length));
    if (set.contains(begin) || beside.contains(begin)) {
      return ConsistsOf(set, beside, word.substr(length));
    }
  }
  return false;
}

/// T1, T2WI.
bool IsWeighting(std::string_view word) {
  return word.size() >= 2 && word.size() <= 5 && word[0] == 't' && word[1] >= '1' && word[1] <= '2';
}

}  // namespace

LabelQualities QualitiesOf(std::string_view text) {
  static const WordSet kBesideWords = SetOf(kBeside);
  static const std::vector<WordSet> kKinds = [] {
    std::vector<WordSet> kinds;
    for (const std::string_view list : kQualities) kinds.push_back(SetOf(list));
    return kinds;
  }();
  const std::vector<std::string> words = WordsIn(text);
  const auto beside = [&](const std::string& word) { return kBesideWords.contains(word); };
  if (std::all_of(words.begin(), words.end(), beside)) return 0;
  if (words[0][0] >= '0' && words[0][0] <= '9') return kNumber;
  LabelQualities qualities = 0;
  for (size_t kind = 0; kind < kKinds.size(); ++kind) {
    const LabelQualities bit = LabelQualities{1} << kind;
    const bool all = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      return ConsistsOf(kKinds[kind], kBesideWords, word) ||
             (bit == kSequence && IsWeighting(word));
    });
    if (all) qualities |= bit;
  }
  return qualities;
}

}  // namespace roentgen
