#include "verify/receipt_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace forebay {

ReceiptCheck::ReceiptCheck(const std::vector<NamedReceipt>& receipts, const AuditScope& scope,
                           const Options& options, FindingLog& log)
    : scope_(scope),
      options_(options),
      log_(log),
      counted_(scope.partitions().size()),
      covered_(scope.partitions().size()),
      not_landed_yet_(scope.topics().size()) {
  for (const NamedReceipt& receipt : receipts) {
    NoteUnfinished(receipt);
    for (const ReceiptTable& table : receipt.receipt.tables) AddClaim(receipt, table);
  }
  FindOverlaps();
  for (Claim& claim : claims_) Sort(claim);
}

Finding ReceiptCheck::TopicFinding(FindingKind kind, size_t topic) const {
  Finding finding;
  finding.kind = kind;
  finding.table = scope_.topics()[topic].table;
  finding.topic = scope_.topics()[topic].topic;
  return finding;
}

void ReceiptCheck::NoteUnfinished(const NamedReceipt& receipt) {
  uint64_t uncertain = 0;
  for (const ReceiptTable& table : receipt.receipt.tables) uncertain += table.uncertain;
  const bool running = receipt.receipt.state == ReceiptState::kRunning;
  if (!running && uncertain == 0) return;
  Finding finding;
  finding.kind = FindingKind::kReceiptUnfinished;
  finding.file = receipt.file;
  if (running)
    finding.detail = "its producer was killed or still works; more may have been produced than it says";
  if (uncertain != 0) {
    if (!finding.detail.empty()) finding.detail += "; ";
    finding.detail += fmt::format("{} records timed out and may or may not be in the topic", uncertain);
  }
  log_.Add(std::move(finding), Severity::kNote);
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
      NotLandedYet(claim, PartitionId(number), offsets);
    }
  }
  claims_.push_back(std::move(claim));
}

// Reports a topic id that the ledger does not know: another incarnation of a known topic, or a topic that was
// never landed.
void ReceiptCheck::AddForeignTopic(const NamedReceipt& receipt, const ReceiptTable& table) {
  Finding finding;
  finding.file = receipt.file;
  finding.table = table.table;
  finding.topic = table.topic;
  for (const LedgerTopic& known : scope_.topics()) {
    if (known.topic != table.topic) continue;
    finding.kind = FindingKind::kTopicRecreated;
    finding.expected = "topic id " + table.topic_id.base64();
    finding.found = "topic id " + known.id.base64() + " in the ledger";
    if (known.current) break;
  }
  if (finding.kind == FindingKind::kTopicRecreated) return log_.Add(std::move(finding));
  uint64_t records = 0;
  for (const auto& [number, partition] : table.partitions)
    records += CountOffsets(partition.acknowledged.runs());
  if (records == 0) return;
  finding.kind = FindingKind::kNotLandedYet;
  finding.detail = fmt::format("{} records of a topic that was never landed", records);
  log_.Add(std::move(finding), options_.require_landed ? Severity::kProblem : Severity::kNote);
}

void ReceiptCheck::FindOverlaps() {
  for (size_t i = 0; i < claims_.size(); ++i) {
    for (const auto& [partition, offsets] : claims_[i].acknowledged) {
      const OffsetSet twice = Intersection(covered_[partition], offsets);
      covered_[partition] = Union(covered_[partition], offsets);
      if (twice.empty()) continue;
      claims_[i].comparable = false;
      Finding finding = TopicFinding(FindingKind::kReceiptOverlap, claims_[i].topic);
      finding.file = claims_[i].receipt->file;
      finding.partition = scope_.partitions()[partition].id.partition;
      finding.offsets = twice.front();
      finding.detail =
          fmt::format("{} offsets of it belong to other runs' receipts, too", CountOffsets(twice));
      log_.Add(std::move(finding));
      for (size_t j = 0; j < i; ++j) {
        const auto other = claims_[j].acknowledged.find(partition);
        if (other == claims_[j].acknowledged.end()) continue;
        if (!Intersection(other->second, offsets).empty()) claims_[j].comparable = false;
      }
    }
  }
}

