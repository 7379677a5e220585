// What a run leaves in its output folder: the whole new dataset or the whole old one, and never
// anything of another's; however it ends.

#include "roentgen/data/dataset_writer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <set>
#include <thread>

#include "data/generated_set.h"
#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr size_t kMaxBytes = size_t{1} << 24;

struct Row {
  std::string part;
  std::string image;    // its file's name
  std::string content;  // of the image
};

/// A dataset as it is to be written.
struct Set {
  std::string name;
  std::vector<Row> rows;
  bool json_lines = false;
  bool knowledge = false;
};

/// Everything below a folder: paths, and what the files hold.
std::map<std::string, std::string> Snapshot(const fs::path& folder) {
  std::map<std::string, std::string> found;
  if (!FileExists(folder)) return found;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    const std::string name = each.path().lexically_relative(folder).string();
    found[name] = each.is_regular_file() ? ReadFile(each.path(), kMaxBytes) : "";
    if (!name.starts_with(".roentgen-manifest-")) continue;
    Json manifest = ParseJson(found[name], name);
    manifest.erase("made_in");  // tells folders apart, also those of equal content
    found[name] = manifest.dump();
  }
  return found;
}

/// The paths in which two folders differ.
std::set<std::string> Differing(const std::map<std::string, std::string>& one,
                                const std::map<std::string, std::string>& other) {
  std::set<std::string> paths;
  for (const auto* each : {&one, &other}) {
    for (const auto& [path, content] : *each) {
      const auto at_one = one.find(path);
      const auto at_other = other.find(path);
      if (at_one == one.end() || at_other == other.end() || at_one->second != at_other->second) {
        paths.insert(path);
      }
    }
  }
  return paths;
}

std::vector<std::string> Names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : Snapshot(folder)) {
    if (!name.starts_with(".roentgen-manifest-")) names.push_back(name);
  }
  return names;
}

/// What a reader sees: by dataset and part, the questions with what their images hold.
std::set<std::string> Seen(const fs::path& folder) {
  std::set<std::string> seen;
  for (const SourceSample& row : test::ReadAll(*OpenLlamaFactory(folder, {}))) {
    const std::string& image = row.sample.images.at(0);
    seen.insert(fmt::format("{} {}: {}", row.sample.id, row.sample.split,
                            FileExists(image) ? ReadFile(image, kMaxBytes) : "gone"));
  }
  return seen;
}

std::set<std::string> SeenOf(const Set& set) {
  std::set<std::string> seen;
  for (size_t i = 0; i < set.rows.size(); ++i) {
    seen.insert(fmt::format("{}-{} {}: {}", set.name, i, set.rows[i].part, set.rows[i].content));
  }
  return seen;
}

std::set<std::string> Both(std::set<std::string> some, std::set<std::string> others) {
  some.merge(others);
  return some;
}

class DatasetWriterTest : public testing::Test {
 protected:
  fs::path out() const { return folder_.path() / "out"; }

  fs::path Source(size_t i, const Row& row) const {
    // One folder for each content, so that equal names are other files.
    const fs::path path = folder_.path() / "source" / Sha256Hex(row.content).substr(0, 8) /
                          std::to_string(i) / row.image;
    fs::create_directories(path.parent_path());
    fs::remove(path);
    AppendToFile(path, row.content);  // also under the longest names
    return path;
  }

  Sample SampleOf(const Set& set, size_t i) const {
    Sample sample;
    sample.id = fmt::format("{}-{}", set.name, i);
    sample.images = {Source(i, set.rows[i]).string()};
    sample.turns = {{Role::kUser, "<image>有吗？"}, {Role::kAssistant, "有"}};
    sample.split = set.rows[i].part;
    sample.source = {"memory", i + 1};
    return sample;
  }

  static std::string StatisticsOf(const std::string& name) {
    return fmt::format("{{\"samples\": 1, \"questions\": 1, \"images\": 1, \"of\": \"{}\"}}\n",
                       name);
  }

  void Fill(const Set& set, DatasetWriter& writer) const {
    for (size_t i = 0; i < set.rows.size(); ++i) writer.Add(SampleOf(set, i));
    writer.File("statistics.json").Write(StatisticsOf(set.name));
    if (set.knowledge) writer.File("knowledge.jsonl").Write("{}\n");
  }

  std::vector<fs::path> WriteTo(const fs::path& folder, const Set& set,
                                BeforeChange before_change = nullptr) const {
    DatasetWriter writer({folder, set.name, set.json_lines, true, std::move(before_change)});
    Fill(set, writer);
    return writer.Finish();
  }
  std::vector<fs::path> Write(const Set& set, BeforeChange before_change = nullptr) const {
    return WriteTo(out(), set, std::move(before_change));
  }

