// Reads the records of a landed batch from Kafka again, and writes the rows of one table and directory into
// new files.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compare/record_view.h"
#include "contract/contract.h"
#include "contract/evolution.h"
#include "decode/record_decoder.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "ledger/records.h"
#include "maintenance/damage.h"
#include "maintenance/rebuild_files.h"
#include "store/table_store.h"

namespace forebay {

// The damaged files of one batch, table and directory, with the whole files of the same batch and table.
// Points into a snapshot.
struct DamagedGroup {
  const LedgerBatch* batch = nullptr;
  std::vector<DamagedFile> damaged;
  std::vector<const LedgerFile*> whole;      // of the directory
  std::vector<const LedgerFile*> elsewhere;  // whole ones of the other directories
  bool alone = true;  // no other directory of the batch and table has damaged or removed files
  const std::string& table() const { return damaged[0].file->place.table; }
  const std::string& partition_dir() const { return damaged[0].file->place.partition_dir; }
};

// Thread-compatible. All references must outlive it.
class RebuildReader {
 public:
  // `landed`: up to the group's batch.
  RebuildReader(TableStore& store, const LedgerSnapshot& snapshot, LandedForms landed,
                const DamagedGroup& group, const kafka::ClientConfig& brokers, const std::atomic<bool>* stop);
  ~RebuildReader();

  // Returns new files, staged and synced, one for each damaged file and in the same order. Returns
  // kFailedPrecondition (or another code for which NeedsChange holds) when these files cannot be rebuilt,
  // kUnavailable or kIoError when brokers or the disk fail, and kCancelled once `stop` is set.
  Result<ReplacementFiles::Filled> Run(kafka::Admin& admin);

 private:
  // A topic incarnation from which the batch landed rows of this table, or refused records.
  struct Source {
    const LedgerTopic* topic = nullptr;
    const Table* table = nullptr;
    RecordDecoder* decoder = nullptr;
  };
  // The offsets to read of a partition. INVARIANT: from < to.
  struct Part {
    uint32_t source = 0;
    PartitionId partition;
    OffsetRange offsets;
    const BatchRange* range = nullptr;
  };
  // Topic (empty for rows of a table of one topic), partition and offset of a row.
  using RowPosition = std::tuple<std::string, int32_t, int64_t>;

  Status Prepare();
  Status AddSource(const LedgerTopic& topic, uint32_t* index);
  Status LoadHeld(const LedgerFile& file);
  Status CheckTopics(kafka::Admin& admin) const;
  Status CheckPartLogs(kafka::Admin& admin);
  Status LimitParts(kafka::Admin& admin);
  Status Read();
  kafka::NamedPartition NameOf(const Part& part) const;
  Status Accept(const kafka::Message& message);
  Status AppendRow(const Source& source, const RecordView& record);
  Status AppendReject(const Source& source, const RecordView& record);
  Status Count(ColumnBlock& block);
  bool IsHeld(const Source& source, const RecordView& record) const;
  bool is_quarantine() const;
  // Whether the files tell the topic of each row.
  bool HasTopics() const;
  bool ByElimination() const;

  TableStore& store_;
  const LedgerSnapshot& snapshot_;
  const LandedForms landed_;
  const DamagedGroup& group_;
  const kafka::ClientConfig& brokers_;
  const std::atomic<bool>* const stop_;
  std::optional<Contract> contract_;
  std::optional<ReplacementFiles> replacement_files_;
  std::map<const Table*, std::unique_ptr<RecordDecoder>> decoders_;
  std::vector<Source> sources_;
  std::vector<Part> parts_;
  std::map<std::pair<uint32_t, PartitionId>, OffsetRange> wanted_;  // by source: the offsets of the parts
  std::set<RowPosition> held_;                                      // rows of whole files
  HeaderViews headers_;
  bool by_elimination_ = false;
  std::unique_ptr<RowBlock> rows_;            // of the table's topics together; null for quarantine
  std::unique_ptr<QuarantineBlock> refused_;  // null for a table
};

}  // namespace forebay
