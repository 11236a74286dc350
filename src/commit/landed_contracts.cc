#include "commit/landed_contracts.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "contract/kept_columns.h"
#include "contract/topics.h"
#include "decode/column_type.h"
#include "decode/schema.h"
#include "ledger/added_columns.h"

namespace forebay {
namespace {

// A column of the contract that a transform has added before, with another type or in another case.
void CompareAddedColumn(const Table& table, const AddedColumn& added, std::vector<ContractChange>* changes) {
  const std::shared_ptr<arrow::Schema> schema = TableSchema(table);
  for (const auto& field : schema->fields()) {
    if (!IsSameColumn(field->name(), added.name)) continue;
    const std::string type = ColumnType(*field->type());
    if (field->name() == added.name && type == added.type) continue;
    if (field->name() != added.name && schema->GetFieldIndex(added.name) >= 0) continue;
    changes->push_back(
        {table.name + "." + field->name(), "column of type " + type,
         fmt::format("the table's files have a column {} of type {}, which a transform added; give the field "
                     "another name or that type",
                     added.name, added.type),
         false});
  }
}

}  // namespace

Result<LandedForms> LoadLandedForms(Ledger& ledger, BatchId until) {
  FOREBAY_ASSIGN(const std::vector<LandedTable> landed, ledger.LandedTables(until));
  FOREBAY_ASSIGN(const std::vector<LedgerTopic> topics, ledger.Topics());
  auto topics_of = TopicsByTable(topics);
  std::map<std::string, std::optional<Contract>> parsed;  // nullopt: unreadable
  LandedForms forms;
  for (const LandedTable& form : landed) {
    const auto [known, is_new] = parsed.try_emplace(form.contract_yaml);
    if (is_new) {
      Result<Contract> contract = ParseContract(form.contract_yaml, "a contract of the lake");
      if (contract.ok()) {
        known->second = std::move(contract).value();
      } else {
        spdlog::warn("its columns are not compared: {}", contract.error().message());
      }
    }
    if (!known->second) continue;
    const Result<std::shared_ptr<const Table>> table = MakeTable(
        *known->second, form.table, TemplateTopic(*known->second, form.table, topics_of[form.table]));
    if (table.ok()) forms[form.table].push_back(**table);
  }
  return forms;
}

Result<std::optional<LandedContracts>> LoadLandedContracts(Ledger& ledger) {
  FOREBAY_ASSIGN(const std::optional<std::string> newest, ledger.LatestContract());
  if (!newest) return std::optional<LandedContracts>();
  LandedContracts landed;
  FOREBAY_ASSIGN(landed.newest, ParseContract(*newest, "the contract that the lake was last landed with"));
  FOREBAY_ASSIGN(landed.tables, LoadLandedForms(ledger));
  FOREBAY_ASSIGN(const std::vector<LedgerTopic> topics, ledger.LandedTopics());
  for (const LedgerTopic& topic : topics) landed.topics[topic.topic] = topic.table;
  return std::optional(std::move(landed));
}

Result<std::vector<ContractChange>> CompareWithLake(const LandedContracts& landed, const Contract& after,
                                                    Ledger& ledger) {
  std::vector<ContractChange> changes = CompareContracts(landed, after);
  FOREBAY_ASSIGN(const std::vector<LedgerTopic> topics, ledger.Topics());
  auto topics_of = TopicsByTable(topics);
  FOREBAY_ASSIGN(const std::vector<AddedColumn> added, ledger.AddedColumns());
  for (const AddedColumn& column : added) {
    if (const Table* const table =
            after.FindTable(column.table, TemplateTopic(after, column.table, topics_of[column.table])))
      CompareAddedColumn(*table, column, &changes);
  }
  return changes;
}

std::shared_ptr<arrow::Schema> FileSchema(const Table& table, const LandedForms& landed) {
  const auto earlier = landed.find(table.name);
  return TableSchema(earlier == landed.end() ? table : WithKeptColumns(table, earlier->second));
}

}  // namespace forebay
