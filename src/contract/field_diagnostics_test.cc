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
        ExtraIs("NoType", "required: true",
                {"the key 'logicalType' is missing",
                 "string, integer, number, boolean, date, timestamp, object or array"}),
        ExtraIs("UnknownType", "logicalType: map", {"the logicalType 'map' is not supported"}),
        ExtraIs("DecimalType", "logicalType: decimal",
                {"'decimal' is not supported", "'physicalType: DECIMAL(p,s)'"}),
        ExtraIs("RequiredYes", "logicalType: string, required: yes",
                {"'required' is the text 'yes'", "true or false"}),
        ExtraIs("Measure", "logicalType: string, semanticType: measure",
                {"the semanticType 'measure' is not supported"}),
        ExtraIs("WrongPhysicalType", "logicalType: string, physicalType: INTEGER",
                {"'INTEGER' is not valid for a string", "VARCHAR, STRING or TEXT"}),
        ExtraIs("WrongPhysicalTypeOfAnInteger", "logicalType: integer, physicalType: VARCHAR",
                {"'VARCHAR' is not valid for an integer"}),
        ExtraIs("TimestampWithoutZone", "logicalType: timestamp, physicalType: TIMESTAMP",
                {"'TIMESTAMP' is not valid for a timestamp", "timestamp_tz was expected"}),
        ExtraIs("TimestampWithTimeZone", "logicalType: timestamp, physicalType: TIMESTAMP WITH TIME ZONE",
                {"timestamp_tz was expected"}),
        ExtraIs("Float", "logicalType: number, physicalType: FLOAT",
                {"'FLOAT' is not valid for a number", "DOUBLE, or DECIMAL(p,s)"}),
        ExtraIs("BareDecimal", "logicalType: number, physicalType: DECIMAL",
                {"DECIMAL without precision and scale is not exact", "DECIMAL(12,2)"}),
        ExtraIs("WideDecimal", "logicalType: number, physicalType: 'DECIMAL(39,2)'",
                {"DECIMAL(39,2) is not a valid decimal", "1 to 38"}),
        ExtraIs("DecimalScale", "logicalType: number, physicalType: 'DECIMAL(2,3)'",
                {"DECIMAL(2,3) is not a valid decimal"}),
        ExtraIs("BrokenPhysicalType", "logicalType: number, physicalType: 'DECIMAL(12,2'",
                {"'DECIMAL(12,2' is not valid for a number"}),
        ExtraIs("TextLength", "logicalType: string, physicalType: VARCHAR(20)",
                {"a length of 20 in the physical type is not checked", "'maxLength: 20'"}),
        ExtraIs("EnumOnInteger", "logicalType: integer, enum: [{value: a}]",
                {"an integer has an enum", "on strings only"}),
        ExtraIs("EmptyEnum", "logicalType: string, enum: []", {"the enum is empty"}),
        ExtraIs("BareEnum", "logicalType: string, enum: [a]", {"an entry is the text 'a'", "'- value: ...'"}),
        ExtraIs("NumberInEnum", "logicalType: string, enum: [{value: 1}]",
                {"'value' is the number 1", "put it in quotes"}),
        ExtraIs("DoubledEnum", "logicalType: string, enum: [{value: a}, {value: a}]",
                {"duplicate value 'a'"}),
        ExtraIs("ObjectWithoutFields", "logicalType: object", {"an object without fields"}),
        ExtraIs("ObjectWithNoField", "logicalType: object, properties: []", {"an object without fields"}),
        ExtraIs("ArrayWithoutItems", "logicalType: array", {"an array without items", "'items'"}),
        ExtraIs("ItemsOnString", "logicalType: string, items: {logicalType: string}",
                {"a string has 'items'", "'logicalType: array'"}),
        ExtraIs("PropertiesOnArray", "logicalType: array, items: {logicalType: string}, properties: []",
                {"an array has 'properties'"}),
        ExtraIs("NestedUnknownKey",
                "logicalType: object, properties: [{name: a, logicalType: string, typ: b}]",
                {"field 'events.extra.a'", "'typ' is unknown"}),
        ExtraIs("NestedSameName",
                "logicalType: object, properties: [{name: a, logicalType: string}, {name: A, logicalType: "
                "string}]",
                {"field 'events.extra.A'", "differs from 'a'"}),
        ExtraIs("NestedText", "logicalType: object, properties: [a]",
                {"field 'events.extra': an entry of properties is the text 'a'"}),
        ExtraIs("NestedPrimaryKey",
                "logicalType: object, properties: [{name: a, logicalType: string, primaryKey: true}]",
                {"a nested field has 'primaryKey'"}),
        ExtraIs("ElementType", "logicalType: array, items: {logicalType: blob}",
                {"field 'events.extra[]'", "the logicalType 'blob'"}),
        ExtraIs("ElementPrimaryKey", "logicalType: array, items: {logicalType: string, primaryKey: true}",
                {"field 'events.extra[]': the key 'primaryKey' is unknown"}),
        ExtraIs("MisplacedCustomProperty",
                "logicalType: string, customProperties: [{property: eventTime, value: true}]",
                {"misplaced custom property eventTime", "customProperties of a table"})),
    CaseName);

}  // namespace
}  // namespace forebay