void ReceiptCheck::Sort(Claim& claim) {
  std::vector<std::string> reasons;
  if (options_.compacted.contains(claim.topic)) reasons.push_back("Kafka compacts the topic");
  for (const auto& [partition, offsets] : claim.acknowledged) SortPartition(claim, partition, &reasons);
  if (!reasons.empty()) {
    claim.comparable = false;
    Finding finding = TopicFinding(FindingKind::kReceiptNotComparable, claim.topic);
    finding.file = claim.receipt->file;
    for (const std::string& reason : reasons) {
      if (finding.detail.find(reason) != std::string::npos) continue;
      if (!finding.detail.empty()) finding.detail += ", and ";
      finding.detail += reason;
    }
    log_.Add(std::move(finding), Severity::kNote);
  }
  if (!claim.comparable) return;
  for (const auto& [partition, offsets] : claim.acknowledged) {
    counted_[partition] = Union(counted_[partition], offsets);
  }
}

// Finds acknowledged offsets outside the audited range, and acknowledged offsets that should be landed but
// that no batch landed.
void ReceiptCheck::SortPartition(Claim& claim, size_t partition, std::vector<std::string>* reasons) {
  const PartitionScope& scope = scope_.partitions()[partition];
  const OffsetSet& acknowledged = claim.acknowledged.at(partition);
  OffsetSet rest = Difference(acknowledged, scope.landed);
  const auto take = [&rest](const OffsetSet& part) {
    OffsetSet taken = Intersection(rest, part);
    rest = Difference(rest, part);
    return taken;
  };
  constexpr int64_t kEnd = INT64_MAX;
  const OffsetSet ahead = take(Union(scope.unpublished, Normalized({{scope.next, Offset(kEnd)}})));
  if (!ahead.empty()) {
    reasons->push_back("a part of it is not landed yet");
    NotLandedYet(claim, scope.id.partition, ahead);
  }
  if (!take(scope.given_up).empty()) reasons->push_back("a part of it was given up with land --accept-loss");
  if (!take(scope.older).empty())
    reasons->push_back("a part of it was landed before the batches that were looked at");
  if (!take(Normalized({{Offset(0), scope.beginning}})).empty()) {
    reasons->push_back("a part of it lies before the landing's beginning");
  }
  AddMissing(claim, partition, rest, "no batch landed them");
}

void ReceiptCheck::NotLandedYet(const Claim& claim, PartitionId partition, const OffsetSet& offsets) {
  not_landed_yet_[claim.topic] += CountOffsets(offsets);
  Finding finding = TopicFinding(FindingKind::kNotLandedYet, claim.topic);
  finding.file = claim.receipt->file;
  finding.partition = partition;
  finding.offsets = OffsetRange{offsets.front().from, offsets.back().to};
  finding.detail = fmt::format("{} records", CountOffsets(offsets));
  log_.Add(std::move(finding), options_.require_landed ? Severity::kProblem : Severity::kNote);
}

void ReceiptCheck::AddMissing(const Claim& claim, size_t partition, const OffsetSet& offsets,
                              const std::string& why) {
  for (const OffsetRange& run : offsets) {
    Finding finding = TopicFinding(FindingKind::kAcknowledgedMissing, claim.topic);
    finding.partition = scope_.partitions()[partition].id.partition;
    finding.offsets = run;
    finding.detail = "acknowledged in " + claim.receipt->file + ", " + why;
    log_.Add(std::move(finding));
  }
}

