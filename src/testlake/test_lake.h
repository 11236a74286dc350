// A small lake for tests: a real ledger, and real Parquet files that hold whatever a test wants them to hold.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ledger/open_lake.h"

namespace forebay {

inline const TopicId kEventsId("AAAAAAAAAAAAAAAAAAAAAQ");
inline const TopicId kPlainId("AAAAAAAAAAAAAAAAAAAAAg");

// Microseconds: this day of November 2025, at this hour.
constexpr int64_t NovemberUs(int day, int hour = 0) {
  return (20393 + day - 1) * kMicrosPerDay + hour * int64_t{3'600'000'000};
}

// A row of table `events` (primary key `id`) or `plain` (no primary key).
struct TestRow {
  int32_t partition = 0;
  int64_t offset = 0;
  std::string id;
  int64_t at_us = NovemberUs(1);
};

struct TestRefused {
  int32_t partition = 0;
  int64_t offset = 0;
  std::string reason = "not_json";
  std::string value = "{";
};

struct TestRange {
  int32_t partition = 0;
  int64_t from = 0;
  int64_t to = 0;
  int64_t tombstones = 0;
};

// What one batch lands of one topic.
struct TestBatch {
  std::vector<TestRange> ranges;
  std::vector<TestRow> rows;
  std::vector<TestRefused> refused;
  std::string table = "events";
  bool publish = true;
};

// Rows [from, to) of one partition: ids "p<partition>-<offset>", one an hour from the first of November on.
std::vector<TestRow> Rows(int32_t partition, int64_t from, int64_t to);
std::vector<TestRow> operator+(std::vector<TestRow> a, const std::vector<TestRow>& b);

class TestLake {
 public:
  TestLake();
  ~TestLake();

  // Lands and publishes, as the lander would.
  BatchId Land(const TestBatch& batch);
  // Partitions 0 and 1 of events: rows with offsets 0 to 99, but for offset 40 of partition 0 in quarantine,
  // in two batches of 50 offsets each.
  void LandTwoBatches();

  const std::string& dir() const { return dir_; }
  std::string Path(const std::string& relative) const { return dir_ + "/" + relative; }
  // The only file of this batch in the table's directory; relative to the lake.
  std::string FileOf(BatchId batch, const std::string& table, const std::string& partition_dir) const;

  // Writes a file of table events with these rows, in place of the one that is there.
  void RewriteRows(const std::string& relative, const std::vector<TestRow>& rows) const;
  void RewriteRefused(const std::string& relative, const std::vector<TestRefused>& rows) const;
  // Makes the ledger's row of this file say what the file is now: size, checksum, and with these rows all
  // sums.
  void ForgeLedger(const std::string& relative, const std::vector<TestRow>& rows);
  // Runs SQL on the ledger behind the lander's back.
  void Sql(const std::string& sql) const;

 private:
  void Open();

  std::string dir_;
  OpenedLake opened_;
};

// The partition directory of a row, and the hash of its primary key (of its position where `table` has no
// key).
std::string DateDir(int64_t us);
uint64_t KeyHash(const TestRow& row, const std::string& table);

}  // namespace forebay
