#include "decode/row_run.h"

#include <arrow/array.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "decode/row_block.h"
#include "decode/schema.h"
#include "decode/testing.h"

namespace forebay {
namespace {

using testing::MakeField;
using testing::MakeTable;
using testing::TestDecoder;

Table NestedTable() {
  Field item = MakeField("element", FieldType::kObject, true);
  item.fields = {MakeField("sku", FieldType::kString, true), MakeField("n", FieldType::kInteger)};
  Field items = MakeField("items", FieldType::kArray);
  items.fields = {item};
  Field owner = MakeField("owner", FieldType::kObject);
  owner.fields = {MakeField("name", FieldType::kString, true), MakeField("age", FieldType::kInteger)};
  Table table = MakeTable({MakeField("city", FieldType::kString, true), MakeField("x", FieldType::kInteger),
                           MakeField("price", FieldType::kDecimal), MakeField("note", FieldType::kString),
                           items, owner});
  table.dimensions = {{"city", PartitionTransform::kIdentity, {2}}};
  return table;
}

// Records of every kind: some rejected, for errors at several places; some with escapes, with extra members,
// or without any optional member.
std::string RandomRecord(std::mt19937& random) {
  const auto one_of = [&](std::initializer_list<const char*> choices) {
    return choices.begin()[random() % choices.size()];
  };
  std::string text = fmt::format(R"({{"at":"2025-10-30T11:00:00Z","id":"a{}","city":"{}")", random() % 1000,
                                 one_of({"Oslo", "Oslo", "Rome", "S\\u00e3o Paulo"}));
  text += one_of({"", R"(,"x":1)", R"(,"x":null)", R"(,"x":"no")"});
  text += one_of({"", R"(,"price":1.5)", R"(,"price":1.555)"});
  text += one_of({"", R"(,"items":[])", R"(,"items":[{"sku":"a\nb","n":1},{"sku":"c"}])", R"(,"items":null)",
                  R"(,"items":[{"sku":"a"},{"n":2}])"});
  text += one_of({"", R"(,"owner":{"name":"\u00fc","age":3})", R"(,"owner":null)", R"(,"owner":{"age":3})"});
  if (random() % 4 == 0)
    text += R"(,"note":"\t)" + std::string(random() % 300, static_cast<char>('a' + random() % 26)) + '"';
  text += one_of({"", R"(,"more":[1])", R"(,"more":[1)"});
  return text + "}";
}

void ExpectSame(const RowBlock& got, const RowBlock& wanted) {
  EXPECT_EQ(got.rows(), wanted.rows());
  EXPECT_EQ(got.totals().key_sum, wanted.totals().key_sum);
  EXPECT_EQ(got.totals().position_sum, wanted.totals().position_sum);
  EXPECT_EQ(got.totals().max_event_time_us, wanted.totals().max_event_time_us);
  const auto got_arrays = got.Arrays();
  const auto wanted_arrays = wanted.Arrays();
  for (size_t i = 0; i < wanted_arrays.size(); ++i) {
    const std::string& name = got.schema()->field(static_cast<int>(i))->name();
    EXPECT_TRUE(got_arrays[i]->ValidateFull().ok()) << name;
    EXPECT_TRUE(got_arrays[i]->Equals(*wanted_arrays[i]))
        << name << ": " << got_arrays[i]->Diff(*wanted_arrays[i]);
  }
}

TEST(RowRunTest, HoldsTheDecodedRows) {
  TestDecoder decoder(NestedTable());
  const auto schema = TableSchema(decoder.table);
  std::vector<std::unique_ptr<RowBlock>> expected;  // by city, row by row
  std::vector<std::unique_ptr<RowBlock>> filled;    // the same rows, appended by runs
  RowRun run(decoder.decoder->schema());
  const auto fill = [&] {
    for (uint32_t city = 0; city < filled.size(); ++city) {
      std::vector<uint32_t> rows;
      for (uint32_t i = 0; i < run.rows().size(); ++i) {
        if (run.rows()[i].directory == city) rows.push_back(i);
      }
      filled[city]->Append(run, rows);
    }
    run.Clear();
  };
  std::mt19937 random(7);
  std::deque<std::string> texts;
  int rejected = 0;
  for (int64_t offset = 0; offset < 3000; ++offset) {
    texts.push_back(RandomRecord(random));
    RecordView record = testing::MakeRecord(texts.back());
    record.offset = Offset(offset);
    const Outcome outcome = decoder.Decode(record);
    if (outcome == Outcome::kRow) {
      const uint32_t city = decoder.decoder->partition();
      while (expected.size() <= city) {
        expected.push_back(std::make_unique<RowBlock>(decoder.decoder->schema(), schema));
        filled.push_back(std::make_unique<RowBlock>(decoder.decoder->schema(), schema));
      }
      expected[city]->Append(decoder.decoder->row());
    }
    ASSERT_EQ(decoder.decoder->Decode(record, 0, &run).value(), outcome) << texts.back();
    rejected += outcome == Outcome::kReject ? 1 : 0;
    if (run.full()) fill();
  }
  fill();
  EXPECT_GT(rejected, 300);
  ASSERT_EQ(filled.size(), 3u);
  for (size_t i = 0; i < filled.size(); ++i) {
    EXPECT_GT(filled[i]->rows(), 100);
    ExpectSame(*filled[i], *expected[i]);
  }
}

TEST(RowRunTest, IsFullBeforeItUsesMuchMemory) {
  TestDecoder decoder({MakeField("text", FieldType::kString)});
  RowRun run(decoder.decoder->schema());
  const std::string head = R"({"at":"2025-10-30T11:00:00Z","id":"a","text":")";
  const auto rows_until_full = [&](const std::string& text) {
    int records = 0;
    for (; !run.full(); ++records) decoder.decoder->Decode(testing::MakeRecord(text), 0, &run).value();
    run.Clear();
    EXPECT_FALSE(run.full());
    return records;
  };
  EXPECT_EQ(rows_until_full(head + "short\"}"), 128);
  EXPECT_EQ(rows_until_full(head + std::string(100'000, 'x') + "\"}"), 3);
  EXPECT_EQ(rows_until_full(head + std::string(100'000, 'x') + "\","), 3);  // rejected records count as well
  std::vector<Field> many;
  for (int i = 0; i < 1000; ++i) many.push_back(MakeField(fmt::format("f{}", i), FieldType::kInteger));
  TestDecoder wide(many);
  RowRun wide_run(wide.decoder->schema());
  int rows = 0;
  for (; !wide_run.full(); ++rows)
    ASSERT_TRUE(wide.decoder->Decode(testing::MakeRecord(head + "short\"}"), 0, &wide_run).ok());
  EXPECT_LE(rows, 8);
}

}  // namespace
}  // namespace forebay
