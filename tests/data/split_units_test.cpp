// Units and the parts that they are drawn into.

#include "roentgen/data/split_units.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/base/random.h"
#include "roentgen/data/split_plan.h"
#include "support/paths.h"

namespace roentgen {
namespace {

/// A row with what ties it to others.
struct TiedRow {
  std::string id;
  std::vector<std::string> images;  ///< by their pixels
  std::string patient;
  std::string question = "Q?";
};

/// What is known of images beside their pixels.
struct Pictures {
  std::map<std::string, DicomIdentity> dicom;
  std::set<std::pair<std::string, std::string>> alike;
};

std::map<std::string, SplitUnit> UnitsOf(const std::vector<TiedRow>& rows,
                                         const Pictures& pictures = {}) {
  SetFacts facts;
  for (const TiedRow& row : rows) {
    Sample sample;
    sample.id = row.id;
    sample.images = row.images;
    sample.turns = {{Role::kUser, row.question}, {Role::kAssistant, "A"}};
    if (!row.patient.empty()) sample.extra["patient_id"] = row.patient;
    facts.Add(sample, false);
  }
  std::vector<ImageFacts> images(facts.images.size());
  std::vector<NearPair> pairs;
  for (uint32_t i = 0; i < images.size(); ++i) {
    images[i].pixels_sha256 = "pixels of " + facts.images[i];
    const auto dicom = pictures.dicom.find(facts.images[i]);
    if (dicom != pictures.dicom.end()) images[i].dicom = dicom->second;
    for (uint32_t j = 0; j < i; ++j) {
      if (pictures.alike.contains({facts.images[j], facts.images[i]}) ||
          pictures.alike.contains({facts.images[i], facts.images[j]})) {
        pairs.push_back({j, i, 1});
      }
    }
  }
  const std::vector<SplitUnit> units = SplitUnits(facts, images, pairs);
  std::map<std::string, SplitUnit> by_id;
  for (size_t i = 0; i < rows.size(); ++i) by_id.emplace(rows[i].id, units[i]);
  return by_id;
}

TEST(SplitUnits, PatientsHoldTheirRowsTogether) {
  const auto units = UnitsOf({{"a", {"1"}, "Kim"},
                              {"b", {"2"}, "Kim"},
                              {"c", {"3"}, "李"},
                              {"d", {"4"}, "李"},
                              {"e", {"5"}, ""},
                              {"f", {"5"}, ""},
                              {"g", {"1"}, ""}});  // whose it is, is known from a
  EXPECT_EQ(units.at("a"), units.at("b"));
  EXPECT_EQ(units.at("a"), units.at("g"));
  EXPECT_EQ(units.at("c"), units.at("d"));
  EXPECT_EQ(units.at("e"), units.at("f"));
  EXPECT_NE(units.at("a"), units.at("c"));
  EXPECT_NE(units.at("a"), units.at("e"));
  EXPECT_EQ(units.at("a").tie, UnitTie::kPatient);
  EXPECT_EQ(units.at("e").tie, UnitTie::kImage);
}

DicomIdentity Of(const std::string& patient, const std::string& study) {
  DicomIdentity identity;
  identity.patient = patient;
  identity.study = study;
  return identity;
}

TEST(SplitUnits, DicomsPatientAndStudyHoldTogether) {
  Pictures pictures;
  pictures.dicom = {
      {"1", Of("p", "s1")}, {"2", Of("p", "s2")}, {"3", Of("", "s3")}, {"4", Of("", "s3")}};
  const auto units = UnitsOf(
      {{"a", {"1"}, ""}, {"b", {"2"}, ""}, {"c", {"3"}, ""}, {"d", {"4"}, ""}, {"e", {"5"}, ""}},
      pictures);
  EXPECT_EQ(units.at("a"), units.at("b"));
  EXPECT_EQ(units.at("c"), units.at("d"));
  EXPECT_NE(units.at("a"), units.at("c"));
  EXPECT_EQ(units.at("a").tie, UnitTie::kDicomPatient);
  EXPECT_EQ(units.at("c").tie, UnitTie::kStudy);
}

TEST(SplitUnits, APatientIdOfAllFilesTellsNobody) {
  Pictures pictures;
  pictures.dicom = {
      {"1", Of("anonymous", "s1")}, {"2", Of("anonymous", "s1")}, {"3", Of("anonymous", "s2")}};
  const auto units = UnitsOf({{"a", {"1"}, ""}, {"b", {"2"}, ""}, {"c", {"3"}, ""}}, pictures);
  EXPECT_EQ(units.at("a"), units.at("b"));
  EXPECT_NE(units.at("a"), units.at("c"));
}

TEST(SplitUnits, SeveralColumnsAndStudiesTie) {
  SetFacts facts;
  const auto add = [&](const std::vector<std::pair<const char*, const char*>>& columns) {
    Sample sample;
    sample.turns = {{Role::kUser, "Q" + std::to_string(facts.rows.size())},
                    {Role::kAssistant, "A"}};
    for (const auto& [column, value] : columns) sample.extra[column] = value;
    facts.Add(sample, false);
  };
  add({{"patient_id", "P1"}, {"MRN", "M1"}});
  add({{"patient_id", ""}, {"MRN", "M1"}});
  add({{"patient_id", "P1"}});
  add({{"patient_id", "P2"}, {"MRN", "M2"}});
  add({{"StudyInstanceUID", "1.2.3"}});
  add({{"StudyInstanceUID", "1.2.3"}});
  add({{"StudyInstanceUID", "1.2.4"}});
  const std::vector<SplitUnit> units = SplitUnits(facts, {}, {});
  EXPECT_EQ(units[0], units[1]);
  EXPECT_EQ(units[0], units[2]);
  EXPECT_NE(units[0], units[3]);
  EXPECT_EQ(units[4], units[5]);
  EXPECT_NE(units[4], units[6]);
  EXPECT_EQ(units[4].tie, UnitTie::kStudy);
}

TEST(SplitUnits, NearDuplicatesHoldTogetherUnlessTheyAreKnownToBeOfTwoPatients) {
  Pictures pictures;
  pictures.alike = {{"1", "2"}, {"3", "4"}};
  const auto units = UnitsOf(
      {{"a", {"1"}, ""}, {"b", {"2"}, ""}, {"c", {"3"}, "Kim"}, {"d", {"4"}, "Lee"}}, pictures);
  EXPECT_EQ(units.at("a"), units.at("b"));
  EXPECT_NE(units.at("c"), units.at("d"));
}

TEST(SplitUnits, WithoutPatientAndImageTheQuestionHolds) {
  const auto units = UnitsOf({{"a", {}, "", "什么是肺炎？"},
                              {"b", {}, "", "什么是肺炎?"},
                              {"c", {}, "", "What is pneumonia?"}});
  EXPECT_EQ(units.at("a"), units.at("b"));
  EXPECT_NE(units.at("a"), units.at("c"));
  EXPECT_EQ(units.at("a").tie, UnitTie::kQuestion);
}

/// 300 rows of all kinds.
std::vector<TiedRow> ManyRows() {
  Random random(5);
  std::vector<TiedRow> rows;
  for (int i = 0; i < 300; ++i) {
    const auto draw = [&](uint64_t of) { return std::to_string(random.NextBits() % of); };
    TiedRow row{fmt::format("row {}", i), {}, "", "Q" + draw(200)};
    const uint64_t kind = random.NextBits() % 3;
    if (kind > 0) row.images = {(kind == 1 ? "p" : "i") + draw(kind == 1 ? 100 : 60)};
    // The images of a patient are his own.
    if (kind == 1)
      row.patient = "patient " + std::to_string(std::stoi(row.images[0].substr(1)) / 3);
    rows.push_back(row);
  }
  return rows;
}

TEST(SplitUnits, NeitherOrderNorOtherRowsMoveAUnit) {
  std::vector<TiedRow> rows = ManyRows();
  const auto all = UnitsOf(rows);
  Random random(9);
  for (int trial = 0; trial < 1000; ++trial) {
    for (size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.NextBits() % i]);
    // What is left out here was appended to it.
    const std::vector<TiedRow> some(rows.begin(),
                                    rows.begin() + 1 + static_cast<int>(random.NextBits() % 300));
    for (const auto& [id, unit] : UnitsOf(some)) ASSERT_EQ(unit, all.at(id)) << id;
  }
}

TEST(PartOfUnit, SharesAreKeptAndTheSeedDecides) {
  const std::vector<double> shares = {0.2, 0.1, 0.7};
  std::vector<double> count(3);
  int moved = 0;
  constexpr int kUnits = 20'000;
  for (uint64_t i = 0; i < kUnits; ++i) {
    const SplitUnit unit{UnitTie::kImage, SplitMix64(i)};
    const uint32_t part = PartOfUnit(unit, shares, 1);
    ++count[part];
    moved += PartOfUnit(unit, shares, 2) != part ? 1 : 0;
  }
  for (size_t i = 0; i < shares.size(); ++i) {
    // Four standard deviations of a binomial.
    const double expected = shares[i] * kUnits;
    EXPECT_NEAR(count[i], expected, 4 * std::sqrt(expected * (1 - shares[i])));
  }
  EXPECT_NEAR(moved, kUnits * (1 - 0.2 * 0.2 - 0.1 * 0.1 - 0.7 * 0.7), 300);
}

TEST(DrawParts, APartThatGetsNothingIsAnErrorThatNamesAnotherSeed) {
  std::vector<SplitUnit> units;
  for (uint64_t i = 0; i < 3; ++i) units.push_back({UnitTie::kImage, SplitMix64(i)});
  const std::vector<PlannedPart> parts = {{"test", 0.01}, {"train", 0.99}};
  try {
    DrawParts(units, parts, 0);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("none falls into the part \"test\""));
    const std::string hint(error.hint());
    ASSERT_TRUE(hint.starts_with("Seed ")) << hint;
    const std::vector<uint32_t> drawn = DrawParts(units, parts, std::stoull(hint.substr(5)));
    EXPECT_THAT(std::set(drawn.begin(), drawn.end()), testing::SizeIs(2));
  }
  const std::vector<PlannedPart> five = PlannedParts({SplitPlan::Kind::kFolds, 0, 0, 5, 0});
  ROENTGEN_EXPECT_ERROR(DrawParts(units, five, 0), "none falls into the part");
}

}  // namespace
}  // namespace roentgen
