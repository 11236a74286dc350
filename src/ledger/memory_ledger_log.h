// A ledger log in memory that fails on request, as strict as an object store. For tests only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger_log.h"

namespace forebay {

class MemoryLedgerLog final : public LedgerLog {
 public:
  const std::string& name() const override { return name_; }
  Result<bool> Append(int64_t number, const std::string& bytes) override;
  Result<std::optional<std::string>> Read(int64_t number) override;
  Result<std::vector<Object>> ReadFrom(int64_t number) override;

  // The outcome of an attempt to append, whatever becomes of the entry.
  enum class Fault {
    kNone,
    kRefused,      // certainly not appended
    kLost,         // unknown outcome; never appended
    kUnconfirmed,  // unknown outcome; appended
    kDelayed,      // unknown outcome; appended after the next call, if its number is free then
  };
  // For the next attempts, in order.
  void FailAppends(std::initializer_list<Fault> faults);
  void FailReads(int reads);
  // Called before the next attempt to append, once.
  void BeforeNextAppend(std::function<void()> action);

  int64_t size() const;
  // REQUIRES: the entry exists.
  std::string Entry(int64_t number) const;
  void Remove(int64_t number);
  void Put(int64_t number, std::string bytes);

 private:
  // Runs at the end of each call: a delayed append arrives.
  void DeliverDelayed(std::optional<Object> delayed);

  const std::string name_ = "memory";
  mutable std::mutex mutex_;
  std::map<int64_t, std::string> entries_;
  std::deque<Fault> faults_;
  int failing_reads_ = 0;
  std::function<void()> before_append_;
  std::optional<Object> delayed_;
};

}  // namespace forebay
