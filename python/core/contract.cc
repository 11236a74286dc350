// Contracts and their tables.
#include "contract/contract.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "arrow_bridge.h"
#include "base/time.h"
#include "contract/field_place.h"
#include "contract/field_type.h"
#include "contract/topics.h"
#include "contract_holder.h"
#include "decode/schema.h"
#include "errors.h"
#include "external/batch_decoder.h"
#include "infer/infer.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forebay::python {
namespace {

ContractHolder ReadHolder(const std::string& path) {
  return {std::make_shared<const Contract>(Unwrap(ReadContract(path))), path};
}

ContractHolder ParseHolder(const std::string& yaml, const std::string& name) {
  return {std::make_shared<const Contract>(Unwrap(ParseContract(yaml, name))), ""};
}

ContractHolder InferHolder(const std::vector<nb::bytes>& records, const std::string& topic,
                           const std::string& table) {
  infer::InferOptions options;
  options.now_ms = WallClockMillis();
  infer::Sample sample({.records = records.size()});
  for (const nb::bytes& value : records) {
    RecordView record;
    record.timestamp_ms = options.now_ms;
    record.value = std::string_view(value.c_str(), value.size());
    if (!sample.Add(record)) break;
  }
  options.table = table.empty() ? infer::TableNameFor(topic) : table;
  options.topic.name = topic;
  options.source = "topic " + topic;
  const infer::InferredContract inferred = Unwrap(infer::Infer(sample, options));
  return ParseHolder(inferred.yaml, "the inferred contract");
}

std::vector<TableHolder> Tables(const ContractHolder& self) {
  std::vector<TableHolder> tables;
  for (const Table& table : self.contract->tables) {
    tables.push_back({std::shared_ptr<const Table>(self.contract, &table)});
  }
  return tables;
}

TableHolder FindTable(const ContractHolder& self, const std::string& table, const std::string& topic) {
  return {Unwrap(MakeTable(*self.contract, table, topic))};
}

std::optional<std::string> OnlyTopic(const TableHolder& self) {
  const std::string& topic = self.table->topic.name;
  return topic.empty() ? std::nullopt : std::optional(topic);
}

std::optional<std::string> PathOf(const Table& table, const std::optional<FieldPlace>& place) {
  if (!place) return std::nullopt;
  return PathAt(table, *place);
}

std::vector<std::string> PrimaryKey(const TableHolder& self) {
  std::vector<std::string> names;
  for (const FieldPlace& place : self.table->primary_key) names.push_back(PathAt(*self.table, place));
  return names;
}

std::vector<std::string> Dimensions(const TableHolder& self) {
  std::vector<std::string> names;
  for (const PartitionDimension& dimension : self.table->dimensions) names.push_back(dimension.name);
  return names;
}

// Name, type (e.g. "integer"), required.
using FieldTuple = std::tuple<std::string, std::string, bool>;
std::vector<FieldTuple> Fields(const TableHolder& self) {
  std::vector<FieldTuple> fields;
  for (const Field& field : self.table->fields) {
    const std::string_view with_article = FieldTypeName(field.type);
    fields.emplace_back(field.name, std::string(with_article.substr(with_article.find(' ') + 1)),
                        field.required);
  }
  return fields;
}

}  // namespace

void RegisterContract(nb::module_& m) {
  nb::class_<ContractHolder>(m, "Contract")
      .def_static("read", &ReadHolder, "path"_a)
      .def_static("parse", &ParseHolder, "yaml"_a, "name"_a)
      .def_static("infer", &InferHolder, "records"_a, "topic"_a, "table"_a)
      .def_prop_ro("id", [](const ContractHolder& self) { return self.contract->id; })
      .def_prop_ro("name", [](const ContractHolder& self) { return self.contract->name; })
      .def_prop_ro("version", [](const ContractHolder& self) { return self.contract->version; })
      .def_prop_ro("yaml", [](const ContractHolder& self) { return self.contract->yaml; })
      .def_ro("path", &ContractHolder::path)
      .def_prop_ro("tables", &Tables)
      .def("table", &FindTable, "name"_a, "topic"_a);
  nb::class_<TableHolder>(m, "Table")
      .def_prop_ro("name", [](const TableHolder& self) { return self.table->name; })
      .def_prop_ro("topic", &OnlyTopic)
      .def_prop_ro("topics", [](const TableHolder& self) { return NamedTopics(*self.table); })
      .def_prop_ro("topic_patterns", [](const TableHolder& self) { return PatternsOf(*self.table); })
      .def_prop_ro("is_template", [](const TableHolder& self) { return self.table->is_template; })
      .def_prop_ro("has_topic_column", [](const TableHolder& self) { return self.table->HasTopicColumn(); })
      .def_prop_ro("partitions", [](const TableHolder& self) { return self.table->topic.partitions; })
      .def_prop_ro("key", [](const TableHolder& self) { return PathOf(*self.table, self.table->key); })
      .def_prop_ro("event_time",
                   [](const TableHolder& self) { return PathOf(*self.table, self.table->event_time); })
      .def_prop_ro("primary_key", &PrimaryKey)
      .def_prop_ro("partition_columns", &Dimensions)
      .def_prop_ro("fields", &Fields)
      .def_prop_ro("schema",
                   [](const TableHolder& self) { return ArrowSchemaHolder{TableSchema(*self.table)}; })
      .def_prop_ro("decoded_schema",
                   [](const TableHolder& self) { return ArrowSchemaHolder{DecodedSchema(*self.table)}; });
  m.def("quarantine_schema", [] { return ArrowSchemaHolder{QuarantineSchema()}; });
  m.def("tombstone_schema", [] { return ArrowSchemaHolder{TombstoneSchema()}; });
}

}  // namespace forebay::python
