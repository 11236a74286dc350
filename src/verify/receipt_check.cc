#include "verify/receipt_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/join.h"

namespace forebay {
namespace {

// "1,000 rows and 5 rejected".
std::string OutcomeText(const ExpectedOutcome& outcome) {
  uint64_t rows = 0;
  uint64_t records = 0;
  for (const auto& [directory, expected] : outcome.landed) rows += expected.rows;
  for (const auto& [reason, count] : outcome.rejected) records += count;
  return fmt::format("{} rows and {} rejected", rows, records);
}

}  // namespace

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
  if (receipt.receipt.state == ReceiptState::kPartial)
    reasons.emplace_back("its producer was interrupted before it had produced all of its records");
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
  Claim claim{.receipt = &receipt,
              .table = &table,
              .topic = static_cast<size_t>(topic - topics.begin()),
              .acknowledged = {},
              .expected = {table.landed, table.quarantined}};
  for (const auto& [number, acknowledged] : table.partitions) {
    const OffsetSet offsets = Normalized(acknowledged.acknowledged.runs());
    const std::vector<size_t> logs = scope_.FindLogs(table.topic_id, PartitionId(number));
    if (!logs.empty()) {
      AddOffsets(logs, offsets, &claim);
    } else if (!offsets.empty()) {
      claim.comparable = false;
      ReportNotLandedYet(claim, PartitionId(number), offsets);
    }
  }
  claims_.push_back(std::move(claim));
}

// A receipt does not tell from which log its offsets are. They count for the last log that landed them, and
// for the current one if none did.
void ReceiptCheck::AddOffsets(const std::vector<size_t>& logs, const OffsetSet& acknowledged, Claim* claim) {
  OffsetSet rest = acknowledged;
  for (auto log = logs.rbegin(); log != logs.rend(); ++log) {
    const PartitionScope& scope = scope_.partitions()[*log];
    const Offset from = *log == logs.front() ? Offset(0) : scope.beginning;
    const OffsetSet here = Intersection(rest, Normalized({{from, std::max(from, scope.next)}}));
    rest = Difference(rest, here);
    claim->acknowledged[*log] = here;
  }
  OffsetSet& current = claim->acknowledged[logs.back()];
  current = Union(current, rest);
  const OffsetSet of_either = Normalized({{EndOfOneLog(logs.back()), Offset(INT64_MAX)}});
  claim->has_adopted_log = claim->has_adopted_log || !Intersection(acknowledged, of_either).empty();
}

// Up to there, the partition's offsets are of one log.
Offset ReceiptCheck::EndOfOneLog(size_t partition) const {
  const TopicPartition& id = scope_.partitions()[partition].id;
  const std::vector<size_t> logs = scope_.FindLogs(id.topic_id, id.partition);
  Offset end(INT64_MAX);
  for (size_t i = 1; i < logs.size(); ++i) end = std::min(end, scope_.partitions()[logs[i]].beginning);
  return end;
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
      const OffsetSet shared =
          Within(Intersection(covered_[partition], offsets), {Offset(0), EndOfOneLog(partition)});
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
  if (claim.has_adopted_log)
    reasons.insert("some of its offsets may be of an earlier log of their partition (land --adopt-log)");
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
      case OffsetState::kNotLandedYet: {
        const OffsetSet gone = options_.expired.empty() ? OffsetSet() : options_.expired[partition];
        if (const OffsetSet expired = Intersection(offsets, gone); !expired.empty()) {
          reasons->insert("part of it was gone from Kafka before it was landed");
          ReportExpired(claim, partition, expired);
        }
        if (const OffsetSet waiting = Difference(offsets, gone); !waiting.empty()) {
          reasons->insert("part of it is not landed yet");
          ReportNotLandedYet(claim, scope.id.partition, waiting);
        }
        break;
      }
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

void ReceiptCheck::ReportExpired(const Claim& claim, size_t partition, const OffsetSet& offsets) {
  Finding finding = scope_.PartitionFinding(FindingKind::kExpiredUnlanded, partition,
                                            {offsets.front().from, offsets.back().to});
  finding.file = claim.receipt->file;
  finding.detail = fmt::format("{} acknowledged records", CountOffsets(offsets));
  log_.Add(std::move(finding));
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

bool ReceiptCheck::HasOtherContract(const Claim& claim) const {
  const std::string& own = claim.receipt->receipt.contract_hash;
  if (own.empty() || options_.snapshot == nullptr) return false;
  for (const LedgerBatch& batch : options_.snapshot->batches) {
    if (batch.contract_hash == own) continue;
    for (const BatchRange& range : batch.ranges) {
      const auto partition = scope_.FindPartition(range.partition);
      const auto claimed = partition ? claim.acknowledged.find(*partition) : claim.acknowledged.end();
      if (claimed != claim.acknowledged.end() && !Within(claimed->second, range.offsets).empty()) return true;
    }
  }
  return false;
}

Result<bool> ReceiptCheck::JudgeByOwnContracts(size_t topic) {
  for (Claim& claim : claims_) {
    if (claim.topic != topic || !claim.comparable || !HasOtherContract(claim)) continue;
    DecodedAgain decoded;
    if (options_.redecode) {
      FOREBAY_ASSIGN(decoded, options_.redecode(topic, claim.acknowledged));
    } else {
      decoded.impossible = "--brokers judges it by decoding Kafka's records again";
    }
    Finding finding = scope_.TopicFinding(FindingKind::kReceiptOtherContract, topic);
    finding.file = claim.receipt->file;
    finding.detail =
        "its records were landed with another contract than it was written with, and other outcomes";
    if (!decoded.impossible.empty()) {
      finding.detail += "; the counts cannot be compared: " + decoded.impossible;
      log_.AddNote(std::move(finding));
      return false;
    }
    finding.detail += "; compared with Kafka's records, decoded again with the lake's contract";
    finding.expected = OutcomeText(claim.expected) + " by the receipt";
    finding.found = OutcomeText(decoded.outcome) + " by the lake's contract";
    log_.AddNote(std::move(finding));
    claim.expected = std::move(decoded.outcome);
  }
  return true;
}

ReceiptDifferences ReceiptCheck::FindDifferences(const ComparedRows& found) const {
  std::vector<ClaimedOutcome> claims;
  for (const Claim& claim : claims_) {
    if (claim.comparable) claims.push_back({claim.topic, &claim.expected});
  }
  return FindReceiptDifferences(scope_, claims, options_.zoned_levels, found);
}

Status ReceiptCheck::Compare(const ComparedRows& found, const std::vector<MissingOffsets>& missing) {
  for (const Claim& claim : claims_) CheckAcknowledged(claim, missing);
  ReceiptDifferences differences = FindDifferences(found);
  std::set<size_t> judged;
  for (const Claim& claim : claims_) {
    if (claim.comparable && differences.problems.contains(claim.topic) && HasOtherContract(claim))
      judged.insert(claim.topic);
  }
  std::set<size_t> unclear;
  for (const size_t topic : judged) {
    FOREBAY_ASSIGN(const bool clear, JudgeByOwnContracts(topic));
    if (!clear) unclear.insert(topic);
  }
  if (!judged.empty()) differences = FindDifferences(found);
  for (Finding& note : differences.notes) log_.AddNote(std::move(note));
  for (auto& [topic, problems] : differences.problems) {
    if (unclear.contains(topic)) continue;
    for (Finding& problem : problems) log_.Add(std::move(problem));
  }
  return Ok();
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
