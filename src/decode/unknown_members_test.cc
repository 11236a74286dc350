#include "decode/unknown_members.h"

#include <gtest/gtest.h>

#include "decode/record_decoder.h"

namespace forebay {
namespace {

using Counts = std::map<std::string, int64_t>;

Field MakeField(const std::string& name, FieldType type, std::vector<Field> fields = {}) {
  Field field;
  field.name = name;
  field.type = type;
  field.fields = std::move(fields);
  return field;
}

class UnknownMembersTest : public testing::Test {
 protected:
  UnknownMembersTest() {
    const Field colour = MakeField("colour", FieldType::kString);
    const Field part = MakeField("part", FieldType::kObject, {colour});
    table_.name = "things";
    table_.fields = {MakeField("name", FieldType::kString), MakeField("owner", FieldType::kObject, {colour}),
                     MakeField("parts", FieldType::kArray, {part})};
    auto decoder = RecordDecoder::Create(table_);
    EXPECT_TRUE(decoder.ok());
    decoder_ = std::move(decoder).value();
  }
  Outcome Decode(std::string_view record) {
    RecordView view;
    view.value = record;
    const Outcome outcome = *decoder_->Decode(view, 0);
    if (outcome == Outcome::kRow && !decoder_->extra().empty())
      CountExtraMembers(decoder_->extra(), {}, &of_texts_);
    return outcome;
  }
  // Counted by the decoder; the texts of the rows give the same.
  Counts Take() {
    const Counts counts = decoder_->TakeUnknownMembers();
    EXPECT_EQ(counts, of_texts_);
    of_texts_.clear();
    return counts;
  }

  Table table_;
  std::unique_ptr<RecordDecoder> decoder_;
  Counts of_texts_;
};

TEST_F(UnknownMembersTest, AreCountedByRowAndPath) {
  for (int i = 0; i < 3; ++i) {
    Decode(R"({"name":"a","Name":1,"owner":{"Colour":2},"parts":[{"x":1},{"x":2,"/~y":3},{"x":4}]})");
  }
  Decode(R"({"Name":1,"new":2})");
  Decode(R"({"name":"a"})");
  EXPECT_EQ(Take(),
            (Counts{{"Name", 4}, {"new", 1}, {"owner.Colour", 3}, {"parts[].x", 3}, {"parts[]./~y", 3}}));
  EXPECT_EQ(Take(), Counts());
}

TEST_F(UnknownMembersTest, ARejectedRecordHasNone) {
  EXPECT_EQ(Decode(R"({"Name":1,"name":5})"), Outcome::kReject);
  EXPECT_EQ(Decode(R"({"Name":1,"name":"a")"), Outcome::kReject);
  EXPECT_EQ(Decode(R"({"Name":1})"), Outcome::kRow);
  EXPECT_EQ(Take(), (Counts{{"Name", 1}}));
}

TEST_F(UnknownMembersTest, AnyNumberOfNamesNeedsBoundedMemory) {
  for (int i = 0; i < 1000; ++i) Decode("{\"id" + std::to_string(i) + "\":1,\"same\":2}");
  const Counts counts = decoder_->TakeUnknownMembers();
  EXPECT_EQ(counts.size(), UnknownMembers::kMaxNames + 1);
  EXPECT_EQ(counts.at("same"), 1000);
  EXPECT_EQ(counts.at(kOtherMembers), 1001 - static_cast<int64_t>(UnknownMembers::kMaxNames));
  Decode("{\"" + std::string(300, 'x') + "\":1,\"a\\u0000b\":1}");
  EXPECT_EQ(decoder_->TakeUnknownMembers(), (Counts{{kOtherMembers, 1}}));
}

}  // namespace
}  // namespace forebay
