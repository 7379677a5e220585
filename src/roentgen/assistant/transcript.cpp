#include "roentgen/assistant/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "roentgen/base/ascii.h"
#include "roentgen/base/base64.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/imaging/dicom_terms.h"
#include "roentgen/imaging/load.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr const char* kKind = "roentgen transcript";
constexpr int kVersion = 2;
constexpr size_t kMaxFileBytes = size_t{1} << 30;
constexpr size_t kMaxTokens = size_t{1} << 20;  // of an answer
constexpr const char* kSeal = "line_sha256";

constexpr std::array<std::pair<Answer::Finish, std::string_view>, 3> kFinishes = {{
    {Answer::Finish::kEnd, "stop"},
    {Answer::Finish::kLength, "length"},
    {Answer::Finish::kInterrupted, "interrupted"},
}};

std::string_view NameOf(Answer::Finish finish) {
  return std::find_if(kFinishes.begin(), kFinishes.end(),
                      [&](const auto& each) { return each.first == finish; })
      ->second;
}

std::string Text(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// Of a line without its seal, whatever the order of its keys.
std::string SealOf(Json json) {
  json.erase(kSeal);
  return Sha256Hex(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

struct Line {
  std::string seal;
  std::string text;
};

Line Sealed(OrderedJson json) {
  Line line;
  line.seal = SealOf(Json(json));
  json[kSeal] = line.seal;
  line.text = Text(json) + "\n";
  return line;
}

Line HeadLine() {
  return Sealed({{"type", kKind},
                 {"version", kVersion},
                 {"notice", kResearchNotice},
                 {"program", ProgramName()},
                 {"date", UtcNow()}});
}

Line FactsLine(const AnswerFacts& facts) {
  OrderedJson json = {{"type", "made_with"}};
  if (facts.assumed) json["assumed"] = true;
  json.update(ToJson(facts.run));
  return Sealed(std::move(json));
}

Line PictureLine(const ShownPicture& picture) {
  return Sealed({{"type", "picture"},
                 {"sha256", picture.sha256},
                 {"pixels_sha256", picture.pixels_sha256},
                 {"facts", picture.facts},
                 {"modality", picture.modality},
                 {"body_part", picture.body_part},
                 {"study_date", picture.study_date},
                 {"png", Base64(picture.png)}});
}

OrderedJson PartsJson(const Exchange& exchange) {
  OrderedJson parts = OrderedJson::array();
  for (const ChatPart& part : exchange.parts) {
    if (part.kind == ChatPart::Kind::kText) {
      parts.push_back({{"text", part.text}});
    } else {
      parts.push_back({{"picture", true}});
    }
  }
  return parts;
}

OrderedJson PixelHashes(std::span<const ShownImage> images) {
  OrderedJson hashes = OrderedJson::array();
  for (const ShownImage& image : images) hashes.push_back(image.pixels_sha256);
  return hashes;
}

/// Not there: not known.
void AddPatients(std::optional<bool> different, OrderedJson& json) {
  if (different) json["different_patients"] = *different;
}

/// made_with, follows: seals of the line that tells what it was made with and of the exchange
/// before it. indication: of the study that it is the first about; otherwise empty.
Line ExchangeLine(const Exchange& exchange, const std::string& made_with,
                  const std::string& follows, const std::string& indication) {
  OrderedJson json = {{"type", "exchange"},
                      {"follows", follows},
                      {"parts", PartsJson(exchange)},
                      {"begins_study", exchange.begins_study}};
  if (!indication.empty()) json["indication"] = indication;
  AddPatients(exchange.different_patients, json);
  json["image_reached"] = exchange.image_reached;
  json["answer"] = exchange.answer;
  json["tokens"] = exchange.tokens;
  json["finish"] = NameOf(exchange.finish);
  if (exchange.retold) json["retold"] = true;
  if (exchange.edited) json["edited"] = true;
  json["date"] = exchange.date;
  json["made_with"] = made_with;
  json["study"] = StudyId(exchange.facts.images);
  json["images"] = PixelHashes(exchange.facts.images);
  return Sealed(std::move(json));
}

/// shown: all images of its study.
Line UnaskedLine(const UnaskedStudy& unasked, std::span<const ShownImage> shown) {
  OrderedJson json = {{"type", "unasked"}, {"begins_study", unasked.begins_study}};
  if (!unasked.indication.empty()) json["indication"] = unasked.indication;
  AddPatients(unasked.different_patients, json);
  json["study"] = StudyId(shown);
  json["images"] = PixelHashes(shown);
  return Sealed(std::move(json));
}

/// Behind those that were shown, or, of another study, instead of them.
std::vector<ShownImage> ShownWith(std::vector<ShownImage> shown, bool begins_study,
                                  std::span<const ShownPicture> pictures) {
  if (begins_study) shown.clear();
  std::vector<ShownImage> added = HashesOf(pictures);
  std::move(added.begin(), added.end(), std::back_inserter(shown));
  return shown;
}

/// The lines of a transcript, checked one by one.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path) {}

  Transcript Read() {
    const std::string text = ReadFile(path_, kMaxFileBytes);
    if (EndingOf(path_) == ".md" && !text.starts_with('{')) {
      throw Error(path_.string() + ": a conversation in Markdown is to be read, not to go on from",
                  "Name the .jsonl that it was kept in.");
    }
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      ++line_;
      if (end > begin) Take(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
    }
    if (version_ == 0) FailKind();
    if (!pictures_.empty()) Fail("a picture belongs to no question");
    return std::move(result_);
  }

 private:
  std::string Where() const { return fmt::format("{}:{}", path_.string(), line_); }
  [[noreturn]] void Fail(const std::string& problem, std::string hint = {}) const {
    throw Error(fmt::format("{}: {}", Where(), problem), std::move(hint));
  }
  [[noreturn]] void FailKind() const { Fail("it is no transcript", "/save writes one."); }

  void Take(std::string_view line) {
    if (FindInvalidUtf8(line)) Fail("not valid UTF-8");
    if (ended_) Fail("a line stands behind what was not asked about yet");
    const JsonObject object(ParseJson(line, Where()), Where());
    const std::string type = object.Get<std::string>("type");
    if (version_ == 0) {
      TakeHead(object, type);
    } else if (type == "made_with" && version_ > 1) {
      TakeFacts(object);
    } else if (type == "picture") {
      TakePicture(object);
    } else if (type == "exchange") {
      TakeExchange(object);
    } else if (type == "unasked" && version_ > 1) {
      TakeUnasked(object);
    } else {
      object.Fail("type", fmt::format("unknown: \"{}\"", type));
    }
  }

  /// Version 1 had no seals.
  bool IsSealed(const JsonObject& object) const {
    return version_ == 1 || object.GetOr<std::string>(kSeal, "") == SealOf(object.json());
  }
  void CheckSeal(const JsonObject& object, const std::string& what) const {
    if (!IsSealed(object)) {
      Fail(fmt::format("{} changed since the line was written ({})", what, kSeal),
           "Take the file as it was saved.");
    }
  }

  void TakeHead(const JsonObject& object, const std::string& type) {
    if (type != kKind) FailKind();
    const int version = object.Get<int>("version");
    if (version < 1) FailKind();
    if (version > kVersion) {
      Fail(fmt::format("a transcript of version {}, of which this program knows nothing", version),
           "Use the program that wrote it, or a later one.");
    }
    version_ = version;
    // Version 1 told once, here, what the last answer was made with.
    if (version == 1) {
      facts_ = {ReadRunFacts(object), /*assumed=*/true, {}, {}};
      if (!object.Has("system_prompt")) facts_.run.system_prompt = kDefaultSystemPrompt;
    }
  }

  void TakeFacts(const JsonObject& object) {
    facts_ = {ReadRunFacts(object), object.GetOr("assumed", false), {}, {}};
    CheckSeal(object, "what the answers behind it were made with was");
    made_with_ = object.Get<std::string>(kSeal);
  }

  void TakePicture(const JsonObject& object) {
    std::optional<std::string> png = FromBase64(object.Get<std::string>("png"));
    if (!png) object.Fail("png", "no base 64");
    std::string day = object.GetOr<std::string>("study_date", "");
    std::erase(day, '-');
    ShownPicture picture = {Hash(object, "sha256"),
                            object.Has("pixels_sha256") ? Hash(object, "pixels_sha256") : "",
                            OneLine(object.Get<std::string>("facts")),
                            std::move(*png),
                            DicomModality(object.GetOr<std::string>("modality", "")),
                            DicomBodyPart(object.GetOr<std::string>("body_part", "")),
                            DicomDate(day)};
    CheckPixels(picture);
    CheckSeal(object, fmt::format("what is told of image {:.12} was", picture.sha256));
    pictures_.push_back(std::move(picture));
  }

  std::string Hash(const JsonObject& object, const std::string& key) const {
    auto hash = object.Get<std::string>(key);
    if (!IsSha256(hash)) object.Fail(key, "no SHA-256");
    return hash;
  }

  /// The stored image is the one that the model was shown. What an early version did not tell is
  /// added.
  void CheckPixels(ShownPicture& picture) const {
    const std::span<const uint8_t> png(reinterpret_cast<const uint8_t*>(picture.png.data()),
                                       picture.png.size());
    const Image image = DecodeImage(png, Where() + ": the stored image");
    const std::string pixels = Sha256Hex(std::span<const uint8_t>(image.rgb));
    if (picture.pixels_sha256.empty()) picture.pixels_sha256 = pixels;
    if (picture.pixels_sha256 == pixels) return;
    Fail(fmt::format("image {:.12} was changed: its stored pixels are not those that the model was "
                     "shown (pixels_sha256 {:.12})",
                     picture.sha256, picture.pixels_sha256),
         "Take the file as it was saved.");
  }

  void TakeExchange(const JsonObject& object) {
    Exchange exchange;
    exchange.pictures = std::exchange(pictures_, {});
    exchange.parts = Parts(object, exchange.pictures.size());
    exchange.answer = object.Get<std::string>("answer");
    exchange.tokens = object.GetOr<std::vector<int32_t>>("tokens", {});
    if (exchange.tokens.size() > kMaxTokens) object.Fail("tokens", "too many");
    exchange.begins_study = object.GetOr<bool>("begins_study", AssumeNewStudy(object, exchange));
    exchange.image_reached = object.GetOr<bool>("image_reached", false);
    exchange.retold = object.GetOr<bool>("retold", false);
    const bool follows = FollowsThatBeforeIt(object);  // asked always: it keeps the seal
    exchange.edited = object.GetOr<bool>("edited", false) || !IsSealed(object) || !follows;
    exchange.different_patients = DifferentPatients(object);
    exchange.date = OneLine(object.GetOr<std::string>("date", ""));
    const auto finish = object.GetOr<std::string>("finish", "stop");
    const auto known = std::find_if(kFinishes.begin(), kFinishes.end(),
                                    [&](const auto& each) { return each.second == finish; });
    if (known == kFinishes.end()) object.Fail("finish", fmt::format("unknown: \"{}\"", finish));
    exchange.finish = known->first;
    TakeStudy(object, exchange);
    TakeFactsOf(object, exchange);
    result_.exchanges.push_back(std::move(exchange));
  }

  /// Version 1 does not tell.
  std::optional<bool> DifferentPatients(const JsonObject& object) const {
    constexpr const char* kKey = "different_patients";
    if (version_ == 1 || !object.Has(kKey)) return std::nullopt;
    return object.Get<bool>(kKey);
  }

  /// Whether the exchange before it is the one that it was given after: none is missing, doubled or
  /// in another place. Version 1 did not tell.
  bool FollowsThatBeforeIt(const JsonObject& object) {
    const std::string before = std::exchange(last_, object.GetOr<std::string>(kSeal, ""));
    return version_ == 1 || object.GetOr<std::string>("follows", "") == before;
  }

  /// Whether an exchange that does not tell brings images that the model was not shown before it.
  bool AssumeNewStudy(const JsonObject& object, const Exchange& exchange) {
    if (version_ > 1 || object.Has("begins_study") || shown_.empty()) return false;
    const std::vector<ShownImage> images = HashesOf(exchange.pictures);
    const bool begins = std::any_of(images.begin(), images.end(), [&](const ShownImage& image) {
      return std::find(shown_.begin(), shown_.end(), image) == shown_.end();
    });
    result_.studies_assumed = result_.studies_assumed || begins;
    return begins;
  }

  void TakeUnasked(const JsonObject& object) {
    CheckSeal(object, "what waits for a question was");
    UnaskedStudy& unasked = result_.unasked;
    unasked.pictures = std::exchange(pictures_, {});
    unasked.begins_study = object.GetOr<bool>("begins_study", false);
    unasked.indication = object.GetOr<std::string>("indication", "");
    unasked.different_patients = DifferentPatients(object);
    CheckStudy(object, ShownWith(shown_, unasked.begins_study, unasked.pictures),
               "the images before it are not those that wait for a question");
    ended_ = true;
  }

  void CheckStudy(const JsonObject& object, std::span<const ShownImage> shown,
                  const std::string& problem) const {
    if (object.Get<std::string>("study") == StudyId(shown)) return;
    object.Fail("study", problem, "Take the file as it was saved.");
  }

  std::vector<ChatPart> Parts(const JsonObject& object, size_t pictures) const {
    std::vector<ChatPart> parts;
    size_t places = 0;
    const auto list = object.json().find("parts");
    if (list == object.json().end() || !list->is_array()) object.Fail("parts", "expected a list");
    for (const Json& part : *list) {
      const JsonObject piece(part, Where() + ": parts");
      if (piece.Has("text")) {
        parts.push_back({ChatPart::Kind::kText, piece.Get<std::string>("text")});
      } else {
        parts.push_back({ChatPart::Kind::kImage, ""});
        ++places;
      }
    }
    if (places != pictures) {
      object.Fail("parts", fmt::format("{} places for {} pictures", places, pictures));
    }
    return parts;
  }

  /// Which images the model had been shown.
  void TakeStudy(const JsonObject& object, Exchange& exchange) {
    if (exchange.begins_study || result_.exchanges.empty()) {
      result_.indications.push_back(object.GetOr<std::string>("indication", ""));
    }
    shown_ = ShownWith(std::move(shown_), exchange.begins_study, exchange.pictures);
    if (version_ == 1) return;
    CheckStudy(object, shown_, "the images before it are not those that its answer is about");
  }

  void TakeFactsOf(const JsonObject& object, Exchange& exchange) {
    if (version_ > 1 &&
        (made_with_.empty() || object.Get<std::string>("made_with") != made_with_)) {
      object.Fail("made_with",
                  "what it was made with is not told by the line \"made_with\" before it",
                  "Take the file as it was saved.");
    }
    exchange.facts = facts_;
    exchange.facts.images = shown_;
    if (version_ == 1) {
      exchange.facts.run.generation.seed = object.GetOr<uint64_t>("seed", 0);
    }
  }

  std::filesystem::path path_;
  size_t line_ = 0;
  int version_ = 0;                     // 0: the first line was not read yet
  AnswerFacts facts_;                   // of the exchanges that come
  std::string made_with_;               // the seal of the line that told them
  std::string last_;                    // the seal of the exchange before
  std::vector<ShownPicture> pictures_;  // that wait for their exchange
  std::vector<ShownImage> shown_;       // of the study
  bool ended_ = false;
  Transcript result_;
};

/// "answer 2", "answers 1 to 3", "answers 1 and 4 to 5".
std::string NamesOf(const std::vector<size_t>& numbers) {
  std::vector<std::string> ranges;
  for (size_t i = 0; i < numbers.size();) {
    size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    ranges.push_back(last == i ? std::to_string(numbers[i])
                               : fmt::format("{} to {}", numbers[i], numbers[last]));
    i = last + 1;
  }
  std::string text = numbers.size() == 1 ? "answer " : "answers ";
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (i > 0) text += i + 1 == ranges.size() ? " and " : ", ";
    text += ranges[i];
  }
  return text;
}

}  // namespace