  std::vector<std::string> Entries() const {
    std::vector<std::string> entries;
    const Json info = ReadJsonFile(out() / "dataset_info.json", kMaxBytes);
    for (const auto& [name, ignored] : info.items()) entries.push_back(name);
    return entries;
  }

  /// The folder as the program before manifests left it.
  void ForgetManifests() const {
    for (const auto& each : fs::directory_iterator(out())) {
      if (each.path().filename().string().starts_with(".roentgen-manifest-")) {
        fs::remove(each.path());
      }
    }
  }

  void Put(const std::string& name, const std::string& content) const {
    fs::create_directories((out() / name).parent_path());
    WriteFile(out() / name, content);
  }
  std::string Get(const std::string& name) const { return ReadFile(out() / name, kMaxBytes); }

  // Two runs of one dataset with as little in common as can be, and another dataset.
  const Set old_ = {"d",
                    {{"train", "scan.png", "old 1"},
                     {"train", "b.png", "shared"},
                     {"test", "图 1.png", "old 2"},
                     {"fold-1", "gone.png", "old 3"}},
                    false,
                    true};
  const Set new_ = {"d",
                    {{"train", "scan.png", "new 1"},
                     {"train", "b.png", "shared"},
                     {"validation", "图 1.png", "new 2"}},
                    true};
  const Set other_ = {"d_x", {{"test", "scan.png", "other"}, {"train", "b.png", "shared"}}};

  test::TemporaryFolder folder_;
};

TEST_F(DatasetWriterTest, ImagesOfOneNameInTwoDatasetsStayApart) {
  const Set a = {"a", {{"train", "scan.png", "of a"}, {"train", "same.png", "same"}}};
  const Set b = {"b", {{"train", "scan.png", "of b"}, {"train", "same.png", "same"}}};
  Write(a);
  Write(b);
  EXPECT_EQ(Seen(out()), Both(SeenOf(a), SeenOf(b)));
  EXPECT_EQ(Get("images/scan.png"), "of a");
  const std::string marked = "images/scan-" + Sha256Hex("of b").substr(0, 12) + ".png";
  EXPECT_THAT(Names(out()), ElementsAre("a_statistics.json", "a_train.json", "b_statistics.json",
                                        "b_train.json", "dataset_info.json", "images",
                                        "images/same.png", marked, "images/scan.png"));
  // The names stay, in any order of runs and rows, and an image goes with the last that shows it.
  const auto before = Snapshot(out());
  Write(b);
  Write(a);
  EXPECT_THAT(Differing(Snapshot(out()), before), IsEmpty());
  Write({"a", {{"train", "x.png", "x"}}});
  EXPECT_EQ(Get("images/same.png"), "same");
  EXPECT_FALSE(FileExists(out() / "images/scan.png"));
  Write(b);
  EXPECT_TRUE(FileExists(out() / marked));  // though the plain name is free
  Write({"b", {{"train", "x.png", "x"}}});
  EXPECT_EQ(Names(out() / "images"), std::vector<std::string>{"x.png"});
}

TEST_F(DatasetWriterTest, ImagesOfOneNameInOneDatasetStayApart) {
  const Set set = {"d",
                   {{"train", "source.jpg", "1"},
                    {"train", "source.jpg", "2"},
                    {"test", "source.jpg", "3"},
                    {"test", "source.jpg", "1"}}};
  Write(set);
  EXPECT_EQ(Seen(out()), SeenOf(set));
  EXPECT_THAT(Names(out() / "images"), SizeIs(3));
  const auto before = Snapshot(out() / "images");
  Set turned = set;
  std::reverse(turned.rows.begin(), turned.rows.end());
  Write(turned);
  EXPECT_EQ(Seen(out()), SeenOf(turned));
  EXPECT_THAT(Differing(Snapshot(out() / "images"), before), IsEmpty());
}

TEST_F(DatasetWriterTest, LongNamesAreCutBetweenCharacters) {
  std::string name;
  while (name.size() < 249) name += "图";
  name += ".png";
  const Set set = {"d", {{"train", name, "1"}, {"train", name, "2"}}};
  Write(set);
  EXPECT_EQ(Seen(out()), SeenOf(set));
}

TEST_F(DatasetWriterTest, ARunReplacesTheWholeDataset) {
  Write(other_);
  Write(old_);
  const std::vector<fs::path> files = Write(new_);
  EXPECT_EQ(Seen(out()), Both(SeenOf(new_), SeenOf(other_)));
  EXPECT_THAT(Entries(), ElementsAre("d_train", "d_validation", "d_x_test", "d_x_train"));
  EXPECT_THAT(
      Names(out()),
      ElementsAre("d_statistics.json", "d_train.jsonl", "d_validation.jsonl", "d_x_statistics.json",
                  "d_x_test.json", "d_x_train.json", "dataset_info.json", "images", "images/b.png",
                  "images/scan-" + Sha256Hex("new 1").substr(0, 12) + ".png", "images/scan.png",
                  "images/图 1-" + Sha256Hex("new 2").substr(0, 12) + ".png"));
  EXPECT_THAT(files, ElementsAre(out() / "d_statistics.json", out() / "d_train.jsonl",
                                 out() / "d_validation.jsonl", out() / "dataset_info.json"));
}