// Checks that each acknowledged offset in a landed range has a row or was a tombstone.
void ReceiptCheck::CheckAcknowledged(const Claim& claim, const std::vector<MissingOffsets>& missing_offsets) {
  const bool compacted = options_.compacted.contains(claim.topic);
  uint64_t tombstones = 0;
  uint64_t unclear = 0;
  uint64_t gone = 0;  // rows and tombstones of batches with files that an operator removed
  std::map<size_t, OffsetSet> unclear_offsets;
  for (const auto& [partition, acknowledged] : claim.acknowledged) {
    const MissingOffsets& absent = missing_offsets[partition];
    AddMissing(claim, partition, Intersection(acknowledged, absent.absent), "and the broker has a record");
    AddMissing(claim, partition, Intersection(acknowledged, absent.aborted),
               "and aborted, as the broker says");
    if (!compacted) {
      AddMissing(claim, partition, Intersection(acknowledged, absent.no_record),
                 "and the broker has no record");
    }
    tombstones += CountOffsets(Intersection(acknowledged, absent.tombstones));
    OffsetSet open = Intersection(acknowledged, Union(absent.unexplained, absent.expired));
    unclear += CountOffsets(open);
    gone += CountOffsets(Intersection(acknowledged, absent.given_up));
    unclear_offsets[partition] = std::move(open);
  }
  const uint64_t expected = claim.table->tombstones;
  if (compacted) return;
  if (tombstones + unclear > expected && unclear > 0) {
    const std::string why =
        expected == 0 ? std::string("and no row has it")
                      : fmt::format("and no row has it ({} of these offsets were tombstones)", expected);
    for (const auto& [partition, offsets] : unclear_offsets) AddMissing(claim, partition, offsets, why);
  } else if (claim.comparable && (tombstones + unclear + gone < expected || tombstones > expected)) {
    Finding finding = TopicFinding(FindingKind::kReceiptTombstones, claim.topic);
    finding.file = claim.receipt->file;
    finding.expected = fmt::format("{} tombstones", expected);
    finding.found = std::to_string(tombstones + unclear);
    log_.Add(std::move(finding));
  }
}

void ReceiptCheck::CompareSums(const CountedRows& found) {
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
  for (const auto& [place, rows] : expected) {
    if (found.with_expired_files.contains(place)) continue;
    const auto there = found.landed.find(place);
    const KeyedRows sum = there == found.landed.end() ? KeyedRows() : there->second;
    if (rows.rows == sum.rows && rows.key_sum == sum.key_sum) continue;
    const bool same_rows = rows.rows == sum.rows;
    Finding finding =
        TopicFinding(same_rows ? FindingKind::kReceiptKeySum : FindingKind::kReceiptRows, place.first);
    finding.partition_dir = place.second;
    finding.expected = same_rows ? fmt::format("{:016x} as the sum over primary keys", rows.key_sum)
                                 : fmt::format("{} rows", rows.rows);
    finding.found = same_rows ? fmt::format("{:016x}", sum.key_sum) : std::to_string(sum.rows);
    log_.Add(std::move(finding));
  }
}

void ReceiptCheck::CompareRefused(const CountedRows& found) {
  std::map<std::pair<size_t, std::string>, uint64_t> expected;
  for (const Claim& claim : claims_) {
    if (!claim.comparable) continue;
    for (const auto& [reason, records] : claim.table->quarantined) expected[{claim.topic, reason}] += records;
  }
  for (const auto& [place, records] : found.refused) expected.try_emplace(place, 0);
  for (const auto& [place, records] : expected) {
    if (found.with_expired_refusals.contains(place.first)) continue;
    const auto there = found.refused.find(place);
    const uint64_t refused = there == found.refused.end() ? 0 : there->second;
    if (refused == records) continue;
    Finding finding = TopicFinding(FindingKind::kReceiptQuarantine, place.first);
    finding.detail = place.second;
    finding.expected = fmt::format("{} in quarantine", records);
    finding.found = std::to_string(refused);
    log_.Add(std::move(finding));
  }
}

void ReceiptCheck::Compare(const CountedRows& found, const std::vector<MissingOffsets>& missing_offsets) {
  for (const Claim& claim : claims_) CheckAcknowledged(claim, missing_offsets);
  CompareSums(found);
  CompareRefused(found);
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
