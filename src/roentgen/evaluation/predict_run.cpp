#include "roentgen/evaluation/predict_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/fingerprint.h"
#include "roentgen/evaluation/image_hash.h"
#include "roentgen/evaluation/image_use.h"
#include "roentgen/evaluation/metadata.h"
#include "roentgen/evaluation/patient_hash.h"
#include "roentgen/evaluation/predict_results.h"
#include "roentgen/evaluation/question_prompt.h"
#include "roentgen/evaluation/run_folder.h"
#include "roentgen/evaluation/same_questions.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/imaging/load.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/qwen2vl/fingerprint.h"
#include "roentgen/qwen2vl/weight_recipe.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

// Longer texts tell samples apart, not groups of them; see Prediction::fields.
constexpr size_t kMaxFieldBytes = 64;

OrderedJson DescribeSettings(const PredictRunInput& input, const PredictRunOptions& options) {
  const SamplingOptions& sampling = options.generation.sampling;
  OrderedJson settings;
  settings["images"] = OrderedJson::array();
  for (const ShownImages shown : options.images) settings["images"].push_back(NameOf(shown));
  settings["swap_seed"] = kSwapSeed;
  settings["max_pixels"] = input.preprocessor.max_pixels;
  if (options.default_system != kDefaultSystemPrompt) {
    settings["default_system"] = options.default_system;
  }
  settings["max_new_tokens"] = options.generation.max_new_tokens;
  settings["do_sample"] = sampling.temperature > 0;
  settings["repetition_penalty"] = sampling.repetition_penalty;
  if (sampling.temperature == 0) return settings;
  settings["temperature"] = sampling.temperature;
  settings["top_k"] = sampling.top_k;
  settings["top_p"] = sampling.top_p;
  settings["min_p"] = sampling.min_p;
  settings["seed"] = options.generation.seed;
  return settings;
}

/// All that decides the answers, as run.json has it.
OrderedJson Describe(const PredictRunInput& input, const PredictRunOptions& options,
                     ThreadPool& pool, const Progress& progress) {
  OrderedJson json;
  json["model"] = {{"name", input.model.location.spec},
                   {"sha256", FingerprintOfTensors(*input.model.base, pool, progress)}};
  if (!input.settings_sha256.empty()) json["model"]["settings_sha256"] = input.settings_sha256;
  if (const std::string held = DescribeRecipe(RecipeOf(input.model.weights)); !held.empty()) {
    json["model"]["weights"] = held;
  }
  if (input.model.key_value_type != KeyValueType::kF32) {
    json["model"]["key_values"] = KeyValueTypeName(input.model.key_value_type);
  }
  json["adapters"] = OrderedJson::array();
  for (const AdapterInfo& adapter : input.model.adapters) {
    json["adapters"].push_back(
        {{"folder", adapter.folder.string()}, {"sha256", FingerprintOfAdapter(adapter.folder)}});
  }
  json["data"] = input.data;
  json["data"]["questions"] = input.samples.size();
  json["data"]["sha256"] = FingerprintOfSamples(input.samples);
  json["settings"] = DescribeSettings(input, options);
  return json;
}

void CheckImages(const std::vector<ShownImages>& images) {
  if (std::find(images.begin(), images.end(), ShownImages::kTrue) == images.end()) {
    throw Error("the true images are not among those to be shown",
                "All others are compared with them: --images true,…");
  }
  for (size_t i = 0; i < images.size(); ++i) {
    if (std::find(images.begin(), images.begin() + static_cast<ptrdiff_t>(i), images[i]) !=
        images.begin() + static_cast<ptrdiff_t>(i)) {
      throw Error(fmt::format("{} images are to be shown twice", NameOf(images[i])));
    }
  }
}

/// For each image of the set, by number, the one that takes its place.
std::vector<size_t> SwappedNumbers(const ImageSet& images, const PredictRunOptions& options) {
  const auto& shown = options.images;
  if (std::find(shown.begin(), shown.end(), ShownImages::kSwapped) == shown.end()) return {};
  std::map<std::string, std::string> other = options.swapped;
  if (other.empty()) {
    std::vector<std::string> paths;
    for (size_t i = 0; i < images.size(); ++i) paths.push_back(images[i].path.string());
    other = DerangeImages(std::move(paths), kSwapSeed);
  }
  std::vector<size_t> numbers;
  for (size_t i = 0; i < images.size(); ++i) {
    const std::string path = images[i].path.string();
    const auto found = other.find(path);
    if (found == other.end()) throw Error(path + ": no other image is to take its place");
    numbers.push_back(images.Find(found->second));
  }
  return numbers;
}

