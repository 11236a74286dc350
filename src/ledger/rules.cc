#include "ledger/rules.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "partition/directory.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

constexpr std::string_view kZeroUuidBase64 = "AAAAAAAAAAAAAAAAAAAAAA";

std::string Name(const TopicPartition& partition) {
  return "partition " + std::to_string(partition.partition.value()) + " of topic id " +
         partition.topic_id.base64();
}

Error Conflict(const TopicPartition& partition, Offset from, Offset next) {
  return Error(ErrorCode::kConflict, Name(partition) +
                                         " landed by another process: this batch begins at offset " +
                                         std::to_string(from.value()) + ", the ledger continues at offset " +
                                         std::to_string(next.value()));
}

Error Malformed(const std::string& what) {
  return InvalidArgumentError("malformed batch: " + what + "; nothing was landed");
}

Status CheckRange(const BatchRange& range) {
  if (IsZeroTopicId(range.partition.topic_id)) return Malformed("a range has no topic id");
  if (range.offsets.from >= range.offsets.to)
    return Malformed("the range of " + Name(range.partition) + " is empty");
  if (range.rows < 0 || range.quarantined < 0 || range.tombstones < 0) {
    return Malformed("a count of " + Name(range.partition) + " is negative");
  }
  const int64_t records = range.rows + range.quarantined + range.tombstones;
  if (range.last_record &&
      (range.last_record->offset < range.offsets.from || range.last_record->offset >= range.offsets.to)) {
    return Malformed("the last record of " + Name(range.partition) + " is not in its range");
  }
  if (records > range.offsets.to.value() - range.offsets.from.value()) {
    return Malformed("the range of " + Name(range.partition) + " is shorter than its " +
                     std::to_string(records) + " records");
  }
  return Ok();
}

Status CheckFile(const ProposedFile& file) {
  if (!IsTableDirectoryName(file.table))
    return Malformed("'" + file.table + "' is not a valid table directory");
  if (!ParsePartitionDirectory(file.partition_dir)) {
    return Malformed("'" + file.partition_dir + "' is not a valid partition directory");
  }
  if (!IsStagedName(file.staged_name))
    return Malformed("'" + file.staged_name + "' is not the name of a staged file");
  if (!IsFileName(file.file_name)) return Malformed("'" + file.file_name + "' is not the name of a file");
  if (file.rows <= 0 || file.bytes <= 0)
    return Malformed("the staged file " + file.staged_name + " is empty");
  return Ok();
}

Status CheckSums(const BatchProposal& proposal) {
  int64_t rows = 0, quarantined = 0, file_rows = 0, quarantine_rows = 0, reasons = 0;
  for (const BatchRange& range : proposal.ranges) {
    rows += range.rows;
    quarantined += range.quarantined;
  }
  for (const ProposedFile& file : proposal.files) {
    (file.table == kQuarantineTable ? quarantine_rows : file_rows) += file.rows;
  }
  for (const QuarantineCount& count : proposal.quarantine) reasons += count.records;
  if (rows != file_rows && FOREBAY_SAFEGUARD("decide:rows_add_up")) {
    return Malformed("its ranges have " + std::to_string(rows) + " rows, its files " +
                     std::to_string(file_rows));
  }
  if (quarantined != quarantine_rows || quarantined != reasons) {
    return Malformed("its ranges have " + std::to_string(quarantined) +
                     " quarantined records, its quarantine files " + std::to_string(quarantine_rows) +
                     ", its reasons " + std::to_string(reasons));
  }
  return Ok();
}

