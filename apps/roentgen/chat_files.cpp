#include "chat_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "roentgen/assistant/transcript.h"
#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"
#include "roentgen/base/path_inside.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/printable.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

void CheckName(const fs::path& path) {
  const std::string ending = EndingOf(path);
  if (ending == ".jsonl" || ending == ".md") return;
  throw Error(fmt::format("{}: a transcript's name ends in .jsonl or .md", path.string()),
              ".jsonl can be loaded again, .md is to be read.");
}

void CheckIsNoAudit(const fs::path& path, const fs::path& audit) {
  if (path.empty() || audit.empty() || !IsSameFile(path, audit)) return;
  throw Error(fmt::format("{} is the audit log: a conversation is kept elsewhere", path.string()),
              "Choose another name for one of them.");
}

/// NAME-2.jsonl, or the first number behind it that is free.
fs::path WithFreeNumber(const fs::path& path) {
  for (size_t number = 2;; ++number) {
    fs::path numbered = path.parent_path() / path.stem();
    numbered += fmt::format("-{}{}", number, path.extension().string());
    if (!FileExists(numbered)) return numbered;
  }
}

}  // namespace

FileState::FileState(const fs::path& path) {
  struct stat status {};
  exists = ::stat(path.c_str(), &status) == 0;
  if (!exists) return;
  facts = {static_cast<int64_t>(status.st_dev),
           static_cast<int64_t>(status.st_ino),
           status.st_size,
           status.st_mtim.tv_sec,
           status.st_mtim.tv_nsec,
           status.st_ctim.tv_sec,
           status.st_ctim.tv_nsec};
}

ChatFiles::ChatFiles(fs::path kept, fs::path audit)
    : asked_(std::move(kept)), kept_(asked_), audit_(std::move(audit)) {
  if (!kept_.empty()) files_.push_back({kept_, FileState(kept_)});
}

void ChatFiles::Check(const fs::path& kept, const fs::path& loaded, const fs::path& audit,
                      bool force, std::span<const fs::path> inputs) {
  CheckIsNoAudit(loaded, audit);
  if (kept.empty()) return;
  CheckName(kept);
  CheckIsNoAudit(kept, audit);
  const bool goes_on = !loaded.empty() && IsSameFile(kept, loaded);
  if (!force && !goes_on && FileExists(kept)) {
    throw Error(fmt::format("{} is there already", kept.string()),
                "Go on with it by --load, choose another name, or write over it with --force.");
  }
  CheckIsNoInput(kept, inputs, goes_on);
  CheckOutput(kept, Replaces::kAny);
}

ChatFiles::File* ChatFiles::Find(const fs::path& path) {
  const auto found = std::find_if(files_.begin(), files_.end(),
                                  [&](const File& file) { return IsSameFile(file.path, path); });
  return found == files_.end() ? nullptr : &*found;
}

void ChatFiles::Write(const Conversation& conversation, const StudyDesk& desk,
                      const fs::path& path) {
  const std::vector<std::string> indications = desk.Indications();
  const UnaskedStudy unasked = desk.Unasked();
  const auto& exchanges = conversation.exchanges();
  WriteFile(path,
            EndingOf(path) == ".md"
                ? TranscriptMarkdown(exchanges, indications, unasked) +
                      fmt::format("\n<!-- {} -->\n", MadeByMark(FileKind::kConversation))
                : TranscriptLines(exchanges, indications, unasked),
            Readers::kOwner, Replaces::kAny, FileKind::kConversation);
  const File written = {path, FileState(path), /*replaceable=*/true, /*holds=*/true};
  if (File* known = Find(path)) {
    *known = written;
  } else {
    files_.push_back(written);
  }
}

void ChatFiles::MoveOn(const char* why) {
  const fs::path next = WithFreeNumber(asked_);
  PrintAside(fmt::format("{} {} and stays as it is: this conversation is kept in {}",
                         OneLine(kept_.string()), why, OneLine(next.string())));
  kept_ = next;
}

void ChatFiles::Keep(const Conversation& conversation, const StudyDesk& desk) {
  if (kept_.empty()) return;
  const File* file = Find(kept_);
  const FileState now(kept_);
  if (file != nullptr && !file->replaceable) {
    MoveOn("holds the conversation before");
  } else if (now.exists && (file == nullptr || file->state != now)) {
    MoveOn("was changed by somebody else");
  }
  Write(conversation, desk, kept_);
}

void ChatFiles::Save(const Conversation& conversation, const StudyDesk& desk,
                     const std::string& arguments, std::span<const fs::path> inputs) {
  constexpr std::string_view kForce = "--force ";
  const bool force = arguments.starts_with(kForce);
  const std::string name(Strip(std::string_view(arguments).substr(force ? kForce.size() : 0)));
  if (name.empty()) throw Error("/save needs a name");
  CheckName(name);
  CheckIsNoAudit(name, audit_);
  const File* known = Find(name);
  if (!force && FileExists(name)) {
    const std::string hint = fmt::format("Choose another name, or write /save --force {}.", name);
    if (known == nullptr) throw Error(fmt::format("{} is there already", name), hint);
    if (!known->replaceable) {
      throw Error(fmt::format("{} is there already, and holds the conversation before", name),
                  hint);
    }
    if (known->state != FileState(name)) {
      throw Error(fmt::format("{} was changed by somebody else since", name), hint);
    }
  }
  CheckIsNoInput(name, inputs, known != nullptr);
  Write(conversation, desk, name);
  PrintAside("written: " + name);
}

void ChatFiles::Left() {
  for (File& file : files_) {
    file.replaceable = file.replaceable && !file.holds;
    file.holds = false;
  }
}

void ChatFiles::Loaded(const fs::path& path, const FileState& state) {
  Left();
  const File loaded = {path, state, /*replaceable=*/true, /*holds=*/true};
  if (File* known = Find(path)) {
    *known = loaded;
  } else {
    files_.push_back(loaded);
  }
  if (!asked_.empty() && IsSameFile(path, asked_)) kept_ = asked_;
}

std::vector<fs::path> ChatFiles::InUse() const {
  std::vector<fs::path> paths;
  for (const File& file : files_) paths.push_back(file.path);
  return paths;
}

}  // namespace roentgen::app
