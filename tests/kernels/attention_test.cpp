#include "roentgen/kernels/attention.h"

#include <gmock/gmock.h>

#include <cstring>

#include "kernels/support.h"
#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

/// Keys or values cut into pages.
struct Pages {
  Pages(const OwnedMatrix& rows, size_t rows_per_page)
      : page_rows(rows_per_page), width(rows.cols()) {
    for (size_t begin = 0; begin < rows.rows(); begin += page_rows) {
      pages.emplace_back(page_rows, width);
      const size_t count = std::min(page_rows, rows.rows() - begin);
      std::copy_n(rows.data() + begin * width, count * width, pages.back().data());
    }
    for (const OwnedMatrix& page : pages) {
      pointers.push_back(reinterpret_cast<const std::byte*>(page.data()));
    }
  }
  PagedRows view() const { return {pointers, page_rows, width * sizeof(float)}; }

  size_t page_rows;
  size_t width;
  std::vector<OwnedMatrix> pages;
  std::vector<const std::byte*> pointers;
};

bool Sees(std::span<const Segment> plan, size_t query, size_t key) {
  int segment = 0;
  while (plan[static_cast<size_t>(segment)].end <= query) ++segment;
  const Segment& own = plan[static_cast<size_t>(segment)];
  if (key >= own.begin && key < own.end) return !own.causal || key <= query;
  for (int up = own.parent; up != Segment::kNoParent; up = plan[static_cast<size_t>(up)].parent) {
    const Segment& ancestor = plan[static_cast<size_t>(up)];
    if (key >= ancestor.begin && key < ancestor.end) return true;
  }
  return false;
}

/// The definition, in double.
double ExactOutput(std::span<const Segment> plan, const float* q, const OwnedMatrix& keys,
                   const OwnedMatrix& values, size_t query, size_t head_offset, size_t head_dim,
                   size_t element) {
  double sum = 0;
  double output = 0;
  for (size_t key = 0; key < keys.rows(); ++key) {
    if (!Sees(plan, query, key)) continue;
    double score = 0;
    for (size_t k = 0; k < head_dim; ++k) {
      score += static_cast<double>(q[k]) * keys.data()[key * keys.cols() + head_offset + k];
    }
    const double weight = std::exp(score / std::sqrt(static_cast<double>(head_dim)));
    sum += weight;
    output += weight * values.data()[key * keys.cols() + head_offset + element];
  }
  return output / sum;
}

void CheckPlan(const std::vector<Segment>& plan, size_t first_query, const AttentionShape& shape,
               size_t page_rows, ThreadPool& pool) {
  const size_t tokens = plan.back().end;
  const OwnedMatrix q = test::RandomMatrix(tokens - first_query, shape.heads * shape.head_dim, 1);
  const OwnedMatrix keys = test::RandomMatrix(tokens, shape.key_value_heads * shape.head_dim, 2);
  const OwnedMatrix values = test::RandomMatrix(tokens, shape.key_value_heads * shape.head_dim, 3);
  const Pages key_pages(keys, page_rows);
  const Pages value_pages(values, page_rows);
  OwnedMatrix out(q.rows(), q.cols());
  Attention(q, key_pages.view(), value_pages.view(), plan, first_query, shape, out, pool);
  const size_t group = shape.heads / shape.key_value_heads;
  for (size_t i = 0; i < q.rows(); ++i) {
    for (size_t head = 0; head < shape.heads; ++head) {
      const float* query = q.data() + i * q.cols() + head * shape.head_dim;
      for (const size_t element : {size_t{0}, shape.head_dim - 1}) {
        const double exact = ExactOutput(plan, query, keys, values, first_query + i,
                                         head / group * shape.head_dim, shape.head_dim, element);
        // A weighted mean of values below 1 with weights right to a few units of 2⁻²⁴.
        ASSERT_NEAR(out.view().Row(i)[head * shape.head_dim + element], exact, 3e-6)
            << "token " << i << " head " << head << " element " << element;
      }
    }
  }
}

