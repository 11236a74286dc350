// The faults of a scenario: how often each occurs, and which one applies to a given record.
//
// A record has at most one fault. Rates are integer millionths, so that a rate means the same everywhere.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/reason.h"

namespace forebay {

inline constexpr uint32_t kPerMillion = 1'000'000;

// Shares of all records, in millionths. INVARIANT after Validate(): the sum is at most one million, and
// duplicate at most half of it.
struct FaultRates {
  uint32_t late = 0;          // event time moved back by 1 to 72 hours
  uint32_t out_of_order = 0;  // event time moved back by 1 second to 10 minutes
  uint32_t duplicate = 0;     // repeats an earlier record of the table, byte for byte
  uint32_t extra = 0;         // has members that are not in the contract; is landed all the same
  uint32_t malformed = 0;     // breaks one rule; equal shares of all reasons, too_large 1/500 of a share
  // Breaks this one rule, in addition to `malformed`; by Reason.
  std::array<uint32_t, kReasonCount> reasons{};

  Status Validate() const;
  bool operator==(const FaultRates&) const = default;
};

// "none", "default" (a small share of every fault), or
// "late=0.01,duplicate=0.005,malformed=0.001,not_json=0.0001": decimal fractions of at most six places.
// Names: those of the members above, and the reason names. kInvalidArgument otherwise.
Result<FaultRates> ParseFaultRates(std::string_view text);
// The names that ParseFaultRates accepts, for help texts: "late, out_of_order, ...".
std::string FaultNames();

enum class FaultKind : uint8_t { kNone, kLate, kOutOfOrder, kDuplicate, kExtra, kMalformed };

struct Fault {
  FaultKind kind = FaultKind::kNone;
  Reason reason = Reason::kNotJson;  // kMalformed only
};

// Picks faults by rate, each from one uniform 64-bit number. Immutable; thread-safe.
class FaultPicker {
 public:
  // REQUIRES: valid rates.
  explicit FaultPicker(const FaultRates& rates);
  Fault Pick(uint64_t random) const;
  bool any() const { return bounds_.back() != 0; }
  bool any_duplicates() const { return duplicates_; }

 private:
  // Cumulative upper bounds in units of 1 / kUnits: late, out of order, duplicate, extra, then each reason.
  std::array<uint64_t, 4 + kReasonCount> bounds_{};
  bool duplicates_ = false;
};

}  // namespace forebay
