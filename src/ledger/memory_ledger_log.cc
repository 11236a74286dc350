#include "ledger/memory_ledger_log.h"

#include <utility>

namespace forebay {
namespace {

Error UnknownOutcome() {
  return Error(ErrorCode::kCommitStateUnknown, "timed out");
}

}  // namespace

void MemoryLedgerLog::DeliverDelayed(std::optional<Object> delayed) {
  if (delayed) entries_.try_emplace(delayed->number, delayed->bytes);
}

Result<bool> MemoryLedgerLog::Append(int64_t number, const std::string& bytes) {
  std::function<void()> before;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(before_append_, nullptr);
  }
  if (before) before();
  const std::lock_guard lock(mutex_);
  const std::optional<Object> earlier = std::exchange(delayed_, std::nullopt);
  Fault fault = Fault::kNone;
  if (!faults_.empty()) {
    fault = faults_.front();
    faults_.pop_front();
  }
  Result<bool> appended = UnknownOutcome();
  if (fault == Fault::kRefused) appended = IoError("refused");
  if (fault == Fault::kNone) appended = entries_.try_emplace(number, bytes).second;
  if (fault == Fault::kUnconfirmed) entries_.try_emplace(number, bytes);
  if (fault == Fault::kDelayed) delayed_ = {number, bytes};
  DeliverDelayed(earlier);
  return appended;
}

Result<std::optional<std::string>> MemoryLedgerLog::Read(int64_t number) {
  const std::lock_guard lock(mutex_);
  std::optional<std::string> found;
  if (entries_.contains(number)) found = entries_.at(number);
  DeliverDelayed(std::exchange(delayed_, std::nullopt));
  if (failing_reads_ == 0) return found;
  --failing_reads_;
  return UnavailableError("timed out");
}

Result<std::vector<LedgerLog::Object>> MemoryLedgerLog::ReadFrom(int64_t number) {
  const std::lock_guard lock(mutex_);
  std::vector<Object> found;
  for (auto entry = entries_.lower_bound(number); entry != entries_.end(); ++entry) {
    found.push_back({entry->first, entry->second});
  }
  DeliverDelayed(std::exchange(delayed_, std::nullopt));
  if (failing_reads_ == 0) return found;
  --failing_reads_;
  return UnavailableError("timed out");
}

void MemoryLedgerLog::FailAppends(std::initializer_list<Fault> faults) {
  const std::lock_guard lock(mutex_);
  faults_.assign(faults.begin(), faults.end());
}

void MemoryLedgerLog::FailReads(int reads) {
  const std::lock_guard lock(mutex_);
  failing_reads_ = reads;
}

void MemoryLedgerLog::BeforeNextAppend(std::function<void()> action) {
  const std::lock_guard lock(mutex_);
  before_append_ = std::move(action);
}

int64_t MemoryLedgerLog::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int64_t>(entries_.size());
}

std::string MemoryLedgerLog::Entry(int64_t number) const {
  const std::lock_guard lock(mutex_);
  return entries_.at(number);
}

void MemoryLedgerLog::Remove(int64_t number) {
  const std::lock_guard lock(mutex_);
  entries_.erase(number);
}

void MemoryLedgerLog::Put(int64_t number, std::string bytes) {
  const std::lock_guard lock(mutex_);
  entries_[number] = std::move(bytes);
}

}  // namespace forebay
