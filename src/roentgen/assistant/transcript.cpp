#include "roentgen/assistant/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "roentgen/base/base64.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/imaging/dicom_terms.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr const char* kKind = "roentgen transcript";
constexpr int kVersion = 1;
constexpr size_t kMaxFileBytes = size_t{1} << 30;
constexpr size_t kMaxTokens = size_t{1} << 20;  // of an answer

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

std::string Line(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
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

/// The lines of a transcript, checked one by one.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path) {}

  Transcript Read() {
    const std::string text = ReadFile(path_, kMaxFileBytes);
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      ++line_;
      if (end > begin) Take(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
    }
    if (!begun_) Fail("it is no transcript", "/save writes one.");
    if (!pictures_.empty()) Fail("a picture belongs to no question");
    return std::move(result_);
  }

 private:
  std::string Where() const { return fmt::format("{}:{}", path_.string(), line_); }
  [[noreturn]] void Fail(const std::string& problem, std::string hint = {}) const {
    throw Error(fmt::format("{}: {}", Where(), problem), std::move(hint));
  }

  void Take(std::string_view line) {
    if (FindInvalidUtf8(line)) Fail("not valid UTF-8");
    const JsonObject object(ParseJson(line, Where()), Where());
    const std::string type = object.Get<std::string>("type");
    if (!begun_) {
      if (type != kKind || object.Get<int>("version") != kVersion) {
        Fail("it is no transcript", "/save writes one.");
      }
      result_.system_prompt = object.GetOr<std::string>("system_prompt", "");
      result_.model_sha256 = object.GetOr<std::string>("model_sha256", "");
      begun_ = true;
    } else if (type == "picture") {
      TakePicture(object);
    } else if (type == "exchange") {
      TakeExchange(object);
    } else {
      object.Fail("type", fmt::format("unknown: \"{}\"", type));
    }
  }

  void TakePicture(const JsonObject& object) {
    std::optional<std::string> png = FromBase64(object.Get<std::string>("png"));
    if (!png) object.Fail("png", "no base 64");
    std::string day = object.GetOr<std::string>("study_date", "");
    std::erase(day, '-');
    // Earlier versions did not write the hash of the pixels.
    pictures_.push_back(
        {object.Get<std::string>("sha256"), object.GetOr<std::string>("pixels_sha256", ""),
         object.Get<std::string>("facts"), std::move(*png),
         DicomModality(object.GetOr<std::string>("modality", "")),
         DicomBodyPart(object.GetOr<std::string>("body_part", "")), DicomDate(day)});
  }

  void TakeExchange(const JsonObject& object) {
    Exchange exchange;
    exchange.pictures = std::exchange(pictures_, {});
    size_t places = 0;
    const auto parts = object.json().find("parts");
    if (parts == object.json().end() || !parts->is_array()) {
      object.Fail("parts", "expected a list");
    }
    for (const Json& part : *parts) {
      const JsonObject piece(part, Where() + ": parts");
      if (piece.Has("text")) {
        exchange.parts.push_back({ChatPart::Kind::kText, piece.Get<std::string>("text")});
      } else {
        exchange.parts.push_back({ChatPart::Kind::kImage, ""});
        ++places;
      }
    }
    if (places != exchange.pictures.size()) {
      object.Fail("parts",
                  fmt::format("{} places for {} pictures", places, exchange.pictures.size()));
    }
    exchange.answer = object.Get<std::string>("answer");
    exchange.tokens = object.GetOr<std::vector<int32_t>>("tokens", {});
    if (exchange.tokens.size() > kMaxTokens) object.Fail("tokens", "too many");
    exchange.begins_study = object.GetOr<bool>("begins_study", false);
    exchange.seed = object.GetOr<uint64_t>("seed", 0);
    exchange.date = object.GetOr<std::string>("date", "");
    const auto finish = object.GetOr<std::string>("finish", "stop");
    const auto known = std::find_if(kFinishes.begin(), kFinishes.end(),
                                    [&](const auto& each) { return each.second == finish; });
    if (known == kFinishes.end()) object.Fail("finish", fmt::format("unknown: \"{}\"", finish));
    exchange.finish = known->first;
    result_.exchanges.push_back(std::move(exchange));
  }

  std::filesystem::path path_;
  size_t line_ = 0;
  bool begun_ = false;
  std::vector<ShownPicture> pictures_;  // that wait for their exchange
  Transcript result_;
};

}  // namespace

std::string TranscriptLines(const RunFacts& facts, std::span<const Exchange> exchanges) {
  OrderedJson head;
  head["type"] = kKind;
  head["version"] = kVersion;
  head["notice"] = kResearchNotice;
  head["date"] = UtcNow();
  head.update(ToJson(facts));
  std::string lines = Line(head);
  for (const Exchange& exchange : exchanges) {
    for (const ShownPicture& picture : exchange.pictures) {
      lines += Line({{"type", "picture"},
                     {"sha256", picture.sha256},
                     {"pixels_sha256", picture.pixels_sha256},
                     {"facts", picture.facts},
                     {"modality", picture.modality},
                     {"body_part", picture.body_part},
                     {"study_date", picture.study_date},
                     {"png", Base64(picture.png)}});
    }
    lines += Line({{"type", "exchange"},
                   {"parts", PartsJson(exchange)},
                   {"begins_study", exchange.begins_study},
                   {"image_reached", exchange.image_reached},
                   {"answer", exchange.answer},
                   {"tokens", exchange.tokens},
                   {"finish", NameOf(exchange.finish)},
                   {"seed", exchange.seed},
                   {"date", exchange.date}});
  }
  return lines;
}

std::string TranscriptMarkdown(const RunFacts& facts, std::span<const Exchange> exchanges) {
  std::string text = fmt::format("# Conversation\n\n> **{}**\n\n", kResearchNotice);
  text += fmt::format("{}, {}, model {} (`{:.12}`)", UtcNow(), facts.program, facts.model,
                      facts.model_sha256);
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    text += fmt::format(", adapter {} (`{:.12}`)", adapter.name, adapter.sha256);
  }
  text += fmt::format(", weights {}\n", facts.weights);
  for (const Exchange& exchange : exchanges) {
    text += "\n---\n\n";
    for (const ShownPicture& picture : exchange.pictures) {
      text += fmt::format("*picture `{:.12}`: {}*\n\n", picture.sha256, picture.facts);
    }
    text += fmt::format("**{}**\n\n{}\n", exchange.Question(), exchange.answer);
    if (!exchange.image_reached) text += fmt::format("\n*({})*\n", kNoImageNotice);
    if (exchange.finish != Answer::Finish::kEnd) {
      text += fmt::format("\n*(ended by: {})*\n", NameOf(exchange.finish));
    }
  }
  return text;
}

Transcript ReadTranscript(const std::filesystem::path& path) {
  return Reader(path).Read();
}

}  // namespace roentgen
