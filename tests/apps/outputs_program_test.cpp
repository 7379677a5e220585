// What every command that writes does with what is there already: it replaces its own, and nothing
// else unless it is told to; what is no file stays what it is; inputs are never outputs.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "apps/written_files.h"
#include "roentgen/base/folder_lock.h"
#include "roentgen/base/output.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Arguments;
using test::FileWriter;
using test::FileWriters;
using test::FolderWriter;
using test::FolderWriters;
using test::MadeInputs;
using test::ModeOf;
using test::Outcome;
using test::Program;
using test::ReadAll;
using test::Snapshot;

constexpr const char* kForeign = "my own notes\n";

class OutputsProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() { made_ = new MadeInputs(); }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }

  /// A new folder for a case, and the path of the output in it.
  std::string Place(const std::string& file) {
    place_ = folder_.path() / std::to_string(++cases_);
    fs::create_directory(place_);
    return (place_ / file).string();
  }
  static Outcome Run(
      const FileWriter& writer, const std::string& out, const Arguments& more = {},
      Program::Prepare prepare = [] {}) {
    return Run(writer.arguments(*made_, out), more, writer.typed, prepare);
  }
  static Outcome Run(
      const FolderWriter& writer, const std::string& out, const Arguments& more = {},
      Program::Prepare prepare = [] {}) {
    return Run(writer.arguments(*made_, out), more, "", prepare);
  }
  static Outcome Run(Arguments arguments, const Arguments& more, const char* typed,
                     Program::Prepare prepare) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Program(arguments, typed, prepare).Wait();
  }

  /// The command fails and leaves everything as it is.
  template <class Writer>
  void ExpectRefused(const Writer& writer, const std::string& out, const Arguments& more = {}) {
    const auto before = Snapshot(place_);
    const Outcome outcome = Run(writer, out, more);
    EXPECT_EQ(outcome.status, 1) << out << outcome.err;
    EXPECT_EQ(Snapshot(place_), before) << out << outcome.err;
  }

  static void PutForeign(const fs::path& path) {
    WriteFile(path, kForeign);
    ::chmod(path.c_str(), 0640);
  }

  static const MadeInputs* made_;
  test::TemporaryFolder folder_;
  fs::path place_;
  int cases_ = 0;
};

const MadeInputs* OutputsProgram::made_ = nullptr;

void ForOwnerAlone() {
  ::umask(077);
}

