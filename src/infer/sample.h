// The records that a contract is inferred from: a bounded copy of some of a topic's records, or of a file's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/reason.h"
#include "decode/record.h"

namespace forebay::infer {

struct SampleLimits {
  size_t records = 10'000;
  size_t bytes = 256 * 1024 * 1024;  // of memory, about
};

// Not thread-safe.
class Sample {
 public:
  explicit Sample(const SampleLimits& limits = {}) : limits_(limits) {}

  // Copies a record, without its headers. Returns false, without a copy, if it does not fit any more.
  bool Add(const RecordView& record);
  // The names of headers, and in how many records they are; some of them, if there are many.
  const std::map<std::string, uint64_t, std::less<>>& headers() const { return headers_; }
  // Whether Add refused a record.
  bool limited() const { return limited_; }

  // In the order of Add; valid as long as the sample.
  const std::vector<RecordView>& records() const { return records_; }

 private:
  void CountHeaders(const RecordView& record);

  SampleLimits limits_;
  std::deque<std::string> bytes_;  // a deque: the views stay valid
  std::vector<RecordView> records_;
  std::map<std::string, uint64_t, std::less<>> headers_;
  size_t total_bytes_ = 0;
  bool limited_ = false;
};

// A sample by what becomes of its records under any contract.
struct Screening {
  std::vector<const RecordView*> usable;  // JSON objects within the decoder's limits
  uint64_t tombstones = 0;
  // Those that each contract refuses. `unusable_example` is the value of the first one.
  std::map<Reason, uint64_t> unusable;
  std::string_view unusable_example;

  uint64_t unusable_records() const;
};

// The sample must outlive the result.
Result<Screening> Screen(const Sample& sample);

// What a value that is not a JSON object looks like: "Confluent's wire format (schema id 42, ...)".
std::string DescribeBytes(std::string_view value);

}  // namespace forebay::infer
