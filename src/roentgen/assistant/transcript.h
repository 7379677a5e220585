#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "roentgen/assistant/dialogue.h"
#include "roentgen/assistant/run_facts.h"

namespace roentgen {

/// A conversation as JSON lines, from which it can go on: what it was made with, then its pictures
/// (as the model saw them) and exchanges in order.
std::string TranscriptLines(const RunFacts& facts, std::span<const Exchange> exchanges);

/// The same for people, in Markdown.
std::string TranscriptMarkdown(const RunFacts& facts, std::span<const Exchange> exchanges);

/// What a conversation goes on from.
struct Transcript {
  std::string system_prompt;  // empty: the file does not tell
  std::string model_sha256;   // of the model that answered; empty: the file does not tell
  std::vector<Exchange> exchanges;
};

/// Reads a file of TranscriptLines. Throws Error, with file and line, when it is none, or was
/// edited into something that cannot be.
Transcript ReadTranscript(const std::filesystem::path& path);

}  // namespace roentgen
