// The fields that could have a role in the table, and what their values in the sample say about it.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "decode/record.h"

namespace forebay::infer {

inline constexpr uint64_t kMaxDays = 2'000;

// A field outside arrays and maps that is neither object nor JSON.
struct Candidate {
  FieldPlace place;
  bool always = true;       // it is required, and so are the objects around it
  uint64_t present = 0;     // records with a value
  uint64_t equals_key = 0;  // records whose key is the value as text
  // Of fields whose name is that of an id: the values that were compared with each other, and the different
  // ones among them. Otherwise 0.
  uint64_t compared = 0;
  uint64_t different = 0;
  // The following are only of times.
  bool advances = false;     // there are different ones
  int64_t ahead_micros = 0;  // at most, ahead of the record's Kafka timestamp; not negative
  uint64_t near = 0;         // values within a day of the record's Kafka timestamp
  uint64_t days = 0;         // the different UTC days, up to kMaxDays
};

// Decodes the records as rows of the table, of which only the name and the fields count. `now_ms` stands for
// the Kafka timestamp of records without one. REQUIRES: the table's decoder refuses none of the records.
Result<std::vector<Candidate>> MeasureCandidates(const Table& table,
                                                 const std::vector<const RecordView*>& records,
                                                 int64_t now_ms);

}  // namespace forebay::infer
