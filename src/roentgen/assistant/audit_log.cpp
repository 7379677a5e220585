#include "roentgen/assistant/audit_log.h"

#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/user_folders.h"

namespace roentgen {
namespace {

/// All settings but names and the system prompt, which may say anything: these by their hashes.
void AddSettings(const RunFacts& facts, nlohmann::ordered_json& line) {
  nlohmann::ordered_json settings = ToJson(facts);
  for (const char* named : {"program", "model", "model_sha256", "adapters", "system_prompt"}) {
    settings.erase(named);
  }
  line.update(settings);
  line["system_prompt_sha256"] = Sha256Hex(facts.system_prompt);
}

}  // namespace

AuditLog::AuditLog(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.has_parent_path()) MakePrivateFolder(path_.parent_path());
  AppendToFile(path_, "", Readers::kOwner);
  if (IsMadeByThisProgram(path_)) return;
  throw Error(path_.string() + " is there already, and was not made by this program",
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
