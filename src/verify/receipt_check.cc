#include "verify/receipt_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/join.h"
#include "partition/directory.h"

namespace forebay {

ReceiptCheck::ReceiptCheck(const std::vector<NamedReceipt>& receipts, const AuditScope& scope,
                           Options options, FindingLog& log)
    : scope_(scope),
      options_(std::move(options)),
      log_(log),
      compared_(scope.partitions().size()),
      covered_(scope.partitions().size()),
      not_landed_yet_(scope.topics().size()) {
  for (const NamedReceipt& receipt : receipts) {
    NoteUnfinished(receipt);
    for (const ReceiptTable& table : receipt.receipt.tables) AddClaim(receipt, table);
  }
  FindOverlaps();
  for (Claim& claim : claims_) CheckStates(claim);
}

void ReceiptCheck::NoteUnfinished(const NamedReceipt& receipt) {
  uint64_t uncertain = 0;
  for (const ReceiptTable& table : receipt.receipt.tables) uncertain += table.uncertain;
  std::vector<std::string> reasons;
  if (receipt.receipt.state == ReceiptState::kRunning)
    reasons.emplace_back(
        "its producer was killed or is still running, and may have produced more than it names");
  if (uncertain != 0)
    reasons.push_back(fmt::format("{} records timed out and may or may not be in the topic", uncertain));
  if (reasons.empty()) return;
  log_.AddNote(
      {.kind = FindingKind::kReceiptUnfinished, .file = receipt.file, .detail = Join(reasons, "; ")});
}

void ReceiptCheck::AddClaim(const NamedReceipt& receipt, const ReceiptTable& table) {
  const auto& topics = scope_.topics();
  const auto topic = std::find_if(topics.begin(), topics.end(),
                                  [&table](const LedgerTopic& known) { return known.id == table.topic_id; });
  if (topic == topics.end()) return AddForeignTopic(receipt, table);
  Claim claim{&receipt, &table, static_cast<size_t>(topic - topics.begin()), true, {}};
  for (const auto& [number, acknowledged] : table.partitions) {
    const OffsetSet offsets = Normalized(acknowledged.acknowledged.runs());
    const auto partition = scope_.FindPartition({table.topic_id, PartitionId(number)});
    if (partition) {
      claim.acknowledged[*partition] = offsets;
    } else if (!offsets.empty()) {
      claim.comparable = false;
      ReportNotLandedYet(claim, PartitionId(number), offsets);
    }
  }
  claims_.push_back(std::move(claim));
}

// Reports a topic id that is not in the ledger: another incarnation of a known topic, or a topic that was
// never landed.
void ReceiptCheck::AddForeignTopic(const NamedReceipt& receipt, const ReceiptTable& table) {
  const LedgerTopic* incarnation = nullptr;  // the current one, if there is one
  for (const LedgerTopic& known : scope_.topics()) {
    if (known.topic != table.topic) continue;
    incarnation = &known;
    if (known.current) break;
  }
  if (incarnation != nullptr) {
    return log_.Add({.kind = FindingKind::kTopicRecreated,
                     .table = table.table,
                     .topic = table.topic,
                     .file = receipt.file,
                     .expected = "topic id " + table.topic_id.base64(),
                     .found = "topic id " + incarnation->id.base64() + " in the ledger"});
  }
  uint64_t records = 0;
  for (const auto& [number, partition] : table.partitions)
    records += CountOffsets(partition.acknowledged.runs());
  if (records == 0) return;
  log_.Add({.kind = FindingKind::kNotLandedYet,
            .table = table.table,
            .topic = table.topic,
            .file = receipt.file,
            .detail = fmt::format("{} records of a topic that was never landed", records)},
           NotLandedSeverity());
}

void ReceiptCheck::FindOverlaps() {
  for (size_t i = 0; i < claims_.size(); ++i) {
    for (const auto& [partition, offsets] : claims_[i].acknowledged) {
      const OffsetSet shared = Intersection(covered_[partition], offsets);
      covered_[partition] = Union(covered_[partition], offsets);
      if (shared.empty()) continue;
      claims_[i].comparable = false;
      Finding finding = scope_.PartitionFinding(FindingKind::kReceiptOverlap, partition, shared.front());
      finding.file = claims_[i].receipt->file;
      finding.detail =
          fmt::format("{} of its offsets are also in receipts of other runs", CountOffsets(shared));
      log_.Add(std::move(finding));
      for (size_t j = 0; j < i; ++j) {
        const auto other = claims_[j].acknowledged.find(partition);
        if (other == claims_[j].acknowledged.end()) continue;
        if (!Intersection(other->second, offsets).empty()) claims_[j].comparable = false;
      }
    }
  }
}

// Decides whether the claim can be compared, and notes why not.
void ReceiptCheck::CheckStates(Claim& claim) {
  std::set<std::string> reasons;
  if (options_.compacted.contains(claim.topic)) reasons.insert("the topic is compacted");
  for (const auto& [partition, offsets] : claim.acknowledged) CheckPartition(claim, partition, &reasons);
  if (!reasons.empty()) {
    claim.comparable = false;
    Finding finding = scope_.TopicFinding(FindingKind::kReceiptNotComparable, claim.topic);
    finding.file = claim.receipt->file;
    finding.detail = Join({reasons.begin(), reasons.end()}, ", and ");
    log_.AddNote(std::move(finding));
  }
  if (!claim.comparable) return;
  for (const auto& [partition, offsets] : claim.acknowledged) {
    compared_[partition] = Union(compared_[partition], offsets);
  }
}

// Reports acknowledged offsets that are not landed. Adds the reasons why the claim cannot be compared.
void ReceiptCheck::CheckPartition(const Claim& claim, size_t partition, std::set<std::string>* reasons) {
  const PartitionScope& scope = scope_.partitions()[partition];
  for (const auto& [state, offsets] : Classify(scope, claim.acknowledged.at(partition))) {
    switch (state) {
      case OffsetState::kLanded:
        break;
      case OffsetState::kNotLandedYet:
        reasons->insert("part of it is not landed yet");
        ReportNotLandedYet(claim, scope.id.partition, offsets);
        break;
      case OffsetState::kAcceptedLoss:
        reasons->insert("part of it is an accepted loss (land --accept-loss)");
        break;
      case OffsetState::kOlder:
        reasons->insert("part of it was landed before the audited batches");
        break;
      case OffsetState::kBeforeBeginning:
        reasons->insert("part of it lies before the offset at which landing began");
        break;
      case OffsetState::kInNoBatch:
        ReportMissing(claim, partition, offsets, "not landed by any batch");
        break;
    }
  }
}

void ReceiptCheck::ReportNotLandedYet(const Claim& claim, PartitionId partition, const OffsetSet& offsets) {
  not_landed_yet_[claim.topic] += CountOffsets(offsets);
  Finding finding = scope_.TopicFinding(FindingKind::kNotLandedYet, claim.topic);
  finding.file = claim.receipt->file;
  finding.partition = partition;
  finding.offsets = OffsetRange{offsets.front().from, offsets.back().to};
  finding.detail = fmt::format("{} records", CountOffsets(offsets));
  log_.Add(std::move(finding), NotLandedSeverity());
}

void ReceiptCheck::ReportMissing(const Claim& claim, size_t partition, const OffsetSet& offsets,
                                 const std::string& why) {
  for (const OffsetRange& run : offsets) {
    Finding finding = scope_.PartitionFinding(FindingKind::kMissingAcknowledgedRecord, partition, run);
    finding.detail = "acknowledged in " + claim.receipt->file + ", " + why;
    log_.Add(std::move(finding));
  }
}

// Checks that each acknowledged offset in a landed range has a row or was a tombstone.
void ReceiptCheck::CheckAcknowledged(const Claim& claim, const std::vector<MissingOffsets>& missing) {
  const bool compacted = options_.compacted.contains(claim.topic);
  uint64_t tombstones = 0;
  uint64_t unclear = 0;
  uint64_t in_expired_files = 0;  // rows and tombstones
  std::map<size_t, OffsetSet> unclear_offsets;
  for (const auto& [partition, acknowledged] : claim.acknowledged) {
    const MissingOffsets here = Intersection(missing[partition], acknowledged);
    ReportMissing(claim, partition, here.records, "and the broker has a record");
    ReportMissing(claim, partition, here.aborted, "and aborted according to the broker");
    if (!compacted) ReportMissing(claim, partition, here.no_record, "and the broker has no record");
    tombstones += CountOffsets(here.tombstones);
    in_expired_files += CountOffsets(here.in_expired_files);
    unclear_offsets[partition] = Union(here.unexplained, here.expired);
    unclear += CountOffsets(unclear_offsets[partition]);
  }
  if (compacted) return;
  const uint64_t expected = claim.table->tombstones;
  if (tombstones + unclear > expected && unclear > 0) {
    const std::string why =
        expected == 0 ? std::string("and no row has it")
                      : fmt::format("and no row has it ({} of these offsets were tombstones)", expected);
    for (const auto& [partition, offsets] : unclear_offsets) ReportMissing(claim, partition, offsets, why);
  } else if (claim.comparable &&
             (tombstones + unclear + in_expired_files < expected || tombstones > expected)) {
    Finding finding = scope_.TopicFinding(FindingKind::kReceiptTombstoneMismatch, claim.topic);
    finding.file = claim.receipt->file;
    finding.expected = fmt::format("{} tombstones", expected);
    finding.found = std::to_string(tombstones + unclear);
    log_.Add(std::move(finding));
  }
}

void ReceiptCheck::CompareSums(const ComparedRows& found) {
  std::map<std::pair<size_t, std::string>, ExpectedRows> expected;
  for (const Claim& claim : claims_) {
    if (!claim.comparable) continue;
    for (const auto& [directory, rows] : claim.table->landed) {
      ExpectedRows& sum = expected[{claim.topic, directory}];
      sum.rows += rows.rows;
      sum.key_sum += rows.key_sum;
    }
  }
  for (const auto& [place, rows] : found.landed) expected.try_emplace(place);
  std::vector<SumDifference> differences;
  for (const auto& [place, rows] : expected) {
    if (found.with_expired_files.contains(place)) continue;
    const auto landed = found.landed.find(place);
    const KeyedRows sum = landed == found.landed.end() ? KeyedRows() : landed->second;
    if (rows.rows == sum.rows && rows.key_sum == sum.key_sum) continue;
    differences.push_back({place.first, place.second, rows, sum});
  }
  for (const SumDifference& difference : DropZoned(std::move(differences))) ReportDifference(difference);
}

// Producer and lander may know different rules of a time zone: governments change them, sometimes days ahead.
// Then rows are in the directory that was right when they were landed. Drops differences that vanish in the
// sum over the days or hours of the zone, with a note.
std::vector<ReceiptCheck::SumDifference> ReceiptCheck::DropZoned(std::vector<SumDifference> differences) {
  std::map<std::pair<size_t, std::string>, std::pair<uint64_t, uint64_t>> sums;  // modulo 2^64: 0 if equal
  const auto sum_of = [&](const SumDifference& difference) -> auto& {
    return sums[{difference.topic, WithoutZonedLevels(difference.topic, difference.directory)}];
  };
  for (const SumDifference& difference : differences) {
    sum_of(difference).first += difference.expected.rows - difference.found.rows;
    sum_of(difference).second += difference.expected.key_sum - difference.found.key_sum;
  }
  std::map<size_t, std::set<std::string>> dropped;  // directories by topic
  std::erase_if(differences, [&](const SumDifference& difference) {
    if (sum_of(difference) != std::pair<uint64_t, uint64_t>()) return false;
    dropped[difference.topic].insert(difference.directory);
    return true;
  });
  for (const auto& [topic, directories] : dropped) {
    Finding finding = scope_.TopicFinding(FindingKind::kReceiptNotComparable, topic);
    finding.detail = "rows and primary keys agree in sum, but not in " +
                     Join({directories.begin(), directories.end()}, ", ") +
                     ": the producer knew other rules of the time zone than the lander";
    log_.AddNote(std::move(finding));
  }
  return differences;
}

std::string ReceiptCheck::WithoutZonedLevels(size_t topic, const std::string& directory) const {
  const auto zoned = options_.zoned_levels.find(topic);
  std::optional<std::vector<PartitionLevel>> levels = ParsePartitionDirectory(directory);
  if (zoned == options_.zoned_levels.end() || !levels) return directory;
  std::erase_if(*levels, [&](const PartitionLevel& level) { return zoned->second.contains(level.name); });
  return FormatPartitionDirectory(*levels).value_or("");
}

void ReceiptCheck::ReportDifference(const SumDifference& difference) {
  const auto& [topic, directory, expected, found] = difference;
  const bool same_rows = expected.rows == found.rows;
  Finding finding = scope_.TopicFinding(
      same_rows ? FindingKind::kReceiptKeySumMismatch : FindingKind::kReceiptRowCountMismatch, topic);
  finding.partition_dir = directory;
  finding.expected = same_rows ? fmt::format("{:016x} as the sum over primary keys", expected.key_sum)
                               : fmt::format("{} rows", expected.rows);
  finding.found = same_rows ? fmt::format("{:016x}", found.key_sum) : std::to_string(found.rows);
  log_.Add(std::move(finding));
}

void ReceiptCheck::CompareRejected(const ComparedRows& found) {
  std::map<std::pair<size_t, std::string>, uint64_t> expected;
  for (const Claim& claim : claims_) {
    if (!claim.comparable) continue;
    for (const auto& [reason, records] : claim.table->quarantined) expected[{claim.topic, reason}] += records;
  }
  for (const auto& [place, records] : found.rejected) expected.try_emplace(place, 0);
  for (const auto& [place, records] : expected) {
    if (found.with_expired_rejections.contains(place.first)) continue;
    const auto rejected = found.rejected.find(place);
    const uint64_t count = rejected == found.rejected.end() ? 0 : rejected->second;
    if (count == records) continue;
    Finding finding = scope_.TopicFinding(FindingKind::kReceiptQuarantineMismatch, place.first);
    finding.detail = place.second;
    finding.expected = fmt::format("{} in quarantine", records);
    finding.found = std::to_string(count);
    log_.Add(std::move(finding));
  }
}

void ReceiptCheck::Compare(const ComparedRows& found, const std::vector<MissingOffsets>& missing) {
  for (const Claim& claim : claims_) CheckAcknowledged(claim, missing);
  CompareSums(found);
  CompareRejected(found);
}

std::vector<uint64_t> ReceiptCheck::CountCovered(const PositionMap& positions) const {
  std::vector<uint64_t> covered(scope_.topics().size());
  for (size_t i = 0; i < covered_.size(); ++i) {
    const PartitionScope& partition = scope_.partitions()[i];
    covered[partition.topic] += positions.CountSeen(i, Intersection(covered_[i], partition.landed));
  }
  return covered;
}

}  // namespace forebay