// Whether the range continues the partition's progress.
Status CanAdvance(const LedgerState& state, const TopicPartition& partition, OffsetRange offsets) {
  const auto progress = state.partitions.find(partition);
  if (progress == state.partitions.end())
    return FailedPreconditionError(Name(partition) + " has no beginning in the ledger");
  const auto topic = state.topics.find(partition.topic_id);
  if (topic == state.topics.end()) {
    return CorruptionError("ledger damaged: it has positions of " + Name(partition) +
                           ", but not the topic; restore the ledger from a backup");
  }
  if (!topic->second.current && FOREBAY_SAFEGUARD("decide:topic_is_current")) {
    return FailedPreconditionError("topic id " + partition.topic_id.base64() +
                                   " is no longer the current id of topic " + topic->second.topic);
  }
  if (!progress->second.current && FOREBAY_SAFEGUARD("decide:log_is_current")) {
    return Error(ErrorCode::kConflict,
                 Name(partition) + " has another log by now: another process adopted it");
  }
  if (progress->second.next != offsets.from && FOREBAY_SAFEGUARD("decide:compare_and_set"))
    return Conflict(partition, offsets.from, progress->second.next);
  return Ok();
}

Status CanBeginOne(const LedgerState& state, const Beginning& beginning) {
  if (IsZeroTopicId(beginning.partition.topic_id)) {
    return FailedPreconditionError("topic " + beginning.topic +
                                   " has no topic id at the broker; landing requires Kafka 2.8 or newer");
  }
  if (beginning.offset.value() < 0 || beginning.partition.partition.value() < 0) {
    return FailedPreconditionError("beginning of " + Name(beginning.partition) + " is negative");
  }
  const auto same_id = state.topics.find(beginning.partition.topic_id);
  if (same_id != state.topics.end() &&
      (same_id->second.topic != beginning.topic || same_id->second.table != beginning.table)) {
    return FailedPreconditionError("topic id " + beginning.partition.topic_id.base64() +
                                   " belongs to topic " + same_id->second.topic + " and table " +
                                   same_id->second.table + " in the ledger, not to topic " + beginning.topic +
                                   " and table " + beginning.table);
  }
  const LedgerTopic* current = state.CurrentTopic(beginning.topic);
  if (current != nullptr && current->id != beginning.partition.topic_id &&
      FOREBAY_SAFEGUARD("begin:topic_is_current")) {
    return FailedPreconditionError(
        "topic " + beginning.topic + " was deleted and recreated: its id is " +
        beginning.partition.topic_id.base64() + ", the ledger has " + current->id.base64() +
        "; to land the new topic, run `forebay land --adopt-topic " + beginning.topic + "`");
  }
  if (state.partitions.contains(beginning.partition) && FOREBAY_SAFEGUARD("begin:only_once")) {
    return Error(ErrorCode::kConflict, Name(beginning.partition) + " already begun by another process");
  }
  return Ok();
}

}  // namespace

const LedgerTopic* LedgerState::CurrentTopic(const std::string& name) const {
  for (const auto& [id, topic] : topics) {
    if (topic.current && topic.topic == name) return &topic;
  }
  return nullptr;
}

std::vector<LogSegment> LineageOf(const std::vector<LedgerPartition>& partitions, const TopicPartition& log) {
  std::vector<LogSegment> segments;
  Offset end(INT64_MAX);
  for (auto known = partitions.rbegin(); known != partitions.rend(); ++known) {
    const TopicPartition& id = known->partition;
    if (id.topic_id != log.topic_id || id.partition != log.partition || id.incarnation > log.incarnation)
      continue;
    if (known->beginning < end) segments.push_back({id, {known->beginning, end}, known->base});
    end = std::min(end, known->beginning);
  }
  return segments;
}

std::optional<OffsetRange> InCurrentLog(const std::vector<LedgerPartition>& partitions,
                                        const BatchRange& range) {
  const auto current = std::find_if(partitions.begin(), partitions.end(), [&](const LedgerPartition& known) {
    return known.current && known.partition.topic_id == range.partition.topic_id &&
           known.partition.partition == range.partition.partition;
  });
  if (current == partitions.end()) return std::nullopt;
  for (const LogSegment& segment : LineageOf(partitions, current->partition)) {
    if (segment.log != range.partition) continue;
    // Behind its last record a range has transaction markers, which are nobody's rows.
    const Offset end = range.last_record ? Offset(range.last_record->offset.value() + 1) : range.offsets.to;
    if (range.offsets.from < segment.offsets.from || end > segment.offsets.to) return std::nullopt;
    return OffsetRange{range.offsets.from, std::min(range.offsets.to, segment.offsets.to)};
  }
  return std::nullopt;
}

