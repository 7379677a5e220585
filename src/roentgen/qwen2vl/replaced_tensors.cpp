#include "roentgen/qwen2vl/replaced_tensors.h"

#include <algorithm>
#include <utility>

#include "roentgen/base/files.h"
#include "roentgen/qwen2vl/names.h"

namespace roentgen {
namespace {

class ReplacedTensors : public TensorSource {
 public:
  ReplacedTensors(std::shared_ptr<const TensorSource> source,
                  const std::map<std::string, TensorView>& replacements,
                  std::shared_ptr<const Safetensors> owner)
      : source_(std::move(source)), owner_(std::move(owner)) {
    for (const auto& [name, view] : replacements) {
      // Under the name that the source has for it.
      const std::string nested = NestedName(name);
      const bool is_nested = source_->Find(name) == nullptr && source_->Find(nested) != nullptr;
      replacements_[is_nested ? nested : name] = view;
    }
  }

  const TensorView* Find(const std::string& name) const override {
    const auto at = replacements_.find(name);
    return at == replacements_.end() ? source_->Find(name) : &at->second;
  }

  std::vector<std::string> Names() const override {
    std::vector<std::string> names = source_->Names();
    for (const auto& [name, view] : replacements_) {
      if (source_->Find(name) == nullptr) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string Describe() const override { return source_->Describe(); }

  void Evict(std::span<const std::byte> data) const override {
    const bool ours = std::any_of(
        replacements_.begin(), replacements_.end(),
        [&](const auto& replacement) { return replacement.second.data.data() == data.data(); });
    if (ours) {
      ForgetMappedPages(data);
    } else {
      source_->Evict(data);
    }
  }

 private:
  std::shared_ptr<const TensorSource> source_;
  std::shared_ptr<const Safetensors> owner_;
  std::map<std::string, TensorView> replacements_;
};

}  // namespace

std::shared_ptr<const TensorSource> WithReplacedTensors(
    std::shared_ptr<const TensorSource> source,
    const std::map<std::string, TensorView>& replacements,
    std::shared_ptr<const Safetensors> owner) {
  return std::make_shared<ReplacedTensors>(std::move(source), replacements, std::move(owner));
}

}  // namespace roentgen
