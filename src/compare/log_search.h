// Looks for the landed records of one log in the messages that are read of it.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "compare/log_check.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "ledger/records.h"

namespace forebay {

// Outlived by the log that it looks at. Knows no brokers.
class LogSearch {
 public:
  LogSearch(const LandedLog& log, const kafka::Watermarks& marks);

  bool is_done() const { return is_done_; }
  // Where to begin to read. REQUIRES: not done.
  Offset start() const { return start_; }
  // Landed records that the log should have and has not, ascending. Once there is one, the verdict is
  // kUnknown or kDifferent, whatever comes after it.
  const std::vector<LandedRecord>& missing() const { return missing_; }
  const LogVerdict& verdict() const { return verdict_; }

  void Observe(const kafka::Message& message);
  // `position` follows all observed messages.
  void Reach(const kafka::Position& position);
  // Something else tells that the log is another one.
  void Differ(std::string difference);

 private:
  void SkipMissing(Offset reached);
  void Compare(const kafka::Message& message);

  const LandedLog& log_;
  size_t at_ = 0;  // the next of the log's records
  Offset start_;
  bool is_done_ = false;
  std::vector<LandedRecord> missing_;
  LogVerdict verdict_;
};

}  // namespace forebay
