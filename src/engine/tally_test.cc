#include "engine/tally.h"

#include <gtest/gtest.h>

#include "base/row_hash.h"
#include "engine/manifest.h"

namespace forebay {
namespace {

PartitionTally Rows(std::initializer_list<int64_t> offsets) {
  PartitionTally tally;
  for (const int64_t offset : offsets) {
    tally.rows.Add(PartitionId(1), Offset(offset));
    tally.Touch(Offset(offset), offset * 10);
  }
  return tally;
}

std::string Difference(const PartitionTally& decoded, const PartitionTally& staged) {
  const Status status = CheckSameRecords("things", {{PartitionId(1), decoded}}, {{PartitionId(1), staged}});
  return status.ok() ? "" : status.error().message();
}

TEST(TallyTest, AddsUpInAnyOrder) {
  PartitionTally early = Rows({1, 2});
  early.Touch(Offset(3), -1);  // without a timestamp
  early.AddEventTime(5);
  PartitionTally late = Rows({4, 7});
  late.AddEventTime(-5);
  late.reasons["not_json"] = 2;
  PartitionTally one = early;
  one.Add(late);
  PartitionTally other = late;
  other.Add(early);
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.rows, Rows({7, 4, 2, 1}).rows);
  EXPECT_EQ(one.first_offset, 1);
  EXPECT_EQ(one.last_offset, 7);
  EXPECT_EQ(one.last_kafka_timestamp_ms, 70);
  EXPECT_EQ(one.max_event_time_us, 5);
}

TEST(TallyTest, TheLastTimestampIsThatOfTheGreatestOffset) {
  PartitionTally tally;
  tally.Touch(Offset(5), 100);
  tally.Touch(Offset(4), 900);
  tally.Touch(Offset(6), -1);
  EXPECT_EQ(tally.last_kafka_timestamp_ms, 100);
  EXPECT_EQ(tally.last_offset, 6);
}

TEST(TallyTest, SaysWhatATransformDid) {
  EXPECT_EQ(Difference(Rows({1, 2}), Rows({2, 1})), "");
  EXPECT_NE(Difference(Rows({1, 2}), Rows({1}))
                .find("2 rows of table 'things', Kafka partition 1 were decoded and 1 "
                      "were staged: the transform dropped 1"),
            std::string::npos);
  EXPECT_NE(Difference(Rows({1}), Rows({1, 1})).find("added 1"), std::string::npos);
  EXPECT_NE(Difference(Rows({1, 2}), Rows({1, 3})).find("their offsets differ"), std::string::npos);
  EXPECT_FALSE(CheckSameRecords("things", {{PartitionId(1), Rows({1})}}, {}).ok());
  EXPECT_FALSE(CheckSameRecords("things", {}, {{PartitionId(1), Rows({1})}}).ok());
}

// ---- The documents that carry tallies and files ----

TallyManifest FullTally() {
  TallyManifest manifest{{"hash", "lake", "engine \"x\"", "1.0"}, "things", {}};
  PartitionTally tally = Rows({1, 2});
  tally.quarantined.Add(PartitionId(1), Offset(3));
  tally.reasons["not_json"] = 1;
  tally.max_event_time_us = -62'000'000;
  manifest.tally[PartitionId(1)] = tally;
  manifest.tally[PartitionId(0)] = PartitionTally();
  return manifest;
}

FileManifest FullFile() {
  return {{"hash", "lake", "engine", "1.0"},
          {.table = "things",
           .partition_dir = "city=New%20York/date=2025-10-30",
           .index = 0,
           .staged_name = "s-0.parquet",
           .rows = 3,
           .bytes = 1234,
           .checksum = 0xFFFFFFFFFFFFFFFF,
           .position_sum = 7,
           .key_sum = 8,
           .min_event_time_us = -5,
           .max_event_time_us = std::nullopt}};
}

TEST(ManifestTest, ReadsWhatItWrites) {
  const auto tally = ReadManifest(WriteManifest(FullTally()));
  ASSERT_TRUE(tally.ok()) << tally.error().message();
  const auto& read = std::get<TallyManifest>(*tally);
  EXPECT_EQ(read.origin, FullTally().origin);
  EXPECT_EQ(read.table, "things");
  EXPECT_EQ(read.tally, FullTally().tally);

  const auto file = ReadManifest(WriteManifest(FullFile()));
  ASSERT_TRUE(file.ok()) << file.error().message();
  EXPECT_EQ(std::get<FileManifest>(*file).origin, FullFile().origin);
  EXPECT_EQ(std::get<FileManifest>(*file).file, FullFile().file);
}

TEST(ManifestTest, RefusesEverythingElse) {
  const auto refused = [](const std::string& text) {
    const auto manifest = ReadManifest(text);
    return manifest.ok() ? "" : manifest.error().message();
  };
  const std::string file = WriteManifest(FullFile());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = file;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  EXPECT_NE(refused("").find("not JSON"), std::string::npos);
  EXPECT_NE(refused(file.substr(0, file.size() - 5)).find("not JSON"), std::string::npos);
  EXPECT_NE(refused("[]").find("not an object"), std::string::npos);
  EXPECT_NE(refused(with("\"manifest_version\": 1", "\"manifest_version\": 2")).find("the same one"),
            std::string::npos);
  EXPECT_NE(refused(with("\"kind\": \"file\"", "\"kind\": \"map\"")).find("unknown kind"), std::string::npos);
  EXPECT_NE(refused(with("\"rows\": 3", "\"rows\": -3")).find("whole number"), std::string::npos);
  EXPECT_NE(refused(with("\"rows\": 3, ", "")).find("has no 'rows'"), std::string::npos);
  EXPECT_NE(refused(with("\"rows\": 3", "\"rows\": 3, \"more\": 1")).find("unknown member"),
            std::string::npos);
  EXPECT_NE(refused(with("ffffffffffffffff", "fff")).find("hexadecimal"), std::string::npos);
  EXPECT_NE(refused(with("\"min_event_time_us\": -5", "\"min_event_time_us\": 0.5")).find("or null"),
            std::string::npos);
}

}  // namespace
}  // namespace forebay
