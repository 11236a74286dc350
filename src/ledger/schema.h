// The ledger's schema, version 4: version 1 and the upgrades since. docs/formats.md describes each column.
//
// Every table has a primary key without NULLs and no trigger: changes are also recorded as changesets
// (changeset.h), which identify rows by their primary keys.
#pragma once

#include <cstdint>
#include <iterator>

#include "base/result.h"
#include "ledger/sqlite.h"

namespace forebay {

inline constexpr int64_t kLedgerApplicationId = 0x46726279;  // "Frby"
inline constexpr int64_t kLedgerVersion = 5;

// Version 1.
inline constexpr const char* kLedgerSchema = R"sql(
CREATE TABLE lake (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  id TEXT NOT NULL,
  begun_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE contracts (
  hash TEXT PRIMARY KEY,
  yaml TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE topics (
  topic_id TEXT PRIMARY KEY CHECK (topic_id <> ''),
  topic TEXT NOT NULL,
  table_name TEXT NOT NULL,
  current INTEGER NOT NULL CHECK (current IN (0, 1)),
  first_seen_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_current_topic_a_name ON topics (topic) WHERE current = 1;

CREATE TABLE partitions (
  topic_id TEXT NOT NULL REFERENCES topics,
  kafka_partition INTEGER NOT NULL CHECK (kafka_partition >= 0),
  beginning INTEGER NOT NULL CHECK (beginning >= 0),
  next INTEGER NOT NULL CHECK (next >= beginning),
  PRIMARY KEY (topic_id, kafka_partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
  batch INTEGER PRIMARY KEY CHECK (batch >= 1),
  state TEXT NOT NULL CHECK (state IN ('decided', 'published')),
  contract_hash TEXT NOT NULL REFERENCES contracts,
  engine TEXT NOT NULL,
  engine_version TEXT NOT NULL,
  decided_at_ms INTEGER NOT NULL,
  published_at_ms INTEGER,
  CHECK ((published_at_ms IS NULL) = (state = 'decided'))
) STRICT;
CREATE INDEX unpublished_batches ON batches (batch) WHERE state = 'decided';

CREATE TABLE ranges (
  batch INTEGER NOT NULL REFERENCES batches,
  topic_id TEXT NOT NULL,
  kafka_partition INTEGER NOT NULL,
  from_offset INTEGER NOT NULL,
  to_offset INTEGER NOT NULL CHECK (from_offset < to_offset),
  rows INTEGER NOT NULL CHECK (rows >= 0),
  quarantined INTEGER NOT NULL CHECK (quarantined >= 0),
  tombstones INTEGER NOT NULL CHECK (tombstones >= 0),
  max_event_time_us INTEGER,
  last_kafka_timestamp_ms INTEGER,
  PRIMARY KEY (batch, topic_id, kafka_partition),
  UNIQUE (topic_id, kafka_partition, from_offset),
  FOREIGN KEY (topic_id, kafka_partition) REFERENCES partitions,
  CHECK (rows + quarantined + tombstones <= to_offset - from_offset)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
  batch INTEGER NOT NULL REFERENCES batches,
  table_name TEXT NOT NULL,
  partition_dir TEXT NOT NULL,
  file_name TEXT NOT NULL,
  staged_name TEXT NOT NULL,
  rows INTEGER NOT NULL CHECK (rows > 0),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  checksum INTEGER NOT NULL,
  position_sum INTEGER NOT NULL,
  key_sum INTEGER NOT NULL,
  min_event_time_us INTEGER,
  max_event_time_us INTEGER,
  state TEXT NOT NULL CHECK (state IN ('present', 'expiring', 'expired')),
  PRIMARY KEY (batch, table_name, partition_dir, file_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine_counts (
  batch INTEGER NOT NULL REFERENCES batches,
  table_name TEXT NOT NULL,
  reason TEXT NOT NULL,
  records INTEGER NOT NULL CHECK (records > 0),
  PRIMARY KEY (batch, table_name, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE lost_ranges (
  topic_id TEXT NOT NULL,
  kafka_partition INTEGER NOT NULL,
  from_offset INTEGER NOT NULL,
  to_offset INTEGER NOT NULL CHECK (from_offset < to_offset),
  accepted_at_ms INTEGER NOT NULL,
  PRIMARY KEY (topic_id, kafka_partition, from_offset),
  FOREIGN KEY (topic_id, kafka_partition) REFERENCES partitions
) STRICT, WITHOUT ROWID;

CREATE TABLE adoptions (
  to_topic_id TEXT PRIMARY KEY REFERENCES topics,
  from_topic_id TEXT NOT NULL REFERENCES topics,
  topic TEXT NOT NULL,
  adopted_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// From version 1 to 2: records of `lake expire` and `lake rebuild`.
inline constexpr const char* kLedgerUpgradeTo2 = R"sql(
CREATE TABLE expiries (
  expiry INTEGER PRIMARY KEY CHECK (expiry >= 1),
  table_name TEXT NOT NULL,
  selection TEXT NOT NULL,
  files INTEGER NOT NULL CHECK (files > 0),
  rows INTEGER NOT NULL CHECK (rows > 0),
  asked_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE relands (
  reland INTEGER PRIMARY KEY CHECK (reland >= 1),
  batch INTEGER NOT NULL,
  table_name TEXT NOT NULL,
  partition_dir TEXT NOT NULL,
  file_name TEXT NOT NULL,
  trouble TEXT NOT NULL,
  old_checksum INTEGER NOT NULL,
  decided_at_ms INTEGER NOT NULL,
  done_at_ms INTEGER,
  FOREIGN KEY (batch, table_name, partition_dir, file_name) REFERENCES files
) STRICT;
CREATE INDEX unfinished_relands ON relands (reland) WHERE done_at_ms IS NULL;
CREATE INDEX files_on_their_way_out ON files (batch) WHERE state = 'expiring';
)sql";

// From version 2 to 3: renames relands to rebuilds.
inline constexpr const char* kLedgerUpgradeTo3 = R"sql(
DROP INDEX unfinished_relands;
ALTER TABLE relands RENAME TO rebuilds;
ALTER TABLE rebuilds RENAME COLUMN reland TO rebuild;
ALTER TABLE rebuilds RENAME COLUMN trouble TO damage;
CREATE INDEX unfinished_rebuilds ON rebuilds (rebuild) WHERE done_at_ms IS NULL;
DROP INDEX files_on_their_way_out;
CREATE INDEX expiring_files ON files (batch) WHERE state = 'expiring';
)sql";

// From version 3 to 4: counts of records without a usable Kafka timestamp, what rows tell about the contract,
// the columns that transforms add to files, incarnations of a partition's log, the last record of each range,
// and whether the rows of a batch are what the decoder gave.
inline constexpr const char* kLedgerUpgradeTo4 = R"sql(
CREATE TABLE added_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  type TEXT NOT NULL,
  batch INTEGER NOT NULL REFERENCES batches,
  PRIMARY KEY (table_name, column_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE untimed_counts (
  batch INTEGER NOT NULL REFERENCES batches,
  table_name TEXT NOT NULL,
  records INTEGER NOT NULL CHECK (records > 0),
  PRIMARY KEY (batch, table_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE field_counts (
  table_name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('rows', 'unknown', 'missing')),
  field TEXT NOT NULL,
  records INTEGER NOT NULL CHECK (records > 0),
  PRIMARY KEY (table_name, kind, field)
) STRICT, WITHOUT ROWID;

ALTER TABLE batches ADD COLUMN may_be_transformed INTEGER NOT NULL DEFAULT 0
  CHECK (may_be_transformed IN (0, 1));
UPDATE batches SET may_be_transformed = 1 WHERE engine <> 'native';

ALTER TABLE partitions RENAME TO partitions_of_version_3;
CREATE TABLE partitions (
  topic_id TEXT NOT NULL REFERENCES topics,
  kafka_partition INTEGER NOT NULL CHECK (kafka_partition >= 0),
  incarnation INTEGER NOT NULL CHECK (incarnation >= 1),
  beginning INTEGER NOT NULL CHECK (beginning >= 0),
  next INTEGER NOT NULL CHECK (next >= beginning),
  adopted_at_ms INTEGER,
  base_offset INTEGER CHECK (base_offset < beginning),
  base_fingerprint INTEGER,
  base_leader_epoch INTEGER,
  PRIMARY KEY (topic_id, kafka_partition, incarnation),
  CHECK ((adopted_at_ms IS NULL) = (incarnation = 1)),
  CHECK ((base_offset IS NULL) = (base_fingerprint IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO partitions (topic_id, kafka_partition, incarnation, beginning, next)
  SELECT topic_id, kafka_partition, 1, beginning, next FROM partitions_of_version_3;

ALTER TABLE ranges RENAME TO ranges_of_version_3;
CREATE TABLE ranges (
  batch INTEGER NOT NULL REFERENCES batches,
  topic_id TEXT NOT NULL,
  kafka_partition INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  from_offset INTEGER NOT NULL,
  to_offset INTEGER NOT NULL CHECK (from_offset < to_offset),
  rows INTEGER NOT NULL CHECK (rows >= 0),
  quarantined INTEGER NOT NULL CHECK (quarantined >= 0),
  tombstones INTEGER NOT NULL CHECK (tombstones >= 0),
  max_event_time_us INTEGER,
  last_kafka_timestamp_ms INTEGER,
  last_record_offset INTEGER CHECK (last_record_offset BETWEEN from_offset AND to_offset - 1),
  last_record_fingerprint INTEGER,
  last_record_leader_epoch INTEGER,
  PRIMARY KEY (batch, topic_id, kafka_partition),
  UNIQUE (topic_id, kafka_partition, incarnation, from_offset),
  FOREIGN KEY (topic_id, kafka_partition, incarnation) REFERENCES partitions,
  CHECK (rows + quarantined + tombstones <= to_offset - from_offset),
  CHECK ((last_record_offset IS NULL) = (last_record_fingerprint IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO ranges (batch, topic_id, kafka_partition, incarnation, from_offset, to_offset, rows, quarantined,
                    tombstones, max_event_time_us, last_kafka_timestamp_ms)
  SELECT batch, topic_id, kafka_partition, 1, from_offset, to_offset, rows, quarantined, tombstones,
         max_event_time_us, last_kafka_timestamp_ms FROM ranges_of_version_3;
DROP TABLE ranges_of_version_3;

ALTER TABLE lost_ranges RENAME TO lost_ranges_of_version_3;
CREATE TABLE lost_ranges (
  topic_id TEXT NOT NULL,
  kafka_partition INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  from_offset INTEGER NOT NULL,
  to_offset INTEGER NOT NULL CHECK (from_offset < to_offset),
  accepted_at_ms INTEGER NOT NULL,
  PRIMARY KEY (topic_id, kafka_partition, incarnation, from_offset),
  FOREIGN KEY (topic_id, kafka_partition, incarnation) REFERENCES partitions
) STRICT, WITHOUT ROWID;
INSERT INTO lost_ranges SELECT topic_id, kafka_partition, 1, from_offset, to_offset, accepted_at_ms
  FROM lost_ranges_of_version_3;
DROP TABLE lost_ranges_of_version_3;
DROP TABLE partitions_of_version_3;
)sql";

// From version 4 to 5: tables whose topics are found by patterns.
inline constexpr const char* kLedgerUpgradeTo5 = R"sql(
CREATE TABLE pattern_tables (
  table_name TEXT PRIMARY KEY,
  first_planned_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// Names of version 2, for reading it as it is.
inline constexpr const char* kRebuildsInVersion2 = "FROM relands ORDER BY reland";
inline constexpr const char* kDamageInVersion2 = "trouble";

// kLedgerUpgrades[i] upgrades version i + 1 to version i + 2.
inline constexpr const char* kLedgerUpgrades[] = {kLedgerUpgradeTo2, kLedgerUpgradeTo3, kLedgerUpgradeTo4,
                                                  kLedgerUpgradeTo5};
static_assert(std::size(kLedgerUpgrades) == kLedgerVersion - 1);

// The version of the schema in the database; 0: the database is empty. kCorruption: another program's
// database. kFailedPrecondition: an unknown version.
Result<int64_t> SchemaVersion(Sqlite& db);

// Changes the schema from version `from` (0: an empty database) to `to`, inside the caller's transaction.
Status UpgradeSchema(Sqlite& db, int64_t from, int64_t to = kLedgerVersion);

// kFailedPrecondition: `version`, found in the ledger at `path`, is newer than this program.
Error UnknownVersion(const std::string& path, int64_t version);

}  // namespace forebay