TEST_F(DatasetWriterTest, TheImageFolderGoesWithItsLastImage) {
  Write(old_);
  DatasetWriter writer({out(), "d"});
  writer.Add(SampleOf(old_, 0));
  writer.Finish();
  EXPECT_THAT(Names(out()), ElementsAre("d_train.json", "dataset_info.json"));
}

TEST_F(DatasetWriterTest, NothingIsSeenBeforeTheEndAndNothingIsLeftWithoutIt) {
  {
    DatasetWriter writer({folder_.path() / "new/deep/out", "d", false, true});
    Fill(old_, writer);
    for (const auto& [name, ignored] : Snapshot(folder_.path() / "new/deep/out")) {
      EXPECT_THAT(name, testing::StartsWith(".roentgen-staging-d"));
    }
  }
  EXPECT_FALSE(FileExists(folder_.path() / "new"));
  Write(old_);
  const auto before = Snapshot(out());
  {
    DatasetWriter writer({out(), "d", true, true});
    Fill(new_, writer);
  }
  EXPECT_THAT(Differing(Snapshot(out()), before), IsEmpty());
}

TEST_F(DatasetWriterTest, NothingKeptIsAnErrorAndTheOldOneStays) {
  Write(old_);
  const auto before = Snapshot(out());
  {
    DatasetWriter writer({out(), "d"});
    writer.File("cleaning.jsonl").Write("{}\n");
    ROENTGEN_EXPECT_ERROR(writer.Finish(), "no row is kept for the dataset \"d\"; nothing was");
  }
  EXPECT_THAT(Differing(Snapshot(out()), before), IsEmpty());
}

TEST_F(DatasetWriterTest, NamesThatMeanTwoThingsBelongToTheFirst) {
  Write({"rad_x", {{"test", "a.png", "1"}, {"train", "b.png", "2"}}});
  const auto before = Snapshot(out());
  const Set rad = {"rad", {{"x_test", "c.png", "3"}}};
  ROENTGEN_EXPECT_ERROR(Write(rad), "rad_x_test.json: a file of the dataset \"rad_x\"");
  Set lines = rad;
  lines.json_lines = true;  // another file, the same entry
  ROENTGEN_EXPECT_ERROR(Write(lines), "rad_x_test is an entry of the dataset \"rad_x\"");
  EXPECT_THAT(Differing(Snapshot(out()), before), IsEmpty());
  // Nor is anything of it taken for an old part of "rad".
  Write({"rad", {{"test", "c.png", "3"}}});
  for (const auto& [name, content] : before) {
    if (name != "dataset_info.json") {
      EXPECT_EQ(Snapshot(out())[name], content) << name;
    }
  }
  ForgetManifests();
  Write({"rad", {{"train", "c.png", "3"}}});
  EXPECT_THAT(Entries(), ElementsAre("rad_train", "rad_x_test", "rad_x_train"));
  EXPECT_TRUE(FileExists(out() / "rad_x_test.json"));
}

TEST_F(DatasetWriterTest, WhatNobodyHereWroteIsNotOverwritten) {
  for (const char* file : {"d_train.json", "d_statistics.json"}) {
    Put(file, "mine");
    ROENTGEN_EXPECT_ERROR(Write(old_), "no import of the dataset \"d\" wrote");
    EXPECT_EQ(Names(out()), std::vector<std::string>{file});
    EXPECT_EQ(Get(file), "mine");
    fs::remove(out() / file);
  }
  fs::create_directories(out() / "d_train.json");
  ROENTGEN_EXPECT_ERROR(Write(old_), "a folder");
  fs::remove(out() / "d_train.json");
  const std::string info = R"({"d_train": {"file_name": "mine.json"}})";
  Put("dataset_info.json", info);
  ROENTGEN_EXPECT_ERROR(Write(old_),
                        "d_train is an entry that no import of the dataset \"d\" made");
  EXPECT_EQ(Get("dataset_info.json"), info);
  fs::remove(out() / "dataset_info.json");
  // Nor by a rerun: the entry has become somebody's, a file that was not ours has come.
  Write(old_);
  Put("d_validation.jsonl", "mine");
  ROENTGEN_EXPECT_ERROR(Write(new_), "d_validation.jsonl");
  fs::remove(out() / "d_validation.jsonl");
  Put("dataset_info.json", R"({"d_test": {"file_name": "mine.json"}})");
  Write(new_);
  EXPECT_THAT(Entries(), ElementsAre("d_test", "d_train", "d_validation"));
}

