#pragma once

#include <string>

#include "apps/program.h"

namespace roentgen::test {

/// Draws phantoms into FOLDER/data and makes an untrained model of 20,000 parameters in
/// FOLDER/model, both by the program.
inline void MakePhantomsAndModel(const std::filesystem::path& folder, const std::string& patients) {
  const std::string data = (folder / "data").string();
  const Outcome drawn = RunProgram(
      {"data", "phantom", "--out", data, "--count", patients, "--size", "64", "--language", "en"});
  ASSERT_EQ(drawn.status, 0) << drawn.err;
  const Outcome made = RunProgram({"new",
                                   "--out",
                                   (folder / "model").string(),
                                   "--texts",
                                   data,
                                   "--vocab-size",
                                   "400",
                                   "--hidden-size",
                                   "32",
                                   "--intermediate-size",
                                   "48",
                                   "--layers",
                                   "2",
                                   "--heads",
                                   "2",
                                   "--key-value-heads",
                                   "1",
                                   "--vision-depth",
                                   "1",
                                   "--vision-embed-dim",
                                   "32",
                                   "--vision-heads",
                                   "2"});
  ASSERT_EQ(made.status, 0) << made.err;
}

}  // namespace roentgen::test
