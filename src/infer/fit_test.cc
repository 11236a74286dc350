#include "infer/fit.h"

#include <gmock/gmock.h>

#include "infer/testing.h"

namespace forebay::infer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ProposedField Required(const std::string& name, FieldType type) {
  ProposedField proposed;
  proposed.field.name = proposed.field.column = name;
  proposed.field.type = type;
  proposed.field.required = true;
  return proposed;
}

class FitTest : public ::testing::Test {
 protected:
  const Sample sample_ = testing::SampleOf(testing::Values({R"({"a":1,"b":{"c":"x"}})", R"({"a":"y"})"}));
  const Screening screening_ = Screen(sample_).value();
};

TEST_F(FitTest, WhatFitsStays) {
  std::vector<ProposedField> fields = {Required("a", FieldType::kJson)};
  EXPECT_THAT(LoosenToFit(screening_.usable, fields).value(), IsEmpty());
  EXPECT_TRUE(fields[0].field.required);
}

TEST_F(FitTest, AFieldThatRefusesAValueIsLoosenedAndNamed) {
  ProposedField object = Required("b", FieldType::kObject);
  object.fields = {Required("c", FieldType::kInteger)};
  std::vector<ProposedField> fields = {Required("a", FieldType::kInteger), object};
  EXPECT_THAT(LoosenToFit(screening_.usable, fields).value(),
              ElementsAre(HasSubstr("field 'b' was made optional and JSON, because 2 records"),
                          HasSubstr("field 'a' was made optional and JSON, because 1 record")));
  for (const ProposedField& field : fields) {
    EXPECT_EQ(field.field.type, FieldType::kJson);
    EXPECT_FALSE(field.field.required);
    EXPECT_THAT(field.fields, IsEmpty());
  }
}

TEST_F(FitTest, ATableThatRefusesARecordIsABug) {
  Table table;
  table.fields = {WithMembers(Required("b", FieldType::kJson))};
  const Status fit = CheckFit(table, screening_.usable, testing::kKafkaMs);
  ASSERT_FALSE(fit.ok());
  EXPECT_EQ(fit.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(fit.error().message(),
              HasSubstr("refuses 1 record of the sample, the first as missing_field (b:"));
}

}  // namespace
}  // namespace forebay::infer