/// Short texts about the sample, a line's further columns.
std::map<std::string, std::vector<std::string>> ShortFields(const Sample& sample) {
  std::map<std::string, std::vector<std::string>> fields;
  for (const auto& [name, values] : FieldsOf(sample)) {
    if (Join(values, ", ").size() <= kMaxFieldBytes || IsMeasured(name)) fields[name] = values;
  }
  return fields;
}

/// Of every file that the samples show.
ImageHashes HashFiles(std::span<const Sample> samples, ThreadPool& pool) {
  std::vector<std::string> files;
  for (const Sample& sample : samples) {
    files.insert(files.end(), sample.images.begin(), sample.images.end());
  }
  return {std::move(files), "", pool};
}

/// The prompt's text, with one placeholder for each image: the shape that chat templates give.
std::string PromptText(const Tokenizer& tokenizer, std::vector<int32_t> ids, int32_t placeholder) {
  const auto end = std::unique(ids.begin(), ids.end(), [&](int32_t a, int32_t b) {
    return a == placeholder && b == placeholder;
  });
  ids.erase(end, ids.end());
  return tokenizer.Decode(ids, /*skip_special=*/false);
}

/// Every question of a run with everything known about it but the answer.
class Questions {
 public:
  Questions(const PredictRunInput& input, const PredictRunOptions& options, const ImageSet& images,
            ThreadPool& pool)
      : input_(input),
        encoder_(input.tokenizer, options.default_system),
        max_tokens_(options.max_sample_tokens),
        images_(images),
        hashes_(HashFiles(input.samples, pool)),
        pictures_(images, input.preprocessor, SwappedNumbers(images, options)) {
    for (const Sample& sample : input.samples) patients_.Count(sample.extra);
    for (const ShownImages shown : options.images) {
      for (const Sample& sample : input.samples) Add(shown, sample);
    }
  }

  const std::vector<Prompt>& prompts() const { return prompts_; }
  const ShownPictures& pictures() const { return pictures_; }
  /// Lines without an answer, in the order of the prompts: all of a kind, then all of the next.
  const Prediction& line(size_t prompt) const { return lines_[prompt]; }

 private:
  void Add(ShownImages shown, const Sample& sample) {
    Prompt prompt;
    std::vector<size_t> tokens;
    Prediction line;
    for (const std::string& path : sample.images) {
      const auto picture = pictures_.For(images_.Find(path), shown);
      prompt.pictures.push_back(picture.number);
      tokens.push_back(picture.tokens);
      // Under its own name where it is its own, which may be another file with the same content.
      line.images.push_back(shown == ShownImages::kTrue ? path
                                                        : images_[picture.image].path.string());
    }
    line.image_hashes = HashesOf(line, prompt, shown);
    line.patient = patients_.Of(sample.extra);
    if (line.patient.empty()) line.patient = hashes_.PatientOf(sample.images);
    QuestionPrompt encoded = encoder_.Encode(sample, tokens);
    if (const size_t length = encoded.ids.size() + encoded.label.size(); length > max_tokens_) {
      throw Error(fmt::format("{}: question and answer have {} tokens, more than {}",
                              NameOf(sample), length, max_tokens_));
    }
    prompt.ids = std::move(encoded.ids);
    line.id = sample.id;
    line.prompt = PromptText(input_.tokenizer, prompt.ids, input_.model.config.image_token_id);
    line.question = QuestionOf(sample);
    if (!AnswerOf(sample).empty()) {
      line.label = input_.tokenizer.Decode(encoded.label, /*skip_special=*/true);
    }
    line.fields = ShortFields(sample);
    prompts_.push_back(std::move(prompt));
    lines_.push_back(std::move(line));
  }

  /// Of the pixels that the prompt's pictures show.
  std::vector<std::string> HashesOf(const Prediction& line, const Prompt& prompt,
                                    ShownImages shown) {
    if (shown == ShownImages::kTrue || shown == ShownImages::kSwapped) {
      return hashes_.Of(line.images);
    }
    std::vector<std::string> hashes;
    for (const size_t picture : prompt.pictures) {
      std::string& hash = grey_hashes_[picture];
      if (hash.empty()) hash = pictures_.HashOfGrey(picture);
      hashes.push_back(hash);
    }
    return hashes;
  }

  const PredictRunInput& input_;
  PromptEncoder encoder_;
  size_t max_tokens_;
  const ImageSet& images_;
  ImageHashes hashes_;
  PatientHashes patients_;
  ShownPictures pictures_;
  std::map<size_t, std::string> grey_hashes_;  // by the picture's number
  std::vector<Prompt> prompts_;
  std::vector<Prediction> lines_;
};

