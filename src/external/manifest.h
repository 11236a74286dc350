// What an engine's workers tell its driver: small JSON documents, one for each staged file and one for the
// stats of each Kafka partition. Written and read here alone; engines carry them about as text.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "external/partition_stats.h"
#include "ledger/records.h"

namespace forebay {

// Who wrote a document, about which lake and contract. `lake_id` and `engine` are empty where records were
// only decoded.
struct ManifestOrigin {
  std::string contract_hash;
  std::string lake_id;
  std::string engine;
  std::string engine_version;
  bool operator==(const ManifestOrigin&) const = default;
};

// A staged file, whole and synced. `file.index` is not known yet.
struct FileManifest {
  ManifestOrigin origin;
  ProposedFile file;
};

struct PartitionStatsManifest {
  ManifestOrigin origin;
  std::string table;
  TopicStats stats;
};

using Manifest = std::variant<FileManifest, PartitionStatsManifest>;

std::string WriteManifest(const FileManifest& manifest);
std::string WriteManifest(const PartitionStatsManifest& manifest);
// kInvalidArgument for anything that WriteManifest does not write.
Result<Manifest> ReadManifest(const std::string& text);

}  // namespace forebay
