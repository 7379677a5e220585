// Files that others made, one after the other in every form that once crashed or misled something:
// each command that reads one ends with an error that names it.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>

#include "apps/program.h"
#include "apps/small_model.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;

std::string Times(int count, const std::string& text) {
  std::string all;
  all.reserve(static_cast<size_t>(count) * text.size());
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

/// The ASCII text in UTF-16, with its mark.
std::string InUtf16(const std::string& text) {
  std::string bytes = "\xff\xfe";
  for (const char c : text) bytes += {c, '\0'};
  return bytes;
}

struct BadContent {
  std::string name;
  std::string content;
  bool sparse = false;  // and a terabyte of zeros behind it
};

const std::vector<BadContent>& BadContents() {
  constexpr int kDeep = 80'000;
  static const std::vector<BadContent> kContents = {
      {"brackets", Times(kDeep, "[")},
      {"closed brackets", Times(kDeep, "[") + Times(kDeep, "]")},
      {"objects", Times(kDeep, "{\"a\":")},
      {"closed objects", Times(kDeep, "{\"a\":") + "1" + Times(kDeep, "}")},
      {"deep value", "{\"model_type\": " + Times(kDeep, "[") + Times(kDeep, "]") + "}"},
      {"twice", "{\"胸片\": 1, \"胸片\": 2}"},
      {"too large a number", "{\"a\": 1e999}"},
      {"Python's number", "{\"a\": NaN}"},
      {"GBK", "{\"a\": \"\xd0\xd8\xc6\xac\"}"},
      {"UTF-16", InUtf16("{\"a\": 1}")},
      {"junk", std::string("\x7f\x45LF\x02\x01\x01\0\xfe\xca\xbe\xba{[", 14)},
      {"zeros", std::string(4096, '\0')},
      {"empty", ""},
      {"huge", "{\"a\": 1,", true},
      {"a list", "[1, 2, 3]"}};
  return kContents;
}

class UntrustedFiles : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new test::TemporaryFolder;
    test::MakePhantomsAndModel(made_->path(), "4");
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }

  UntrustedFiles() {
    fs::copy(made_->path() / "model", Path("model"));
    fs::copy(made_->path() / "data", Path("data"), fs::copy_options::recursive);
  }

  fs::path Path(const std::string& name) const { return folder_.path() / name; }
  std::string Text(const std::string& name) const { return Path(name).string(); }

  void Put(const fs::path& file, const BadContent& bad) const {
    fs::create_directories(file.parent_path());
    fs::remove(file);
    WriteFile(file, bad.content);
    if (bad.sparse) fs::resize_file(file, uintmax_t{1} << 40);
  }

  /// Runs the command over each bad content of the file. It must end by itself, fail, and name the
  /// file; except says which contents are none for this reader.
  void ExpectRefused(const std::string& file, const std::vector<std::string>& command,
                     const std::vector<std::string>& except = {},
                     const std::string& input = "") const {
    std::string before;
    const bool there = fs::exists(Path(file));
    if (there) before = test::ReadAll(Path(file));
    for (const BadContent& bad : BadContents()) {
      if (std::find(except.begin(), except.end(), bad.name) != except.end()) continue;
      Put(Path(file), bad);
      const Outcome outcome = RunProgram(command, input);
      const std::string said = outcome.err + outcome.out;
      EXPECT_GT(outcome.status, 0) << file << ": " << bad.name;
      EXPECT_LT(outcome.status, 126) << file << ": " << bad.name;
      EXPECT_THAT(said, HasSubstr(Path(file).filename().string())) << file << ": " << bad.name;
      EXPECT_LT(outcome.peak_memory, size_t{1} << 30) << file << ": " << bad.name;
    }
    fs::remove(Path(file));
    if (there) WriteFile(Path(file), before);
  }

  static test::TemporaryFolder* made_;
  test::TemporaryFolder folder_;
};

test::TemporaryFolder* UntrustedFiles::made_ = nullptr;

TEST_F(UntrustedFiles, OfAModel) {
  for (const char* file : {"model/config.json", "model/generation_config.json",
                           "model/preprocessor_config.json", "model/vocab.json", "model/merges.txt",
                           "model/model.safetensors", "model/roentgen-pull.json"}) {
    ExpectRefused(file, {"ask", "--model", Text("model"), "Is it normal?"});
  }
  ExpectRefused("model/config.json", {"doctor", "--model", Text("model")});
  ExpectRefused("model/tokenizer_config.json", {"ask", "--model", Text("model"), "Normal?"});
  fs::rename(Path("model/model.safetensors"), Path("model/model-00001-of-00001.safetensors"));
  ExpectRefused("model/model.safetensors.index.json", {"ask", "--model", Text("model"), "?"});
}

