#include "roentgen/tensor/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <tuple>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/lfs_pointer.h"

namespace roentgen {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kMaxHeader = 100'000'000;  // the reference implementation's limit
constexpr size_t kMaxDepth = 4;             // {tensor: {shape: [...]}} needs three levels
constexpr size_t kMaxValues = 4'000'000;    // a tensor is some ten
constexpr const char* kMetadataKey = "__metadata__";
constexpr const char* kIncompleteHint = "The file is incomplete; download it again";

/// 451620048 as "451,620,048".
std::string Grouped(size_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

/// False when the product is beyond size_t.
bool ProductOf(std::span<const size_t> factors, size_t& product) {
  product = 1;
  for (const size_t factor : factors) {
    if (__builtin_mul_overflow(product, factor, &product)) return false;
  }
  return true;
}

uint64_t ReadLittleEndian64(const uint8_t* bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) value |= uint64_t{bytes[i]} << (8 * i);
  return value;
}

std::string_view AsText(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The header's text, after its length was checked against the file's.
std::string_view HeaderText(std::span<const uint8_t> bytes, const std::string& where) {
  RefuseLfsPointer(AsText(bytes), where);
  if (bytes.size() < kLengthBytes) {
    throw Error(fmt::format("{}: {} bytes are no safetensors file", where, bytes.size()),
                kIncompleteHint);
  }
  const uint64_t length = ReadLittleEndian64(bytes.data());
  if (length > kMaxHeader) {
    throw Error(fmt::format("{}: a header of {} bytes, more than the {} of any safetensors file",
                            where, Grouped(length), Grouped(kMaxHeader)));
  }
  if (length > bytes.size() - kLengthBytes) {
    throw Error(fmt::format("{}: the header ends at byte {}, the file at {}", where,
                            Grouped(kLengthBytes + length), Grouped(bytes.size())),
                kIncompleteHint);
  }
  return AsText(bytes.subspan(kLengthBytes, length));
}

/// A list of whole numbers without signs and fractions, as the reference implementation wants it.
std::vector<size_t> ReadSizes(const JsonObject& entry, const std::string& key) {
  auto sizes = entry.Get<std::vector<size_t>>(key);
  for (const Json& size : entry.json().at(key)) {
    if (!size.is_number_unsigned()) entry.Fail(key, "expected whole numbers, found " + size.dump());
  }
  return sizes;
}

struct DataRange {
  size_t begin;
  size_t end;
};

DataRange ReadRange(const JsonObject& entry, size_t elements, DType dtype) {
  const auto offsets = ReadSizes(entry, "data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    entry.Fail("data_offsets",
               fmt::format("expected [begin, end], found [{}]", fmt::join(offsets, ", ")));
  }
  const DataRange range{offsets[0], offsets[1]};
  size_t bytes = 0;
  if (__builtin_mul_overflow(elements, DTypeSize(dtype), &bytes) ||
      range.end - range.begin != bytes) {
    entry.Fail("data_offsets",
               fmt::format("{} bytes, which do not fit {} elements of {}",
                           Grouped(range.end - range.begin), Grouped(elements), DTypeName(dtype)));
  }
  return range;
}

/// One tensor of the header; data_start is where its offsets count from.
TensorView ReadTensor(const JsonObject& entry, const std::string& what,
                      std::span<const uint8_t> bytes, size_t data_start) {
  TensorView tensor;
  const auto name = entry.Get<std::string>("dtype");
  const std::optional<DType> dtype = ParseDType(name);
  if (!dtype) entry.Fail("dtype", name + " is not supported (F32, F16, BF16, I64, I32, U8 are)");
  tensor.dtype = *dtype;
  tensor.shape = ReadSizes(entry, "shape");
  size_t elements = 0;
  if (!ProductOf(tensor.shape, elements)) {
    entry.Fail("shape", tensor.ShapeText() + " has more elements than memory can hold");
  }
  const DataRange range = ReadRange(entry, elements, tensor.dtype);
  const std::span<const uint8_t> data = bytes.subspan(data_start);
  if (range.end > data.size()) {
    throw Error(fmt::format("{} ends at byte {}, the file at {}", what,
                            Grouped(data_start + range.end), Grouped(bytes.size())),
                kIncompleteHint);
  }
  tensor.data = std::as_bytes(data.subspan(range.begin, range.end - range.begin));
  return tensor;
}

/// The tensors' data must follow one another up to the end of the file, as in the reference
/// implementation: bytes that none of them claims may hold anything.
void CheckLayout(const std::map<std::string, TensorView>& tensors, std::span<const std::byte> data,
                 const std::string& where) {
  using Range = std::tuple<const std::byte*, const std::byte*, const std::string*>;
  std::vector<Range> ranges;
  for (const auto& [name, tensor] : tensors) {
    ranges.emplace_back(tensor.data.data(), tensor.data.data() + tensor.data.size(), &name);
  }
  std::sort(ranges.begin(), ranges.end());
  const std::byte* reached = data.data();
  for (size_t i = 0; i < ranges.size(); ++i) {
    const auto& [begin, end, name] = ranges[i];
    if (begin < reached) {
      throw Error(
          fmt::format("{}: tensors {} and {} overlap", where, *std::get<2>(ranges[i - 1]), *name));
    }
    if (begin > reached) {
      throw Error(fmt::format("{}: {} bytes before tensor {} belong to no tensor", where,
                              Grouped(static_cast<size_t>(begin - reached)), *name));
    }
    reached = end;
  }
  const auto left = static_cast<size_t>(data.data() + data.size() - reached);
  if (left > 0) {
    throw Error(fmt::format("{}: the last {} bytes belong to no tensor", where, Grouped(left)));
  }
}

std::string HeaderFor(const std::vector<std::pair<std::string, TensorView>>& tensors,
                      const std::map<std::string, std::string>& metadata,
                      const std::string& where) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  size_t at = 0;
  for (const auto& [name, tensor] : tensors) {
    if (name == kMetadataKey || header.contains(name)) {
      throw Error(fmt::format("{}: tensor {} would be written twice", where, name));
    }
    if (tensor.data.size() != tensor.elements() * DTypeSize(tensor.dtype)) {
      throw Error(fmt::format("{}: tensor {}: {} bytes do not fit {} of {}", where, name,
                              tensor.data.size(), tensor.ShapeText(), DTypeName(tensor.dtype)));
    }
    header[name] = {{"dtype", DTypeName(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {at, at + tensor.data.size()}}};
    at += tensor.data.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  return text;
}

}  // namespace

std::string ShapeText(std::span<const size_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

size_t TensorView::elements() const {
  size_t product = 1;
  for (const size_t size : shape) product *= size;
  return product;
}

SafetensorsContent SafetensorsContent::Parse(std::span<const uint8_t> bytes,
                                             const std::string& where) {
  const std::string_view text = HeaderText(bytes, where);
  const std::string header_name = where + ": the header";
  const JsonObject header(ParseJson(text, header_name, {kMaxDepth, kMaxValues}), header_name);
  SafetensorsContent content;
  for (const auto& [name, value] : header.json().items()) {
    if (name == kMetadataKey) {
      const JsonObject metadata = header.Object(name);
      for (const auto& item : metadata.json().items()) {
        content.metadata[item.key()] = metadata.Get<std::string>(item.key());
      }
      continue;
    }
    const std::string what = fmt::format("{}: tensor {}", where, name);
    content.tensors[name] =
        ReadTensor(JsonObject(value, what), what, bytes, kLengthBytes + text.size());
  }
  CheckLayout(content.tensors, std::as_bytes(bytes.subspan(kLengthBytes + text.size())), where);
  return content;
}

Safetensors::Safetensors(const std::filesystem::path& path)
    : file_(path), content_(SafetensorsContent::Parse(file_.bytes(), path.string())) {}

const TensorView* Safetensors::Find(const std::string& name) const {
  const auto at = content_.tensors.find(name);
  return at == content_.tensors.end() ? nullptr : &at->second;
}

const TensorView& Safetensors::At(const std::string& name) const {
  const TensorView* tensor = Find(name);
  if (tensor == nullptr) {
    throw Error(fmt::format("{}: there is no tensor {}", path().string(), name));
  }
  return *tensor;
}

std::vector<float> ToFloats(const TensorView& tensor) {
  std::vector<float> floats(tensor.elements());
  const auto widen = [&]<class T>(T /*kind*/) {
    for (size_t i = 0; i < floats.size(); ++i) {
      T value;
      std::memcpy(&value, tensor.data.data() + i * sizeof(T), sizeof(T));
      floats[i] = ToFloat(value);
    }
  };
  switch (tensor.dtype) {
    case DType::kF32:
      if (!floats.empty()) std::memcpy(floats.data(), tensor.data.data(), tensor.data.size());
      break;
    case DType::kBF16:
      widen(BFloat16{});
      break;
    case DType::kF16:
      widen(Float16{});
      break;
    default:
      throw Error(fmt::format("a tensor of {} where F32, F16 or BF16 was expected",
                              DTypeName(tensor.dtype)));
  }
  return floats;
}

void SaveSafetensors(const std::filesystem::path& path,
                     const std::vector<std::pair<std::string, TensorView>>& tensors,
                     const std::map<std::string, std::string>& metadata) {
  static_assert(std::endian::native == std::endian::little, "data are copied as they lie");
  const std::string header = HeaderFor(tensors, metadata, path.string());
  const uint64_t length = header.size();
  std::vector<std::string_view> pieces{{reinterpret_cast<const char*>(&length), sizeof(length)},
                                       header};
  for (const auto& [name, tensor] : tensors) {
    pieces.emplace_back(reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size());
  }
  WriteFile(path, pieces);
}

}  // namespace roentgen
