#include "scenario/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "scenario/random.h"

namespace forebay {
namespace {

// `malformed` in units of 1 / kUnits: 500 for each reason but too_large, which has one.
constexpr uint64_t kShareOfReason = 500;
constexpr uint64_t kShareOfTooLarge = 1;
constexpr uint64_t kUnitsPerMillionth = (kReasonCount - 1) * kShareOfReason + kShareOfTooLarge;
constexpr uint64_t kUnits = kPerMillion * kUnitsPerMillionth;

struct NamedRate {
  std::string_view name;
  uint32_t FaultRates::*rate;
};

constexpr NamedRate kNamedRates[] = {{"late", &FaultRates::late},
                                     {"out_of_order", &FaultRates::out_of_order},
                                     {"duplicate", &FaultRates::duplicate},
                                     {"extra", &FaultRates::extra},
                                     {"malformed", &FaultRates::malformed}};

FaultRates DefaultRates() {
  FaultRates rates;
  rates.late = 10'000;
  rates.out_of_order = 20'000;
  rates.duplicate = 5'000;
  rates.extra = 10'000;
  rates.malformed = 6'000;
  rates.reasons[static_cast<size_t>(Reason::kTooLarge)] = 4;
  return rates;
}

uint32_t* FindRate(FaultRates& rates, std::string_view name) {
  for (const NamedRate& named : kNamedRates) {
    if (named.name == name) return &(rates.*named.rate);
  }
  const std::optional<Reason> reason = ReasonFromName(name);
  return reason ? &rates.reasons[static_cast<size_t>(*reason)] : nullptr;
}

// "0.0125" -> 12500, exactly.
Result<uint32_t> ParseShare(std::string_view text) {
  const Error wrong = InvalidArgumentError(fmt::format(
      "'{}' is not a share of the records: write a decimal between 0 and 1 with at most six places, such "
      "as 0.001",
      text));
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view places =
      point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  if (whole.size() != 1 || (whole[0] != '0' && whole[0] != '1') || places.empty() || places.size() > 6)
    return wrong;
  uint32_t millionths = 0;
  for (size_t i = 0; i < 6; ++i) {
    const char digit = i < places.size() ? places[i] : '0';
    if (digit < '0' || digit > '9') return wrong;
    millionths = millionths * 10 + static_cast<uint32_t>(digit - '0');
  }
  millionths += static_cast<uint32_t>(whole[0] - '0') * kPerMillion;
  if (millionths > kPerMillion) return wrong;
  return millionths;
}

}  // namespace

Status FaultRates::Validate() const {
  const uint64_t sum = std::accumulate(reasons.begin(), reasons.end(),
                                       uint64_t{late} + out_of_order + duplicate + extra + malformed);
  if (sum > kPerMillion)
    return InvalidArgumentError("the shares of all faults add up to more than 1; lower some of them");
  if (duplicate > kPerMillion / 2) {
    return InvalidArgumentError(
        "more than half of the records are to be duplicates; ask for duplicate=0.5 at most");
  }
  return Ok();
}

Result<FaultRates> ParseFaultRates(std::string_view text) {
  if (text == "none") return FaultRates();
  if (text == "default") return DefaultRates();
  FaultRates rates;
  std::vector<std::string> seen;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view item = text.substr(begin, end - begin);
    const size_t equals = item.find('=');
    const std::string name(item.substr(0, equals));
    uint32_t* rate = FindRate(rates, name);
    if (equals == std::string_view::npos || rate == nullptr) {
      return InvalidArgumentError(
          fmt::format("'{}' is not a fault with its share: write none, default, or a list such as "
                      "late=0.01,not_json=0.0001; the faults are {}",
                      item, FaultNames()));
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return InvalidArgumentError(fmt::format("the fault {} is named twice", name));
    }
    seen.push_back(name);
    FOREBAY_ASSIGN(*rate, ParseShare(item.substr(equals + 1)));
    begin = end + 1;
  }
  FOREBAY_TRY(rates.Validate());
  return rates;
}

std::string FaultNames() {
  std::string names;
  for (const NamedRate& named : kNamedRates) names += std::string(named.name) + ", ";
  for (const Reason reason : AllReasons()) names += std::string(ReasonName(reason)) + ", ";
  names.resize(names.size() - 2);
  return names;
}

FaultPicker::FaultPicker(const FaultRates& rates) : duplicates_(rates.duplicate != 0) {
  uint64_t bound = 0;
  size_t i = 0;
  for (const uint32_t rate : {rates.late, rates.out_of_order, rates.duplicate, rates.extra}) {
    bounds_[i++] = bound += rate * kUnitsPerMillionth;
  }
  for (int reason = 0; reason < kReasonCount; ++reason) {
    const bool too_large = static_cast<Reason>(reason) == Reason::kTooLarge;
    bound += rates.reasons[reason] * kUnitsPerMillionth +
             rates.malformed * (too_large ? kShareOfTooLarge : kShareOfReason);
    bounds_[i++] = bound;
  }
}

Fault FaultPicker::Pick(uint64_t random) const {
  const uint64_t unit = ScaleTo(random, kUnits);
  if (unit >= bounds_.back()) return {};
  static constexpr FaultKind kKinds[] = {FaultKind::kLate, FaultKind::kOutOfOrder, FaultKind::kDuplicate,
                                         FaultKind::kExtra};
  size_t i = 0;
  while (unit >= bounds_[i]) ++i;
  if (i < std::size(kKinds)) return {kKinds[i], Reason::kNotJson};
  return {FaultKind::kMalformed, static_cast<Reason>(i - std::size(kKinds))};
}

}  // namespace forebay
