#include "roentgen/assistant/audit_log.h"

#include <utility>

#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/user_folders.h"

namespace roentgen {

AuditLog::AuditLog(std::filesystem::path path) : path_(std::move(path)) {
  if (path_.has_parent_path()) MakePrivateFolder(path_.parent_path());
  AppendToFile(path_, "", Readers::kOwner);
}

void AuditLog::Add(const RunFacts& facts, const Exchange& exchange) {
  nlohmann::ordered_json line;
  line["date"] = exchange.date;
  line["program"] = facts.program;
  line["model_sha256"] = facts.model_sha256;
  line["adapters_sha256"] = nlohmann::ordered_json::array();
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    line["adapters_sha256"].push_back(adapter.sha256);
  }
  line["weights"] = facts.weights;
  line["pictures_sha256"] = nlohmann::ordered_json::array();
  line["pixels_sha256"] = nlohmann::ordered_json::array();
  for (const ShownPicture& picture : exchange.pictures) {
    line["pictures_sha256"].push_back(picture.sha256);
    line["pixels_sha256"].push_back(picture.pixels_sha256);
  }
  line["image_reached"] = exchange.image_reached;
  line["question_sha256"] = Sha256Hex(exchange.Question());
  line["answer_sha256"] = Sha256Hex(exchange.answer);
  line["seed"] = exchange.seed;
  AppendToFile(path_, line.dump() + "\n", Readers::kOwner);
}

}  // namespace roentgen