TEST_F(DatasetWriterTest, APartMayNotBeCalledLikeAnotherFile) {
  DatasetWriter writer({out(), "d"});
  writer.Add(SampleOf({"d", {{"statistics", "a.png", "1"}}}, 0));
  ROENTGEN_EXPECT_ERROR(writer.File("statistics.json"), "two files of the dataset");
}

TEST_F(DatasetWriterTest, FoldersFromBeforeManifestsAreKnownByTheirRows) {
  Write(other_);
  Write(old_);
  ForgetManifests();
  Put("d_train.jsonl", "mine");  // of another form than what is registered
  fs::remove(out() / "d_train.jsonl");
  Put("mine_statistics.json", "mine");
  Put("d_cleaning.jsonl", R"({"id":"a","file":"f","row":1,"split":"train","rule":"blur",)"
                          R"("action":"dropped","reason":"r"})");
  Put("d_notes.json", "mine");
  Write(new_);
  EXPECT_EQ(Seen(out()), Both(SeenOf(new_), SeenOf(other_)));
  const std::vector<std::string> names = Names(out());
  for (const char* gone : {"d_train.json", "d_test.json", "d_fold-1.json", "d_cleaning.jsonl"}) {
    EXPECT_THAT(names, Not(Contains(gone)));
  }
  // Nothing proves that these were ours.
  for (const char* stays : {"d_notes.json", "d_knowledge.jsonl", "images/gone.png",
                            "mine_statistics.json", "d_x_test.json"}) {
    EXPECT_THAT(names, Contains(stays));
  }
}

TEST_F(DatasetWriterTest, ImagesThatOthersShowStay) {
  Write(old_);
  // A dataset of the user's, and one whose rows name images where they are.
  Put("mine.json", R"([{"instruction": "<image>Q", "output": "A", "images": ["images\/gone.png"]},
                       {"images": ["images/\u56fe 1.png"]}])");
  Json info = ReadJsonFile(out() / "dataset_info.json", kMaxBytes);
  info["mine"] = {{"file_name", "mine.json"}};
  Put("dataset_info.json", info.dump());
  {
    DatasetWriter writer({out(), "e"});
    Sample sample = SampleOf(old_, 0);
    sample.images = {(out() / "images/scan.png").string()};
    writer.Add(sample);
    writer.Finish();
  }
  Write({"d", {{"train", "x.png", "x"}}});
  EXPECT_THAT(Names(out() / "images"), ElementsAre("gone.png", "scan.png", "x.png", "图 1.png"));
  // When nobody shows them any more, they go.
  info = ReadJsonFile(out() / "dataset_info.json", kMaxBytes);
  info.erase("mine");
  Put("dataset_info.json", info.dump());
  Write({"e", {{"train", "x.png", "x"}}});
  Write({"d", {{"train", "x.png", "x"}}});
  EXPECT_THAT(Names(out() / "images"), ElementsAre("x.png"));
}

TEST_F(DatasetWriterTest, AUsersOwnImagesAreUsedAndNeverRemoved) {
  Put("images/scan.png", "old 1");
  Put("images/b.png", "mine");
  Write(old_);
  EXPECT_EQ(Seen(out()), SeenOf(old_));
  Write(new_);
  EXPECT_EQ(Get("images/scan.png"), "old 1");
  EXPECT_EQ(Get("images/b.png"), "mine");
  Put("images/new.png", "new");
  Write({"d", {{"train", "new.png", "new"}}});
  EXPECT_THAT(Names(out() / "images"), ElementsAre("b.png", "new.png", "scan.png"));
}

TEST_F(DatasetWriterTest, AnImageThatSomebodyChangedIsNotOursAnyMore) {
  Write(old_);
  Put("images/gone.png", "drawn over");
  Write(new_);
  EXPECT_EQ(Get("images/gone.png"), "drawn over");
}

TEST_F(DatasetWriterTest, ImportingAFolderIntoItselfChangesNothing) {
  Write(other_);
  Write(old_);
  const auto before = Snapshot(out());
  for (const bool copy : {false, true}) {
    const auto rows = test::ReadAll(*OpenLlamaFactory(out(), {"d_train", "d_test", "d_fold-1"}));
    DatasetWriter writer({out(), "d", false, copy});
    for (const SourceSample& row : rows) writer.Add(row.sample);
    writer.File("statistics.json").Write(StatisticsOf("d"));
    writer.File("knowledge.jsonl").Write("{}\n");
    writer.Finish();
    EXPECT_THAT(Differing(Snapshot(out()), before), IsEmpty()) << copy;
  }
}

