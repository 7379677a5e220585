#include "roentgen/language/measures.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

struct UnitRow {
  Unit unit;
  std::string_view names;  ///< with blanks between them
};

constexpr auto kUnits = std::to_array<UnitRow>({
    // length
    {{"mm", 1, 0}, "mm millimeter 毫米"},
    {{"mm", 1, 1}, "cm centimeter 厘米 公分"},
    {{"mm", 1, 2}, "dm decimeter 分米"},
    {{"mm", 1, 3}, "m meter 米 公尺"},
    {{"mm", 1, 6}, "km kilometer 千米 公里"},
    {{"mm", 1, -3}, "μm um micrometer micron 微米"},
    {{"mm", 1, -6}, "nm nanometer 纳米"},
    {{"mm", 254, -1}, "in inch inche 英寸"},
    {{"mm", 3048, -1}, "ft foot feet 英尺"},
    // area and volume
    {{"mm2", 1, 0}, "mm2 平方毫米"},
    {{"mm2", 1, 2}, "cm2 平方厘米 平方公分"},
    {{"mm2", 1, 6}, "m2 平方米"},
    {{"ml", 1, 0}, "ml milliliter cc cm3 毫升 立方厘米"},
    {{"ml", 1, 1}, "cl centiliter 厘升"},
    {{"ml", 1, 2}, "dl deciliter 分升"},
    {{"ml", 1, 3}, "l liter dm3 升 公升"},
    {{"ml", 1, -3}, "μl ul microliter mm3 微升 立方毫米"},
    // mass
    {{"g", 1, 0}, "g gram gramme 克 公克"},
    {{"g", 1, 3}, "kg kilogram kilo 千克 公斤"},
    {{"g", 1, -3}, "mg milligram 毫克"},
    {{"g", 1, -6}, "μg ug mcg microgram 微克"},
    {{"g", 45359237, -5}, "lb lbs pound 磅"},
    // time
    {{"s", 1, 0}, "s sec second 秒 秒钟"},
    {{"s", 1, -3}, "ms msec millisecond 毫秒"},
    {{"s", 60, 0}, "min mins minute 分钟"},
    {{"s", 3600, 0}, "h hr hrs hour 小时 钟头"},
    {{"s", 86400, 0}, "day 天 日"},
    {{"s", 604800, 0}, "wk wks week 周 星期"},
    {{"month", 1, 0}, "month 个月 月"},
    {{"month", 12, 0}, "year yr yrs 年 岁"},
    // radiology
    {{"HU", 1, 0}, "hu hounsfield 亨氏单位"},
    {{"T", 1, 0}, "tesla t 特斯拉"},
    {{"T", 1, -3}, "mt millitesla 毫特斯拉"},
    {{"V", 1, 3}, "kv kvp kilovolt 千伏"},
    {{"Gy", 1, 0}, "gy gray 戈瑞"},
    {{"Gy", 1, -3}, "mgy milligray 毫戈瑞"},
    {{"Sv", 1, 0}, "sv sievert 希沃特"},
    {{"Sv", 1, -3}, "msv millisievert 毫希沃特"},
    {{"Sv", 1, -6}, "μsv usv microsievert 微希沃特"},
    {{"Hz", 1, 0}, "hz hertz 赫兹"},
    {{"Hz", 1, 3}, "khz kilohertz 千赫兹 千赫"},
    {{"Hz", 1, 6}, "mhz megahertz 兆赫兹 兆赫"},
    {{"/min", 1, 0}, "bpm"},
    {{"Pa", 1, 0}, "pa pascal 帕 帕斯卡"},
    {{"Pa", 1, 3}, "kpa kilopascal 千帕"},
    {{"mmHg", 1, 0}, "mmhg 毫米汞柱"},
    // ratios and angles
    {{"%", 1, 0}, "% percent"},
    {{"%", 1, -1}, "‰"},
    {{"°", 1, 0}, "° deg degree 度"},
    {{"°C", 1, 0}, "°c 摄氏度"},
});

const std::map<std::string_view, Unit>& UnitsByName() {
  static const auto kByName = [] {
    std::map<std::string_view, Unit> by_name;
    for (const UnitRow& row : kUnits) {
      for (std::string_view names = row.names; !names.empty();) {
        const size_t end = std::min(names.find(' '), names.size());
        by_name.emplace(names.substr(0, end), row.unit);
        names.remove_prefix(std::min(end + 1, names.size()));
      }
    }
    return by_name;
  }();
  return kByName;
}

}  // namespace

std::optional<Unit> UnitNamed(std::string_view name) {
  const auto known = UnitsByName().find(name);
  return known == UnitsByName().end() ? std::nullopt : std::optional(known->second);
}

std::optional<std::pair<Unit, size_t>> ChineseUnitAt(std::string_view text) {
  constexpr size_t kLongest = 5;  // characters
  std::optional<std::pair<Unit, size_t>> longest;
  size_t end = 0;
  for (size_t i = 0; i < kLongest && end < text.size(); ++i) {
    end += ReadUtf8(text, end).length;
    if (const auto unit = UnitNamed(text.substr(0, end))) longest.emplace(*unit, end);
  }
  return longest;
}

std::string Quantity(std::string_view number, const Unit& unit) {
  constexpr size_t kMostDigits = 10;  // times the largest factor, within 64 bits
  const std::string_view sign = number.starts_with('-') ? number.substr(0, 1) : "";
  number.remove_prefix(number.starts_with('+') ? 1 : sign.size());
  const size_t point = number.find('.');
  std::string digits(number.substr(0, point));
  int power = unit.power;
  if (point != std::string_view::npos) {
    digits += number.substr(point + 1);
    power -= static_cast<int>(number.size() - point - 1);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return std::string("0").append(unit.dimension);
  if (digits.size() <= kMostDigits) {
    digits = std::to_string(std::stoll(digits) * unit.factor);
  } else if (unit.factor != 1) {
    digits += '*' + std::to_string(unit.factor);
  }
  while (digits.size() > 1 && digits.back() == '0') {
    digits.pop_back();
    ++power;
  }
  return std::string(sign) + digits + 'e' + std::to_string(power) + std::string(unit.dimension);
}

}  // namespace roentgen
