// A ledger with damage in places that opening it does not check.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/sqlite.h"
#include "ledger/vfs_double.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

using testing::HasSubstr;

constexpr size_t kPage = 4096;

uint32_t BigEndian32(const std::string& file, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(file[at + i]);
  return value;
}

// Numbers of the pages that hold nothing: the leaves of the freelist (https://sqlite.org/fileformat2.html).
std::set<size_t> EmptyPages(const std::string& file) {
  std::set<size_t> pages;
  for (size_t trunk = BigEndian32(file, 32); trunk != 0; trunk = BigEndian32(file, (trunk - 1) * kPage)) {
    const size_t at = (trunk - 1) * kPage;
    for (size_t leaf = 0; leaf < BigEndian32(file, at + 4); ++leaf)
      pages.insert(BigEndian32(file, at + 8 + 4 * leaf));
  }
  return pages;
}

TEST(LedgerDamage, AnyDamagedPageIsFoundAtTheStart) {
  FsDouble fs;
  const VfsDouble vfs(fs);
  const std::string path = "/ledger.db";
  ASSERT_TRUE(Ledger::Create(path, "01234567-89ab-4cde-8fab-0123456789ab", {0, vfs.name()}).ok());
  const std::string whole = *fs.ContentOf(path);
  const std::set<size_t> empty = EmptyPages(whole);
  ASSERT_GT(whole.size(), (10 + empty.size()) * kPage);
  for (size_t at = kPage; at < whole.size(); at += kPage) {
    if (empty.contains(at / kPage + 1)) continue;
    std::string damaged = whole;
    damaged[at] = '\x7f';  // the page's type
    fs.PutFile(path, damaged);
    const auto ledger = Ledger::Open(path, {0, vfs.name()});
    ASSERT_FALSE(ledger.ok()) << "page " << at / kPage;
    EXPECT_EQ(ledger.error().code(), ErrorCode::kCorruption) << ledger.error().message();
  }
}

// A column of the schema, which may hold anything in a damaged file. Not the batch's number: rows are
// selected by it, so that another value is not read; the check of the whole file, with which landing and
// verifying begin, reports it.
struct SchemaColumn {
  std::string table;
  std::string name;
  bool text;
};

std::vector<SchemaColumn> ColumnsOf(Sqlite& db) {
  const std::string sql =
      "SELECT m.name, c.name, c.type FROM sqlite_schema m, pragma_table_info(m.name) c"
      " WHERE m.type = 'table' AND m.name <> 'lake' AND m.name NOT LIKE 'sqlite%' AND c.name <> 'batch'";
  auto row = db.Prepare(sql);
  std::vector<SchemaColumn> columns;
  while (*row->Step()) columns.push_back({*row->Text(0), *row->Text(1), *row->Text(2) == "TEXT"});
  return columns;
}

Status ReadAll(Ledger& ledger) {
  FOREBAY_TRY(ledger.AddedColumns());
  FOREBAY_TRY(ledger.PatternTables());
  FOREBAY_TRY(ledger.Snapshot(BatchId(0), kNewestBatch));
  return Ok();
}

// Every table has a row.
void Fill(Ledger& ledger) {
  const TopicPartition partition = {TopicId("AAAAAAAAAAAAAAAAAAAAAQ"), PartitionId(0)};
  ASSERT_TRUE(ledger.CommitBeginnings({{"events", "events", partition, Offset(0)}}).ok());
  ASSERT_TRUE(ledger.NotePatternTables({"events"}).ok());
  BatchProposal batch;
  batch.contract_yaml = "a contract\n";
  batch.engine = batch.engine_version = "test";
  batch.ranges = {{partition, {Offset(0), Offset(10)}, 1, 1, 0, 5, 6}};
  batch.files = {
      {"events", "date=2025-10-30", NewPlace("", "").file_name, RandomStagedName(), 1, 5, 6, 7, 8, 5, 5},
      {"quarantine", "date=2025-10-30", NewPlace("", "").file_name, RandomStagedName(), 1, 5, 6, 7, 8, 5, 5}};
  batch.quarantine = {{"events", "malformed", 1}};
  batch.untimed = {{"events", 1}};
  batch.added_columns = {{"events", "day_of_week", "int32"}};
  batch.fields = {{"events", FieldCountKind::kRows, "", 10},
                  {"events", FieldCountKind::kMissing, "name", 10}};
  const auto decided = ledger.Decide(batch, [] { return Ok(); });
  ASSERT_TRUE(decided.ok()) << decided.error().message();
  ASSERT_TRUE(ledger.MarkPublished(decided->id).ok());
  const LedgerFile& file = decided->files[0];
  ASSERT_TRUE(ledger.DecideRebuild({{file, file.file, "missing"}}, [] { return Ok(); }).ok());
  ASSERT_TRUE(ledger.MarkRebuilt({file}).ok());
  ASSERT_TRUE(ledger.BeginExpiry("events", "all", [](const LedgerFile&) { return true; }).ok());
  ASSERT_TRUE(ledger.AcceptLoss({{partition, {Offset(10), Offset(20)}, 0}}).ok());
  ASSERT_TRUE(ledger.AdoptTopic("events", partition.topic_id, TopicId("AAAAAAAAAAAAAAAAAAAAAg")).ok());
}

TEST(LedgerDamage, AnImpossibleValueIsReportedInEveryColumn) {
  FsDouble fs;
  const VfsDouble vfs(fs);
  const std::string path = "/ledger.db";
  {
    const auto ledger = Ledger::Create(path, "01234567-89ab-4cde-8fab-0123456789ab", {0, vfs.name()});
    ASSERT_TRUE(ledger.ok());
    Fill(**ledger);
    ASSERT_TRUE(ReadAll(**ledger).ok());
  }
  std::vector<SchemaColumn> columns;
  {  // without STRICT, a column accepts any value
    const auto db = Sqlite::Open(path, {false, 0, vfs.name()});
    columns = ColumnsOf(**db);
    ASSERT_TRUE((*db)
                    ->Execute("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql ="
                              " replace(replace(sql, 'STRICT, ', ''), 'STRICT', '')")
                    .ok());
  }
  const std::string whole = *fs.ContentOf(path);
  int damaged = 0;
  const auto expect_damaged = [&](const SchemaColumn& column, const std::string& value) {
    SCOPED_TRACE(column.table + "." + column.name + " = " + value);
    fs.PutFile(path, whole);
    {
      const auto db = Sqlite::Open(path, {false, 0, vfs.name()});
      if (!(*db)->Execute("PRAGMA ignore_check_constraints=ON; PRAGMA foreign_keys=OFF").ok()) return;
      if (!(*db)->Execute(("UPDATE " + column.table + " SET " + column.name + " = " + value).c_str()).ok())
        return;  // a key of this kind accepts no other value
    }
    const auto ledger = Ledger::OpenForReading(path, {0, vfs.name()});
    ASSERT_TRUE(ledger.ok()) << ledger.error().message();
    const Status read = ReadAll(**ledger);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code(), ErrorCode::kCorruption);
    EXPECT_THAT(read.error().message(), HasSubstr("damaged"));
    ++damaged;
  };
  int times = 0;
  for (const SchemaColumn& column : columns) {
    expect_damaged(column, column.text ? "x'00'" : "'not a number'");
    if (!column.name.ends_with("_ms") && !column.name.ends_with("_us")) continue;
    ++times;
    expect_damaged(column, "9223372036854775807");  // not a date
    expect_damaged(column, "-9223372036854775808");
  }
  EXPECT_GE(times, 10);
  EXPECT_GE(damaged, 50 + 2 * times);
}

}  // namespace
}  // namespace forebay
