#include "decode/field_presence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decode/record_decoder.h"
#include "decode/row_block.h"
#include "decode/schema.h"

namespace forebay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Field MakeField(const std::string& name, FieldType type, std::vector<Field> fields = {}) {
  Field field;
  field.name = name;
  field.type = type;
  field.fields = std::move(fields);
  return field;
}

class FieldPresenceTest : public testing::Test {
 protected:
  FieldPresenceTest() {
    const std::vector<Field> both = {MakeField("colour", FieldType::kString),
                                     MakeField("size", FieldType::kInteger)};
    Field kind = MakeField("kind", FieldType::kString);
    kind.enum_values = {"a", "b"};
    table_.name = "things";
    table_.fields = {kind, MakeField("owner", FieldType::kObject, both),
                     MakeField("parts", FieldType::kArray, {MakeField("part", FieldType::kObject, both)})};
  }
  std::vector<std::string> EmptyFields(const std::vector<std::string>& records) {
    const std::unique_ptr<RecordDecoder> decoder = RecordDecoder::Create(table_).value();
    RowBlock block(decoder->schema(), TableSchema(table_));
    FieldValues values(decoder->schema().node_count);
    for (const std::string& record : records) {
      RecordView view;
      view.value = record;
      EXPECT_EQ(*decoder->Decode(view, 0), Outcome::kRow) << record;
      block.Append(decoder->row());
    }
    block.AddValues(&values);
    return FieldsWithoutValues(decoder->schema(), values);
  }

  Table table_;
};

TEST_F(FieldPresenceTest, FieldsWithoutAValueInAnyRow) {
  EXPECT_THAT(EmptyFields({"{}", "{}"}), ElementsAre("kind", "owner", "parts"));
  EXPECT_THAT(EmptyFields({R"({"owner":{"size":1}})", R"({"kind":"b"})"}),
              ElementsAre("owner.colour", "parts"));
  EXPECT_THAT(EmptyFields({R"({"kind":"a","owner":{"colour":"x","size":1},"parts":[{"colour":"x"}]})", "{}"}),
              ElementsAre("parts[].size"));
  EXPECT_THAT(EmptyFields({R"({"kind":"a","owner":{"colour":"x","size":1},"parts":[]})"}), IsEmpty());
}

}  // namespace
}  // namespace forebay
