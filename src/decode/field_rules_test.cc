// Rules for typed values, as formats without text pass them. The decoders' tests cover values with a text.
#include "decode/field_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/time.h"
#include "decode/testing.h"

namespace forebay {
namespace {

using testing::MakeField;

// The rules of one field, and a row to accept values in.
struct OneField {
  explicit OneField(Field field)
      : table(testing::MakeTable({std::move(field)})),
        schema(CompileSchema(table)),
        run(schema),
        rules(CompileRules(schema).value()) {}

  // The rejection, or "" if the value was accepted.
  template <typename Accept>
  std::string OutcomeOf(const Accept& accept) {
    run.Clear();
    row.Begin(&run, 0);
    const FieldPath path{nullptr, "v"};
    accept(rules[schema.root->children[2].index], ValueSource{&path}, row);
    if (!row.rejected()) return "";
    return std::string(ReasonName(row.rejection().reason)) + ": " + row.rejection().detail;
  }
  std::string Double(double value) {
    return OutcomeOf([&](auto& field, auto source, auto& to) { field.AcceptDouble(value, source, to); });
  }
  std::string Time(__int128 value) {
    return OutcomeOf([&](auto& field, auto source, auto& to) { field.AcceptTime(value, source, to); });
  }
  std::string Integer(__int128 value) {
    return OutcomeOf([&](auto& field, auto source, auto& to) {
      field.AcceptInteger({value, true}, source, to);
    });
  }
  std::string Decimal(__int128 value) {
    return OutcomeOf([&](auto& field, auto source, auto& to) {
      field.AcceptDecimal({value, true}, source, to);
    });
  }

  Table table;
  SchemaTree schema;
  RowRun run;
  RowBuilder row;
  std::vector<FieldRules> rules;
};

TEST(FieldRulesTest, DoublesAreFiniteAndWithinTheirBounds) {
  OneField any(MakeField("v", FieldType::kNumber));
  EXPECT_EQ(any.Double(std::numeric_limits<double>::max()), "");
  EXPECT_EQ(any.Double(-std::numeric_limits<double>::max()), "");
  EXPECT_EQ(any.Double(std::nan("")), "out_of_range: 'nan' does not fit a double");
  EXPECT_EQ(any.Double(-std::numeric_limits<double>::infinity()),
            "out_of_range: '-inf' does not fit a double");
  Field field = MakeField("v", FieldType::kNumber);
  field.minimum = Bound{.number = 0, .exclusive = true};
  field.maximum = Bound{.number = 1};
  OneField bounded(field);
  EXPECT_EQ(bounded.Double(0), "out_of_range: '0' is outside the contract's bounds");
  EXPECT_EQ(bounded.Double(-0.0), "out_of_range: '-0' is outside the contract's bounds");
  EXPECT_EQ(bounded.Double(std::numeric_limits<double>::denorm_min()), "");
  EXPECT_EQ(bounded.Double(1), "");
  EXPECT_EQ(bounded.Double(std::nextafter(1.0, 2.0)),
            "out_of_range: '1.0000000000000002' is outside the contract's bounds");
}

TEST(FieldRulesTest, TimesAreInTheYears0000To9999) {
  Field field = MakeField("v", FieldType::kTimestamp);
  field.minimum = Bound{.exact = 0};
  OneField timestamp(field);
  EXPECT_EQ(timestamp.Time((kLastDay + 1) * kMicrosPerDay - 1), "");
  EXPECT_EQ(timestamp.Time((kLastDay + 1) * kMicrosPerDay),
            "bad_timestamp: '253402300800000000' is not a time in the years 0000 to 9999");
  EXPECT_EQ(timestamp.Time(-1),
            "out_of_range: '1969-12-31T23:59:59.999999Z' is outside the contract's bounds");
  OneField date(MakeField("v", FieldType::kDate));
  EXPECT_EQ(date.Time(kFirstDay), "");
  EXPECT_EQ(date.Time(kFirstDay - 1), "bad_timestamp: '-719529' is not a time in the years 0000 to 9999");
}

TEST(FieldRulesTest, ExactNumbersFitTheirTypes) {
  Field field = MakeField("v", FieldType::kInteger);
  field.maximum = Bound{.exact = 10, .exclusive = true};
  OneField integer(field);
  EXPECT_EQ(integer.Integer(9), "");
  EXPECT_EQ(integer.Integer(10), "out_of_range: '10' is outside the contract's bounds");
  EXPECT_EQ(integer.Integer(__int128{INT64_MIN} - 1),
            "out_of_range: '-9223372036854775809' does not fit 64 bits");
  field.bits = 32;
  OneField small(field);
  EXPECT_EQ(small.Integer(INT32_MIN), "");
  EXPECT_EQ(small.Integer(int64_t{INT32_MIN} - 1), "out_of_range: '-2147483649' does not fit 32 bits");
  OneField decimal(MakeField("v", FieldType::kDecimal));  // (12,2)
  EXPECT_EQ(decimal.Decimal(-999'999'999'999), "");
  EXPECT_EQ(decimal.Decimal(1'000'000'000'000),
            "out_of_range: '10000000000.00' has more than 10 digits before the decimal point");
}

// A field that no 64-bit value satisfies has no range for a fast path.
TEST(FieldRulesTest, TheInt64RangeHoldsOnlyValuesWithinTheRules) {
  const auto range = [](const Field& field) {
    OneField one(field);
    return one.rules[one.schema.root->children[2].index].int64_range();
  };
  Field field = MakeField("v", FieldType::kInteger);
  field.minimum = Bound{.exact = INT64_MAX, .exclusive = true};
  EXPECT_GT(range(field).min, range(field).max);
  Field wide = MakeField("v", FieldType::kDecimal);
  wide.precision = 38;
  EXPECT_EQ(range(wide).min, INT64_MIN);
  EXPECT_EQ(range(wide).max, INT64_MAX);
  wide.minimum = Bound{.exact = __int128{INT64_MAX} + 1};
  EXPECT_GT(range(wide).min, range(wide).max);
}

}  // namespace
}  // namespace forebay
