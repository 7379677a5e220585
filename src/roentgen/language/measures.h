#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace roentgen {

/// What a unit measures, and how much of that dimension's own unit it is.
///
/// Prefixes of metric units are powers of ten (SI Brochure, 9th edition, tables 2, 7 and 8: litre,
/// minute, hour, day, degree); the inch is 25.4 mm and the pound 0.45359237 kg exactly
/// (international yard and pound agreement, 1959). Week 7 days, year 12 months; a month is no
/// number of days. Per cent stay per cent.
struct Unit {
  std::string_view dimension;  ///< in which numbers are compared: "mm", "s", "%"
  long long factor;
  int power;  ///< the unit is factor × 10^power of the dimension
};

/// The unit that a name in small letters and simplified characters names: "cm", "centimeter",
/// "厘米". English names are in the singular and in American spelling.
std::optional<Unit> UnitNamed(std::string_view name);

/// The longest unit that a text in Chinese begins with, and its bytes.
std::optional<std::pair<Unit, size_t>> ChineseUnitAt(std::string_view text);

/// A number as digits ("2.50", "-3") in a unit, so that equal quantities are equal texts: 2 cm and
/// 20 mm, 2.0 and 2.
std::string Quantity(std::string_view number, const Unit& unit);

}  // namespace roentgen