/// As on a full disk.
void WithoutRoom() {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {200, 200};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

/// Names of the subcommands that a help lists.
std::vector<std::string> SubcommandsOf(const Arguments& command) {
  Arguments arguments = command;
  arguments.emplace_back("--help");
  std::istringstream help(test::RunProgram(arguments).out);
  std::vector<std::string> names;
  bool listed = false;
  for (std::string line; std::getline(help, line);) {
    if (listed && line.size() > 3 && line.starts_with("  ") && line[2] != ' ') {
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    listed = listed || line == "Subcommands:";
  }
  return names;
}

TEST_F(OutputsProgram, EveryCommandIsKnownToWriteOrNotTo) {
  std::set<std::string> known = {
      "data check",    "labels",         "inspect tokenize", "inspect pixels",
      "inspect model", "inspect parity", "bench quality",    "bench train",
      "doctor",        "completion",     "manual",           "replay",
      "ask",    // the audit log alone, which grows (AuditLog)
      "pull"};  // tests/hub, pull_program_test
  for (const FileWriter& writer : FileWriters()) known.insert(writer.command);
  for (const FolderWriter& writer : FolderWriters()) known.insert(writer.command);
  const std::vector<std::string> commands = SubcommandsOf({});
  EXPECT_GT(commands.size(), 10u);
  for (const std::string& command : commands) {
    const std::vector<std::string> parts = SubcommandsOf({command});
    for (const std::string& part : parts) {
      EXPECT_TRUE(known.contains(command + " " + part)) << command << " " << part;
    }
    EXPECT_TRUE(known.contains(command) || !parts.empty()) << command;
  }
}

TEST_F(OutputsProgram, AFileOfOthersIsReplacedOnlyWhenForced) {
  for (const FileWriter& writer : FileWriters()) {
    SCOPED_TRACE(fmt::format("{} {}", writer.command, writer.file));
    const std::string out = Place(writer.file);
    PutForeign(out);
    ExpectRefused(writer, out);
    const Outcome forced = Run(writer, out, {"--force"});
    EXPECT_EQ(forced.status, 0) << forced.err;
    EXPECT_NE(ReadAll(out), kForeign);
    EXPECT_EQ(ModeOf(out), 0640u);
    EXPECT_EQ(Snapshot(place_).size(), 1u);  // nothing is left beside it
    if (!writer.replaces_own) {
      ExpectRefused(writer, out);
    } else {
      const Outcome again = Run(writer, out);
      EXPECT_EQ(again.status, 0) << again.err;
      EXPECT_EQ(ModeOf(out), 0640u);
    }
  }
}

TEST_F(OutputsProgram, AFileOfAnotherCommandIsReplacedOnlyWhenForced) {
  std::map<const FileWriter*, std::string> made;
  for (const FileWriter& writer : FileWriters()) {
    const std::string out = Place(writer.file);
    ASSERT_EQ(Run(writer, out).status, 0);
    made[&writer] = ReadAll(out);
  }
  for (const FileWriter& writer : FileWriters()) {
    for (const auto& [other, content] : made) {
      if (std::string_view(other->command) == writer.command) continue;
      SCOPED_TRACE(fmt::format("{} over {} {}", writer.file, other->command, other->file));
      const std::string out = Place(writer.file);
      WriteFile(out, content);
      ExpectRefused(writer, out);
    }
  }
}

/// Adds a line before the last one, as a physician who adds notes to a report.
void AddNotes(const fs::path& file) {
  std::string content = ReadAll(file);
  content.insert(content.rfind('\n', content.size() - 2) + 1, "医生的备注: seen by me\n");
  std::ofstream(file, std::ios::binary) << content;
}

TEST_F(OutputsProgram, AFileThatWasChangedSinceIsReplacedOnlyWhenForced) {
  for (const FileWriter& writer : FileWriters()) {
    SCOPED_TRACE(fmt::format("{} {}", writer.command, writer.file));
    const std::string_view file = writer.file;
    // These are known by their marks alone.
    if (!writer.replaces_own || file == "sheet.png" || file == "report.json") continue;
    const std::string out = Place(writer.file);
    ASSERT_EQ(Run(writer, out).status, 0);
    AddNotes(out);
    ExpectRefused(writer, out);
    const std::string problem = Run(writer, out).err;
    EXPECT_THAT(problem, testing::HasSubstr("was changed since this program made it"));
    EXPECT_THAT(problem, testing::HasSubstr("--force"));
    EXPECT_EQ(Run(writer, out, {"--force"}).status, 0);
    EXPECT_EQ(Run(writer, out).status, 0);
  }
}

TEST_F(OutputsProgram, AFileOfAFolderThatWasChangedSinceIsReplacedOnlyWhenForced) {
  for (const FolderWriter& writer : FolderWriters()) {
    SCOPED_TRACE(writer.name);
    const std::string out = Place("out");
    ASSERT_EQ(Run(writer, out).status, 0);
    AddNotes(fs::path(out) / writer.file);
    ExpectRefused(writer, out);
    EXPECT_THAT(Run(writer, out).err, testing::HasSubstr("changed since"));
    if (writer.force.empty()) continue;
    const Outcome forced = Run(writer, out, writer.force);
    EXPECT_EQ(forced.status, 0) << forced.err;
    EXPECT_THAT(ReadAll(fs::path(out) / writer.file), testing::Not(testing::HasSubstr("备注")));
  }
}

TEST_F(OutputsProgram, ReplacedFilesOfAFolderKeepTheirModes) {
  for (const FolderWriter& writer : FolderWriters()) {
    SCOPED_TRACE(writer.name);
    const std::string out = Place("out");
    ASSERT_EQ(Run(writer, out).status, 0);
    ASSERT_EQ(::chmod((fs::path(out) / writer.file).c_str(), 0600), 0);
    const Outcome again = Run(writer, out);
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(ModeOf(fs::path(out) / writer.file), 0600u);
  }
}

TEST_F(OutputsProgram, AFolderThatIsNotThereMayHaveARelativeName) {
  for (const FolderWriter& writer : FolderWriters()) {
    for (const char* name : {"n", "./m/", "影像/o"}) {
      SCOPED_TRACE(fmt::format("{} {}", writer.name, name));
      const std::string out = Place("out");
      const fs::path here = fs::current_path();
      fs::current_path(place_);
      const Outcome outcome = Run(writer, name);
      fs::current_path(here);
      EXPECT_EQ(outcome.status, 0) << outcome.err;
      EXPECT_TRUE(fs::exists(place_ / name / writer.file));
    }
  }
}

TEST_F(OutputsProgram, WhatIsNoFileStaysWhatItIs) {
  for (const FileWriter& writer : FileWriters()) {
    SCOPED_TRACE(fmt::format("{} {}", writer.command, writer.file));
    const std::string out = Place(writer.file);
    for (const Arguments& more : {Arguments{}, Arguments{"--force"}}) {
      ASSERT_EQ(::mkfifo(out.c_str(), 0600), 0);
      ExpectRefused(writer, out, more);
      fs::remove(out);
      fs::create_directory(out);
      ExpectRefused(writer, out, more);
      fs::remove(out);
      fs::create_symlink("/dev/full", out);
      ExpectRefused(writer, out, more);
      fs::remove(out);
      if (::mknod(out.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0) {
        ExpectRefused(writer, out, more);
        fs::remove(out);
      }
      ExpectRefused(writer, (place_ / "missing" / writer.file).string(), more);
    }
    if (::geteuid() == 0) continue;  // who may write everywhere
    fs::permissions(place_, fs::perms::owner_read | fs::perms::owner_exec);
    ExpectRefused(writer, out);
    fs::permissions(place_, fs::perms::owner_all);
  }
}

TEST_F(OutputsProgram, ALinkStaysAndWhatItLeadsToIsAsked) {
  for (const FileWriter& writer : FileWriters()) {
    SCOPED_TRACE(fmt::format("{} {}", writer.command, writer.file));
    const std::string out = Place(writer.file);
    PutForeign(place_ / "notes");
    fs::create_symlink("notes", out);
    ExpectRefused(writer, out);
    for (const std::string& read : writer.reads) {
      const std::string input = made_->Path(read);
      const std::string before = ReadAll(input);
      ASSERT_FALSE(before.empty()) << input;
      fs::remove(out);
      fs::create_symlink(input, out);
      ExpectRefused(writer, out, {"--force"});
      EXPECT_EQ(ReadAll(input), before) << input;
    }
  }
}

TEST_F(OutputsProgram, TheUmaskHoldsAndAFullDiskLeavesNothing) {
  for (const FileWriter& writer : FileWriters()) {
    SCOPED_TRACE(fmt::format("{} {}", writer.command, writer.file));
    const std::string out = Place(writer.file);
    const Outcome full = Run(writer, out, {}, WithoutRoom);
    EXPECT_NE(full.status, 0);
    EXPECT_TRUE(Snapshot(place_).empty());
    const Outcome outcome = Run(writer, out, {}, ForOwnerAlone);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(ModeOf(out), 0600u);
    EXPECT_THAT(ReadAll(out), testing::AnyOf(testing::HasSubstr("Made by roentgen "),
                                             testing::HasSubstr("\"roentgen "),
                                             testing::HasSubstr("(roentgen ")));
  }
}

TEST_F(OutputsProgram, FilesOfOthersInAFolderAreReplacedOnlyWhenForced) {
  for (const FolderWriter& writer : FolderWriters()) {
    SCOPED_TRACE(writer.name);
    const std::string out = Place("out");
    fs::create_directory(out);
    PutForeign(fs::path(out) / writer.file);
    PutForeign(fs::path(out) / "影像.dat");
    ExpectRefused(writer, out);
    fs::create_directory_symlink("out", place_ / "link");
    ExpectRefused(writer, (place_ / "link").string());
    if (writer.force.empty()) continue;
    const Outcome forced = Run(writer, out, writer.force);
    EXPECT_EQ(forced.status, 0) << forced.err;
    EXPECT_NE(ReadAll(fs::path(out) / writer.file), kForeign);
    EXPECT_EQ(ModeOf(fs::path(out) / writer.file), 0640u);
    EXPECT_EQ(ReadAll(fs::path(out) / "影像.dat"), kForeign);
  }
}

TEST_F(OutputsProgram, AnOwnFolderIsReplacedAndFilesOfOthersInItStay) {
  for (const FolderWriter& writer : FolderWriters()) {
    SCOPED_TRACE(writer.name);
    const std::string out = Place("out");
    const Outcome first = Run(writer, out, {}, ForOwnerAlone);
    ASSERT_EQ(first.status, 0) << first.err;
    for (const auto& entry : fs::recursive_directory_iterator(out)) {
      EXPECT_EQ(ModeOf(entry.path()) & 077, 0u) << entry.path();
    }
    PutForeign(fs::path(out) / "影像.dat");
    const Outcome second = Run(writer, out);
    EXPECT_EQ(second.status, 0) << second.err;
    EXPECT_EQ(ReadAll(fs::path(out) / "影像.dat"), kForeign);
    EXPECT_EQ(ModeOf(fs::path(out) / "影像.dat"), 0640u);
    for (const auto& entry : fs::directory_iterator(place_)) {
      EXPECT_EQ(entry.path().filename(), "out");  // nothing is left beside it
    }
  }
}

TEST_F(OutputsProgram, WhatIsNoFolderStaysWhatItIs) {
  for (const FolderWriter& writer : FolderWriters()) {
    SCOPED_TRACE(writer.name);
    const std::string out = Place("out");
    PutForeign(out);
    ExpectRefused(writer, out, writer.force);
    ExpectRefused(writer, out + "/below", writer.force);
    fs::remove(out);
    ASSERT_EQ(::mkfifo(out.c_str(), 0600), 0);
    ExpectRefused(writer, out, writer.force);
    fs::remove(out);
    if (!writer.whole) continue;
    const Outcome full = Run(writer, out, {}, WithoutRoom);
    EXPECT_NE(full.status, 0);
    EXPECT_TRUE(Snapshot(place_).empty());
  }
}

TEST_F(OutputsProgram, ALogGrowsAndIsNeverAddedToAFileOfOthers) {
  const std::string log = Place("审计.jsonl");
  const Arguments ask = {"ask",     "--model", made_->Path("model"), "--max-new-tokens", "2",
                         "--audit", log,       "有积液吗？"};
  ASSERT_EQ(test::RunProgram(ask).status, 0);
  const std::string first = ReadAll(log);
  ASSERT_EQ(test::RunProgram(ask).status, 0);
  EXPECT_TRUE(ReadAll(log).starts_with(first) && ReadAll(log).size() > first.size());
  PutForeign(log);
  const auto before = Snapshot(place_);
  EXPECT_EQ(test::RunProgram(ask).status, 1);
  EXPECT_EQ(Snapshot(place_), before);
}

TEST_F(OutputsProgram, InputsAreNoOutputs) {
  const std::string model = Place("model");
  fs::copy(made_->Path("model"), model);
  fs::copy(made_->Path("data"), place_ / "data", fs::copy_options::recursive);
  fs::copy(made_->Path("adapter"), place_ / "adapter", fs::copy_options::recursive);
  fs::create_directory_symlink("model", place_ / "link");
  const std::string adapter = (place_ / "adapter").string();
  const std::string data = (place_ / "data").string();
  const auto refused = [&](const Arguments& arguments) {
    const auto before = Snapshot(place_);
    const Outcome outcome = test::RunProgram(arguments);
    EXPECT_EQ(outcome.status, 1) << testing::PrintToString(arguments) << outcome.err;
    EXPECT_EQ(Snapshot(place_), before) << testing::PrintToString(arguments) << outcome.err;
  };
  for (const std::string& out :
       {model, model + "/", model + "/new", (place_ / "link").string(), adapter, place_.string()}) {
    refused({"merge", "--model", model, "--adapter", adapter, "--out", out});
    if (out != adapter) refused({"quantize", "--model", model, "--quant", "q8", "--out", out});
    refused({"train", made_->Path("run.yaml"), "do_train=true", "finetuning_type=full",
             "model_name_or_path=" + model, "dataset_dir=" + data, "output_dir=" + out,
             out == adapter ? "output_dir=" + model : "overwrite_output_dir=true",
             "overwrite_output_dir=true"});
  }
  refused({"train", made_->Path("run.yaml"), "do_train=true", "model_name_or_path=" + model,
           "adapter_name_or_path=" + adapter, "dataset_dir=" + data, "output_dir=" + adapter,
           "overwrite_output_dir=true"});
  refused({"train", made_->Path("run.yaml"), "do_train=true", "finetuning_type=full",
           "model_name_or_path=" + model, "dataset_dir=" + data, "output_dir=" + data,
           "overwrite_output_dir=true"});
  refused({"data", "import", "llamafactory", data, "--out", data, "--name", "phantom"});
}

/// Copies of what the commands read, to be damaged.
class ReadFiles : public OutputsProgram {
 protected:
  ReadFiles() {
    Place("");
    for (const char* name : {"model", "adapter", "data", "run"}) {
      fs::copy(made_->Path(name), place_ / name, fs::copy_options::recursive);
    }
    fs::create_directory(place_ / "序列");
    fs::copy_file(made_->Image(), place_ / "序列/1.json");
    fs::copy_file(made_->Image(), place_ / "pic.md");
    fs::create_directory(place_ / "out");
  }
  std::string In(const std::string& name) const { return (place_ / name).string(); }

  /// Fails, says that it is read, and leaves everything as it is.
  void ExpectRead(const Arguments& arguments, const std::string& typed = "") const {
    const auto before = Snapshot(place_);
    const Outcome outcome = test::RunProgram(arguments, typed);
    EXPECT_EQ(outcome.status, 1) << testing::PrintToString(arguments) << outcome.err;
    EXPECT_THAT(outcome.err, testing::HasSubstr("is read from")) << outcome.err;
    EXPECT_EQ(Snapshot(place_), before) << testing::PrintToString(arguments) << outcome.err;
  }
};

TEST_F(ReadFiles, AreNotReplacedByFilesOfAnyName) {
  const Arguments report = {"report",    In("序列"),    "--model", In("model"),
                            "--adapter", In("adapter"), "--force", "--audit"};
  const auto with = [](Arguments arguments, const Arguments& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  for (const char* out :
       {"序列/1.json", "model/config.json", "model/../model/tokenizer_config.json",
        "adapter/adapter_config.json", "adapter/README.md"}) {
    ExpectRead(with(report, {"none", "--out", In(out)}));
  }
  ExpectRead(with(report, {In("a.json"), "--out", In("a.json")}));  // though it is not there yet
  ASSERT_EQ(test::RunProgram({"ask", "--model", In("model"), "--max-new-tokens", "2", "--audit",
                              In("a.json"), "有积液吗？"})
                .status,
            0);
  ExpectRead(with(report, {In("a.json"), "--out", In("out/../a.json")}));
  ExpectRead({"bench", "--model", In("model"), "--svg", In("model/config.json"), "--force"});
  for (const char* out : {"data/dataset_info.json", "data/images/phantom-000001.png",
                          "data/phantom_test.json", "model/vocab.json"}) {
    ExpectRead({"data", "stats", "llamafactory", In("data"), "--model", In("model"), "--html",
                In(out), "--force"});
  }
  const Arguments chat = {"chat",    "--model", In("model"),        "--image", In("pic.md"),
                          "--audit", "none",    "--max-new-tokens", "2"};
  ExpectRead(with(chat, {"--save", In("pic.md"), "--force"}));
  fs::create_symlink("pic.md", In("link.md"));
  fs::create_symlink("model/config.json", In("link.jsonl"));
  ExpectRead(with(chat, {"--save", In("link.md"), "--force"}));
  ExpectRead(with(chat, {"--save", In("link.jsonl"), "--force"}));
  ExpectRead(chat, "Is it?\n/clear\n/save --force " + In("link.md") + "\n");
  ExpectRead(chat, "/save --force " + In("link.jsonl") + "\n");
  ExpectRead(chat, "/report --force " + In("link.md") + "\n");
}

TEST_F(ReadFiles, AreNotReplacedByFilesOfAFolder) {
  const std::string scores = In("out/evaluation.json");
  const std::string predictions = In("run/generated_predictions.jsonl");
  WriteFile(scores, R"(["积液", "pneumothorax"])");
  ExpectRead({"eval", "--predictions", predictions, "--vocabulary", scores, "--out", In("out"),
              "--force"});
  ExpectRead(
      {"eval", "--predictions", predictions, "--train", scores, "--out", In("out"), "--force"});
  fs::copy_file(In("data/phantom_test.json"), scores, fs::copy_options::overwrite_existing);
  ExpectRead({"eval", "--model", In("model"), "--data", scores, "--out", In("out"), "--force"});
  WriteFile(In("data/run.json"), "{}");
  ExpectRead(
      {"eval", "--model", In("model"), "--data", In("data"), "--out", In("data"), "--force"});
  fs::copy_file(predictions, In("out/comparison.json"));
  ExpectRead({"compare", In("out/comparison.json"), predictions, "--out", In("out"), "--force"});
  WriteFile(In("adapter/comparison.md"), "mine");
  ExpectRead({"compare", In("run"), In("run"), "--training", In("adapter"), "--out", In("adapter"),
              "--force"});
  for (const char* name : {"README.md", "eval_results.json", "run.json"}) {
    const std::string settings = In(std::string("out/") + name);
    fs::copy_file(made_->Path("run.yaml"), settings);
    const bool trains = std::string_view(name) == "README.md";
    const bool evaluates = std::string_view(name) == "eval_results.json";
    ExpectRead({"train", settings, "output_dir=" + In("out"), "overwrite_output_dir=true",
                trains      ? "do_train=true"
                : evaluates ? "do_eval=true"
                            : "do_predict=true"});
  }
}

TEST_F(ReadFiles, NewFilesAndItsOwnMayLieBesideThem) {
  const Arguments stats = {"data",     "stats",  "llamafactory",
                           In("data"), "--html", In("data/s.html")};
  EXPECT_EQ(test::RunProgram(stats).status, 0);
  EXPECT_EQ(test::RunProgram(stats).status, 0);
  const Arguments eval = {"eval", "--predictions", In("run/generated_predictions.jsonl"), "--out",
                          In("run")};
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = test::RunProgram(eval);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
  }
}

TEST_F(OutputsProgram, OneRunAtATimeWritesToAFolder) {
  for (const FolderWriter& writer : FolderWriters()) {
    if (std::string_view(writer.command) != "train" && std::string_view(writer.command) != "eval") {
      continue;
    }
    SCOPED_TRACE(writer.name);
    const std::string out = Place("out");
    fs::create_directory(out);
    fs::create_directory_symlink("out", place_ / "link");
    {
      const FolderLock lock = FolderLock::Wait(out);
      for (const char* name : {"out", "link"}) {
        const auto before = Snapshot(place_);
        const Outcome outcome = Run(writer, (place_ / name).string());
        EXPECT_EQ(outcome.status, 1);
        EXPECT_THAT(outcome.err, testing::HasSubstr("another run writes to this folder"));
        EXPECT_EQ(Snapshot(place_), before);
      }
    }
    const Outcome outcome = Run(writer, (place_ / "link").string());
    EXPECT_EQ(outcome.status, 0) << outcome.err;
  }
}

void IntoAFullDisk() {
  ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO);
}

TEST_F(OutputsProgram, WhatCannotBePrintedIsAnError) {
  const std::string model = made_->Path("model");
  const std::vector<std::pair<Arguments, std::string>> cases = {
      {{"--help"}, ""},
      {{"--version"}, ""},
      {{"report", "--help"}, ""},
      {{"manual"}, ""},
      {{"ask", "--model", model, "--max-new-tokens", "2", "有积液吗？"}, ""},
      {{"chat", "--model", model, "--audit", "none", "--max-new-tokens", "2"}, "Is it?\n"},
      {{"report", made_->Image(), "--model", model, "--audit", "none", "--examination", "chest",
        "--max-new-tokens", "2"},
       ""},
      {{"data", "stats", "llamafactory", made_->Path("data")}, ""}};
  for (const auto& [arguments, typed] : cases) {
    const Outcome outcome = Program(arguments, typed, IntoAFullDisk).Wait();
    EXPECT_EQ(outcome.status, 1) << testing::PrintToString(arguments);
    EXPECT_THAT(outcome.err,
                testing::AnyOf(testing::HasSubstr("standard output cannot be written to"),
                               testing::HasSubstr("No space left on device")));
  }
}

TEST_F(OutputsProgram, AConversationThatCannotBeKeptIsNotBegun) {
  const Outcome outcome = Run(FileWriters().back(), Place("missing/谈话.jsonl"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");  // no answer that would be lost
  EXPECT_THAT(outcome.err, testing::HasSubstr("谈话.jsonl"));
}

}  // namespace
}  // namespace roentgen