const LedgerTopic* FindTopic(const LedgerSnapshot& snapshot, const TopicId& id) {
  const auto found = std::find_if(snapshot.topics.begin(), snapshot.topics.end(),
                                  [&id](const LedgerTopic& topic) { return topic.id == id; });
  return found == snapshot.topics.end() ? nullptr : &*found;
}

std::map<TopicId, const LedgerTopic*> TopicsById(const std::vector<LedgerTopic>& topics) {
  std::map<TopicId, const LedgerTopic*> by_id;
  for (const LedgerTopic& topic : topics) by_id.emplace(topic.id, &topic);
  return by_id;
}

std::map<std::string, std::vector<std::string>> TopicsByTable(const std::vector<LedgerTopic>& topics) {
  std::map<std::string, std::vector<std::string>> by_table;
  for (const LedgerTopic& topic : topics) by_table[topic.table].push_back(topic.topic);
  return by_table;
}

bool IsZeroTopicId(const TopicId& id) {
  return FOREBAY_SAFEGUARD("begin:topic_id_is_not_zero") && (id.empty() || id.base64() == kZeroUuidBase64);
}

Status CheckProposal(const BatchProposal& proposal) {
  if (proposal.ranges.empty()) return Malformed("it has no range");
  if (proposal.contract_yaml.empty()) return Malformed("it has no contract");
  std::set<TopicPartition> partitions;
  for (const BatchRange& range : proposal.ranges) {
    FOREBAY_TRY(CheckRange(range));
    if (!partitions.insert(range.partition).second)
      return Malformed(Name(range.partition) + " has two ranges");
  }
  std::set<std::string> staged_names;
  std::set<FilePlace> places;
  for (const ProposedFile& file : proposal.files) {
    FOREBAY_TRY(CheckFile(file));
    if (!staged_names.insert(file.staged_name).second)
      return Malformed("duplicate staged name " + file.staged_name);
    const FilePlace place = {file.table, file.partition_dir, file.file_name};
    if (!places.insert(place).second) return Malformed("duplicate file " + PlaceText(place));
  }
  std::set<std::pair<std::string, std::string>> reasons;
  for (const QuarantineCount& count : proposal.quarantine) {
    if (count.records <= 0) return Malformed("a quarantine count is not positive");
    if (!reasons.insert({count.table, count.reason}).second) {
      return Malformed("duplicate count of " + count.reason + " for " + count.table);
    }
  }
  std::set<std::string> untimed;
  for (const UntimedCount& count : proposal.untimed) {
    if (count.records <= 0 || !untimed.insert(count.table).second)
      return Malformed("a count of records without a timestamp is not positive, or duplicate");
  }
  for (const FieldCount& count : proposal.fields) {
    if (count.records <= 0) return Malformed("the count of field '" + count.field + "' is not positive");
  }
  return CheckSums(proposal);
}

Status CanBegin(const LedgerState& state, const std::vector<Beginning>& beginnings) {
  // Each beginning is also checked against those before it: two ids of one name must not both become current.
  LedgerState after = state;
  for (const Beginning& beginning : beginnings) {
    FOREBAY_TRY(CanBeginOne(after, beginning));
    ApplyBegin(after, {beginning}, 0);
  }
  return Ok();
}

void ApplyBegin(LedgerState& state, const std::vector<Beginning>& beginnings, int64_t now_ms) {
  for (const Beginning& beginning : beginnings) {
    const TopicId& id = beginning.partition.topic_id;
    state.topics.try_emplace(id, LedgerTopic{id, beginning.topic, beginning.table, true, now_ms});
    state.partitions[beginning.partition] = {beginning.offset, beginning.offset, true};
  }
}

