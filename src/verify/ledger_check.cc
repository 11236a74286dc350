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

// One piece of a partition's history: a landed range or a given-up range.
struct Piece {
  OffsetRange offsets;
  BatchId batch;  // 0: given up
};

std::string Who(const Piece& piece) {
  if (piece.batch.value() == 0) return "land --accept-loss";
  return fmt::format("batch {}", piece.batch.value());
}

const LedgerTopic* TopicOf(const LedgerSnapshot& snapshot, const TopicId& id) {
  for (const LedgerTopic& topic : snapshot.topics) {
    if (topic.id == id) return &topic;
  }
  return nullptr;
}

Finding PartitionFinding(FindingKind kind, const LedgerSnapshot& snapshot, const TopicPartition& partition,
                         OffsetRange offsets) {
  Finding finding;
  finding.kind = kind;
  if (const LedgerTopic* const topic = TopicOf(snapshot, partition.topic_id)) {
    finding.table = topic->table;
    finding.topic = topic->topic;
  } else {
    finding.topic = "topic id " + partition.topic_id.base64();
  }
  finding.partition = partition.partition;
  finding.offsets = offsets;
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
      gap.detail = "no batch landed them; " + (before == nullptr ? "the beginning" : Who(*before)) +
                   " ends before, " + Who(piece) + " begins behind";
      log.Add(std::move(gap));
    } else if (piece.offsets.from < at) {
      Finding overlap = PartitionFinding(FindingKind::kRangeOverlap, snapshot, partition.partition,
                                         {piece.offsets.from, std::min(at, piece.offsets.to)});
      overlap.detail = before == nullptr ? Who(piece) + " begins before the partition's beginning"
                                         : "landed by " + Who(*before) + " and by " + Who(piece);
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
    gap.detail = fmt::format("no batch landed them, and the ledger goes on at {}", partition.next.value());
    log.Add(std::move(gap));
  } else if (at > partition.next) {
    Finding overlap =
        PartitionFinding(FindingKind::kRangeOverlap, snapshot, partition.partition, {partition.next, at});
    overlap.detail = fmt::format("{} landed them, and the ledger goes on at {}, before them",
                                 before == nullptr ? "something" : Who(*before), partition.next.value());
    log.Add(std::move(overlap));
  }
}

void CheckBatchNumbers(const LedgerSnapshot& snapshot, FindingLog& log) {
  const auto missing = [&log](int64_t from, int64_t to) {
    Finding finding;
    finding.kind = FindingKind::kMissingBatch;
    finding.batch = BatchId(from);
    if (to > from) finding.detail = fmt::format("and all up to batch {}", to);
    log.Add(std::move(finding));
  };
  int64_t next = snapshot.since.value() + 1;
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.id.value() > next) missing(next, batch.id.value() - 1);
    next = batch.id.value() + 1;
  }
  if (next <= snapshot.last_batch.value()) missing(next, snapshot.last_batch.value());
}

std::string WhyForeign(const LedgerSnapshot& snapshot, const FilePlace& place, const LedgerFile* expired) {
  if (expired != nullptr) return "it was expired, but is still there";
  if (IsFileName(place.file_name)) return "no batch in the ledger has this file";
  const std::optional<BatchId> batch = BatchOfOldFileName(place.file_name);
  if (!batch) return "not a file name of Forebay";
  if (*batch > snapshot.last_batch)
    return fmt::format("the ledger ends with batch {}", snapshot.last_batch.value());
  return fmt::format("batch {} has no such file", batch->value());
}

using FilesByPlace = std::map<FilePlace, const LedgerFile*>;

FilesByPlace IndexFiles(const LedgerSnapshot& look) {
  FilesByPlace files;
  for (const LedgerBatch& batch : look.batches) {
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
    finding.detail = "landed by " + Who(left.front()) + ", and the ledger does not know the partition";
    log.Add(std::move(finding));
  }
}

namespace {

void NoteExpired(const LedgerSnapshot& snapshot, FindingLog& log) {
  for (const Expiry& expiry : snapshot.expiries) {
    Finding finding;
    finding.kind = FindingKind::kExpired;
    finding.table = expiry.table;
    finding.detail = fmt::format("{} on {}: {} rows in {} files", expiry.selection,
                                 FormatTimestamp(expiry.asked_at_ms * 1000), expiry.rows, expiry.files);
    log.Add(std::move(finding), Severity::kNote);
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
    Finding finding;
    finding.kind = FindingKind::kExpired;
    finding.table = place.first;
    finding.partition_dir = place.second;
    finding.detail = fmt::format("{} rows in {} files", count.second, count.first);
    log.Add(std::move(finding), Severity::kNote);
  }
}

void NoteRebuilt(const LedgerSnapshot& snapshot, FindingLog& log) {
  for (const Rebuild& rebuild : snapshot.rebuilds) {
    Finding finding;
    finding.kind = FindingKind::kRebuilt;
    finding.table = rebuild.place.table;
    finding.partition_dir = rebuild.place.partition_dir;
    finding.batch = rebuild.batch;
    finding.file = PlaceText(rebuild.place);
    finding.detail = rebuild.damage + ", on " + FormatTimestamp(rebuild.decided_at_ms * 1000);
    if (!rebuild.done_at_ms) finding.detail += "; the next landing puts it in place";
    log.Add(std::move(finding), Severity::kNote);
  }
}

}  // namespace

void NoteOperatorActions(const LedgerSnapshot& snapshot, FindingLog& log) {
  for (const LostRange& lost : snapshot.lost) {
    Finding finding = PartitionFinding(FindingKind::kGivenUp, snapshot, lost.partition, lost.offsets);
    finding.detail = "given up on " + FormatTimestamp(lost.accepted_at_ms * 1000);
    log.Add(std::move(finding), Severity::kNote);
  }
  for (const Adoption& adoption : snapshot.adoptions) {
    Finding finding;
    finding.kind = FindingKind::kTopicAdopted;
    finding.topic = adoption.topic;
    finding.detail = "adopted on " + FormatTimestamp(adoption.adopted_at_ms * 1000) + ": topic id " +
                     adoption.to.base64() + " in place of " + adoption.from.base64();
    log.Add(std::move(finding), Severity::kNote);
  }
  NoteExpired(snapshot, log);
  NoteRebuilt(snapshot, log);
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
  const std::set<FilePlace> there(listed.begin(), listed.end());
  for (const FilePlace& place : there) {
    const LedgerFile* const file = Find(known, place);
    // An expired file may have been removed after the files were listed, unless it was already expired
    // before.
    if (file != nullptr &&
        !(HasState(file, FileState::kExpired) && HasState(Find(known_before, place), FileState::kExpired))) {
      continue;
    }
    Finding finding;
    finding.kind = FindingKind::kForeignFile;
    finding.table = place.table;
    finding.partition_dir = place.partition_dir;
    finding.file = PlaceText(place);
    finding.detail = WhyForeign(after, place, file);
    log.Add(std::move(finding));
  }
  std::vector<FileToRead> to_read;
  for (const LedgerBatch& batch : before.batches) {
    if (batch.state != BatchState::kPublished) continue;
    for (const LedgerFile& file : batch.files) {
      if (file.state != FileState::kPresent || !HasState(Find(known, file.place), FileState::kPresent))
        continue;
      if (there.contains(file.place)) {
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
  Finding finding;
  finding.kind = kind;
  finding.table = file.place.table;
  finding.partition_dir = file.place.partition_dir;
  finding.batch = file.batch;
  finding.file = PlaceText(file.place);
  return finding;
}

}  // namespace forebay
