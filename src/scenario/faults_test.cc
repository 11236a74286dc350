#include "scenario/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace forebay {
namespace {

using ::testing::HasSubstr;

std::string MessageOf(std::string_view text) {
  const Result<FaultRates> rates = ParseFaultRates(text);
  return rates.ok() ? "" : rates.error().message();
}

TEST(FaultRatesTest, ReadsNamesAndExactShares) {
  const FaultRates rates =
      ParseFaultRates(
          "late=0.01,out_of_order=0.000001,duplicate=0.5,extra=0,malformed=0.1,too_large=0.000250")
          .value();
  EXPECT_EQ(rates.late, 10'000u);
  EXPECT_EQ(rates.out_of_order, 1u);
  EXPECT_EQ(rates.duplicate, 500'000u);
  EXPECT_EQ(rates.extra, 0u);
  EXPECT_EQ(rates.malformed, 100'000u);
  EXPECT_EQ(rates.reasons[static_cast<size_t>(Reason::kTooLarge)], 250u);
  EXPECT_EQ(ParseFaultRates("late=1").value().late, 1'000'000u);
  EXPECT_EQ(ParseFaultRates("none").value(), FaultRates());
}

TEST(FaultRatesTest, DefaultIncludesEveryFault) {
  const FaultRates rates = ParseFaultRates("default").value();
  EXPECT_TRUE(rates.Validate().ok());
  for (const uint32_t rate :
       {rates.late, rates.out_of_order, rates.duplicate, rates.extra, rates.malformed}) {
    EXPECT_GT(rate, 0u);
  }
}

TEST(FaultRatesTest, ReportsInvalidRates) {
  EXPECT_THAT(MessageOf("lat=0.1"), HasSubstr("'lat=0.1' is not a fault"));
  EXPECT_THAT(MessageOf("lat=0.1"), HasSubstr("out_of_order"));
  EXPECT_THAT(MessageOf("lat=0.1"), HasSubstr("bad_length"));
  EXPECT_THAT(MessageOf("late"), HasSubstr("'late' is not a fault"));
  EXPECT_THAT(MessageOf(""), HasSubstr("is not a fault"));
  EXPECT_THAT(MessageOf("late=0.1,"), HasSubstr("is not a fault"));
  EXPECT_THAT(MessageOf("late=0.1,late=0.2"), HasSubstr("named twice"));
  EXPECT_THAT(MessageOf("late=0.6,extra=0.5"), HasSubstr("more than 1"));
  EXPECT_THAT(MessageOf("duplicate=0.51"), HasSubstr("more than half"));
  for (const char* share :
       {"0.0000001", "1.000001", "2", "-0.1", ".5", "0.", "1e-3", "0,1", " 0.1", "0.1 "}) {
    EXPECT_NE(MessageOf(std::string("late=") + share), "") << share;
  }
}

// Counts the picks of evenly spread numbers: exact to within one for each kind.
std::map<std::pair<FaultKind, Reason>, int32_t> PickEvenly(const FaultRates& rates, uint64_t points) {
  const FaultPicker picker(rates);
  std::map<std::pair<FaultKind, Reason>, int32_t> counts;
  for (uint64_t i = 0; i < points; ++i) {
    const Fault fault = picker.Pick(UINT64_MAX / points * i);
    ++counts[{fault.kind, fault.reason}];
  }
  return counts;
}

TEST(FaultPickerTest, PicksEachKindByItsShare) {
  FaultRates rates;
  rates.late = 100'000;
  rates.out_of_order = 50'000;
  rates.duplicate = 25'000;
  rates.extra = 12'000;
  rates.reasons[static_cast<size_t>(Reason::kNotInEnum)] = 3'000;
  auto counts = PickEvenly(rates, 1'000'000);
  EXPECT_NEAR((counts[{FaultKind::kLate, Reason::kNotJson}]), 100'000, 1);
  EXPECT_NEAR((counts[{FaultKind::kOutOfOrder, Reason::kNotJson}]), 50'000, 1);
  EXPECT_NEAR((counts[{FaultKind::kDuplicate, Reason::kNotJson}]), 25'000, 1);
  EXPECT_NEAR((counts[{FaultKind::kExtra, Reason::kNotJson}]), 12'000, 1);
  EXPECT_NEAR((counts[{FaultKind::kMalformed, Reason::kNotInEnum}]), 3'000, 1);
  EXPECT_NEAR((counts[{FaultKind::kNone, Reason::kNotJson}]), 810'000, 1);
}

TEST(FaultPickerTest, SpreadsMalformedOverAllReasonsButTooLargeIsRare) {
  FaultRates rates;
  rates.malformed = 600'100;
  auto counts = PickEvenly(rates, 1'000'000);
  for (const Reason reason : AllReasons()) {
    EXPECT_NEAR((counts[{FaultKind::kMalformed, reason}]), reason == Reason::kTooLarge ? 100 : 50'000, 1);
  }
}

TEST(FaultPickerTest, NoRatesMeanNoFaults) {
  const FaultPicker picker{FaultRates()};
  EXPECT_FALSE(picker.any());
  EXPECT_EQ(picker.Pick(0).kind, FaultKind::kNone);
  EXPECT_EQ(picker.Pick(UINT64_MAX).kind, FaultKind::kNone);
}

}  // namespace
}  // namespace forebay