TEST(Attention, FollowsThePlan) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    constexpr int kNone = Segment::kNoParent;
    // A causal text, shorter and longer than a block of keys.
    CheckPlan({{0, 1, kNone, true}}, 0, {4, 2, 16}, 256, pool);
    CheckPlan({{0, 37, kNone, true}}, 0, {6, 1, 128}, 256, pool);
    CheckPlan({{0, 300, kNone, true}}, 0, {2, 2, 20}, 300, pool);
    // Images that do not see each other.
    CheckPlan({{0, 40, kNone, false}, {40, 52, kNone, false}, {52, 53, kNone, false}}, 0,
              {2, 2, 80}, 64, pool);
    // A turn behind a cache whose pages are small, and a single decoding step.
    CheckPlan({{0, 30, kNone, true}, {30, 44, 0, true}}, 30, {6, 2, 8}, 7, pool);
    CheckPlan({{0, 700, kNone, true}, {700, 701, 0, true}}, 700, {6, 1, 128}, 256, pool);
    // Two questions on one prefix; a grandchild; an empty cache.
    CheckPlan({{0, 9, kNone, true}, {9, 13, 0, true}, {13, 30, 0, true}, {30, 33, 2, true}}, 0,
              {4, 4, 12}, 64, pool);
    CheckPlan({{0, 0, kNone, true}, {0, 5, 0, true}}, 0, {2, 1, 4}, 8, pool);
  });
}

TEST(Attention, LargeScoresDoNotOverflow) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(1);
    OwnedMatrix q = test::RandomMatrix(8, 16, 1);
    OwnedMatrix keys = test::RandomMatrix(8, 16, 2);
    const OwnedMatrix values = test::RandomMatrix(8, 16, 3);
    for (size_t i = 0; i < q.size(); ++i) q.data()[i] *= 1e4f;
    for (size_t i = 0; i < keys.size(); ++i) keys.data()[i] *= 1e4f;
    const Pages key_pages(keys, 8);
    const Pages value_pages(values, 8);
    OwnedMatrix out(8, 16);
    const std::vector<Segment> plan{{0, 8, Segment::kNoParent, true}};
    Attention(q, key_pages.view(), value_pages.view(), plan, 0, {1, 1, 16}, out, pool);
    for (size_t i = 0; i < out.size(); ++i) EXPECT_LE(std::abs(out.data()[i]), 1.0f);
  });
}

TEST(Attention, BitsDoNotDependOnThreads) {
  const std::vector<Segment> plan{{0, 200, Segment::kNoParent, true}};
  const OwnedMatrix q = test::RandomMatrix(200, 48, 1);
  const OwnedMatrix keys = test::RandomMatrix(200, 16, 2);
  const Pages pages(keys, 256);
  OwnedMatrix first(200, 48);
  ThreadPool single(1);
  Attention(q, pages.view(), pages.view(), plan, 0, {6, 2, 8}, first, single);
  ThreadPool three(3);
  OwnedMatrix second(200, 48);
  Attention(q, pages.view(), pages.view(), plan, 0, {6, 2, 8}, second, three);
  EXPECT_EQ(std::memcmp(first.data(), second.data(), first.size() * sizeof(float)), 0);
}

TEST(Attention, APlanThatDoesNotFitIsRefused) {
  ThreadPool pool(1);
  OwnedMatrix q = test::RandomMatrix(4, 8, 1);
  const Pages pages(test::RandomMatrix(4, 8, 2), 4);
  const auto run = [&](const std::vector<Segment>& plan, const AttentionShape& shape) {
    Attention(q, pages.view(), pages.view(), plan, 0, shape, q, pool);
  };
  ROENTGEN_EXPECT_ERROR(run({{0, 3, Segment::kNoParent, true}}, {1, 1, 8}), "up to token 3");
  ROENTGEN_EXPECT_ERROR(run({{0, 4, 0, true}}, {1, 1, 8}), "attention");
  ROENTGEN_EXPECT_ERROR(run({{0, 4, Segment::kNoParent, true}}, {3, 2, 4}), "attention");
  ROENTGEN_EXPECT_ERROR(run({{0, 5, Segment::kNoParent, true}}, {1, 1, 8}), "attention");
}

}  // namespace
}  // namespace roentgen
