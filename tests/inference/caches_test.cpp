// What a picture cost is paid once: in memory, on disk, and while somebody still types.

#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "inference/generated_model.h"
#include "roentgen/base/error.h"
#include "roentgen/inference/picture_encoder.h"
#include "roentgen/inference/prefix_cache.h"
#include "support/paths.h"

namespace roentgen {
namespace {

class CachesTest : public testing::Test {
 protected:
  std::shared_ptr<const OwnedMatrix> Encoded(const Patches& patches) {
    return ImageFeatureCache(model_.config, model_.weights).Get(patches, pool_).features;
  }
  static bool Same(const OwnedMatrix& a, const OwnedMatrix& b) {
    return a.size() == b.size() && std::equal(a.data(), a.data() + a.size(), b.data());
  }

  ThreadPool pool_{2};
  Tokenizer tokenizer_ = test::ByteTokenizer();
  Model model_ = test::GeneratedModel(tokenizer_);
  test::TemporaryFolder folder_;
};

TEST_F(CachesTest, FeaturesAreFoundOnDiskByAnotherProcess) {
  const Patches picture = test::GeneratedPatches(4, 6, 1);
  BlobStore store(folder_.path() / "cache", 1 << 20);
  ImageFeatureCache first(model_.config, model_.weights);
  first.KeepIn(store, "model");
  EXPECT_TRUE(first.Get(picture, pool_).computed);
  ImageFeatureCache second(model_.config, model_.weights);
  second.KeepIn(store, "model");
  const ImageFeatureCache::Result found = second.Get(picture, pool_);
  EXPECT_FALSE(found.computed);
  EXPECT_TRUE(Same(*found.features, *Encoded(picture)));
  // Of another model they are others.
  ImageFeatureCache other(model_.config, model_.weights);
  other.KeepIn(store, "another model");
  EXPECT_TRUE(other.Get(picture, pool_).computed);
  EXPECT_TRUE(other.Get(test::GeneratedPatches(4, 6, 2), pool_).computed);
}

TEST_F(CachesTest, PrefixesAreFoundOnDiskByAnotherProcess) {
  BlobStore store(folder_.path() / "cache", 1 << 20);
  Sequence sequence(model_, pool_);
  const std::vector<int32_t> ids = {1, 2, 3, 4, 5};
  const std::vector<int32_t> next = {6, 7};
  sequence.Append(ids, {});
  PrefixCache first;
  first.KeepIn(store, "model");
  first.Put("key", sequence.Save());
  sequence.Append(next, {});

  PrefixCache second;
  second.KeepIn(store, "model");
  const auto found = second.Find("key", ids);
  ASSERT_NE(found, nullptr);
  Sequence restored(model_, pool_);
  restored.Restore(*found);
  EXPECT_EQ(restored.ids(), ids);
  restored.Append(next, {});
  EXPECT_THAT(restored.logits(), testing::ElementsAreArray(sequence.logits()));
  EXPECT_EQ(second.Find("another", ids), nullptr);
}

TEST_F(CachesTest, PrefixesAreForgottenFromTheOldestOn) {
  Sequence sequence(model_, pool_);
  const std::vector<int32_t> ids = {1, 2, 3};
  sequence.Append(ids, {});
  const Sequence::Snapshot snapshot = sequence.Save();
  PrefixCache cache(2 * snapshot.bytes());
  cache.Put("a", snapshot);
  cache.Put("b", snapshot);
  EXPECT_NE(cache.Find("a", ids), nullptr);
  cache.Put("c", snapshot);
  EXPECT_NE(cache.Find("a", ids), nullptr);
  EXPECT_EQ(cache.Find("b", ids), nullptr);
  PrefixCache tiny(snapshot.bytes() - 1);
  tiny.Put("a", snapshot);
  EXPECT_EQ(tiny.Find("a", ids), nullptr);
}

TEST_F(CachesTest, ASnapshotOfAnotherFormatIsRefused) {
  Sequence sequence(model_, pool_);
  const std::vector<int32_t> ids = {1, 2, 3};
  sequence.Append(ids, {});
  const Sequence::Snapshot snapshot = sequence.Save();
  model_.key_value_type = KeyValueType::kBF16;
  Sequence other(model_, pool_);
  EXPECT_THROW(other.Restore(snapshot), ShapeError);
  EXPECT_EQ(other.size(), 0u);
}

TEST_F(CachesTest, ThePictureEncoderFillsTheCache) {
  ImageFeatureCache cache(model_.config, model_.weights);
  PictureEncoder encoder(cache, pool_);
  const Patches one = test::GeneratedPatches(8, 8, 1);
  const Patches two = test::GeneratedPatches(4, 4, 2);
  encoder.Wait();  // nothing to wait for
  encoder.Add(one);
  encoder.Add(two);
  encoder.Wait();
  for (const Patches& picture : {one, two}) {
    const ImageFeatureCache::Result result = cache.Get(picture, pool_);
    EXPECT_FALSE(result.computed);
    EXPECT_TRUE(Same(*result.features, *Encoded(picture)));
  }
}

TEST_F(CachesTest, WaitingForThePictureEncoderCanBeStopped) {
  ImageFeatureCache cache(model_.config, model_.weights);
  PictureEncoder encoder(cache, pool_);
  std::vector<Patches> pictures;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    pictures.push_back(test::GeneratedPatches(40, 40, seed));
  }
  for (const Patches& picture : pictures) encoder.Add(picture);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(encoder.Wait({}, stop.get_token()), Cancelled);
  encoder.Wait();  // the rest was dropped
  EXPECT_TRUE(cache.Get(pictures.back(), pool_).computed);
  encoder.Add(test::GeneratedPatches(4, 4, 99));  // it works on
  encoder.Wait();
  EXPECT_FALSE(cache.Get(test::GeneratedPatches(4, 4, 99), pool_).computed);
}

TEST_F(CachesTest, ThePictureEncoderCanGoWhileItWorks) {
  ImageFeatureCache cache(model_.config, model_.weights);
  PictureEncoder encoder(cache, pool_);
  for (uint64_t seed = 0; seed < 40; ++seed) encoder.Add(test::GeneratedPatches(40, 40, seed));
}

/// Keys and values in fewer bits: nearly what f32 gives, and not the same.
TEST_F(CachesTest, KeysAndValuesCanBeKeptInFewerBits) {
  std::vector<int32_t> ids(300);
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int32_t>(i * 7 % 250);
  const std::span<const int32_t> all = ids;
  const auto logits = [&](KeyValueType type) {
    model_.key_value_type = type;
    Sequence sequence(model_, pool_);
    sequence.Append(all.first(290), {});
    sequence.Append(all.subspan(290), {});
    return std::vector<float>(sequence.logits().begin(), sequence.logits().end());
  };
  const std::vector<float> exact = logits(KeyValueType::kF32);
  double largest = 0;
  for (const float value : exact) largest = std::max<double>(largest, std::abs(value));
  // Relative errors of a key or value: 2⁻⁹ in BF16, 1/254 of the largest in 8 bits.
  for (const auto& [type, bound] :
       {std::pair(KeyValueType::kBF16, 0.01), std::pair(KeyValueType::kQ8, 0.02)}) {
    const std::vector<float> rounded = logits(type);
    double difference = 0;
    for (size_t i = 0; i < exact.size(); ++i) {
      difference = std::max<double>(difference, std::abs(rounded[i] - exact[i]));
    }
    EXPECT_GT(difference, 0) << KeyValueTypeName(type);
    EXPECT_LT(difference, bound * largest) << KeyValueTypeName(type);
  }
}

}  // namespace
}  // namespace roentgen
