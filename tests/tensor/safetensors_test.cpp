#include "roentgen/tensor/safetensors.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstring>

#include "roentgen/base/error.h"
#include "support/paths.h"
#include "support/processor_time.h"

namespace roentgen {
namespace {

/// The bytes of a file with this header and so many data bytes 0, 1, 2, ...
std::string FileOf(const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  std::string file(8 + header.size() + data_bytes, '\0');
  std::memcpy(file.data(), &length, 8);
  header.copy(file.data() + 8, header.size());
  for (size_t i = 0; i < data_bytes; ++i) file[8 + header.size() + i] = static_cast<char>(i);
  return file;
}

SafetensorsContent Parse(const std::string& file) {
  return SafetensorsContent::Parse({reinterpret_cast<const uint8_t*>(file.data()), file.size()},
                                   "m.safetensors");
}

/// Parses a file of eight data bytes whose only tensor has these fields.
SafetensorsContent ParseTensor(const std::string& dtype, const std::string& shape,
                               const std::string& offsets) {
  return Parse(FileOf(fmt::format(R"({{"w": {{"dtype": {}, "shape": {}, "data_offsets": {}}}}})",
                                  dtype, shape, offsets),
                      8));
}

TEST(Safetensors, ReadsWhatTheFormatAllows) {
  const std::string file = FileOf(
      R"({"__metadata__": {"format": "pt"}, "b": {"dtype": "BF16", "shape": [2, 1],
      "data_offsets": [4, 8]}, "a": {"dtype": "I32", "shape": [], "data_offsets": [0, 4]},
      "none": {"dtype": "F32", "shape": [0, 7], "data_offsets": [4, 4]}}   )",
      8);
  const SafetensorsContent content = Parse(file);
  EXPECT_EQ(content.metadata.at("format"), "pt");
  EXPECT_EQ(content.tensors.size(), 3u);
  const TensorView& b = content.tensors.at("b");
  EXPECT_EQ(b.ShapeText(), "[2, 1]");
  EXPECT_EQ(b.elements(), 2u);
  EXPECT_EQ(std::to_integer<int>(b.data[0]), 4);
  EXPECT_EQ(content.tensors.at("a").elements(), 1u);
  EXPECT_TRUE(content.tensors.at("none").data.empty());
}

TEST(Safetensors, HeaderFlaws) {
  ROENTGEN_EXPECT_ERROR(Parse("1234567"), "m.safetensors: 7 bytes are no safetensors file");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf("{}", 0).substr(0, 9)),
                        "m.safetensors: the header ends at byte 10, the file at 9");
  ROENTGEN_EXPECT_ERROR(Parse(std::string(12, '\xff')), "a header of 18,446,744,073,709,551,615");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf(R"({"a": )", 0)),
                        "m.safetensors: the header: not valid JSON at byte 7");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf(std::string("{}\0junk", 7), 0)),
                        "the header: not valid JSON at byte 3: a zero byte");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf(R"({"a": 1e999})", 0)), "a number is too large");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf("[]", 0)), "the header: expected an object, found []");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf(R"({"w": 1})", 0)), "tensor w: expected an object, found 1");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf("[[[[[[[[[]]]]]]]]]", 0)), "nested deeper than 4 at byte 5");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf(R"({"__metadata__": {"n": 1}})", 0)), "n: expected a text");
}

TEST(Safetensors, DuplicateNames) {
  const std::string tensor = R"({"dtype": "U8", "shape": [1], "data_offsets": [0, 1]})";
  ROENTGEN_EXPECT_ERROR(Parse(FileOf(fmt::format(R"({{"w": {}, "w": {}}})", tensor, tensor), 1)),
                        "m.safetensors: the header: \"w\" is given twice in one object");
  ROENTGEN_EXPECT_ERROR(
      Parse(FileOf(
          R"({"w": {"dtype": "U8", "dtype": "F32", "shape": [1], "data_offsets": [0, 1]}})", 1)),
      "\"dtype\" is given twice");
}

TEST(Safetensors, GitLfsPointersAreRecognised) {
  try {
    Parse("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n");
    ADD_FAILURE() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("a Git LFS pointer"));
    EXPECT_THAT(error.hint(), testing::HasSubstr("git lfs pull"));
  }
}

TEST(Safetensors, DTypeAndShapeFlaws) {
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("F8_E4M3")", "[8]", "[0, 8]"),
                        "m.safetensors: tensor w: dtype: F8_E4M3 is not supported");
  ROENTGEN_EXPECT_ERROR(ParseTensor("4", "[8]", "[0, 8]"), "dtype: expected a text, found 4");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("U8")", "8", "[0, 8]"), "shape: expected a list");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("U8")", "[8.0]", "[0, 8]"),
                        "tensor w: shape: expected whole numbers, found 8.0");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("U8")", "[-8]", "[0, 8]"), "shape: -8 is out of range");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("U8")", "[4294967296, 4294967296]", "[0, 8]"),
                        "shape: [4294967296, 4294967296] has more elements than memory can hold");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("F32")", "[4611686018427387904]", "[0, 0]"),
                        "0 bytes, which do not fit 4,611,686,018,427,387,904 elements of F32");
}

