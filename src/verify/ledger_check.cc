#include "verify/ledger_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/time.h"

namespace forebay {
namespace {

// One piece of a partition's history: a landed range or an accepted loss.
struct Piece {
  OffsetRange offsets;
  BatchId batch;  // 0: an accepted loss
};

std::string OriginOf(const Piece& piece) {
  if (piece.batch.value() == 0) return "land --accept-loss";
  return fmt::format("batch {}", piece.batch.value());
}

Finding PartitionFinding(FindingKind kind, const LedgerSnapshot& snapshot, const TopicPartition& partition,
                         OffsetRange offsets) {
  Finding finding{.kind = kind,
                  .partition = partition.partition,
                  .incarnation = partition.incarnation,
                  .offsets = offsets};
  if (const LedgerTopic* const topic = FindTopic(snapshot, partition.topic_id)) {
    finding.table = topic->table;
    finding.topic = topic->topic;
  } else {
    finding.topic = "topic id " + partition.topic_id.base64();
  }
  return finding;
}

void CheckTiling(const LedgerSnapshot& snapshot, const LedgerPartition& partition, std::vector<Piece> pieces,
                 FindingLog& log) {
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece& a, const Piece& b) { return a.offsets.from < b.offsets.from; });
  Offset at = partition.beginning;
  if (snapshot.since.value() > 0) {
    // The snapshot does not contain the ranges of older batches: check the chain from the first newer batch
    // on.
    const auto first =
        std::find_if(pieces.begin(), pieces.end(), [](const Piece& p) { return p.batch.value() != 0; });
    pieces.erase(pieces.begin(), first);
    at = pieces.empty() ? partition.next : pieces.front().offsets.from;
  }
  const Piece* before = nullptr;
  for (const Piece& piece : pieces) {
    if (piece.offsets.from > at) {
      Finding gap =
          PartitionFinding(FindingKind::kRangeGap, snapshot, partition.partition, {at, piece.offsets.from});
      gap.detail =
          "between " + (before == nullptr ? "the beginning" : OriginOf(*before)) + " and " + OriginOf(piece);
      log.Add(std::move(gap));
    } else if (piece.offsets.from < at) {
      Finding overlap = PartitionFinding(FindingKind::kRangeOverlap, snapshot, partition.partition,
                                         {piece.offsets.from, std::min(at, piece.offsets.to)});
      overlap.detail = before == nullptr ? OriginOf(piece) + " begins before the partition's beginning"
                                         : "landed by " + OriginOf(*before) + " and by " + OriginOf(piece);
      log.Add(std::move(overlap));
    }
    if (piece.offsets.to > at) {
      at = piece.offsets.to;
      before = &piece;
    }
  }
  if (at < partition.next) {
    Finding gap =
        PartitionFinding(FindingKind::kRangeGap, snapshot, partition.partition, {at, partition.next});
    gap.detail = fmt::format("before the partition's next offset {}", partition.next.value());
    log.Add(std::move(gap));
  } else if (at > partition.next) {
    Finding overlap =
        PartitionFinding(FindingKind::kRangeOverlap, snapshot, partition.partition, {partition.next, at});
    overlap.detail = before == nullptr ? "the partition's beginning is after its next offset"
                                       : fmt::format("landed by {}, after the partition's next offset {}",
                                                     OriginOf(*before), partition.next.value());
    log.Add(std::move(overlap));
  }
}

void CheckBatchNumbers(const LedgerSnapshot& snapshot, FindingLog& log) {
  const auto missing = [&log](int64_t from, int64_t to) {
    log.Add({.kind = FindingKind::kMissingBatch,
             .batch = BatchId(from),
             .detail = to > from ? fmt::format("and all up to batch {}", to) : ""});
  };
  int64_t next = snapshot.since.value() + 1;
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.id.value() > next) missing(next, batch.id.value() - 1);
    next = batch.id.value() + 1;
  }
  if (next <= snapshot.last_batch.value()) missing(next, snapshot.last_batch.value());
}

std::string WhyForeign(const LedgerSnapshot& snapshot, const FilePlace& place, const LedgerFile* expired) {
  if (expired != nullptr) return "expired by an operator, but present";
  if (IsFileName(place.file_name)) return "no batch in the ledger has this file";
  const std::optional<BatchId> batch = BatchOfOldFileName(place.file_name);
  if (!batch) return "not a Forebay file name";
  if (*batch > snapshot.last_batch)
    return fmt::format("after the ledger's last batch {}", snapshot.last_batch.value());
  return fmt::format("batch {} has no such file", batch->value());
}

