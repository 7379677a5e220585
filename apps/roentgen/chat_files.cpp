#include "chat_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "roentgen/assistant/transcript.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/words.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

bool IsSameFile(const fs::path& a, const fs::path& b) {
  std::error_code unreadable;
  return fs::weakly_canonical(a, unreadable) == fs::weakly_canonical(b, unreadable);
}

void CheckName(const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".jsonl" || extension == ".md") return;
  throw Error(fmt::format("{}: a transcript's name ends in .jsonl or .md", path.string()),
              ".jsonl can be loaded again, .md is to be read.");
}

void Write(const Conversation& conversation, const StudyDesk& desk, const fs::path& path) {
  CheckName(path);
  const std::vector<std::string> indications = desk.Indications();
  const auto& exchanges = conversation.exchanges();
  WriteFile(path,
            path.extension() == ".md" ? TranscriptMarkdown(exchanges, indications) +
                                            fmt::format("\n<!-- {} -->\n", MadeByMark(FileKind::kConversation))
                                      : TranscriptLines(exchanges, indications),
            Readers::kOwner);
}

}  // namespace

ChatFiles::ChatFiles(fs::path kept) : kept_(std::move(kept)) {
  if (!kept_.empty()) ours_.push_back(kept_);
}

void ChatFiles::Check(const fs::path& kept, const fs::path& loaded, bool force) {
  if (kept.empty()) return;
  CheckName(kept);
  const bool goes_on = !loaded.empty() && IsSameFile(kept, loaded);
  if (force || goes_on || !FileExists(kept)) return;
  throw Error(fmt::format("{} is there already", kept.string()),
              "Go on with it by --load, choose another name, or write over it with --force.");
}

void ChatFiles::Keep(const Conversation& conversation, const StudyDesk& desk) const {
  if (!kept_.empty()) Write(conversation, desk, kept_);
}

void ChatFiles::Save(const Conversation& conversation, const StudyDesk& desk,
                     const std::string& arguments) {
  constexpr std::string_view kForce = "--force ";
  const bool force = arguments.starts_with(kForce);
  const std::string name(Strip(std::string_view(arguments).substr(force ? kForce.size() : 0)));
  if (name.empty()) throw Error("/save needs a name");
  CheckName(name);
  const bool ours = std::any_of(ours_.begin(), ours_.end(),
                                [&](const fs::path& path) { return IsSameFile(path, name); });
  if (!force && !ours && FileExists(name)) {
    throw Error(fmt::format("{} is there already", name),
                fmt::format("Choose another name, or write /save --force {}.", name));
  }
  Write(conversation, desk, name);
  ours_.emplace_back(name);
  PrintAside("written: " + name);
}

}  // namespace roentgen::app
