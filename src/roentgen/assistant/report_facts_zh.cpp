#include "roentgen/assistant/report_facts_zh.h"

#include <optional>
#include <vector>

namespace roentgen {
namespace {

constexpr std::string_view kValue = "{}";
constexpr std::string_view kComma = ", ";

/// A part between two commas, or several. Values stand in the same order in both.
struct Phrase {
  std::string_view english;
  std::string_view chinese;
};
constexpr Phrase kPhrases[] = {
    // Of images (Facts in dialogue.cpp, notes of imaging/).
    {"{} tokens", "{} 个 token"},
    {"frame {} of {}", "第 {}/{} 帧"},
    {"slice {} of {}", "第 {}/{} 层"},
    {"{} of {} slices side by side", "并排显示 {}/{} 层"},
    {"window lookup table", "按查找表显示"},
    {"window {}..{}", "灰度范围 {}..{}"},
    {"window {}/{}", "窗宽/窗位 {}/{}"},
    {"turned upright", "已转正"},
    {"text is burned into the picture and may name the patient", "图像内有文字，可能含患者姓名"},
    {"text may be burned into the picture: look for names", "图像内可能有文字，请检查是否含姓名"},
    {"the first frame of an animation", "动画的首帧"},
    {"the first of several pages", "多页中的首页"},
    {"only {} of {} frames are in the file", "文件内仅有 {}/{} 帧"},
    {"{} of its fax rows are damaged", "{} 行传真数据损坏"},
    {"{} pixels are no finite numbers", "{} 个像素不是有限数值"},
    {"{} pixels are NaN or infinite: shown black", "{} 个像素为 NaN 或无穷大：显示为黑色"},
    {"+inf white", "+inf 为白色"},
    {"{} grey scaled from {}..{} to 8 bits", "{}灰度由 {}..{} 缩放至 8 位"},
    {"{} grey clipped at {}", "{}灰度截断于 {}"},
    {"{} grey clipped to {}", "{}灰度截断至 {}"},
    {"its VOI LUT Function is no known term; LINEAR is used",
     "VOI LUT Function 不是已知术语；按 LINEAR 处理"},
    {"the file's window cannot be used: its width is {}; the range of values is shown",
     "文件的窗不可用：窗宽为 {}；按数值范围显示"},
    {"the file's window cannot be used: it is no pair of numbers; the range of values is shown",
     "文件的窗不可用：不是一对数值；按数值范围显示"},
    {"the window is narrower than 1, so LINEAR_EXACT is used", "窗宽小于 1，按 LINEAR_EXACT 处理"},
    {"padding (stored value {}) takes part in the range of greys; a window would leave it out",
     "填充值（存储值 {}）计入灰度范围；选窗可将其排除"},
    {"padding (stored value {}) lies within the window", "填充值（存储值 {}）在窗内"},
    {"the lookup table uses {} of its {} levels, so the image has little contrast",
     "查找表仅用 {}/{} 级，图像对比度低"},
    {"High Bit {} does not fit the values, which are taken from the lowest bit on",
     "High Bit {} 与数值不符，数值自最低位取"},
    {"colours taken as {}, as the compressed image says (components R, G, B); its header has {}",
     "颜色按压缩图像所记（分量 R、G、B）取为 {}；文件头为 {}"},
    {"colours taken as {}, as the compressed image says (JFIF); its header has {}",
     "颜色按压缩图像所记（JFIF）取为 {}；文件头为 {}"},
    {"colours taken as {}, as the compressed image says (Adobe); its header has {}",
     "颜色按压缩图像所记（Adobe）取为 {}；文件头为 {}"},
    {"{} with three values a pixel: taken for RGB", "{}，每像素三个值：按 RGB 处理"},
    {"{} for grey values: taken for MONOCHROME2", "{}，灰度值：按 MONOCHROME2 处理"},
    // Values of these.
    {"no Photometric Interpretation", "无 Photometric Interpretation"},
    {"an unknown Photometric Interpretation", "未知的 Photometric Interpretation"},
    {"signed {}-bit", "有符号 {} 位"},
    {"unsigned {}-bit", "无符号 {} 位"},
    {"{}-bit floating-point", "{} 位浮点"},
    {"{}-bit complex", "{} 位复数"},
    {"{}-bit", "{} 位"},
    // Of weights (weight_recipe.h).
    {"as published", "与发布时相同"},
    {"decoder {}", "解码器 {}"},
    {"vision {}", "视觉编码器 {}"},
    {"head {}", "输出层 {}"},
};

struct Match {
  size_t length = 0;
  std::vector<std::string_view> values;
};

/// How long a value is that the text begins with: up to what stands behind it in the phrase, and
/// within its part. Nothing where that does not follow.
std::optional<size_t> LengthOfValue(std::string_view text, std::string_view behind) {
  const std::string_view part = text.substr(0, text.find(kComma));
  const std::string_view head = behind.substr(0, behind.find(kComma));
  const size_t length =
      head == behind && !head.empty() ? part.find(head) : part.size() - head.size();
  if (length == 0 || length > part.size()) return std::nullopt;
  return length;
}

/// The phrase at the beginning of the text, and a comma or nothing behind it.
std::optional<Match> MatchAt(std::string_view text, std::string_view phrase) {
  Match match;
  while (true) {
    const std::string_view literal = phrase.substr(0, phrase.find(kValue));
    if (!text.substr(match.length).starts_with(literal)) return std::nullopt;
    match.length += literal.size();
    phrase.remove_prefix(literal.size());
    const std::string_view rest = text.substr(match.length);
    if (phrase.empty()) {
      if (rest.empty() || rest.starts_with(kComma)) return match;
      return std::nullopt;
    }
    phrase.remove_prefix(kValue.size());
    const auto length = LengthOfValue(rest, phrase.substr(0, phrase.find(kValue)));
    if (!length) return std::nullopt;
    match.values.push_back(rest.substr(0, *length));
    match.length += *length;
  }
}

/// A value may be a phrase itself.
std::string ValueInChinese(std::string_view value) {
  for (const Phrase& phrase : kPhrases) {
    const auto match = MatchAt(value, phrase.english);
    if (!match || match->length != value.size() || match->values.size() > 1) continue;
    std::string text(phrase.chinese);
    if (!match->values.empty()) {
      text.replace(text.find(kValue), kValue.size(), match->values.front());
    }
    return text;
  }
  return std::string(value);
}

std::string Filled(std::string_view chinese, const std::vector<std::string_view>& values) {
  std::string text;
  for (const std::string_view value : values) {
    const size_t gap = chinese.find(kValue);
    text += chinese.substr(0, gap);
    text += ValueInChinese(value);
    chinese.remove_prefix(gap + kValue.size());
  }
  return text.append(chinese);
}

}  // namespace

std::string FactsInChinese(std::string_view english) {
  std::string text;
  while (!english.empty()) {
    size_t length = english.substr(0, english.find(kComma)).size();
    std::string part(english.substr(0, length));
    for (const Phrase& phrase : kPhrases) {
      const auto match = MatchAt(english, phrase.english);
      if (!match) continue;
      length = match->length;
      part = Filled(phrase.chinese, match->values);
      break;
    }
    text += part;
    english.remove_prefix(length);
    if (!english.starts_with(kComma)) continue;
    text += "，";
    english.remove_prefix(kComma.size());
  }
  return text;
}

}  // namespace roentgen