std::string TranscriptLines(std::span<const Exchange> exchanges,
                            std::span<const std::string> indications, const UnaskedStudy& unasked) {
  std::string lines = HeadLine().text;
  std::string made_with, last;
  size_t studies = 0;
  for (const Exchange& exchange : exchanges) {
    Line facts = FactsLine(exchange.facts);
    if (facts.seal != made_with) lines += facts.text;
    made_with = std::move(facts.seal);
    for (const ShownPicture& picture : exchange.pictures) lines += PictureLine(picture).text;
    const bool first = studies == 0 || exchange.begins_study;
    if (first) ++studies;
    const bool told = first && studies <= indications.size();
    Line line = ExchangeLine(exchange, made_with, last, told ? indications[studies - 1] : "");
    lines += line.text;
    last = std::move(line.seal);
  }
  if (!unasked.Any()) return lines;
  for (const ShownPicture& picture : unasked.pictures) lines += PictureLine(picture).text;
  std::vector<ShownImage> shown;
  if (!exchanges.empty()) shown = exchanges.back().facts.images;
  lines += UnaskedLine(unasked, ShownWith(std::move(shown), unasked.begins_study, unasked.pictures))
               .text;
  return lines;
}

Transcript ReadTranscript(const std::filesystem::path& path) {
  return Reader(path).Read();
}

