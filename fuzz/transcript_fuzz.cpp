// Bytes as a stored conversation. What is read can be told to people, and kept, again.

#include <cstdlib>
#include <string>

#include "process_folder.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/base/error.h"
#include "roentgen/text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ProcessFolder folder("transcript_fuzz");
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const roentgen::Transcript transcript =
        roentgen::ReadTranscript(folder.Put("conversation.jsonl", text));
    const std::string told =
        roentgen::TranscriptMarkdown(transcript.exchanges, transcript.indications);
    if (roentgen::FindInvalidUtf8(told)) std::abort();
    // What was read can be kept again, with everything that was in it.
    const std::string kept =
        roentgen::TranscriptLines(transcript.exchanges, transcript.indications);
    const roentgen::Transcript again =
        roentgen::ReadTranscript(folder.Put("conversation.jsonl", kept));
    if (again.exchanges.size() != transcript.exchanges.size()) std::abort();
  } catch (const roentgen::Error&) {
    // Refused, as broken files should be.
  }
  return 0;
}