using FilesByPlace = std::map<FilePlace, const LedgerFile*>;

FilesByPlace IndexFiles(const LedgerSnapshot& snapshot) {
  FilesByPlace files;
  for (const LedgerBatch& batch : snapshot.batches) {
    for (const LedgerFile& file : batch.files) files.emplace(file.place, &file);
  }
  return files;
}

const LedgerFile* Find(const FilesByPlace& files, const FilePlace& place) {
  const auto found = files.find(place);
  return found == files.end() ? nullptr : found->second;
}

bool HasState(const LedgerFile* file, FileState state) {
  return file != nullptr && file->state == state;
}

}  // namespace

void CheckLedger(const LedgerSnapshot& snapshot, FindingLog& log) {
  CheckBatchNumbers(snapshot, log);
  std::map<TopicPartition, std::vector<Piece>> pieces;
  for (const LedgerBatch& batch : snapshot.batches) {
    for (const BatchRange& range : batch.ranges) pieces[range.partition].push_back({range.offsets, batch.id});
  }
  for (const LostRange& lost : snapshot.lost) pieces[lost.partition].push_back({lost.offsets, BatchId(0)});
  for (const LedgerPartition& partition : snapshot.partitions) {
    const auto known = pieces.find(partition.partition);
    CheckTiling(snapshot, partition, known == pieces.end() ? std::vector<Piece>() : known->second, log);
    if (known != pieces.end()) pieces.erase(known);
  }
  for (const auto& [partition, left] : pieces) {
    Finding finding = PartitionFinding(FindingKind::kRangeOverlap, snapshot, partition, left.front().offsets);
    finding.detail = "landed by " + OriginOf(left.front()) + ", but the partition is not in the ledger";
    log.Add(std::move(finding));
  }
}

namespace {

// Offsets of the earlier log that the adopted one has, too, with other records or with none.
void NoteAdoptedLog(const LedgerSnapshot& snapshot, const LedgerPartition& adopted, FindingLog& log) {
  TopicPartition before = adopted.partition;
  before.incarnation = Incarnation(before.incarnation.value() - 1);
  Offset next = adopted.beginning;
  for (const LedgerPartition& known : snapshot.partitions) {
    if (known.partition == before) next = known.next;
  }
  Finding finding =
      PartitionFinding(FindingKind::kLogAdopted, snapshot, adopted.partition, {adopted.beginning, next});
  if (adopted.beginning == next) finding.offsets.reset();
  finding.detail =
      fmt::format("adopted on {}; {} stays", FormatTimestamp(*adopted.adopted_at_ms * 1000),
                  adopted.beginning == next ? "everything that was landed of the earlier log"
                                            : "what was landed of the earlier log at these offsets");
  log.AddNote(std::move(finding));
}

void NoteExpiredFiles(const LedgerSnapshot& snapshot, FindingLog& log) {
  for (const Expiry& expiry : snapshot.expiries) {
    log.AddNote(
        {.kind = FindingKind::kExpiredFiles,
         .table = expiry.table,
         .detail = fmt::format("{} on {}: {} rows in {} files", expiry.selection,
                               FormatTimestamp(expiry.asked_at_ms * 1000), expiry.rows, expiry.files)});
  }
  std::map<std::pair<std::string, std::string>, std::pair<int64_t, int64_t>> expired;  // files and rows
  for (const LedgerBatch& batch : snapshot.batches) {
    for (const LedgerFile& file : batch.files) {
      if (file.state == FileState::kPresent) continue;
      auto& [files, rows] = expired[{file.place.table, file.place.partition_dir}];
      ++files;
      rows += file.file.rows;
    }
  }
  for (const auto& [place, count] : expired) {
    log.AddNote({.kind = FindingKind::kExpiredFiles,
                 .table = place.first,
                 .partition_dir = place.second,
                 .detail = fmt::format("{} rows in {} files", count.second, count.first)});
  }
}

void NoteRebuiltFiles(const LedgerSnapshot& snapshot, FindingLog& log) {
  for (const Rebuild& rebuild : snapshot.rebuilds) {
    log.AddNote({.kind = FindingKind::kRebuiltFiles,
                 .table = rebuild.place.table,
                 .batch = rebuild.batch,
                 .partition_dir = rebuild.place.partition_dir,
                 .file = PlaceText(rebuild.place),
                 .detail = rebuild.damage + ", on " + FormatTimestamp(rebuild.decided_at_ms * 1000) +
                           (rebuild.done_at_ms ? "" : "; the next landing publishes it")});
  }
}

}  // namespace

