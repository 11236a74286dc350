// The reports of an engine's workers to its driver: small JSON documents, one for each staged file and one
// for the statistics of each Kafka partition. Only this file reads and writes them; engines pass them on as
// text.
#pragma once

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

using Manifest = std::variant<FileManifest, PartitionStatsManifest>;

std::string WriteManifest(const FileManifest& manifest);
std::string WriteManifest(const PartitionStatsManifest& manifest);
// Returns kInvalidArgument for any text that WriteManifest does not write.
Result<Manifest> ReadManifest(const std::string& text);

}  // namespace forebay