TEST_F(UntrustedFiles, OfAnAdapter) {
  fs::create_directories(Path("adapter"));
  ExpectRefused("adapter/adapter_config.json",
                {"ask", "--model", Text("model"), "--adapter", Text("adapter"), "Normal?"});
  WriteFile(Path("adapter/adapter_config.json"),
            R"({"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"]})");
  ExpectRefused("adapter/adapter_model.safetensors",
                {"ask", "--model", Text("model"), "--adapter", Text("adapter"), "Normal?"});
}

TEST_F(UntrustedFiles, OfAnImage) {
  for (const char* file : {"scan.png", "scan.dcm", "胸片.jpg", "scan.tiff"}) {
    ExpectRefused(file, {"ask", "--model", Text("model"), "--image", Text(file), "Normal?"});
  }
}

TEST_F(UntrustedFiles, OfATableOrAPublishedSet) {
  ExpectRefused("table.csv", {"data", "check", "csv", Text("table.csv")});
  fs::create_directories(Path("slake/imgs"));
  ExpectRefused("slake/train.json", {"data", "check", "slake", Text("slake")}, {"twice"});
  ExpectRefused("VQA_RAD Dataset Public.json", {"data", "check", "vqa-rad", Text("")}, {"twice"});
}

TEST_F(UntrustedFiles, OfAQuestionSet) {
  for (const char* command : {"import", "check", "stats"}) {
    std::vector<std::string> run = {"data", command, "llamafactory", Text("data")};
    if (run[1] == "import") run.insert(run.end(), {"--out", Text("out")});
    ExpectRefused("data/dataset_info.json", run);
  }
  ExpectRefused("data/dataset_info.json",
                {"eval", "--model", Text("model"), "--data", Text("data"), "--out", Text("run")});
  ExpectRefused("data/dataset_info.json", {"new", "--out", Text("new"), "--texts", Text("data")});
  const std::vector<std::string> rows = {"twice"};  // such a row is left out and told
  for (const char* format : {"sharegpt", "alpaca"}) {
    ExpectRefused("rows.json", {"data", "check", format, Text("rows.json")}, rows);
    ExpectRefused("rows.jsonl", {"data", "check", format, Text("rows.jsonl")}, rows);
  }
}

TEST_F(UntrustedFiles, OfARun) {
  ExpectRefused("predictions.jsonl", {"eval", "--predictions", Text("predictions.jsonl")});
  for (const char* run : {"a", "b"}) {
    WriteFile(Path(run), "");
    fs::remove(Path(run));
    fs::create_directories(Path(run));
  }
  ExpectRefused("a/run.json", {"compare", Text("a"), Text("b")});
  ExpectRefused("earlier.json", {"bench", "--model", Text("model"), "--prefill", "4", "--decode",
                                 "1", "--runs", "1", "--compare", Text("earlier.json")});
  WriteFile(Path("answers.jsonl"), R"({"id": "1", "predict": "a", "label": "b"})");
  ExpectRefused("vocabulary.json", {"eval", "--predictions", Text("answers.jsonl"), "--vocabulary",
                                    Text("vocabulary.json")});
}

TEST_F(UntrustedFiles, OfAConversation) {
  ExpectRefused("talk.jsonl", {"chat", "--model", Text("model"), "--load", Text("talk.jsonl")});
}

