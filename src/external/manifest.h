// The reports of an engine's workers to its driver: small JSON documents, one for each staged file, one
// for the statistics of each Kafka partition, and one for those of the fields. Only this file reads and
// writes them; engines pass them on as text.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "external/partition_stats.h"
#include "ledger/records.h"

namespace forebay {

// The writer of a document, and its lake and contract. `lake_id` and `engine` are empty if records were only
// decoded.
struct ManifestOrigin {
  std::string contract_hash;
  std::string lake_id;
  std::string engine;
  std::string engine_version;
  bool operator==(const ManifestOrigin&) const = default;
};

// A complete and synced staged file.
struct FileManifest {
  ManifestOrigin origin;
  ProposedFile file;
  std::vector<AddedColumn> added_columns;  // of the file's table
};

struct PartitionStatsManifest {
  ManifestOrigin origin;
  std::string table;
  TopicStats stats;
};

// What a task's staged rows tell about the contract.
struct FieldStatsManifest {
  ManifestOrigin origin;
  std::string table;
  int64_t rows = 0;
  std::set<size_t> empty;  // fields without a value in these rows, by node index of the schema
  std::map<std::string, int64_t> unknown;  // rows with each member that the contract does not know
};

using Manifest = std::variant<FileManifest, PartitionStatsManifest, FieldStatsManifest>;

std::string WriteManifest(const FileManifest& manifest);
std::string WriteManifest(const PartitionStatsManifest& manifest);
std::string WriteManifest(const FieldStatsManifest& manifest);
// Returns kInvalidArgument for any text that WriteManifest does not write.
Result<Manifest> ReadManifest(const std::string& text);

}  // namespace forebay
