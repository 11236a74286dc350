#include "read/array_hash.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace forebay {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

template <typename Builder, typename Value>
ArrayPtr ArrayOf(std::initializer_list<Value> values) {
  Builder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return builder.Finish().ValueOrDie();
}

ArrayPtr ObjectOf(const std::vector<ArrayPtr>& members, const std::vector<std::string>& names) {
  return arrow::StructArray::Make(members, names).ValueOrDie();
}

ArrayPtr ListOf(const ArrayPtr& values) {
  const ArrayPtr offsets = ArrayOf<arrow::Int32Builder>({0, 1, 2});
  return arrow::ListArray::FromArrays(*offsets, *values).ValueOrDie();
}

// Empty: the array is refused.
std::vector<uint64_t> Hashes(const ArrayPtr& array, const arrow::DataType& type) {
  std::vector<RowHasher> hashers(static_cast<size_t>(array->length()));
  if (!AddToHashes(*array, type, &hashers)) return {};
  std::vector<uint64_t> hashes;
  for (RowHasher& hasher : hashers) hashes.push_back(hasher.Finish());
  return hashes;
}

const ArrayPtr kNarrow = ArrayOf<arrow::Int32Builder>({-1, 7});
const ArrayPtr kWide = ArrayOf<arrow::Int64Builder>({int64_t{-1}, int64_t{7}});

// A key, and what it is compared with, may have been landed before its column was widened.
TEST(ArrayHash, IntegersOfBothWidthsAreEqual) {
  const auto hashes = Hashes(kWide, *arrow::int64());
  ASSERT_EQ(hashes.size(), 2u);
  EXPECT_EQ(Hashes(kNarrow, *arrow::int64()), hashes);
  EXPECT_EQ(Hashes(kNarrow, *arrow::int32()), hashes);
}

TEST(ArrayHash, OfAnObjectWithMoreMembersThoseOfTheTypeCount) {
  const ArrayPtr object = ObjectOf({kWide}, {"n"});
  const ArrayPtr with_more = ObjectOf({kNarrow, kWide, kNarrow}, {"a", "n", "z"});
  const auto hashes = Hashes(object, *object->type());
  ASSERT_EQ(hashes.size(), 2u);
  EXPECT_EQ(Hashes(with_more, *object->type()), hashes);
  EXPECT_NE(Hashes(with_more, *with_more->type()), hashes);
  EXPECT_EQ(Hashes(ListOf(with_more), *ListOf(object)->type()),
            Hashes(ListOf(object), *ListOf(object)->type()));
}

TEST(ArrayHash, AnArrayOfAnotherShapeIsRefused) {
  const ArrayPtr object = ObjectOf({kWide}, {"n"});
  EXPECT_TRUE(Hashes(object, *arrow::struct_({arrow::field("m", arrow::int64())})).empty());
  EXPECT_TRUE(Hashes(kWide, *object->type()).empty());
  EXPECT_TRUE(Hashes(object, *ListOf(object)->type()).empty());
}

}  // namespace
}  // namespace forebay