/// The answers of a run: what the folder holds already, and what comes.
class Answers {
 public:
  Answers(const RunFolder& folder, const PredictRunOptions& options, const Questions& questions,
          std::span<const Sample> samples)
      : folder_(folder), options_(options), questions_(questions), count_(samples.size()) {
    answers_.resize(questions.prompts().size());
    const std::unordered_map<std::string, size_t> numbers = NumbersById(samples);
    for (size_t kind = 0; kind < options.images.size(); ++kind) {
      for (Prediction& prediction : folder.Answered(options.images[kind])) {
        const auto number = numbers.find(prediction.id);
        if (number == numbers.end()) {
          throw Error(fmt::format("{}: no question has the id \"{}\", which was answered there",
                                  folder.path().string(), prediction.id));
        }
        const size_t place = kind * count_ + number->second;
        SameQuestions same(ImageRule::kSame);
        if (const auto difference =
                same.Difference(Asked(questions.line(place)), Asked(prediction))) {
          throw Error(fmt::format("{}: answer to {}: {}", folder.path().string(), prediction.id,
                                  Describe(*difference, "in the set")),
                      "The folder holds answers to other questions: name another one.");
        }
        answers_[place] = std::move(prediction);
      }
    }
  }

  std::vector<bool> answered() const {
    std::vector<bool> flags;
    for (const auto& answer : answers_) flags.push_back(answer.has_value());
    return flags;
  }

  void Take(size_t prompt, ModelAnswer answer) {
    Prediction line = questions_.line(prompt);
    line.predict = std::move(answer.text);
    if (answer.yes_no) {
      line.log_probability_yes = answer.yes_no->yes;
      line.log_probability_no = answer.yes_no->no;
    }
    folder_.Add(options_.images[prompt / count_], line);
    answers_[prompt] = std::move(line);
  }

  void Finish() const {
    for (size_t kind = 0; kind < options_.images.size(); ++kind) {
      std::vector<Prediction> lines;
      for (size_t i = 0; i < count_; ++i) lines.push_back(*answers_[kind * count_ + i]);
      folder_.Finish(options_.images[kind], lines);
    }
  }

 private:
  const RunFolder& folder_;
  const PredictRunOptions& options_;
  const Questions& questions_;
  size_t count_;
  std::vector<std::optional<Prediction>> answers_;
};

PrepareImage PreparationOf(const PredictRunInput& input) {
  if (input.prepare) return input.prepare;
  return [preprocessor = input.preprocessor](const fs::path& path) {
    return MakePatches(LoadImage(path), preprocessor);
  };
}

OrderedJson DescribeWork(const PredictRunResult& result, const ThreadPool& pool) {
  const double seconds = std::max(result.seconds, 1e-9);
  const PredictionWork& work = result.work;
  return {{"answers", result.answers},
          {"answered_before", result.answered_before},
          {"distinct_pictures", result.distinct_pictures},
          {"vision_encodings", work.encodings},
          {"prompt_tokens_computed", work.prompt_tokens},
          {"answer_tokens", work.answer_tokens},
          {"seconds", result.seconds},
          {"answers_per_second", static_cast<double>(work.questions) / seconds},
          {"answer_tokens_per_second", static_cast<double>(work.answer_tokens) / seconds},
          {"peak_memory_bytes", PeakMemory()},
          {"threads", pool.threads()},
          {"instruction_set", InstructionSet()}};
}

}  // namespace

PredictRunResult PredictRun(const PredictRunInput& input, const PredictRunOptions& options,
                            const fs::path& folder, ThreadPool& pool, const Progress& progress) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  CheckImages(options.images);
  NumbersById(input.samples);  // before anything is written
  const ImageSet images(input.samples, PreparationOf(input), input.preprocessor.merge_size, pool,
                        progress);
  const Questions questions(input, options, images, pool);
  RunFolder run(folder, Describe(input, options, pool, progress), options.folder_use);
  Answers answers(run, options, questions, input.samples);

  const std::vector<bool> answered = answers.answered();
  Predictor predictor(input.model, input.tokenizer, pool,
                      {options.generation, input.model.generation.eos_token_ids});
  PredictRunResult result;
  result.work = predictor.AnswerAll(
      questions.prompts(), answered,
      [&](size_t number) { return questions.pictures().Load(number); },
      [&](size_t prompt, ModelAnswer answer) { answers.Take(prompt, std::move(answer)); },
      progress);
  result.answers = answered.size();
  result.answered_before = answered.size() - result.work.questions;
  result.distinct_pictures = questions.pictures().size();
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (!run.finished()) {  // it may have been killed behind its last answer
    answers.Finish();
    WritePredictResults(folder, result.work.questions, result.seconds, pool);
    run.Describe(DescribeWork(result, pool));
  }
  SealRunFiles(folder, options.folder_use.command);
  return result;
}

}  // namespace roentgen
