#include "external/partition_stats.h"

#include <gtest/gtest.h>

#include "base/row_hash.h"
#include "external/manifest.h"

namespace forebay {
namespace {

PartitionStats Rows(std::initializer_list<int64_t> offsets) {
  PartitionStats stats;
  for (const int64_t offset : offsets) {
    stats.rows.Add("", PartitionId(1), Offset(offset));
    stats.ObserveOffset(Offset(offset), offset * 10);
  }
  return stats;
}

std::string Difference(const PartitionStats& decoded, const PartitionStats& staged) {
  const Status status =
      CheckSameRecords("things", {{{"", PartitionId(1)}, decoded}}, {{{"", PartitionId(1)}, staged}});
  return status.ok() ? "" : status.error().message();
}

TEST(PartitionStatsTest, AddsUpInAnyOrder) {
  PartitionStats early = Rows({1, 2});
  early.ObserveOffset(Offset(3), -1);  // without a timestamp
  early.AddEventTime(5);
  PartitionStats late = Rows({4, 7});
  late.AddEventTime(-5);
  late.reasons["not_json"] = 2;
  PartitionStats one = early;
  one.Add(late);
  PartitionStats other = late;
  other.Add(early);
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.rows, Rows({7, 4, 2, 1}).rows);
  EXPECT_EQ(one.first_offset, 1);
  EXPECT_EQ(one.last_offset, 7);
  EXPECT_EQ(one.last_kafka_timestamp_ms, 70);
  EXPECT_EQ(one.max_event_time_us, 5);
}

TEST(PartitionStatsTest, TheLastTimestampIsThatOfTheGreatestOffset) {
  PartitionStats stats;
  stats.ObserveOffset(Offset(5), 100);
  stats.ObserveOffset(Offset(4), 900);
  stats.ObserveOffset(Offset(6), -1);
  EXPECT_EQ(stats.last_kafka_timestamp_ms, 100);
  EXPECT_EQ(stats.last_offset, 6);
}

TEST(PartitionStatsTest, SaysWhatATransformDid) {
  EXPECT_EQ(Difference(Rows({1, 2}), Rows({2, 1})), "");
  EXPECT_NE(Difference(Rows({1, 2}), Rows({1}))
                .find("2 rows of table 'things', Kafka partition 1 were decoded and 1 "
                      "were staged: the transform dropped 1"),
            std::string::npos);
  EXPECT_NE(Difference(Rows({1}), Rows({1, 1})).find("added 1"), std::string::npos);
  EXPECT_NE(Difference(Rows({1, 2}), Rows({1, 3})).find("their offsets differ"), std::string::npos);
  EXPECT_FALSE(CheckSameRecords("things", {{{"", PartitionId(1)}, Rows({1})}}, {}).ok());
  EXPECT_FALSE(CheckSameRecords("things", {}, {{{"", PartitionId(1)}, Rows({1})}}).ok());
}

// ---- The manifests of partition statistics and files ----

PartitionStatsManifest FullStats() {
  PartitionStatsManifest manifest{{"hash", "lake", "engine \"x\"", "1.0"}, "things", {}};
  PartitionStats stats = Rows({1, 2});
  stats.quarantined.Add("", PartitionId(1), Offset(3));
  stats.reasons["not_json"] = 1;
  stats.max_event_time_us = -62'000'000;
  manifest.stats[{"", PartitionId(1)}] = stats;
  manifest.stats[{"", PartitionId(0)}] = PartitionStats();
  return manifest;
}

FileManifest FullFile() {
  return {{"hash", "lake", "engine", "1.0"},
          {.table = "things",
           .partition_dir = "city=New%20York/date=2025-10-30",
           .file_name = "f-0.parquet",
           .staged_name = "s-0.parquet",
           .rows = 3,
           .bytes = 1234,
           .checksum = 0xFFFFFFFFFFFFFFFF,
           .position_sum = 7,
           .key_sum = 8,
           .min_event_time_us = -5,
           .max_event_time_us = std::nullopt},
          {{"things", "more", "list<int32>"}}};
}

TEST(ManifestTest, ReadsWhatItWrites) {
  const auto stats = ReadManifest(WriteManifest(FullStats()));
  ASSERT_TRUE(stats.ok()) << stats.error().message();
  const auto& read = std::get<PartitionStatsManifest>(*stats);
  EXPECT_EQ(read.origin, FullStats().origin);
  EXPECT_EQ(read.table, "things");
  EXPECT_EQ(read.stats, FullStats().stats);

  const auto file = ReadManifest(WriteManifest(FullFile()));
  ASSERT_TRUE(file.ok()) << file.error().message();
  EXPECT_EQ(std::get<FileManifest>(*file).origin, FullFile().origin);
  EXPECT_EQ(std::get<FileManifest>(*file).file, FullFile().file);
  EXPECT_EQ(std::get<FileManifest>(*file).added_columns, FullFile().added_columns);
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
  EXPECT_NE(refused(with("\"manifest_version\":3", "\"manifest_version\":2")).find("the same version"),
            std::string::npos);
  EXPECT_NE(refused(with("\"kind\":\"file\"", "\"kind\":\"map\"")).find("unknown kind"), std::string::npos);
  EXPECT_NE(refused(with("\"rows\":3", "\"rows\":-3")).find("integer of at least 0"), std::string::npos);
  EXPECT_NE(refused(with("\"rows\":3,", "")).find("has no 'rows'"), std::string::npos);
  EXPECT_NE(refused(with("\"rows\":3", "\"rows\":3,\"more\":1")).find("unknown member"), std::string::npos);
  EXPECT_NE(refused(with("ffffffffffffffff", "fff")).find("hexadecimal"), std::string::npos);
  EXPECT_NE(refused(with("\"min_event_time_us\":-5", "\"min_event_time_us\":0.5")).find("or null"),
            std::string::npos);
}

}  // namespace
}  // namespace forebay