TEST_F(DatasetWriterTest, LinksAreNotFollowedOutOfTheFolder) {
  Write(old_);
  const fs::path outside = folder_.path() / "outside";
  fs::rename(out() / "images", outside);
  fs::create_directory_symlink(outside, out() / "images");
  fs::rename(out() / "d_test.json", folder_.path() / "test.json");
  fs::create_symlink(folder_.path() / "test.json", out() / "d_test.json");
  const auto before = Snapshot(outside);
  Write({"d", {{"train", "b.png", "shared"}}});
  EXPECT_THAT(Differing(Snapshot(outside), before), IsEmpty());
  EXPECT_TRUE(FileExists(folder_.path() / "test.json"));
  EXPECT_FALSE(FileExists(out() / "d_test.json"));
  fs::create_directory_symlink(outside, out() / ".roentgen-staging-d");
  ROENTGEN_EXPECT_ERROR(Write(old_), ".roentgen-staging-d");
  EXPECT_THAT(Differing(Snapshot(outside), before), IsEmpty());
}

TEST_F(DatasetWriterTest, FoldersOfOthersNamedLikeItsOwnStay) {
  for (const char* name : {".roentgen-staging-other", ".roentgen-staging-影像"}) {
    fs::create_directories(out() / name);
    WriteFile(out() / name / "mine", "我的");
    WriteFile(out() / name / ".plan.json", "{}");
  }
  fs::create_directories(out() / ".roentgen-staging-empty");
  Write(old_);
  EXPECT_EQ(ReadFile(out() / ".roentgen-staging-other/mine", 100), "我的");
  EXPECT_EQ(ReadFile(out() / ".roentgen-staging-影像/mine", 100), "我的");
  EXPECT_FALSE(FileExists(out() / ".roentgen-staging-empty"));
  fs::rename(out() / ".roentgen-staging-other", out() / ".roentgen-staging-d");
  const auto before = Snapshot(out());
  ROENTGEN_EXPECT_ERROR(Write(new_), "is there already, and was not made by this program");
  EXPECT_THAT(Differing(Snapshot(out()), before), IsEmpty());
}

TEST_F(DatasetWriterTest, AManifestThatPointsOutOfItsFolderIsRefused) {
  WriteFile(folder_.path() / "d_mine.json", "mine");
  for (const char* file :
       {R"(["../d_mine.json"])", R"(["d_../../d_mine.json"])", R"(["x_a.json"])"}) {
    Put(".roentgen-manifest-d.json",
        fmt::format(R"({{"dataset": "d", "files": {}, "entries": {{}}, "images": {{}},
                        "others_images": []}})",
                    file));
    ROENTGEN_EXPECT_ERROR(Write(old_), "no file of this dataset");
  }
  EXPECT_TRUE(FileExists(folder_.path() / "d_mine.json"));
}

TEST_F(DatasetWriterTest, WhatSomebodyChangedSinceIsReplacedOnlyWhenForced) {
  Write(old_);
  for (const char* file : {"d_train.json", "d_test.json", "d_statistics.json"}) {
    const std::string before = Get(file);
    std::string edited = before;
    edited[edited.size() / 2] ^= 1;  // of the same size
    for (const std::string& content : {edited, before + " ", std::string("<p>我的笔记</p>")}) {
      Put(file, content);
      const auto snapshot = Snapshot(out());
      ROENTGEN_EXPECT_ERROR(Write(new_), std::string(file) + ": it was changed since the dataset");
      EXPECT_THAT(Differing(Snapshot(out()), snapshot), IsEmpty());
    }
    Put(file, before);
  }
  // Also while the new one is made; and what is gone is missed by nobody.
  fs::remove(out() / "d_test.json");
  {
    DatasetWriter writer({out(), "d"});
    writer.Add(SampleOf(new_, 0));
    Put("d_train.json", "mine");
    ROENTGEN_EXPECT_ERROR(writer.Finish(), "d_train.json: it was changed since");
  }
  EXPECT_EQ(Get("d_train.json"), "mine");
  OutputOptions options{out(), "d"};
  options.force = true;
  DatasetWriter writer(options);
  Fill(old_, writer);
  writer.Finish();
  EXPECT_EQ(Seen(out()).size(), old_.rows.size());
}

TEST_F(DatasetWriterTest, WhatWasNotWrittenHereIsNotTakenForAnEarlierRuns) {
  Write(old_);
  for (const char* file : {"d_statistics.json", "d_report.html"}) {
    ForgetManifests();
    const bool known = FileExists(out() / file);
    const std::string before = known ? Get(file) : "";
    Put(file, "mine");
    OutputOptions options{out(), "d"};
    DatasetWriter writer(options);
    writer.Add(SampleOf(new_, 0));
    ROENTGEN_EXPECT_ERROR(writer.File(file + 2), "no import of the dataset \"d\" wrote");
    EXPECT_EQ(Get(file), "mine");
    known ? Put(file, before) : static_cast<void>(fs::remove(out() / file));
  }
}

