#include "roentgen/base/user_folders.h"

#include <cstdlib>
#include <system_error>

#include "roentgen/base/error.h"

namespace roentgen {
namespace fs = std::filesystem;

std::optional<std::string> Environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

namespace {

fs::path HomeFolder() {
  if (const auto home = Environment("HOME")) return *home;
  throw Error("HOME is not set, so there is no folder for settings and models",
              "Set HOME to your own folder, or XDG_DATA_HOME, XDG_STATE_HOME and XDG_CACHE_HOME.");
}

}  // namespace

fs::path UserFolder(const char* variable, const char* below_home) {
  if (const auto folder = Environment(variable)) return *folder;
  return HomeFolder() / below_home;
}

fs::path ModelsFolder() {
  return UserFolder("XDG_DATA_HOME", ".local/share") / "roentgen" / "models";
}

fs::path StateFolder() {
  return UserFolder("XDG_STATE_HOME", ".local/state") / "roentgen";
}

void MakePrivateFolder(const fs::path& folder) {
  std::error_code error;
  const bool made = fs::create_directories(folder, error);
  if (error) throw Error(folder.string() + ": cannot make it: " + error.message());
  if (made) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) throw Error(folder.string() + ": cannot make it private: " + error.message());
}

}  // namespace roentgen
