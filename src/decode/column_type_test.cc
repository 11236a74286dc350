#include "decode/column_type.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(ColumnTypeTest, IsOneTextForAllLayoutsOfAValue) {
  for (const auto& text : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view(),
                           arrow::dictionary(arrow::int8(), arrow::large_utf8())}) {
    EXPECT_EQ(ColumnType(*text), "string");
  }
  for (const char* zone : {"UTC", "Europe/Berlin", "+02:00"})
    EXPECT_EQ(ColumnType(*arrow::timestamp(arrow::TimeUnit::MICRO, zone)), "timestamp[us, UTC]");
  EXPECT_EQ(ColumnType(*arrow::large_list(arrow::field("any", arrow::large_utf8()))), "list<string>");
}

TEST(ColumnTypeTest, TellsApartWhatAReaderTellsApart) {
  EXPECT_EQ(ColumnType(*arrow::int32()), "int32");
  EXPECT_EQ(ColumnType(*arrow::date32()), "date32[day]");
  EXPECT_EQ(ColumnType(*arrow::binary()), "binary");
  EXPECT_EQ(ColumnType(*arrow::timestamp(arrow::TimeUnit::MICRO)), "timestamp[us]");
  EXPECT_EQ(ColumnType(*arrow::timestamp(arrow::TimeUnit::NANO)), "timestamp[ns]");
  EXPECT_EQ(ColumnType(*arrow::decimal128(14, 2)), "decimal(14, 2)");
  EXPECT_EQ(ColumnType(*arrow::map(arrow::utf8(), arrow::int64())), "map<string, int64>");
  EXPECT_EQ(ColumnType(*arrow::list(arrow::struct_(
                {arrow::field("sku", arrow::utf8()), arrow::field("price", arrow::decimal128(12, 2))}))),
            "list<struct<sku: string, price: decimal(12, 2)>>");
}

}  // namespace
}  // namespace forebay