TEST_F(DatasetWriterTest, ADatasetOfAnotherSourceIsNamed) {
  const auto replaced = [&](const std::string& name, const std::string& source) {
    std::string told;
    OutputOptions options{out(), name};
    options.source = source;
    options.on_replaced = [&](const std::string& dataset) { told = dataset; };
    DatasetWriter writer(options);
    writer.Add(SampleOf(old_, 0));
    writer.Finish();
    return told;
  };
  EXPECT_EQ(replaced("d", "csv /数据/a.csv"), "");
  EXPECT_EQ(replaced("d", "csv /数据/a.csv"), "");
  EXPECT_EQ(replaced("e", "csv /数据/b.csv"), "");
  EXPECT_THAT(replaced("d", "csv /数据/b.csv"),
              testing::MatchesRegex("the dataset \"d\" of 20..-..-.., made of csv /数据/a.csv"));
}

TEST_F(DatasetWriterTest, LinksAndModesAreKept) {
  const fs::path elsewhere = folder_.path() / "elsewhere.json";
  const auto mode = [&](const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
  };
  WriteFile(elsewhere, R"({"mine": {"file_name": "mine.json"}})");
  fs::permissions(elsewhere, fs::perms(0600));
  fs::create_directories(out());
  fs::create_symlink("../elsewhere.json", out() / "dataset_info.json");
  Write(old_);
  EXPECT_THAT(Entries(), ElementsAre("d_fold-1", "d_test", "d_train", "mine"));
  fs::permissions(out() / "d_train.json", fs::perms(0640));
  fs::permissions(out() / "d_statistics.json", fs::perms(0600));
  Set again = old_;
  again.rows.pop_back();
  Write(again);
  EXPECT_TRUE(fs::is_symlink(out() / "dataset_info.json"));
  EXPECT_THAT(Entries(), ElementsAre("d_test", "d_train", "mine"));
  EXPECT_EQ(mode(elsewhere), 0600u);
  EXPECT_EQ(mode(out() / "d_train.json"), 0640u);
  EXPECT_EQ(mode(out() / "d_statistics.json"), 0600u);
  // A regular one.
  fs::remove(out() / "dataset_info.json");
  fs::copy_file(elsewhere, out() / "dataset_info.json");
  fs::permissions(out() / "dataset_info.json", fs::perms(0604));
  Write(old_);
  EXPECT_EQ(mode(out() / "dataset_info.json"), 0604u);
  if (::geteuid() == 0) return;  // who may write everywhere
  for (const char* file : {"dataset_info.json", "d_train.json"}) {
    const unsigned before = mode(out() / file);
    fs::permissions(out() / file, fs::perms(0400));
    ROENTGEN_EXPECT_ERROR(Write(new_), file);
    fs::permissions(out() / file, fs::perms(before));
  }
}

TEST_F(DatasetWriterTest, ACopyOfAnImageOfOneOwnerIsHisAlone) {
  Sample sample = SampleOf(old_, 0);
  for (const unsigned mode : {0600u, 0400u, 0644u}) {
    fs::permissions(sample.images[0], fs::perms(mode));
    const std::string name = fmt::format("d{}", mode);
    fs::remove_all(out());
    DatasetWriter writer({out(), name, false, true});
    writer.Add(sample);
    writer.Finish();
    const auto found = static_cast<unsigned>(fs::status(out() / "images/scan.png").permissions());
    EXPECT_EQ(found & 077u, mode & 077u);
  }
}

TEST_F(DatasetWriterTest, TwoRunsOfOneDatasetAreOneTooMany) {
  DatasetWriter first({out(), "d", false, true});
  ROENTGEN_EXPECT_ERROR(DatasetWriter({out(), "d"}), "another run is writing the dataset \"d\"");
  // Of two datasets they are not; nor do they take each other's names.
  DatasetWriter second({out(), "d_x", false, true});
  Fill(old_, first);
  Fill(other_, second);
  first.Finish();
  second.Finish();
  EXPECT_EQ(Seen(out()), Both(SeenOf(old_), SeenOf(other_)));
}

TEST_F(DatasetWriterTest, RunsAtOnceInOneFolderKeepApart) {
  std::vector<Set> sets;
  for (int i = 0; i < 8; ++i) {
    sets.push_back({fmt::format("set-{}", i), {}});
    for (int k = 0; k < 10; ++k) {
      sets.back().rows.push_back({"train", "scan.png", fmt::format("{} of {}", k, i)});
    }
  }
  std::vector<std::thread> threads;
  for (const Set& set : sets) threads.emplace_back([&] { Write(set); });
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> expected;
  for (const Set& set : sets) expected.merge(SeenOf(set));
  EXPECT_EQ(Seen(out()), expected);
}

