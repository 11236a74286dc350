// Contracts from JSON Schemas and from Avro schemas.
#include "infer/schema_fields.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "infer/testing.h"

namespace forebay::infer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::OptionsFor;

testing::Outcome FromSchema(const std::string& schema) {
  const auto inferred = InferFromSchema(schema, OptionsFor("things"));
  if (!inferred.ok()) {
    ADD_FAILURE() << inferred.error().message();
    return {};
  }
  const ContractCheck check = CheckContract(inferred->yaml);
  EXPECT_TRUE(check.contract.has_value()) << inferred->yaml;
  for (const Note& note : check.notes) ADD_FAILURE() << note.text << "\n" << inferred->yaml;
  return {inferred->yaml, inferred->remarks, check.contract.value_or(Contract())};
}

// A JSON Schema with the property x.
testing::Outcome OfX(const std::string& schema, const std::string& more = "") {
  return FromSchema(
      fmt::format(R"({{"type":"object","properties":{{"x":{}}},"required":["x"]{}}})", schema, more));
}
Field X(const std::string& schema, const std::string& more = "") {
  return OfX(schema, more).field("x");
}
// An Avro schema with the field x.
Field AvroX(const std::string& type) {
  return FromSchema(
             fmt::format(R"({{"type":"record","name":"R","fields":[{{"name":"x","type":{}}}]}})", type))
      .field("x");
}

std::string FailureOf(const std::string& schema) {
  const auto inferred = InferFromSchema(schema, OptionsFor("things"));
  return inferred.ok() ? "no failure" : inferred.error().message();
}

TEST(JsonSchemaTest, Types) {
  EXPECT_EQ(X(R"({"type":"string"})").type, FieldType::kString);
  EXPECT_EQ(X(R"({"type":"string","format":"date"})").type, FieldType::kDate);
  EXPECT_EQ(X(R"({"type":"string","format":"date-time"})").type, FieldType::kTimestamp);
  EXPECT_EQ(X(R"({"type":"string","format":"time"})").type, FieldType::kString) << "it has an offset there";
  EXPECT_EQ(X(R"({"type":"string","format":"email"})").format, TextFormat::kEmail);
  EXPECT_EQ(X(R"({"type":"integer"})").bits, 64);
  EXPECT_EQ(X(R"({"type":"integer","format":"int32"})").bits, 32);
  EXPECT_EQ(X(R"({"type":"number"})").type, FieldType::kNumber);
  EXPECT_EQ(X(R"({"type":["integer","number"]})").type, FieldType::kNumber);
  EXPECT_EQ(X(R"({"type":"boolean"})").type, FieldType::kBoolean);
  EXPECT_EQ(X("{}").type, FieldType::kJson);
  EXPECT_EQ(X("true").type, FieldType::kJson);
  EXPECT_EQ(X(R"({"type":["string","integer"]})").type, FieldType::kJson);
  EXPECT_EQ(X(R"({"type":"object"})").type, FieldType::kJson);
  EXPECT_EQ(X(R"({"type":"object","additionalProperties":{"type":"integer"}})").type, FieldType::kMap);
  EXPECT_EQ(X(R"({"type":"array"})").element().type, FieldType::kJson);
  EXPECT_EQ(
      X(R"({"type":"array","items":{"type":"array","items":{"type":"number"}}})").element().element().type,
      FieldType::kNumber);
  EXPECT_EQ(X(R"({"type":"array","prefixItems":[{"type":"number"}]})").element().type, FieldType::kJson);
}

TEST(JsonSchemaTest, NullsMakeAFieldOptional) {
  EXPECT_TRUE(X(R"({"type":"string"})").required);
  EXPECT_FALSE(X(R"({"type":["string","null"]})").required);
  EXPECT_FALSE(X(R"({"type":"string","nullable":true})").required);
  EXPECT_FALSE(X(R"({"enum":["a",null]})").required);
  const Field either = X(R"({"oneOf":[{"type":"null"},{"type":"integer"}]})");
  EXPECT_FALSE(either.required);
  EXPECT_EQ(either.type, FieldType::kInteger);
  EXPECT_FALSE(FromSchema(R"({"type":"object","properties":{"x":{"type":"string"}}})").field("x").required);
}

