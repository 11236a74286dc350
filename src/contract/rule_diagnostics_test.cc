// Diagnostics in rules: each kind, its line, and the parts of the message that guide the user.
#include <gtest/gtest.h>

#include "contract/testing.h"

namespace forebay {
namespace {

class RuleDiagnosticTest : public testing::TestWithParam<DiagnosticCase> {};

TEST_P(RuleDiagnosticTest, IsReportedOnceWithItsLine) {
  ExpectDiagnostic(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RuleDiagnosticTest,
    testing::Values(
        ExtraOptions("UnknownOption", "string", "minLenght: 1",
                     {"logicalTypeOptions of field 'events.extra' (a string)", "'minLenght' is unknown",
                      "did you mean 'minLength'?"}),
        ExtraOptions("MultipleOfZero", "integer", "multipleOf: 0", {"'multipleOf' is not above zero"}),
        ExtraIs("ItemsCross", "logicalType: array, logicalTypeOptions: {minItems: 3, maxItems: 2}",
                {"minItems 3 is above maxItems 2"}),
        ExtraIs("VectorWithoutOptions", "logicalType: vector",
                {"a vector without 'dimensions'", "the number of its elements"}),
        ExtraOptions("VectorWithoutDimensions", "vector", "elementType: int8", {"'dimensions' is missing"}),
        ExtraOptions("VectorOfNothing", "vector", "dimensions: 0", {"'dimensions' is 0", "at least 1"}),
        ExtraOptions("VectorOfTexts", "vector", "dimensions: 2, elementType: string",
                     {"elementType is 'string'", "float32, float64"}),
        ExtraIs("VectorWithItems",
                "logicalType: vector, logicalTypeOptions: {dimensions: 2}, items: {logicalType: number}",
                {"a vector has 'items'"}),
        ExtraOptions("BadTime", "time", "maximum: '24:00:00'",
                     {"'maximum' is '24:00:00'", "a time such as \"08:30:00\""}),
        ExtraOptions("TimestampFormat", "timestamp", "format: epoch-milis",
                     {"the format 'epoch-milis' of a timestamp is unknown", "did you mean 'epoch-millis'?"}),
        ExtraOptions("IntegerFormat", "integer", "format: i7",
                     {"the format 'i7' of an integer is unknown", "i8, i16, i32"}),
        ExtraIs("RequiredMember",
                "logicalType: object, properties: [{name: a, logicalType: string}], logicalTypeOptions: "
                "{required: [b]}",
                {"the required member 'b' is not one of its properties"}),
        ExtraOptions("DefaultTimezone", "timestamp", "defaultTimezone: '+01:00'",
                     {"defaultTimezone is '+01:00'", "an IANA name"}),
        ExtraOptions("NegativeLength", "string", "minLength: -1", {"'minLength' is -1", "at least 0"}),
        ExtraOptions("LengthIsText", "string", "maxLength: long",
                     {"'maxLength' is the text 'long'", "a whole number"}),
        ExtraOptions("LengthsCross", "string", "minLength: 3, maxLength: 2",
                     {"minLength 3 is above maxLength 2"}),
        ExtraOptions("BrokenPattern", "string", "pattern: '[a'",
                     {"the pattern '[a' does not compile", "missing terminating ]", "at character"}),
        ExtraOptions("EmptyPattern", "string", "pattern: ''", {"the pattern is empty"}),
        ExtraOptions("MinimumIsText", "integer", "minimum: '1'",
                     {"'minimum' is the text '1'", "a number was expected, without quotes"}),
        ExtraOptions("MinimumIsHalf", "integer", "minimum: 1.5",
                     {"'minimum' is 1.5", "a whole number was expected"}),
        ExtraOptions("MinimumWithExponent", "integer", "minimum: 1e3", {"'minimum' is 1e3", "plain digits"}),
        ExtraOptions("MinimumTooLarge", "integer", "format: i32, minimum: 2147483648",
                     {"which the field cannot hold", "32 bits"}),
        ExtraOptions("MinimumHuge", "integer", "minimum: 123456789012345678901234567890123456789",
                     {"at most 38 digits"}),
        ExtraOptions("NumberTooLarge", "number", "maximum: 1e999",
                     {"'maximum' is 1e999, too large for a double"}),
        ExtraIs("DecimalTooFine",
                "logicalType: number, physicalType: 'DECIMAL(12,2)', logicalTypeOptions: {maximum: 1.005}",
                {"at most 2 digits after the point"}),
        ExtraIs("DecimalTooLarge",
                "logicalType: number, physicalType: 'DECIMAL(3,2)', logicalTypeOptions: {maximum: 10}",
                {"which the field cannot hold", "DECIMAL(3,2)"}),
        ExtraOptions("BoundsCross", "integer", "minimum: 3, maximum: 2",
                     {"no value lies between 'minimum' 3 and 'maximum' 2"}),
        ExtraOptions("BoundsTouch", "integer", "exclusiveMinimum: 3, exclusiveMaximum: 4",
                     {"no value lies between 'exclusiveMinimum' 3 and 'exclusiveMaximum' 4"}),
        ExtraOptions("NumberBoundsTouch", "number", "minimum: 3, exclusiveMaximum: 3",
                     {"no value lies between"}),
        ExtraOptions("BothMinima", "integer", "minimum: 3, exclusiveMinimum: 3",
                     {"both 'minimum' and 'exclusiveMinimum' are set"}),
        ExtraOptions("BadDate", "date", "minimum: 2025-02-30",
                     {"'minimum' is '2025-02-30'", "a date such as \"2020-01-31\""}),
        ExtraOptions("TimeForDate", "date", "maximum: 2025-02-03 12:00", {"a date such as \"2020-01-31\""}),
        ExtraOptions("DateOfAnotherFormat", "date", "format: dd.MM.yyyy, maximum: 02/03/2025",
                     {"'maximum' is '02/03/2025'"}),
        ExtraOptions("OffsetOfLocalTimestamp", "timestamp",
                     "timezone: false, maximum: '2025-02-03T00:00:00+01:00'",
                     {"a timestamp without an offset was expected"}),
        ExtraOptions("TimestampWithBadHour", "timestamp", "maximum: '2025-02-03T24:00:00Z'",
                     {"a timestamp such as \"2020-01-31T00:00:00Z\""}),
        ExtraOptions("TimestampWithTooFineFraction", "timestamp", "maximum: '2025-02-03T00:00:00.1234567Z'",
                     {"a timestamp such as"}),
        ExtraOptions("TimestampBeyondTheYearsOfUtc", "timestamp",
                     "maximum: '9999-12-31T23:30:00', defaultTimezone: America/New_York",
                     {"a timestamp such as"}),
        ExtraOptions("TimestampBeforeTheYearsOfUtc", "timestamp", "minimum: '0000-01-01T00:00:00+05:00'",
                     {"a timestamp such as"}),
        ExtraOptions("TimestampWithBadFraction", "timestamp", "maximum: '2025-02-03T00:00:00.Z'",
                     {"a timestamp such as"})),
    CaseName);

}  // namespace
}  // namespace forebay
