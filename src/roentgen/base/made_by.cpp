#include "roentgen/base/made_by.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgram = "roentgen ";
constexpr size_t kSearched = 4096;  // bytes, at each end
constexpr size_t kMaxMarkBytes = size_t{64} << 20;
constexpr std::array<std::string_view, 5> kMarks = {
    "Made by roentgen ", R"("made_by": "roentgen )", R"("made_by":"roentgen )",
    R"("program": "roentgen )", R"("program":"roentgen )"};

}  // namespace

std::string MadeByMark() {
  return "Made by roentgen " ROENTGEN_VERSION;
}

nlohmann::ordered_json MarkedJson(const nlohmann::ordered_json& object) {
  nlohmann::ordered_json marked = {{"made_by", "roentgen " ROENTGEN_VERSION}};
  marked.update(object);
  return marked;
}

bool IsMadeByThisProgram(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return false;
  struct stat status {};
  bool made = false;
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    made = status.st_size == 0;
    const off_t last = std::max<off_t>(0, status.st_size - static_cast<off_t>(kSearched));
    for (const off_t begin : {off_t{0}, last}) {
      std::array<char, kSearched> bytes;
      const ssize_t read = ::pread(descriptor, bytes.data(), bytes.size(), begin);
      const std::string_view part(bytes.data(), static_cast<size_t>(std::max<ssize_t>(0, read)));
      for (const std::string_view mark : kMarks) {
        made = made || part.find(mark) != std::string_view::npos;
      }
    }
  }
  ::close(descriptor);
  return made;
}

FolderMark::FolderMark(fs::path folder) : folder_(std::move(folder)) {
  const fs::path path = folder_ / kName;
  exists_ = FileExists(path);
  if (!exists_) return;
  const JsonObject mark(ReadJsonFile(path, kMaxMarkBytes), path.string());
  if (!mark.Get<std::string>("made_by").starts_with(kProgram)) {
    mark.Fail("made_by", "was not made by this program");
  }
  for (std::string& file : mark.Get<std::vector<std::string>>("files")) {
    const fs::path name(file);
    if (file.empty() || name.is_absolute() || *name.lexically_normal().begin() == "..") {
      mark.Fail("files", "names what is not in the folder");
    }
    files_.insert(std::move(file));
  }
  for (std::string& command : mark.Get<std::vector<std::string>>("commands")) {
    commands_.insert(std::move(command));
  }
}

void FolderMark::Add(std::span<const std::string> files, const std::string& command) {
  files_.insert(files.begin(), files.end());
  commands_.insert(command);
  const nlohmann::ordered_json mark = {{"commands", commands_}, {"files", files_}};
  WriteFile(folder_ / kName, MarkedJson(mark).dump(2) + "\n");
  exists_ = true;
}

}  // namespace roentgen
