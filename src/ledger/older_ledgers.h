// Ledgers as the programs of version 1 and 2 wrote them, as SQL. The statements are a dump of such ledgers,
// and do not follow a change of schema.h.
#pragma once

namespace forebay {

// Batch 1 is published, with a file that was removed and one that was rebuilt later; batch 2 is published;
// batch 3 is decided. The topic was recreated and adopted after batch 2, and offsets 20 to 25 of the old one
// were lost.
inline constexpr const char* kLedgerOfVersion1 = R"sql(
PRAGMA application_id=1181901433;
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
INSERT INTO lake VALUES (1, '01234567-89ab-4cde-8fab-0123456789ab', 1795934351793);
INSERT INTO contracts VALUES ('ebeb05417cbd253fe7f744f35c3beb42', 'version: 1');
INSERT INTO topics VALUES ('AAAAAAAAAAAAAAAAAAAAAQ', 'shop.clicks', 'clicks', 0, 1795934351843);
INSERT INTO topics VALUES ('AAAAAAAAAAAAAAAAAAAAAg', 'shop.clicks', 'clicks', 1, 1795934360000);
INSERT INTO partitions VALUES ('AAAAAAAAAAAAAAAAAAAAAQ', 0, 5, 25);
INSERT INTO partitions VALUES ('AAAAAAAAAAAAAAAAAAAAAg', 0, 0, 4);
INSERT INTO batches VALUES (1, 'published', 'ebeb05417cbd253fe7f744f35c3beb42', 'native', '0.1.0', 1795934351991, 1795934351993);
INSERT INTO batches VALUES (2, 'published', 'ebeb05417cbd253fe7f744f35c3beb42', 'native', '0.1.0', 1795934353211, 1795934353213);
INSERT INTO batches VALUES (3, 'decided', 'ebeb05417cbd253fe7f744f35c3beb42', 'spark', '0.1.0', 1795934370000, NULL);
INSERT INTO ranges VALUES (1, 'AAAAAAAAAAAAAAAAAAAAAQ', 0, 5, 10, 3, 1, 1, 1740961964702000, 1795934350162);
INSERT INTO ranges VALUES (2, 'AAAAAAAAAAAAAAAAAAAAAQ', 0, 10, 20, 9, 0, 0, 1740961948657000, NULL);
INSERT INTO ranges VALUES (3, 'AAAAAAAAAAAAAAAAAAAAAg', 0, 0, 4, 4, 0, 0, 1740961948657001, 1795934352285);
INSERT INTO files VALUES (1, 'clicks', 'date=2025-02-28', 'b00000001-0.parquet',
  's-9c694fab84142a0848b5dccbe86652ca.parquet', 2, 6636, 1980588285549142894, 9072953042834154794,
  -8830184078810081429, 1740724471065000, 1740782719881000, 'present');
INSERT INTO files VALUES (1, 'clicks', 'date=2025-03-01', 'b00000001-1.parquet',
  's-99e7ed9e3c9fdd0303f1180bf5dc8417.parquet', 1, 6720, 8676423768044402753, -1930724360965750194,
  -1374148329297670429, 1740798822940000, 1740846007337000, 'present');
INSERT INTO files VALUES (1, 'quarantine', 'date=2026-11-29', 'b00000001-2.parquet',
  's-8fc374912ce27f36631698f60b4f4236.parquet', 1, 6381, 6496909529731827387, 2427447954500462179, 0, NULL, NULL,
  'present');
INSERT INTO files VALUES (2, 'clicks', 'date=2025-02-28', 'b00000002-0.parquet',
  's-215036e2db9629ca5397d4d05e793286.parquet', 9, 6848, -303243120337478519, -565913147596177350,
  -7214405995632597411, 1740752061650000, 1740783583105000, 'present');
INSERT INTO files VALUES (3, 'clicks', 'date=2025-03-01', 'b00000003-0.parquet',
  's-84f52d437db4cab90da6b04f7c010de6.parquet', 4, 6921, -2759312176015998039, 6048360383726782747,
  -1130126832998047148, 1740806464728000, 1740849921854000, 'present');
INSERT INTO quarantine_counts VALUES (1, 'clicks', 'not_json', 1);
INSERT INTO lost_ranges VALUES ('AAAAAAAAAAAAAAAAAAAAAQ', 0, 20, 25, 1795934355000);
INSERT INTO adoptions VALUES ('AAAAAAAAAAAAAAAAAAAAAg', 'AAAAAAAAAAAAAAAAAAAAAQ', 'shop.clicks', 1795934360000);
PRAGMA user_version=1;
)sql";

// The same, after the upgrade to version 2, an expiry of batch 1's first file and of batch 2's, which is not
// finished, and rebuilds of batch 1's second file, of which the second is not finished.
inline constexpr const char* kChangesOfVersion2 = R"sql(
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
UPDATE files SET state = 'expired' WHERE batch = 1 AND file_name = 'b00000001-0.parquet';
UPDATE files SET state = 'expiring' WHERE batch = 2;
INSERT INTO expiries VALUES (1, 'clicks', '--before 2025-03-01', 1, 2, 1795934380000);
INSERT INTO expiries VALUES (2, 'clicks', '--dates 2025-02-28', 1, 9, 1795934381000);
INSERT INTO relands VALUES (1, 1, 'clicks', 'date=2025-03-01', 'b00000001-1.parquet', 'missing', -17,
  1795934382000, 1795934382500);
INSERT INTO relands VALUES (2, 1, 'clicks', 'date=2025-03-01', 'b00000001-1.parquet', 'unreadable', 18,
  1795934383000, NULL);
PRAGMA user_version=2;
)sql";

}  // namespace forebay