Status CanDecide(const LedgerState& state, const BatchProposal& proposal) {
  FOREBAY_TRY(CheckProposal(proposal));
  for (const BatchRange& range : proposal.ranges)
    FOREBAY_TRY(CanAdvance(state, range.partition, range.offsets));
  return Ok();
}

void ApplyDecide(LedgerState& state, const BatchProposal& proposal) {
  for (const BatchRange& range : proposal.ranges)
    state.partitions.at(range.partition).next = range.offsets.to;
  state.last_batch = BatchId(state.last_batch.value() + 1);
}

Status CanAcceptLoss(const LedgerState& state, const std::vector<LostRange>& lost) {
  std::set<TopicPartition> partitions;
  for (const LostRange& range : lost) {
    if (range.offsets.from >= range.offsets.to || !partitions.insert(range.partition).second) {
      return FailedPreconditionError("lost range of " + Name(range.partition) + " is empty or duplicate");
    }
    FOREBAY_TRY(CanAdvance(state, range.partition, range.offsets));
  }
  return Ok();
}

void ApplyAcceptLoss(LedgerState& state, const std::vector<LostRange>& lost) {
  for (const LostRange& range : lost) state.partitions.at(range.partition).next = range.offsets.to;
}

Status CanAdopt(const LedgerState& state, const std::string& topic, const TopicId& from, const TopicId& to) {
  const LedgerTopic* current = state.CurrentTopic(topic);
  if (current == nullptr)
    return FailedPreconditionError("topic " + topic + " is not in the ledger; there is nothing to adopt");
  if (current->id != from && FOREBAY_SAFEGUARD("adopt:compare_and_set")) {
    return Error(ErrorCode::kConflict,
                 "topic " + topic + " adopted by another process: its id is " + current->id.base64());
  }
  if (IsZeroTopicId(to)) return FailedPreconditionError("topic " + topic + " has no topic id at the broker");
  if (state.topics.contains(to)) {
    return FailedPreconditionError("topic id " + to.base64() +
                                   " is already in the ledger and cannot be adopted");
  }
  return Ok();
}

void ApplyAdopt(LedgerState& state, const std::string& topic, const TopicId& to, int64_t now_ms) {
  const LedgerTopic* current = state.CurrentTopic(topic);
  FOREBAY_ASSERT(current != nullptr);
  const LedgerTopic adopted = {to, topic, current->table, true, now_ms};
  state.topics.at(current->id).current = false;
  state.topics.emplace(to, adopted);
}

Status CanRenameTable(const LedgerState& state, const std::string& topic, const std::string& table) {
  for (const auto& [partition, progress] : state.partitions) {
    const LedgerTopic& known = state.topics.at(partition.topic_id);
    if (known.topic != topic || progress.beginning == progress.next) continue;
    return FailedPreconditionError("topic '" + topic + "' was landed as table '" + known.table +
                                   "', and cannot become table '" + table + "': keep the name of the table");
  }
  return Ok();
}

Status CanAdoptLog(const LedgerState& state, const LogAdoption& adoption) {
  // Also where nothing follows the beginning: the empty range stands for the position alone.
  FOREBAY_TRY(CanAdvance(state, adoption.from, {adoption.next, adoption.next}));
  if (adoption.beginning.value() < 0 || adoption.beginning > adoption.next) {
    return FailedPreconditionError("the adopted log of " + Name(adoption.from) + " would begin at offset " +
                                   std::to_string(adoption.beginning.value()) + ", beyond what was landed");
  }
  return Ok();
}

TopicPartition ApplyAdoptLog(LedgerState& state, const LogAdoption& adoption) {
  TopicPartition to = adoption.from;
  to.incarnation = Incarnation(adoption.from.incarnation.value() + 1);
  state.partitions.at(adoption.from).current = false;
  state.partitions[to] = {adoption.beginning, adoption.beginning, true};
  return to;
}

}  // namespace forebay