TEST(JsonSchemaTest, Rules) {
  const Field text = X(R"({"type":"string","minLength":1,"maxLength":9,"pattern":"^[a-z]+$"})");
  EXPECT_EQ(text.min_length, 1);
  EXPECT_EQ(text.max_length, 9);
  EXPECT_EQ(text.pattern, "^[a-z]+$");
  EXPECT_THAT(X(R"({"enum":["a","NO","1"]})").enum_values, ElementsAre("a", "NO", "1"));
  EXPECT_THAT(X(R"({"const":"a"})").enum_values, ElementsAre("a"));
  const Field integer = X(R"({"type":"integer","minimum":1,"exclusiveMaximum":10,"multipleOf":3})");
  EXPECT_EQ(static_cast<int64_t>(integer.minimum->exact), 1);
  EXPECT_EQ(static_cast<int64_t>(integer.maximum->exact), 10);
  EXPECT_TRUE(integer.maximum->exclusive);
  EXPECT_EQ(static_cast<int64_t>(integer.multiple_of->exact), 3);
  EXPECT_TRUE(X(R"({"type":"number","maximum":0.5,"exclusiveMaximum":true})").maximum->exclusive)
      << "draft 4";
  EXPECT_EQ(X(R"({"type":"integer","enum":[1,2]})").enum_numbers.size(), 2u);
  const Field cents = X(R"({"type":"number","multipleOf":0.01})");
  EXPECT_EQ(cents.type, FieldType::kDecimal);
  EXPECT_EQ(cents.scale, 2);
  const Field list =
      X(R"({"type":"array","items":{"type":"string"},"minItems":1,"maxItems":3,"uniqueItems":true})");
  EXPECT_EQ(list.min_length, 1);
  EXPECT_TRUE(list.unique_items);
  EXPECT_FALSE(X(R"({"type":"integer","minimum":3,"exclusiveMaximum":3})").minimum) << "they admit no value";
  EXPECT_FALSE(X(R"({"type":"integer","format":"int32","maximum":3000000000})").maximum);
  const auto broken = OfX(R"({"type":"string","pattern":"("})");
  EXPECT_EQ(broken.field("x").pattern, "");
  EXPECT_THAT(broken.remarks, Contains(HasSubstr("the pattern '(' is left out")));
}

TEST(JsonSchemaTest, References) {
  const char kPerson[] = R"(,"$defs":{"person":{"type":"object","required":["name"],"properties":{
      "name":{"type":"string"},"boss":{"$ref":"#/$defs/person"}}}})";
  const auto outcome = OfX(R"({"$ref":"#/$defs/person","description":"Who"})", kPerson);
  const Field person = outcome.field("x");
  EXPECT_EQ(person.type, FieldType::kObject);
  EXPECT_TRUE(person.fields[0].required);
  EXPECT_EQ(person.fields[1].type, FieldType::kJson);
  EXPECT_THAT(outcome.yaml, HasSubstr("description: \"Who\""));
  EXPECT_THAT(outcome.remarks, Contains(HasSubstr("the reference '#/$defs/person' leads to")));
  EXPECT_EQ(X(R"({"$ref":"other.json"})").type, FieldType::kJson);
  EXPECT_EQ(X(R"({"$ref":"#"})").type, FieldType::kObject) << "the record itself, once more";
}

TEST(JsonSchemaTest, Combinations) {
  const Field all = X(R"({"allOf":[{"type":"object","properties":{"a":{"type":"string"},"b":{"minLength":1}}},
                                  {"properties":{"b":{"type":"string"}},"required":["b"]}]})");
  EXPECT_EQ(all.fields.size(), 2u);
  EXPECT_EQ(all.fields[1].min_length, 1);
  EXPECT_EQ(all.fields[1].type, FieldType::kString);
  EXPECT_TRUE(all.fields[1].required);
  const Field any = X(
      R"({"anyOf":[{"type":"object","properties":{"k":{"const":"a"},"n":{"type":"integer"}},"required":["k","n"]},
                                  {"type":"object","properties":{"k":{"const":"b"}},"required":["k"]}]})");
  EXPECT_EQ(any.fields[0].type, FieldType::kString);
  EXPECT_THAT(any.fields[0].enum_values, IsEmpty());
  EXPECT_TRUE(any.fields[0].required);
  EXPECT_FALSE(any.fields[1].required);
  EXPECT_EQ(X(R"({"oneOf":[{"type":"string"},{"type":"integer"}]})").type, FieldType::kJson);
  EXPECT_EQ(X(R"({"oneOf":[{"type":"string","format":"uuid"},{"type":"string"}]})").type, FieldType::kString);
}

TEST(JsonSchemaTest, RolesComeFromNames) {
  const auto outcome = FromSchema(R"({"type":"object","required":["event_time","thing_id"],"properties":{
      "thing_id":{"type":"string","examples":["t1"]},"event_time":{"type":"string","format":"date-time"}}})");
  EXPECT_EQ(outcome.table().DescribePartitioning(), "date = date(event_time)");
  EXPECT_EQ(outcome.table().primary_key.size(), 1u);
  EXPECT_THAT(outcome.yaml, HasSubstr(R"(examples: ["t1"])"));
}