TEST(Safetensors, OffsetFlaws) {
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("U8")", "[8]", "[8, 0]"), "expected [begin, end]");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("U8")", "[8]", "[0, 4, 8]"), "expected [begin, end]");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("U8")", "[8]", "[0.5, 8]"), "expected a whole number");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("U8")", "[8]", "[-1, 7]"), "-1 is out of range");
  ROENTGEN_EXPECT_ERROR(ParseTensor(R"("F32")", "[1]", "[0, 8]"),
                        "data_offsets: 8 bytes, which do not fit 1 elements of F32");
}

TEST(Safetensors, EveryByteBelongsToATensor) {
  const auto parse = [](const char* x, const char* y) {
    return Parse(FileOf(fmt::format(R"({{"x": {{"dtype": "U8", "shape": [2], "data_offsets": {}}},
                                        "图": {{"dtype": "U8", "shape": [4], "data_offsets": {}}}}})",
                                    x, y),
                        8));
  };
  ROENTGEN_EXPECT_ERROR(parse("[2, 4]", "[4, 8]"),
                        "m.safetensors: 2 bytes before tensor x belong to no tensor");
  ROENTGEN_EXPECT_ERROR(parse("[0, 2]", "[4, 8]"), "2 bytes before tensor 图 belong to no tensor");
  ROENTGEN_EXPECT_ERROR(parse("[0, 2]", "[2, 6]"), "the last 2 bytes belong to no tensor");
  ROENTGEN_EXPECT_ERROR(Parse(FileOf("{}", 8)), "the last 8 bytes belong to no tensor");
  EXPECT_TRUE(Parse(FileOf("{}", 0)).tensors.empty());
}

TEST(Safetensors, ManyTensorsTakeTimeInProportion) {
  std::string header = "{";
  for (int i = 0; i < 100'000; ++i) {
    header += fmt::format(R"("t{}": {{"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}},)", i);
  }
  header.back() = '}';
  const test::ProcessorTime time;
  EXPECT_EQ(Parse(FileOf(header, 0)).tensors.size(), 100'000u);
  EXPECT_LT(time.Seconds(), 5);
}

TEST(Safetensors, TruncatedDataNamesTheTensorAndBothEnds) {
  try {
    ParseTensor(R"("U8")", "[5000]", "[0, 5000]");
    ADD_FAILURE() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "m.safetensors: tensor w ends at byte 5,074, the file at 82");
    EXPECT_THAT(error.hint(), testing::HasSubstr("incomplete"));
  }
}

TEST(Safetensors, OverlapsNameBothTensors) {
  ROENTGEN_EXPECT_ERROR(Parse(FileOf(R"({"x": {"dtype": "U8", "shape": [5], "data_offsets": [0, 5]},
                       "y": {"dtype": "U8", "shape": [4], "data_offsets": [4, 8]}})",
                                     8)),
                        "tensors x and y overlap");
}

TEST(Safetensors, WrittenFilesReadBack) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const std::vector<float> values{1.5f, -2.0f};
  const std::vector<BFloat16> small{ToBFloat16(3.0f)};
  const TensorView z{DType::kF32, {2}, std::as_bytes(std::span(values))};
  const TensorView a{DType::kBF16, {1, 1}, std::as_bytes(std::span(small))};
  SaveSafetensors(path, {{"z", z}, {"a", a}, {"e", {DType::kF32, {0}, {}}}}, {{"format", "pt"}});

  const Safetensors file(path);
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_EQ(ToFloats(file.At("z")), values);
  EXPECT_EQ(ToFloats(file.At("a")), std::vector<float>{3.0f});
  EXPECT_LT(file.At("z").data.data(), file.At("a").data.data()) << "the order given is kept";
  EXPECT_EQ(file.Find("none"), nullptr);
  ROENTGEN_EXPECT_ERROR(file.At("none"), "w.safetensors: there is no tensor none");
  ROENTGEN_EXPECT_ERROR(SaveSafetensors(path, {{"z", z}, {"z", z}}), "z would be written twice");
  ROENTGEN_EXPECT_ERROR(SaveSafetensors(path, {{"z", {DType::kF32, {3}, z.data}}}),
                        "tensor z: 8 bytes do not fit [3] of F32");
}

TEST(Safetensors, WideningIsExactAndRefusesIntegers) {
  const std::vector<uint16_t> halves{0x3c00, 0xc000, 0x0001, 0x7bff};  // 1, -2, 2^-24, 65504
  EXPECT_EQ(ToFloats({DType::kF16, {4}, std::as_bytes(std::span(halves))}),
            (std::vector<float>{1.0f, -2.0f, 0x1p-24f, 65504.0f}));
  ROENTGEN_EXPECT_ERROR(ToFloats({DType::kI32, {2}, std::as_bytes(std::span(halves))}),
                        "a tensor of I32 where F32, F16 or BF16 was expected");
}

}  // namespace
}  // namespace roentgen
