#include "contract/reason.h"

namespace forebay {
namespace {

constexpr std::array<std::string_view, kReasonCount> kNames = {
    "not_utf8",    "not_json",         "not_an_object", "duplicate_member", "too_deep",
    "too_large",   "missing_field",    "wrong_type",    "out_of_range",     "bad_timestamp",
    "not_in_enum", "pattern_mismatch", "bad_length",
};
static_assert(static_cast<int>(Reason::kBadLength) + 1 == kReasonCount);

}  // namespace

std::array<Reason, kReasonCount> AllReasons() {
  std::array<Reason, kReasonCount> all;
  for (int i = 0; i < kReasonCount; ++i) all[i] = static_cast<Reason>(i);
  return all;
}

std::string_view ReasonName(Reason reason) {
  return kNames[static_cast<size_t>(reason)];
}

std::optional<Reason> ReasonFromName(std::string_view name) {
  for (const Reason reason : AllReasons()) {
    if (ReasonName(reason) == name) return reason;
  }
  return std::nullopt;
}

}  // namespace forebay