TEST(JsonSchemaTest, SchemasThatGrowWithoutEndAreCut) {
  std::string definitions = R"("d0":{"type":"string"})";
  for (int i = 1; i < 40; ++i) {
    definitions += fmt::format(
        R"(,"d{0}":{{"type":"object","properties":{{"a":{{"$ref":"#/$defs/d{1}"}},"b":{{"$ref":"#/$defs/d{1}"}}}}}})",
        i, i - 1);
  }
  const auto typed = FieldsOfSchema(
      fmt::format(R"({{"properties":{{"x":{{"$ref":"#/$defs/d39"}}}},"$defs":{{{}}}}})", definitions), "a");
  ASSERT_TRUE(typed.ok());
  EXPECT_EQ(typed->fields.size(), 1u);
}

TEST(AvroSchemaTest, Types) {
  EXPECT_EQ(AvroX(R"("int")").bits, 32);
  EXPECT_EQ(AvroX(R"("long")").bits, 64);
  EXPECT_EQ(AvroX(R"("double")").type, FieldType::kNumber);
  EXPECT_EQ(AvroX(R"("boolean")").type, FieldType::kBoolean);
  EXPECT_EQ(AvroX(R"({"type":"string"})").type, FieldType::kString);
  EXPECT_EQ(AvroX(R"({"type":"string","logicalType":"uuid"})").format, TextFormat::kUuid);
  EXPECT_EQ(AvroX(R"({"type":"int","logicalType":"date"})").type, FieldType::kDate);
  EXPECT_EQ(AvroX(R"({"type":"long","logicalType":"timestamp-micros"})").type, FieldType::kTimestamp);
  EXPECT_EQ(AvroX(R"({"type":"long","logicalType":"local-timestamp-micros"})").type,
            FieldType::kLocalTimestamp);
  const Field decimal = AvroX(R"({"type":"bytes","logicalType":"decimal","precision":12,"scale":2})");
  EXPECT_EQ(decimal.precision, 12);
  EXPECT_EQ(decimal.scale, 2);
  EXPECT_THAT(AvroX(R"({"type":"enum","name":"E","symbols":["A","B"]})").enum_values, ElementsAre("A", "B"));
  EXPECT_EQ(AvroX(R"({"type":"array","items":"long"})").element().type, FieldType::kInteger);
  EXPECT_EQ(AvroX(R"({"type":"map","values":"string"})").fields[1].type, FieldType::kString);
  EXPECT_EQ(AvroX(R"({"type":"fixed","name":"F","size":4})").type, FieldType::kString);
}

TEST(AvroSchemaTest, UnionsAndDefaults) {
  EXPECT_TRUE(AvroX(R"("long")").required);
  EXPECT_FALSE(AvroX(R"(["null","long"])").required);
  EXPECT_EQ(AvroX(R"(["null","long"])").type, FieldType::kInteger);
  EXPECT_EQ(AvroX(R"(["int","string"])").type, FieldType::kJson);
  EXPECT_FALSE(FromSchema(R"({"type":"record","name":"R","fields":[{"name":"x","type":"int","default":1}]})")
                   .field("x")
                   .required);
}

TEST(AvroSchemaTest, NamedTypesAndRecursion) {
  const auto outcome = FromSchema(R"({"type":"record","name":"R","namespace":"n.s","fields":[
      {"name":"a","doc":"Where","type":{"type":"record","name":"A","fields":[{"name":"zip","type":"string"},
                                                                             {"name":"in","type":["null","A"]}]}},
      {"name":"b","type":["null","n.s.A"]},{"name":"c","type":{"type":"array","items":"A"}},{"name":"d","type":"Q"}]})");
  EXPECT_EQ(outcome.field("a").fields[0].type, FieldType::kString);
  EXPECT_EQ(outcome.field("a").fields[1].type, FieldType::kJson);
  EXPECT_EQ(outcome.field("b").type, FieldType::kObject);
  EXPECT_EQ(outcome.field("c").element().type, FieldType::kObject);
  EXPECT_EQ(outcome.field("d").type, FieldType::kJson);
  EXPECT_THAT(outcome.yaml, HasSubstr("description: \"Where\""));
  EXPECT_THAT(outcome.remarks, Contains("field 'd': the type 'Q' is not defined; it is kept as JSON"));
}

TEST(SchemaTest, WhatIsNoSchemaIsRefused) {
  EXPECT_THAT(FailureOf("syntax = \"proto3\";"), HasSubstr("the test is not JSON ("));
  EXPECT_EQ(FailureOf("[1]"),
            "the test is JSON, but neither a JSON Schema of an object nor the Avro schema of a record");
  EXPECT_EQ(FailureOf(R"({"type":"string"})"),
            "the test is JSON, but neither a JSON Schema of an object nor the Avro schema of a record");
  EXPECT_EQ(FailureOf(R"({"type":"object"})"), "the test names no member of the records");
}

TEST(SchemaTest, TheAnswerOfARegistryIsUnwrapped) {
  const char kAnswer[] = R"({"subject":"s","id":7,"schemaType":"AVRO","schema":
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":\"long\"}]}"})";
  EXPECT_EQ(FromSchema(kAnswer).field("x").type, FieldType::kInteger);
}

}  // namespace
}  // namespace forebay::infer
