// forebay contract check: reports the diagnostics of a contract, or summarizes a valid one.
#include "contract/contract.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "report/json_writer.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

struct CheckFlags {
  std::string file;
  bool json = false;
};

std::string FieldName(const Table& table, const std::optional<size_t>& field) {
  return field ? table.fields[*field].name : "-";
}

std::string Retention(const std::optional<int64_t>& retention_ms) {
  if (!retention_ms) return "as the broker";
  return *retention_ms < 0 ? "unlimited" : FormatDurationMs(*retention_ms);
}

void PrintSummary(const Contract& contract, const std::string& file) {
  TextTable tables({"table", "topic", "partitions", "kept", "key", "event time", "fields", "partitioned by"});
  for (const Table& table : contract.tables) {
    tables.Add({table.name, table.topic.name, std::to_string(table.topic.partitions),
                Retention(table.topic.retention_ms), FieldName(table, table.key),
                FieldName(table, table.event_time), std::to_string(table.fields.size()),
                table.DescribePartitioning()});
  }
  fmt::print("{}: valid contract. {}, version {}.\n\n{}", file, contract.name, contract.version,
             tables.Text(0));
}

void WriteName(const Table& table, const char* key, const std::optional<size_t>& field, JsonWriter& json) {
  json.Member(key, field ? std::optional(table.fields[*field].name) : std::nullopt);
}

void WriteTable(const Table& table, JsonWriter& json) {
  json.OpenObject()
      .Member("name", table.name)
      .Member("topic", table.topic.name)
      .Member("partitions", table.topic.partitions)
      .Member("retention_ms", table.topic.retention_ms)
      .Member("cleanup_policy", table.topic.cleanup_policy);
  WriteName(table, "key", table.key, json);
  WriteName(table, "event_time", table.event_time, json);
  json.Key("primary_key").OpenArray();
  for (const size_t field : table.primary_key) json.Value(table.fields[field].name);
  json.Close().Key("partitioned_by").OpenArray();
  for (const PartitionDimension& dimension : table.dimensions) json.Value(table.DescribeDimension(dimension));
  json.Close().Key("fields").OpenArray();
  for (const Field& field : table.fields) json.Value(field.name);
  json.Close().Close();
}

void PrintJson(const std::string& file, const std::optional<Contract>& contract,
               const std::vector<Diagnostic>& diagnostics) {
  JsonWriter json;
  json.OpenObject(JsonLayout::kOneLine).Member("file", file).Member("ok", contract.has_value());
  if (contract) {
    json.Member("id", contract->id).Member("name", contract->name).Member("version", contract->version);
    json.Key("tables").OpenArray();
    for (const Table& table : contract->tables) WriteTable(table, json);
  } else {
    json.Key("diagnostics").OpenArray();
    for (const Diagnostic& diagnostic : diagnostics)
      json.OpenObject().Member("line", diagnostic.line).Member("message", diagnostic.text).Close();
  }
  json.Close().Close();
  fmt::print("{}\n", json.text());
}

int Check(const CheckFlags& flags) {
  const Result<std::string> text = ReadContractFile(flags.file);
  if (!text.ok()) return Fail(text.error());
  std::vector<Diagnostic> diagnostics;
  const std::optional<Contract> contract = CheckContract(*text, diagnostics);
  if (flags.json) {
    PrintJson(flags.file, contract, diagnostics);
  } else if (contract) {
    PrintSummary(*contract, flags.file);
  } else {
    for (const Diagnostic& diagnostic : diagnostics) {
      fmt::print(stderr, "{}:{}: {}\n", flags.file, diagnostic.line, diagnostic.text);
    }
    fmt::print(stderr, "forebay: {} error{} in {}; see docs/contract.md for the contract format\n",
               diagnostics.size(), diagnostics.size() == 1 ? "" : "s", flags.file);
  }
  return contract ? 0 : ExitStatus(InvalidArgumentError(""));
}

}  // namespace

void AddContract(CLI::App& app, Command& selected) {
  CLI::App* group = app.add_subcommand("contract", "Validates contracts; needs neither broker nor lake");
  group->require_subcommand(1);
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* check =
      group->add_subcommand("check", "Summarizes a valid contract, or reports every error in it");
  check->add_option("file", flags->file, "The contract: an ODCS YAML file")->required()->type_name("FILE");
  check->add_flag("--json", flags->json, "Report as JSON");
  check->footer(
      "Each diagnostic is a line FILE:LINE: PROBLEM; EXPECTATION.\n"
      "Exit status: 0 valid contract, 2 invalid contract.\n\n"
      "Example:\n"
      "  forebay contract check contracts/shop.odcs.yaml");
  check->callback([&selected, flags] { selected = [flags] { return Check(*flags); }; });
}

}  // namespace forebay::cli
