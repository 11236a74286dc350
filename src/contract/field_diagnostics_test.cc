// Diagnostics in fields: each kind, its line, and the parts of the message that guide the user.
#include <gtest/gtest.h>

#include "contract/testing.h"

namespace forebay {
namespace {

class FieldDiagnosticTest : public testing::TestWithParam<DiagnosticCase> {};

TEST_P(FieldDiagnosticTest, IsReportedOnceWithItsLine) {
  ExpectDiagnostic(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Fields, FieldDiagnosticTest,
    testing::Values(
        Extra("MisspelledKey", "- {name: extra, logicalType: string, requird: true}",
              {"field 'events.extra': the key 'requird' is unknown", "did you mean 'required'?"}),
        Extra("NoName", "- {logicalType: string}", {"the key 'name' is missing", "the field's name"}),
        Extra("UnsafeName", "- {name: a-b, logicalType: string}", {"the name 'a-b' contains '-'"}),
        Extra("KafkaName", "- {name: _kafka_offset, logicalType: string}",
              {"reserved for columns that Forebay adds"}),
        Extra("ExtraName", "- {name: _Extra, logicalType: string}",
              {"field 'events._Extra': the name is reserved"}),
        Extra("LongName", "- {name: " + std::string(129, 'n') + ", logicalType: string}",
              {"has 129 characters, more than 128"}),
        ExtraIs("PhysicalName", "logicalType: string, physicalName: other", {"physicalName 'other' differs"}),
        ExtraIs("UnknownType", "logicalType: thing",
                {"the logicalType 'thing' is not one of ODCS", "object, array or map was expected"}),
        ExtraIs("MisspelledType", "logicalType: strng",
                {"the logicalType 'strng' is not one of ODCS", "did you mean 'string'?"}),
        ExtraIs("ElementType", "logicalType: array, items: {logicalType: thing}",
                {"field 'events.extra[]'", "the logicalType 'thing'"}),
        ExtraIs("LocalTimestamp", "logicalType: timestamp, physicalType: TIMESTAMP_NTZ",
                {"timestamps without an offset are not supported"}),
        ExtraIs("IntegerWithAFraction", "logicalType: integer, physicalType: 'NUMBER(10,2)'",
                {"'NUMBER(10,2)' has digits after the point", "'logicalType: number'"}),
        ExtraIs("LengthContradicts",
                "logicalType: string, physicalType: VARCHAR(20), logicalTypeOptions: {maxLength: 21}",
                {"maxLength 21 contradicts the physicalType, which has a length of 20"}),
        ExtraIs("RequiredYes", "logicalType: string, required: yes",
                {"'required' is the text 'yes'", "true or false"}),
        ExtraIs("EmptyEnum", "logicalType: string, enum: []", {"the enum is empty"}),
        ExtraIs("BareEnum", "logicalType: string, enum: [a]", {"an entry is the text 'a'", "'- value: ...'"}),
        ExtraIs("TextInEnumOfNumbers", "logicalType: integer, enum: [{value: a}]",
                {"'value' is the text 'a'", "a number was expected"}),
        ExtraIs("DoubledEnum", "logicalType: string, enum: [{value: a}, {value: a}]",
                {"duplicate value 'a'"}),
        ExtraIs("ItemsOnString", "logicalType: string, items: {logicalType: string}",
                {"a string has 'items'", "'logicalType: array'"}),
        ExtraIs("PropertiesOnArray", "logicalType: array, items: {logicalType: string}, properties: []",
                {"an array has 'properties'"}),
        ExtraIs("NestedSameName",
                "logicalType: object, properties: [{name: a, logicalType: string}, {name: A, logicalType: "
                "string}]",
                {"field 'events.extra.A'", "differs from 'a'"}),
        ExtraIs("NestedText", "logicalType: object, properties: [a]",
                {"field 'events.extra': an entry of properties is the text 'a'"}),
        ExtraIs("MisplacedCustomProperty",
                "logicalType: string, customProperties: [{property: eventTime, value: true}]",
                {"misplaced custom property eventTime", "customProperties of a table"})),
    CaseName);

}  // namespace
}  // namespace forebay
