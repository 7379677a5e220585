#include "roentgen/text/vocab_json.h"

#include <fmt/format.h>

#include "roentgen/base/error.h"
#include "roentgen/base/json_scan.h"
#include "roentgen/base/text_encoding.h"

namespace roentgen {
namespace {

constexpr JsonLimits kLimits{.depth = 32, .values = 8'000'000};

void RequireLimits(const NamedText& file) {
  if (BeginsAsUtf16(file.text)) ThrowUtf16(file.name);
  JsonScan scan(kLimits);
  const JsonScan::Excess excess = scan.Follow(file.text);
  if (excess == JsonScan::Excess::kNone) return;
  throw Error(fmt::format("{}: {} at byte {}", file.name,
                          excess == JsonScan::Excess::kDepth
                              ? fmt::format("nested deeper than {}", kLimits.depth)
                              : fmt::format("more than {} values", kLimits.values),
                          scan.position()));
}

/// Takes the events of nlohmann's parser: the tables go into vectors, the rest into a tree.
class VocabReader : public nlohmann::json_sax<Json> {
 public:
  VocabReader(const NamedText& file, VocabJson::Place place) : file_(file), place_(place) {}

  VocabJson Finish() {
    if (!has_vocab_) throw Error(file_.name + ": no vocabulary");
    if (place_ == VocabJson::Place::kModel && !has_merges_) {
      throw Error(file_.name + ": model.merges: missing");
    }
    return std::move(read_);
  }

  bool null() override { return Value(nullptr); }
  bool boolean(bool value) override { return Value(value); }
  bool number_float(double value, const std::string&) override { return Value(value); }
  bool binary(Json::binary_t& value) override { return Value(Json::binary(value)); }
  bool number_integer(int64_t value) override {
    return table_ == Table::kVocab ? AddToken(value) : Value(value);
  }
  bool number_unsigned(uint64_t value) override {
    if (table_ != Table::kVocab) return Value(value);
    return AddToken(value > INT64_MAX ? INT64_MAX : static_cast<int64_t>(value));
  }
  bool string(std::string& value) override {
    if (table_ == Table::kMerges) return AddMerge(value);
    return Value(std::move(value));
  }
  bool key(std::string& value) override {
    // Equal entries of the tables are found where they are used.
    if (table_ == Table::kNone && !path_.empty() && path_.back().node->contains(value)) {
      throw Error(fmt::format("{}: \"{}\" is given twice in one object", file_.name, value));
    }
    key_ = std::move(value);
    return true;
  }

  bool start_object(size_t) override {
    if (table_ == Table::kNone && IsVocabHere()) {
      if (has_vocab_) throw Error(file_.name + ": two vocabularies");
      has_vocab_ = true;
      table_ = Table::kVocab;
      return true;
    }
    return Open(Json::object());
  }
  bool start_array(size_t) override {
    if (table_ == Table::kNone && IsModelKey("merges")) {
      if (has_merges_) throw Error(file_.name + ": model.merges: there twice");
      has_merges_ = true;
      table_ = Table::kMerges;
      return true;
    }
    if (table_ == Table::kMerges && !in_pair_) {
      in_pair_ = true;
      pair_.clear();
      return true;
    }
    return Open(Json::array());
  }
  bool end_object() override { return Close(); }
  bool end_array() override {
    if (in_pair_) return ClosePair();
    return Close();
  }

  bool parse_error(size_t position, const std::string&, const Json::exception& error) override {
    const std::string place = fmt::format("{}: not valid JSON at byte {}", file_.name, position);
    if (SaysNotUtf8(error.what())) ThrowNotUtf8(place, file_.text);
    throw Error(place);
  }

 private:
  enum class Table { kNone, kVocab, kMerges };

  bool IsModelKey(const char* name) const {
    return place_ == VocabJson::Place::kModel && path_.size() == 2 && path_[1].key == "model" &&
           path_[1].node->is_object() && key_ == name;
  }
  bool IsVocabHere() const {
    return place_ == VocabJson::Place::kRoot ? path_.empty() : IsModelKey("vocab");
  }
  [[noreturn]] void FailInTable() const {
    if (table_ == Table::kVocab) {
      throw Error(fmt::format("{}: token \"{}\": expected a whole number", file_.name, key_));
    }
    throw Error(fmt::format("{}: model.merges[{}]: expected two tokens", file_.name,
                            read_.merge_pairs.size() + read_.merge_lines.size()));
  }

  bool AddToken(int64_t id) {
    if (id < 0 || id >= kTokenIdLimit) {
      throw Error(fmt::format("{}: token \"{}\": id {} is out of range", file_.name, key_, id));
    }
    read_.vocab.push_back({std::move(key_), static_cast<int32_t>(id)});
    return true;
  }
  bool AddMerge(std::string& value) {
    if (in_pair_) {
      if (pair_.size() == 2) FailInTable();
      pair_.push_back(std::move(value));
      return true;
    }
    if (!read_.merge_pairs.empty()) FailInTable();
    read_.merge_lines.push_back(std::move(value));
    return true;
  }
  bool ClosePair() {
    if (pair_.size() != 2 || !read_.merge_lines.empty()) FailInTable();
    read_.merge_pairs.emplace_back(std::move(pair_[0]), std::move(pair_[1]));
    in_pair_ = false;
    return true;
  }

  /// Puts the value where it belongs in the tree and returns its place there.
  Json* Put(Json value) {
    if (table_ != Table::kNone) FailInTable();
    if (place_ == VocabJson::Place::kRoot) {
      throw Error(file_.name + ": expected an object of tokens and ids");
    }
    if (path_.empty()) return &(read_.rest = std::move(value));
    Json& parent = *path_.back().node;
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }
  bool Value(Json value) {
    Put(std::move(value));
    return true;
  }
  bool Open(Json container) {
    Json* node = Put(std::move(container));
    path_.push_back({key_, node});
    return true;
  }
  bool Close() {
    if (table_ != Table::kNone) {
      table_ = Table::kNone;
    } else {
      path_.pop_back();
    }
    return true;
  }

  struct Level {
    std::string key;  // under which the container stands in its parent
    Json* node;
  };

  const NamedText& file_;
  VocabJson::Place place_;
  VocabJson read_;
  std::vector<Level> path_;  // the open containers of the tree
  std::string key_;
  Table table_ = Table::kNone;
  std::vector<std::string> pair_;
  bool in_pair_ = false;
  bool has_vocab_ = false;
  bool has_merges_ = false;
};

}  // namespace

VocabJson ParseVocabJson(const NamedText& file, VocabJson::Place place) {
  RequireLimits(file);
  VocabReader reader(file, place);
  Json::sax_parse(file.text, &reader);
  // The parser takes a zero byte for the end of the text.
  if (const size_t zero = file.text.find('\0'); zero != std::string_view::npos) {
    throw Error(fmt::format("{}: not valid JSON at byte {}: a zero byte", file.name, zero + 1));
  }
  return reader.Finish();
}

}  // namespace roentgen