std::vector<std::string> GroupByAnswers(std::span<const std::vector<std::string>> notes) {
  std::vector<std::pair<std::string, std::vector<size_t>>> groups;  // a note, its answers' numbers
  for (size_t i = 0; i < notes.size(); ++i) {
    for (const std::string& note : notes[i]) {
      const auto known = std::find_if(groups.begin(), groups.end(),
                                      [&](const auto& group) { return group.first == note; });
      if (known == groups.end()) {
        groups.push_back({note, {i + 1}});
      } else {
        known->second.push_back(i + 1);
      }
    }
  }
  std::vector<std::string> lines;
  for (const auto& [note, numbers] : groups) {
    lines.push_back(fmt::format("{}: {}", NamesOf(numbers), note));
  }
  return lines;
}

std::vector<std::string> DescribeDifferences(std::span<const Exchange> exchanges,
                                             const RunFacts& now) {
  std::vector<std::vector<std::string>> notes;
  for (const Exchange& exchange : exchanges) {
    std::vector<std::string>& own = notes.emplace_back();
    if (exchange.edited) own.emplace_back(kEditedNotice);
    for (const FactDifference& difference : DifferencesOf(exchange.facts.run, now)) {
      own.push_back(Describe(difference));
    }
    if (exchange.facts.assumed) own.emplace_back(kAssumedNotice);
  }
  return GroupByAnswers(notes);
}

}  // namespace roentgen
