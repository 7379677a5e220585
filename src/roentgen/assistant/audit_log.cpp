#include "roentgen/assistant/audit_log.h"

#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/user_folders.h"

namespace roentgen {
namespace {

constexpr size_t kMaxLineBytes = size_t{1} << 20;

/// All settings but names and the system prompt, which may say anything: these by their hashes.
void AddSettings(const RunFacts& facts, nlohmann::ordered_json& line) {
  nlohmann::ordered_json settings = ToJson(facts);
  for (const char* named :
       {"program", "model", "model_sha256", "settings_sha256", "adapters", "system_prompt"}) {
    settings.erase(named);
  }
  line.update(settings);
  line["system_prompt_sha256"] = Sha256Hex(facts.system_prompt);
}

/// Whether a file is empty or begins with a line that AuditLog::Add wrote.
bool IsAuditLog(const std::filesystem::path& path) {
  std::string line(kMaxLineBytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<size_t>(file.gcount()));
  const std::optional<Json> json = TryParseJson(std::string_view(line).substr(0, line.find('\n')));
  return line.empty() || (json && json->is_object() && json->contains("program") &&
                          json->contains("model_sha256") && json->contains("question_sha256"));
}

}  // namespace

AuditLog::AuditLog(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.has_parent_path()) MakePrivateFolder(path_.parent_path());
  AppendToFile(path_, "", Readers::kOwner);
  if (IsAuditLog(path_)) return;
  throw Error(path_.string() + " is there already, and is no audit log of this program",
              "Name another file for the log.");
}

void AuditLog::Add(const Exchange& exchange) {
  const RunFacts& facts = exchange.facts.run;
  nlohmann::ordered_json line;
  line["date"] = exchange.date;
  line["conversation"] = exchange.facts.conversation;
  line["study"] = StudyId(exchange.facts.images);
  line["program"] = facts.program;
  line["model_sha256"] = facts.model_sha256;
  line["settings_sha256"] = facts.settings_sha256;
  line["adapters_sha256"] = nlohmann::ordered_json::array();
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    line["adapters_sha256"].push_back(adapter.sha256);
  }
  AddSettings(facts, line);
  line["pictures_sha256"] = nlohmann::ordered_json::array();
  line["pixels_sha256"] = nlohmann::ordered_json::array();
  for (const ShownImage& image : exchange.facts.images) {
    line["pictures_sha256"].push_back(image.sha256);
    line["pixels_sha256"].push_back(image.pixels_sha256);
  }
  line["image_reached"] = exchange.image_reached;
  line["question_sha256"] = Sha256Hex(exchange.Question());
  line["answer_sha256"] = Sha256Hex(exchange.answer);
  AppendToFile(path_, line.dump() + "\n", Readers::kOwner);
}

}  // namespace roentgen