void NoteOperatorActions(const LedgerSnapshot& snapshot, FindingLog& log) {
  for (const LostRange& lost : snapshot.lost) {
    Finding finding = PartitionFinding(FindingKind::kAcceptedLoss, snapshot, lost.partition, lost.offsets);
    finding.detail = "accepted on " + FormatTimestamp(lost.accepted_at_ms * 1000);
    log.AddNote(std::move(finding));
  }
  for (const Adoption& adoption : snapshot.adoptions) {
    log.AddNote({.kind = FindingKind::kTopicAdopted,
                 .topic = adoption.topic,
                 .detail = "adopted on " + FormatTimestamp(adoption.adopted_at_ms * 1000) + ": topic id " +
                           adoption.to.base64() + " in place of " + adoption.from.base64()});
  }
  for (const LedgerPartition& partition : snapshot.partitions) {
    if (partition.adopted_at_ms) NoteAdoptedLog(snapshot, partition, log);
  }
  NoteExpiredFiles(snapshot, log);
  NoteRebuiltFiles(snapshot, log);
}

Result<std::vector<FilePlace>> WithoutOlderBatches(std::vector<FilePlace> listed, const LedgerSnapshot& after,
                                                   Ledger& ledger) {
  if (after.since.value() == 0) return listed;
  const FilesByPlace newer = IndexFiles(after);
  std::vector<FilePlace> unjudged;  // by the snapshot
  std::erase_if(listed, [&](const FilePlace& place) {
    const std::optional<BatchId> batch = BatchOfOldFileName(place.file_name);
    if (batch) return *batch <= after.since;
    if (!IsFileName(place.file_name) || newer.contains(place)) return false;
    unjudged.push_back(place);
    return true;
  });
  FOREBAY_ASSIGN(const std::vector<FilePlace> unknown, ledger.FindUnknown(std::move(unjudged)));
  listed.insert(listed.end(), unknown.begin(), unknown.end());
  return listed;
}

std::vector<FileToRead> CompareFiles(const LedgerSnapshot& before, const std::vector<FilePlace>& listed,
                                     const LedgerSnapshot& after, FindingLog& log) {
  const FilesByPlace known_before = IndexFiles(before);
  const FilesByPlace known = IndexFiles(after);
  const std::set<FilePlace> present(listed.begin(), listed.end());
  for (const FilePlace& place : present) {
    const LedgerFile* const file = Find(known, place);
    // An expired file may have been removed after the files were listed, unless it was already expired
    // before.
    if (file != nullptr &&
        !(HasState(file, FileState::kExpired) && HasState(Find(known_before, place), FileState::kExpired))) {
      continue;
    }
    log.Add({.kind = FindingKind::kForeignFile,
             .table = place.table,
             .partition_dir = place.partition_dir,
             .file = PlaceText(place),
             .detail = WhyForeign(after, place, file)});
  }
  std::vector<FileToRead> to_read;
  for (const LedgerBatch& batch : before.batches) {
    if (batch.state != BatchState::kPublished) continue;
    for (const LedgerFile& file : batch.files) {
      if (file.state != FileState::kPresent || !HasState(Find(known, file.place), FileState::kPresent))
        continue;
      if (present.contains(file.place)) {
        to_read.push_back({&batch, &file});
      } else {
        Finding finding = FileFinding(FindingKind::kMissingFile, file);
        finding.detail = fmt::format("{} rows, {} bytes", file.file.rows, file.file.bytes);
        log.Add(std::move(finding));
      }
    }
  }
  return to_read;
}

Finding FileFinding(FindingKind kind, const LedgerFile& file) {
  return {.kind = kind,
          .table = file.place.table,
          .batch = file.batch,
          .partition_dir = file.place.partition_dir,
          .file = PlaceText(file.place)};
}

}  // namespace forebay
