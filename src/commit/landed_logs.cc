#include "commit/landed_logs.h"

#include <map>
#include <utility>

#include "compare/last_rows.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

using kafka::NamedPartition;

class LandedLogs {
 public:
  LandedLogs(const LogCheckOptions& options, kafka::Admin& admin, TableStore& store, Ledger& ledger)
      : check_(options), admin_(admin), store_(store), ledger_(ledger) {}

  Status Check(const std::vector<NamedPartition>& partitions, LandPlan* plan) {
    FOREBAY_ASSIGN(auto records, ledger_.LastRecords(plan->logs, 1));
    for (size_t i = 0; i < plan->starts.size(); ++i) {
      std::vector<LandedRecord>& last = records[i];
      if (!last.empty()) plan->last_records[i] = last.front();
      if (!last.empty()) {
        landed_.push_back({partitions[i], std::move(last), plan->starts[i].offset});
        at_.push_back(i);
      } else {
        without_.push_back(partitions[i]);
        logs_without_.push_back(plan->logs[i]);
      }
    }
    FOREBAY_TRY(CheckFingerprints(plan));
    FOREBAY_TRY(CheckRows());
    return different_.empty() ? Ok() : Status(NotTheLandedLogs(different_));
  }

 private:
  Status CheckFingerprints(LandPlan* plan) {
    FOREBAY_ASSIGN(const std::vector<LogVerdict> verdicts, CheckLogs(check_, admin_, landed_));
    for (size_t i = 0; i < verdicts.size(); ++i) {
      Judge(landed_[i].partition, verdicts[i]);
      std::optional<LandedRecord>& last = plan->last_records[at_[i]];
      if (verdicts[i].kind == LogVerdict::Kind::kSame) {
        last->leader_epoch = verdicts[i].leader_epoch;
      } else {
        last.reset();
      }
    }
    return Ok();
  }
  Status CheckRows() {
    FOREBAY_ASSIGN(const std::vector<LogVerdict> verdicts,
                   CheckLastRows(check_, admin_, store_, ledger_, without_, logs_without_));
    for (size_t i = 0; i < verdicts.size(); ++i) Judge(without_[i], verdicts[i]);
    return Ok();
  }
  void Judge(const NamedPartition& partition, const LogVerdict& verdict) {
    if (verdict.kind == LogVerdict::Kind::kDifferent && FOREBAY_SAFEGUARD("start:same_log"))
      different_.push_back({partition, verdict.difference});
  }

  const LogCheckOptions& check_;
  kafka::Admin& admin_;
  TableStore& store_;
  Ledger& ledger_;
  std::vector<LandedLog> landed_;
  std::vector<size_t> at_;  // of `landed_`, in the plan
  std::vector<NamedPartition> without_;
  std::vector<TopicPartition> logs_without_;
  std::vector<DifferentLog> different_;
};

// Different logs are an error.
Result<std::vector<LogVerdict>> CheckSameLogs(const LogCheckOptions& options, kafka::Admin& admin,
                                              const std::vector<LandedLog>& logs) {
  FOREBAY_ASSIGN(std::vector<LogVerdict> verdicts, CheckLogs(options, admin, logs));
  std::vector<DifferentLog> different;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i].kind == LogVerdict::Kind::kDifferent && FOREBAY_SAFEGUARD("commit:same_log"))
      different.push_back({logs[i].partition, verdicts[i].difference});
  }
  if (!different.empty()) return NotTheLandedLogs(different);
  return verdicts;
}

NamedPartition NameOf(const LandPlan& plan, const TopicPartition& log) {
  return {plan.topics[plan.IndexOf(log.topic_id)].name, log.partition};
}

}  // namespace

Status CheckLandedLogs(const LogCheckOptions& options, const std::vector<NamedPartition>& partitions,
                       kafka::Admin& admin, TableStore& store, Ledger& ledger, LandPlan* plan) {
  return LandedLogs(options, admin, store, ledger).Check(partitions, plan);
}

Status ConfirmRecords(const LogCheckOptions& options, const LandPlan& plan, kafka::Admin& admin,
                      const std::vector<RecordOfLog>& records) {
  std::map<TopicPartition, LandedLog> by_log;
  for (const auto& [log, record] : records) {
    LandedLog& landed = by_log[log];
    landed.partition = NameOf(plan, log);
    if (!landed.records.empty() && landed.records.back().offset == record.offset) continue;
    landed.records.push_back(record);  // in ascending order
    landed.next = Offset(record.offset.value() + 1);
  }
  std::vector<LandedLog> logs;
  for (auto& [log, landed] : by_log) logs.push_back(std::move(landed));
  return ToStatus(CheckSameLogs(options, admin, logs));
}

Status ConfirmRanges(const LogCheckOptions& options, const LandPlan& plan, kafka::Admin& admin,
                     std::vector<BatchRange>* ranges) {
  std::vector<LandedLog> before;
  std::vector<LandedLog> landed;
  std::vector<BatchRange*> of_landed;
  for (BatchRange& range : *ranges) {
    const NamedPartition name = NameOf(plan, range.partition);
    if (const std::optional<LandedRecord> last = plan.LastRecordOf(range.partition))
      before.push_back({name, {*last}, range.offsets.from});
    if (!range.last_record) continue;
    landed.push_back({name, {*range.last_record}, range.offsets.to});
    of_landed.push_back(&range);
  }
  // One after the other: between the two records of a log lies the batch.
  FOREBAY_TRY(CheckSameLogs(options, admin, before));
  FOREBAY_ASSIGN(const std::vector<LogVerdict> verdicts, CheckSameLogs(options, admin, landed));
  for (size_t i = 0; i < verdicts.size(); ++i)
    of_landed[i]->last_record->leader_epoch = verdicts[i].leader_epoch;
  return Ok();
}

}  // namespace forebay
