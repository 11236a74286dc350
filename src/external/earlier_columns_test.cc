// The columns that a table's files have from earlier contracts.
#include <arrow/array.h>
#include <arrow/scalar.h>
#include <gtest/gtest.h>

#include "contract/kept_columns.h"
#include "decode/schema.h"
#include "external/batch_stager.h"
#include "external/testing.h"

namespace forebay {
namespace {

using testing::DecodeRecords;
using testing::MakeContract;
using testing::MakeField;
using testing::MakeTable;
using testing::TestDisk;
using testing::Text;
using testing::Value;

class EarlierColumnsTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const Contract> Before() {
    Field who = MakeField("who", FieldType::kObject);
    who.fields = {MakeField("name", FieldType::kString), MakeField("age", FieldType::kInteger)};
    return MakeContract(MakeTable({MakeField("note", FieldType::kString), who}));
  }
  static std::shared_ptr<const Contract> After() {
    Field who = MakeField("who", FieldType::kObject);
    who.fields = {MakeField("age", FieldType::kInteger)};
    return MakeContract(MakeTable({who}));
  }

  // The only file of the rows that were added.
  FileManifest Finish(BatchStager& stager) {
    const auto manifests = stager.Finish();
    EXPECT_TRUE(manifests.ok()) << (manifests.ok() ? "" : manifests.error().message());
    FileManifest file;
    for (const std::string& text : *manifests) {
      const auto manifest = ReadManifest(text);
      if (const auto* const found = std::get_if<FileManifest>(&*manifest)) file = *found;
    }
    return file;
  }

  const std::shared_ptr<arrow::Schema> columns_ =
      TableSchema(WithKeptColumns(After()->tables.front(), Before()->tables));
  const std::shared_ptr<arrow::RecordBatch> rows_ =
      DecodeRecords(After(), {{.offset = 0, .value = Value(0, 30, R"("who":{"age":7},"note":"x")")},
                              {.offset = 1, .value = Value(1)}})
          .rows;
  TestDisk disk_;
};

TEST_F(EarlierColumnsTest, AreNull) {
  auto stager = disk_.Open(After(), {.engine = "test", .columns = columns_});
  ASSERT_TRUE((*stager)->AddRows(*rows_).ok());
  const FileManifest file = Finish(**stager);
  EXPECT_TRUE(file.added_columns.empty());
  const auto table = disk_.Read(file.file.staged_name);
  EXPECT_TRUE(table->schema()->Equals(*columns_));
  EXPECT_EQ(Text(*table->GetColumnByName("note")->chunk(0)), "null null");
  EXPECT_EQ((*table->GetColumnByName("who")->GetScalar(0))->ToString(),
            "{name:string = null, age:int64 = 7}");
}

// A transform may give them values, of their type.
TEST_F(EarlierColumnsTest, MayBeFilledByATransform) {
  const auto with_note = [&](const std::string& name, const arrow::Scalar& value) {
    return rows_->AddColumn(0, arrow::field(name, value.type), *arrow::MakeArrayFromScalar(value, 2))
        .ValueOrDie();
  };
  auto stager = disk_.Open(After(), {.engine = "test", .columns = columns_});
  ASSERT_TRUE((*stager)->AddRows(*with_note("note", arrow::StringScalar("x"))).ok());
  const FileManifest file = Finish(**stager);
  EXPECT_TRUE(file.added_columns.empty());
  EXPECT_EQ(Text(*disk_.Read(file.file.staged_name)->GetColumnByName("note")->chunk(0)), "x x");
  for (const auto& [rows, refusal] :
       {std::pair{with_note("note", arrow::Int32Scalar(1)), "have it with type string"},
        std::pair{with_note("Note", arrow::StringScalar("x")), "a transform may not add Note"}}) {
    auto other = disk_.Open(After(), {.engine = "test", .columns = columns_});
    const Status status = (*other)->AddRows(*rows);
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.error().message().find(refusal), std::string::npos) << status.error().message();
  }
}

TEST_F(EarlierColumnsTest, OfAnotherTableAreRefused) {
  const auto stager = disk_.Open(After(), {.engine = "test", .columns = TableSchema(MakeTable({}))});
  ASSERT_FALSE(stager.ok());
  EXPECT_NE(stager.error().message().find("are not those of the files of table 'things'"), std::string::npos);
}

}  // namespace
}  // namespace forebay
