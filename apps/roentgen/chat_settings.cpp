#include "chat_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "preview.h"
#include "roentgen/base/error.h"

namespace roentgen::app {
namespace {

template <class Number>
Number Parse(std::string_view name, std::string_view text, Number least, Number most) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number < least ||
      number > most) {
    throw Error(
        fmt::format("{} must be a number from {} to {}, not \"{}\"", name, least, most, text));
  }
  return number;
}

/// "default" takes a value back.
bool IsDefault(std::string_view value) {
  return value == "default" || value == "none";
}

/// Of what the model has a default for.
template <class Number>
std::optional<Number> ParseChoice(std::string_view name, std::string_view text, Number least,
                                  Number most) {
  if (IsDefault(text)) return std::nullopt;
  return Parse(name, text, least, most);
}

struct Setting {
  std::string_view name;
  void (*set)(ChatSettings& settings, std::string_view name, std::string_view value);
  std::string (*show)(const ChatSettings& settings);
};

constexpr size_t kMostTokens = size_t{1} << 20;

constexpr std::array kSettings = {
    Setting{
        "temperature",
        [](ChatSettings& s, std::string_view name, std::string_view value) {
          s.sampling.temperature = ParseChoice(name, value, 0.0, 100.0);
        },
        [](const ChatSettings& s) { return fmt::format("{}", s.generation.sampling.temperature); }},
    Setting{"top_k",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.sampling.top_k = ParseChoice<int64_t>(name, value, 0, 1 << 20);
            },
            [](const ChatSettings& s) { return fmt::format("{}", s.generation.sampling.top_k); }},
    Setting{"top_p",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.sampling.top_p = ParseChoice(name, value, 1e-9, 1.0);
            },
            [](const ChatSettings& s) { return fmt::format("{}", s.generation.sampling.top_p); }},
    Setting{"min_p",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.sampling.min_p = ParseChoice(name, value, 0.0, 1.0);
            },
            [](const ChatSettings& s) { return fmt::format("{}", s.generation.sampling.min_p); }},
    Setting{"repetition_penalty",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.sampling.repetition_penalty = ParseChoice(name, value, 0.01, 100.0);
            },
            [](const ChatSettings& s) {
              return fmt::format("{}", s.generation.sampling.repetition_penalty);
            }},
    Setting{"seed",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.sampling.seed = Parse<uint64_t>(name, value, 0, INT64_MAX);
            },
            [](const ChatSettings& s) { return fmt::format("{}", s.generation.seed); }},
    Setting{"max_new_tokens",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.sampling.max_new_tokens = Parse<size_t>(name, value, 1, kMostTokens);
            },
            [](const ChatSettings& s) { return fmt::format("{}", s.generation.max_new_tokens); }},
    Setting{"window",
            [](ChatSettings& s, std::string_view, std::string_view value) {
              s.choice.view.window =
                  IsDefault(value) ? std::nullopt : std::optional(ParseDicomWindow(value));
            },
            [](const ChatSettings& s) {
              return s.choice.view.window ? DescribeDicomWindow(*s.choice.view.window)
                                          : std::string("the file's own");
            }},
    Setting{"frame",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.choice.view.frame = Parse<size_t>(name, value, 1, kMostTokens);
            },
            [](const ChatSettings& s) { return fmt::format("{}", s.choice.view.frame); }},
    Setting{"slice",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.choice.slice = IsDefault(value)
                                   ? std::nullopt
                                   : std::optional(Parse<size_t>(name, value, 1, kMostTokens));
            },
            [](const ChatSettings& s) {
              return s.choice.slice ? fmt::format("{}", *s.choice.slice)
                                    : std::string("the middle");
            }},
    Setting{"sheet",
            [](ChatSettings& s, std::string_view name, std::string_view value) {
              s.choice.sheet = IsDefault(value) ? 0 : Parse<size_t>(name, value, 2, 64);
            },
            [](const ChatSettings& s) {
              return s.choice.sheet == 0 ? std::string("off") : fmt::format("{}", s.choice.sheet);
            }},
    Setting{"preview",
            [](ChatSettings& s, std::string_view, std::string_view value) {
              if (std::find(std::begin(kPreviewNames), std::end(kPreviewNames), value) ==
                  std::end(kPreviewNames)) {
                throw Error(fmt::format("preview is one of {}", fmt::join(kPreviewNames, ", ")));
              }
              s.preview = value;
            },
            [](const ChatSettings& s) { return s.preview; }},
};

}  // namespace

void ChatSettings::Set(std::string_view name, std::string_view value) {
  const auto found = std::find_if(kSettings.begin(), kSettings.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  if (found == kSettings.end()) {
    throw Error(fmt::format("no setting: {}", name),
                fmt::format("There are {}.", fmt::join(Names(), ", ")));
  }
  found->set(*this, name, value);
  generation = sampling.Resolve(defaults);
}

void ChatSettings::NextSeed() {
  ++sampling.seed;
  generation = sampling.Resolve(defaults);
}

std::vector<std::string> ChatSettings::Describe() const {
  std::vector<std::string> lines;
  for (const Setting& setting : kSettings) {
    lines.push_back(fmt::format("{:<19} {}", setting.name, setting.show(*this)));
  }
  return lines;
}

std::vector<std::string> ChatSettings::Names() {
  std::vector<std::string> names;
  for (const Setting& setting : kSettings) names.emplace_back(setting.name);
  return names;
}

}  // namespace roentgen::app
