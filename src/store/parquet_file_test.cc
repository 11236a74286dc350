#include "store/parquet_file.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/statistics.h>

#include <algorithm>

#include "decode/row_block.h"
#include "decode/schema.h"
#include "decode/testing.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

using testing::MakeField;
using testing::TestDecoder;

// The footer of a file with one row for each of these: members of a record behind `at` and `id`.
std::shared_ptr<parquet::FileMetaData> FooterOf(std::vector<Field> fields,
                                                const std::vector<std::string>& rows,
                                                const FileSettings& settings = {}) {
  TestDecoder decoder(std::move(fields));
  const auto schema = TableSchema(decoder.table);
  RowBlock block(decoder.decoder->schema(), schema);
  for (const std::string& row : rows) {
    EXPECT_EQ(decoder.Verdict(decoder.DecodeMembers(row)), "row") << row;
    block.Append(decoder.decoder->row());
  }
  FsDouble fs;
  auto staged = std::make_unique<StagedFileWriter>("f", FilePlace(), *fs.CreateFile("/f"));
  const ColumnArrays columns = block.Arrays();
  const auto file = *ParquetFile::Create(std::move(staged), schema, columns, settings);
  EXPECT_TRUE(file->Write(columns, block.totals()).ok());
  EXPECT_TRUE(file->Finish().ok());
  return parquet::ReadMetaData(
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(*fs.ContentOf("/f"))));
}

TEST(ParquetFileTest, NamesItsWriterAsReadersExpect) {
  const auto footer = FooterOf({}, {""});
  EXPECT_EQ(footer->created_by(), "forebay version " FOREBAY_VERSION);
  EXPECT_EQ(footer->writer_version().application_, "forebay");
}

TEST(ParquetFileTest, ColumnsHaveTheEncodingsOfTheSettings) {
  std::vector<std::string> rows;  // so many distinct strings that the column does without a dictionary
  for (int i = 0; i < 2000; ++i) rows.push_back(R"("note":"n)" + std::to_string(i) + "\"");
  const auto has = [&](Encodings encodings, const std::string& column, parquet::Encoding::type encoding) {
    const auto footer = FooterOf({MakeField("note", FieldType::kString)}, rows, {{}, encodings});
    const auto group = footer->RowGroup(0);
    const auto used = group->ColumnChunk(group->schema()->ColumnIndex(column))->encodings();
    return std::find(used.begin(), used.end(), encoding) != used.end();
  };
  for (const char* const time : {"at", "_kafka_offset", "_kafka_timestamp"}) {
    EXPECT_TRUE(has(Encodings::kPlain, time, parquet::Encoding::PLAIN)) << time;
    EXPECT_TRUE(has(Encodings::kDeltaTimes, time, parquet::Encoding::DELTA_BINARY_PACKED)) << time;
    EXPECT_TRUE(has(Encodings::kDelta, time, parquet::Encoding::DELTA_BINARY_PACKED)) << time;
    EXPECT_FALSE(has(Encodings::kPlain, time, parquet::Encoding::DELTA_BINARY_PACKED)) << time;
  }
  EXPECT_TRUE(has(Encodings::kDelta, "note", parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY));
  for (const Encodings others : {Encodings::kPlain, Encodings::kDeltaTimes}) {
    EXPECT_TRUE(has(others, "note", parquet::Encoding::PLAIN));
    EXPECT_FALSE(has(others, "note", parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY));
    EXPECT_FALSE(has(others, "note", parquet::Encoding::RLE_DICTIONARY));
  }
}

// Readers leave row groups out, and answer `min` and `max`, by the statistics alone.
TEST(ParquetFileTest, StatisticsSayWhatTheRowsHave) {
  Field kind = MakeField("kind", FieldType::kString);
  kind.enum_values = {"a", "b", "c"};
  Field party = MakeField("party", FieldType::kObject);
  party.fields = {MakeField("name", FieldType::kString, true), kind};
  party.fields[1].required = true;
  const auto footer =
      FooterOf({kind, party}, {R"("kind":"b","party":{"name":"x","kind":"c"})", "", R"("kind":"c")",
                               R"("party":null)", R"("kind":"b","party":{"name":"y","kind":"b"})"});
  const auto statistics = [&](const std::string& path) {
    const auto group = footer->RowGroup(0);
    const auto found = group->ColumnChunk(group->schema()->ColumnIndex(path))->statistics();
    return std::tuple(found->null_count(), found->EncodeMin(), found->EncodeMax());
  };
  EXPECT_EQ(statistics("kind"), std::tuple(2, "b", "c"));
  EXPECT_EQ(statistics("party.name"), std::tuple(3, "x", "y"));
  EXPECT_EQ(statistics("party.kind"), std::tuple(3, "b", "c"));
}

}  // namespace
}  // namespace forebay