TEST_F(DatasetWriterTest, RunsAtOnceShareImagesThatAreEqual) {
  DatasetFolder first(out(), "first", {});
  DatasetFolder second(out(), "second", {});
  DatasetFolder third(out(), "third", {});
  EXPECT_EQ(first.PutImage("0.png", "one"), "images/0.png");
  EXPECT_EQ(second.PutImage("0.png", "one"), "images/0.png");
  EXPECT_EQ(third.PutImage("0.png", "another"),
            "images/0-" + Sha256Hex(std::string_view("another")).substr(0, 12) + ".png");
  EXPECT_EQ(first.PutImage("胸片.png", "two"), "images/胸片.png");
  EXPECT_EQ(second.PutImage("胸片.png", "two"), "images/胸片.png");
  for (DatasetFolder* folder : {&second, &first, &third}) folder->Publish({});
  EXPECT_EQ(ReadFile(out() / "images/0.png", 10), "one");
  EXPECT_EQ(ReadFile(out() / "images/胸片.png", 10), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(out() / "images"), {}), 3);
  // Each keeps what it shows.
  DatasetFolder(out(), "second", {}).Publish({});
  EXPECT_TRUE(FileExists(out() / "images/0.png"));
  DatasetFolder(out(), "first", {}).Publish({});
  EXPECT_FALSE(FileExists(out() / "images/0.png"));
}

TEST_F(DatasetWriterTest, ARunThatFailsLeavesSharedImagesToTheOther) {
  DatasetFolder second(out(), "second", {});
  {
    DatasetFolder first(out(), "first", {});
    first.PutImage("0.png", "one");
    second.PutImage("0.png", "one");
  }
  second.Publish({});
  EXPECT_EQ(ReadFile(out() / "images/0.png", 10), "one");
}

/// Runs in a process of its own, which may be killed or run out of disk.
template <class Work>
int InChild(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    int status = 1;
    try {
      status = work();
    } catch (const std::exception& error) {
      std::cerr << error.what() << std::endl;
    }
    ::_exit(status);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Calls change when the k-th change to the folder is due.
BeforeChange AtChange(int k, std::function<void()> change) {
  return [k, count = 0, change = std::move(change)]() mutable {
    if (count++ == k) change();
  };
}

/// The old dataset, then the new one, ended at each of its changes, beside another dataset.
class InterruptedWriter : public DatasetWriterTest {
 protected:
  InterruptedWriter() {
    Write(other_);
    alone_snapshot_ = Keep("alone");
    Write(old_);
    old_snapshot_ = Keep("old");
    Write(new_);
    new_snapshot_ = Snapshot(out());
    Restore("alone");
    Write(new_);
    new_alone_snapshot_ = Snapshot(out());
  }

  std::map<std::string, std::string> Keep(const char* as) const {
    fs::copy(out(), folder_.path() / as, fs::copy_options::recursive);
    return Snapshot(out());
  }
  void Restore(const char* as) const {
    fs::remove_all(out());
    fs::copy(folder_.path() / as, out(), fs::copy_options::recursive);
  }

  // What is in the folder after whole runs.
  std::map<std::string, std::string> alone_snapshot_;  // only the other dataset
  std::map<std::string, std::string> new_alone_snapshot_;
  std::map<std::string, std::string> old_snapshot_;
  std::map<std::string, std::string> new_snapshot_;
};

TEST_F(InterruptedWriter, KilledBeforeAnyChangeTheDatasetIsOldOrNew) {
  for (const bool with_old : {true, false}) {
    const std::set<std::string> before =
        with_old ? Both(SeenOf(old_), SeenOf(other_)) : SeenOf(other_);
    const std::set<std::string> after = Both(SeenOf(new_), SeenOf(other_));
    int status = 1;
    bool was_new = false;
    int k = 0;
    for (; status != 0 && k < 200; ++k) {
      Restore(with_old ? "old" : "alone");
      status = InChild([&] {
        Write(new_, AtChange(k, [] { ::raise(SIGKILL); }));
        return 0;
      });
      ASSERT_THAT(status, testing::AnyOf(0, 128 + SIGKILL));
      const std::set<std::string> seen = Seen(out());
      ASSERT_THAT(seen, testing::AnyOf(before, after)) << k;
      const bool is_new = seen == after;
      EXPECT_GE(is_new, was_new) << k;  // once new, always new
      was_new = is_new;
      // The next run in the folder, of whatever dataset, clears up.
      Write(other_);
      const auto& new_snapshot = with_old ? new_snapshot_ : new_alone_snapshot_;
      const auto& expected = is_new ? new_snapshot : with_old ? old_snapshot_ : alone_snapshot_;
      ASSERT_THAT(Differing(Snapshot(out()), expected), IsEmpty()) << k;
      if (k % 8 != 0) continue;
      Write(new_);
      ASSERT_THAT(Differing(Snapshot(out()), new_snapshot), IsEmpty()) << k;
    }
    EXPECT_EQ(status, 0);
    EXPECT_GT(k, 20);
    RecordProperty(with_old ? "kills" : "kills_of_a_first_run", k - 1);
  }
}

TEST_F(InterruptedWriter, KilledAgainWhileClearingUpItIsStillWhole) {
  for (int k = 2; k < 60; k += 4) {
    Restore("old");
    InChild([&] {
      Write(new_, AtChange(k, [] { ::raise(SIGKILL); }));
      return 0;
    });
    for (int i = 0; i < 10; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        Write(other_);
        ::_exit(0);
      }
      ::usleep(static_cast<useconds_t>(i * 300));
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
      ASSERT_THAT(Seen(out()), testing::AnyOf(Both(SeenOf(old_), SeenOf(other_)),
                                              Both(SeenOf(new_), SeenOf(other_))))
          << k << " " << i;
      if (WIFEXITED(status)) break;
    }
    Write(other_);
    const auto snapshot = Snapshot(out());
    ASSERT_TRUE(snapshot == old_snapshot_ || snapshot == new_snapshot_) << k;
  }
}