TEST_F(UntrustedFiles, OfSettings) {
  ExpectRefused("run.yaml", {"train", Text("run.yaml")});
  for (const std::string& text :
       {"a: " + Times(80'000, "["), Times(80'000, "- "), "k:\n  " + Times(80'000, "? ")}) {
    WriteFile(Path("run.yaml"), text);
    const Outcome outcome = RunProgram({"train", Text("run.yaml")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("run.yaml: line"));
    EXPECT_THAT(outcome.err, HasSubstr("nested deeper than 16"));
  }
}

// A text that holds JSON is as deep as the rest, and an import writes it as it was.
TEST_F(UntrustedFiles, DeepTextsInRowsAreTexts) {
  const std::string deep = Times(80'000, "[") + Times(80'000, "]");
  WriteFile(
      Path("rows.json"),
      fmt::format(R"([{{"instruction": "何？", "output": "!", "extra": "{{\"a\": {}}}"}}])", deep));
  const Outcome outcome = RunProgram(
      {"data", "import", "alpaca", Text("rows.json"), "--out", Text("out"), "--name", "d"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(test::ReadAll(Path("out/d_train.json")), HasSubstr(deep));
  const Outcome again = RunProgram({"data", "check", "llamafactory", Text("out")});
  EXPECT_EQ(again.status, 0) << again.err;
}

TEST_F(UntrustedFiles, ARowWithAKeyTwiceIsLeftOut) {
  WriteFile(Path("rows.jsonl"),
            "{\"instruction\": \"a\", \"output\": \"yes\", \"output\": \"no\"}\n"
            "{\"instruction\": \"b\", \"output\": \"yes\"}\n");
  const Outcome outcome = RunProgram({"data", "check", "alpaca", Text("rows.jsonl")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"output\" is given twice"));
  EXPECT_THAT(outcome.out, HasSubstr("1 row kept"));
}

TEST_F(UntrustedFiles, ImagesOutsideOfASetAreAskedFor) {
  fs::create_directories(Path("set"));
  fs::copy(Path("data/images/phantom-000001.png"), Path("private.png"));
  fs::copy(Path("data/images/phantom-000001.png"), Path("set/mine.png"));
  WriteFile(
      Path("set/rows.jsonl"),
      fmt::format(
          "{{\"instruction\": \"<image>?\", \"output\": \"a\", \"images\": [\"{}\"]}}\n"
          "{{\"instruction\": \"<image>?\", \"output\": \"b\", \"images\": [\"mine.png\"]}}\n",
          Text("private.png")));
  WriteFile(
      Path("set/dataset_info.json"),
      R"({"d": {"file_name": "rows.jsonl", "columns": {"prompt": "instruction", "response": "output", "images": "images"}}})");
  const std::string rows = Text("set/rows.jsonl");
  const Outcome check = RunProgram({"data", "check", "alpaca", rows});
  EXPECT_EQ(check.status, 1);
  EXPECT_THAT(check.out, HasSubstr("private.png"));
  EXPECT_THAT(check.out, HasSubstr("--allow-outside"));
  const Outcome stats = RunProgram({"data", "stats", "alpaca", rows});
  EXPECT_THAT(stats.err, HasSubstr("--allow-outside"));
  const Outcome copied = RunProgram({"data", "import", "alpaca", rows, "--out", Text("out"),
                                     "--name", "d", "--copy-images", "--raw"});
  EXPECT_THAT(copied.out, HasSubstr("private.png lies outside of the set's folder"));
  EXPECT_FALSE(fs::exists(Path("out/images/private.png")));
  EXPECT_EQ(RunProgram({"data", "check", "alpaca", rows, "--allow-outside"}).status, 0);

  std::vector<std::string> train = {"train",
                                    Text("run.yaml"),
                                    "model_name_or_path=" + Text("model"),
                                    "dataset_dir=" + Text("set"),
                                    "dataset=d",
                                    "do_train=true",
                                    "stage=sft",
                                    "template=qwen2_vl",
                                    "max_steps=1",
                                    "output_dir=" + Text("trained")};
  WriteFile(Path("run.yaml"), "finetuning_type: lora\n");
  const Outcome refused = RunProgram(train);
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("private.png lies outside of the set's folder"));
  EXPECT_THAT(refused.err, HasSubstr("allow_outside: true"));
  train.emplace_back("allow_outside=true");
  const Outcome allowed = RunProgram(train);
  EXPECT_EQ(allowed.status, 0) << allowed.err;

  std::vector<std::string> eval = {
      "eval", "--model", Text("model"), "--data",           Text("set"), "--images",
      "true", "--out",   Text("run"),   "--max-new-tokens", "2"};
  EXPECT_THAT(RunProgram(eval).err, HasSubstr("--allow-outside"));
  eval.emplace_back("--allow-outside");
  EXPECT_EQ(RunProgram(eval).status, 0);
}

TEST_F(UntrustedFiles, DoctorFindsWeightsThatAreNoNumbers) {
  const fs::path file = Path("model/model.safetensors");
  std::string bytes = test::ReadAll(file);
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof(header));
  const std::string name = "model.layers.1.mlp.up_proj.weight";
  EXPECT_THAT(bytes.substr(8, header), HasSubstr(name));
  const uint64_t begin = [&] {
    const size_t entry = bytes.find("data_offsets", bytes.find(name));
    return std::stoull(bytes.substr(bytes.find('[', entry) + 1));
  }();
  for (const char byte : {'\xff', '\x7f'}) {  // NaN in each type
    std::string damaged = bytes;
    damaged.replace(8 + header + begin, 4, Times(1, "\xff\xff\xff") + byte);
    fs::remove(file);
    WriteFile(file, damaged);
    const Outcome outcome = RunProgram({"doctor", "--model", Text("model")});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.out, HasSubstr("WRONG model"));
    EXPECT_THAT(outcome.out, HasSubstr(name));
    EXPECT_THAT(outcome.out, HasSubstr("NaN or infinite"));
  }
}

}  // namespace
}  // namespace roentgen
