#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "roentgen/evaluation/proportion.h"

namespace roentgen {

/// With fewer units a two-sided sign-flip test cannot reach 0.05: of 2^5 ways to give five units
/// their signs, two are the most extreme, and p is 0.0625 at best.
inline constexpr size_t kFewestTestUnits = 6;

struct PairedTestOptions {
  size_t draws = 10'000;  ///< of signs, where there are more ways than that
  uint64_t seed = 42;
};

/// How two runs differ on the same questions.
struct PairedTest {
  size_t questions = 0;
  size_t units = 0;
  double difference = 0;           ///< mean over the questions
  std::optional<Bounds> interval;  ///< 95 %; holds 0 exactly where p is above 0.05
  std::optional<double> p;         ///< two-sided, above 0; none for fewer than kFewestTestUnits
};

/// The sign-flip randomisation test by unit (Fisher 1935; for systems on one test set: Yeh 2000),
/// and the interval that it gives when it is inverted.
///
/// If the runs are alike, exchanging them within a unit changes nothing: the sum of a unit's
/// differences D_u may as well have the other sign. p is the share of ways to give the units their
/// signs for which |Σ ± D_u| is at least |Σ D_u|. All ways are counted where the differences are
/// whole numbers (right or wrong), which for one question a unit is McNemar's exact test, and where
/// the ways are at most `draws`; else p = (k + 1) / (draws + 1) with so many drawn at random
/// (Phipson & Smyth 2010). The interval holds every δ for which D_u − n_u δ does not differ from 0,
/// and, where fewer than ten questions differ from the others, allows at least for what Wilson's
/// formula leaves unseen of so many. Where that, or random signs, would put a bound on the other
/// side of 0 than p says, the bound is 0 for p above 0.05, else half a question from it (0.5/n).
///
/// differences  of each question, second − first, of scores from 0 to 1
/// units        the unit of each, any numbers
/// Throws ShapeError when the lists differ in length or are empty.
PairedTest TestPaired(std::span<const double> differences, std::span<const uint32_t> units,
                      const PairedTestOptions& options = {});

}  // namespace roentgen