TEST_F(InterruptedWriter, AnErrorAtAnyChangeLeavesTheOldOneOrIsFinishedByTheNextRun) {
  bool failed = true;
  bool was_new = false;
  for (int k = 0; failed && k < 200; ++k) {
    Restore("old");
    failed = false;
    try {
      Write(new_, AtChange(k, [] { throw Error("d_x.json: cannot write: no room"); }));
    } catch (const Error& error) {
      failed = true;
      EXPECT_THAT(error.what(), HasSubstr("no room"));
      EXPECT_EQ(std::string(error.hint()).empty(),
                Seen(out()) == Both(SeenOf(old_), SeenOf(other_)));
    }
    const bool is_new = Seen(out()) == Both(SeenOf(new_), SeenOf(other_));
    EXPECT_GE(is_new, was_new) << k;
    was_new = is_new;
    if (!is_new) {
      ASSERT_THAT(Differing(Snapshot(out()), old_snapshot_), IsEmpty()) << k;
    }
    Write(other_);
    ASSERT_THAT(Differing(Snapshot(out()), is_new ? new_snapshot_ : old_snapshot_), IsEmpty()) << k;
  }
  EXPECT_TRUE(was_new);
}

/// A small disk below the folder, seen by this process only. False where that is not allowed.
bool MountSmallDisk(const fs::path& folder, const char* options) {
  const int flags = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
  return ::unshare(flags) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options) == 0;
}

constexpr int kNotAllowed = 77;

/// Leaves so many pages, or so many files, on the small disk.
void LeaveRoom(const fs::path& folder, size_t pages, size_t files) {
  struct statvfs disk {};
  ASSERT_EQ(::statvfs(folder.c_str(), &disk), 0);
  for (fsfilcnt_t i = disk.f_ffree; files > 0 && i > files + 1; --i) {
    AppendToFile(folder / fmt::format("filler-{}", i), "");
  }
  const size_t fill = files > 0 ? 0 : (disk.f_bavail - pages) * disk.f_frsize;
  AppendToFile(folder / "filler", std::string(fill, 'x'));
}

TEST_F(InterruptedWriter, AFullDiskAtAnyMomentLeavesTheOldOne) {
  const auto run = [&](size_t pages, size_t files) {
    return InChild([&] {
      fs::remove_all(out());
      fs::create_directories(out());
      if (!MountSmallDisk(out(), "size=400k,nr_inodes=300")) return kNotAllowed;
      Write(other_);
      Write(old_);
      LeaveRoom(out(), pages, files);
      const auto before = Snapshot(out());
      std::string problem;
      try {
        Write(new_);
      } catch (const Error& error) {
        problem = error.what();
      }
      const bool is_new = Seen(out()) == Both(SeenOf(new_), SeenOf(other_));
      if (problem.empty()) return is_new ? 0 : 2;
      if (problem.find(out().string() + "/") == std::string::npos) return 3;
      return is_new || Snapshot(out()) == before ? 1 : 4;
    });
  };
  for (const bool by_files : {false, true}) {
    int status = 1;
    size_t room = by_files ? 1 : 0;
    for (; status == 1 && room < 200; ++room) {
      status = by_files ? run(0, room) : run(room, 0);
      if (status == kNotAllowed) GTEST_SKIP() << "a disk cannot be mounted here";
    }
    EXPECT_EQ(status, 0) << by_files << " " << room;
    EXPECT_GT(room, 8u) << by_files;
    RecordProperty(by_files ? "rooms_of_files" : "rooms_of_pages", static_cast<int>(room));
  }
}

}  // namespace
}  // namespace roentgen
