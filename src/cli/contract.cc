// forebay contract check: reports the diagnostics of a contract, or summarizes a valid one and lists the
// notes on it.
#include "contract/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "contract/field_place.h"
#include "report/json_writer.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

struct CheckFlags {
  std::string file;
  bool json = false;
  bool strict = false;
};

std::string FieldName(const Table& table, const std::optional<FieldPlace>& place) {
  return place ? PathAt(table, *place) : "-";
}

std::string Retention(const std::optional<int64_t>& retention_ms) {
  if (!retention_ms) return "as the broker";
  return *retention_ms < 0 ? "unlimited" : FormatDurationMs(*retention_ms);
}

void PrintSummary(const Contract& contract, const std::vector<Note>& notes, const std::string& file) {
  TextTable tables({"table", "topic", "partitions", "kept", "key", "event time", "fields", "partitioned by"});
  for (const Table& table : contract.tables) {
    tables.Add({table.name, table.topic.name, std::to_string(table.topic.partitions),
                Retention(table.topic.retention_ms), FieldName(table, table.key),
                FieldName(table, table.event_time), std::to_string(table.fields.size()),
                table.DescribePartitioning()});
  }
  fmt::print("{}: valid contract. {}, version {}.\n\n{}", file, contract.name, contract.version,
             tables.Text(0));
  if (!notes.empty()) fmt::print("\nNot enforced when records are landed:\n");
  for (const Note& note : notes) fmt::print("{}:{}: {}\n", file, note.line, note.text);
}

void WriteName(const Table& table, const char* key, const std::optional<FieldPlace>& place,
               JsonWriter& json) {
  json.Member(key, place ? std::optional(PathAt(table, *place)) : std::nullopt);
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
  for (const FieldPlace& place : table.primary_key) json.Value(PathAt(table, place));
  json.Close().Key("partitioned_by").OpenArray();
  for (const PartitionDimension& dimension : table.dimensions) json.Value(table.DescribeDimension(dimension));
  json.Close().Key("fields").OpenArray();
  for (const Field& field : table.fields) json.Value(field.name);
  json.Close().Close();
}

void WriteDiagnostic(const Diagnostic& diagnostic, JsonWriter& json) {
  json.OpenObject().Member("line", diagnostic.line).Member("message", diagnostic.text).Close();
}

void PrintJson(const std::string& file, const ContractCheck& check) {
  JsonWriter json;
  json.OpenObject(JsonLayout::kOneLine).Member("file", file).Member("ok", check.contract.has_value());
  if (check.contract) {
    const Contract& contract = *check.contract;
    json.Member("id", contract.id).Member("name", contract.name).Member("version", contract.version);
    json.Key("tables").OpenArray();
    for (const Table& table : contract.tables) WriteTable(table, json);
  } else {
    json.Key("diagnostics").OpenArray();
    for (const Diagnostic& diagnostic : check.diagnostics) WriteDiagnostic(diagnostic, json);
  }
  json.Close().Key("notes").OpenArray();
  for (const Note& note : check.notes) WriteDiagnostic(note, json);
  json.Close().Close();
  fmt::print("{}\n", json.text());
}

// With --strict, a note is an error, unless the standard has what it is about for other tools.
void MakeNotesErrors(ContractCheck& check) {
  const auto is_error = [](const Note& note) { return !note.for_other_tools; };
  std::copy_if(check.notes.begin(), check.notes.end(), std::back_inserter(check.diagnostics), is_error);
  std::erase_if(check.notes, is_error);
  std::stable_sort(check.diagnostics.begin(), check.diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
  if (!check.diagnostics.empty()) check.contract.reset();
}

int Check(const CheckFlags& flags) {
  const Result<std::string> text = ReadContractFile(flags.file);
  if (!text.ok()) return Fail(text.error());
  ContractCheck check = CheckContract(*text);
  if (flags.strict) MakeNotesErrors(check);
  if (flags.json) {
    PrintJson(flags.file, check);
  } else if (check.contract) {
    PrintSummary(*check.contract, check.notes, flags.file);
  } else {
    for (const Diagnostic& diagnostic : check.diagnostics) {
      fmt::print(stderr, "{}:{}: {}\n", flags.file, diagnostic.line, diagnostic.text);
    }
    fmt::print(stderr, "forebay: {} error{} in {}; see docs/contract.md for the contract format\n",
               check.diagnostics.size(), check.diagnostics.size() == 1 ? "" : "s", flags.file);
  }
  return check.contract ? 0 : ExitStatus(InvalidArgumentError(""));
}

}  // namespace

void AddContract(CLI::App& app, Command& selected) {
  CLI::App* group = app.add_subcommand("contract", "Validates and compares contracts; needs no broker");
  group->require_subcommand(1);
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* check =
      group->add_subcommand("check", "Summarizes a valid contract, or reports every error in it");
  check->add_option("file", flags->file, "The contract: an ODCS YAML file")->required()->type_name("FILE");
  check->add_flag("--strict", flags->strict, "Refuse what landing does not enforce, instead of noting it");
  check->add_flag("--json", flags->json, "Report as JSON");
  check->footer(
      "Each diagnostic is a line FILE:LINE: PROBLEM; EXPECTATION. A valid contract may have notes: what the\n"
      "standard knows and landing does not enforce.\n"
      "Exit status: 0 valid contract, 2 invalid contract.\n\n"
      "Example:\n"
      "  forebay contract check contracts/shop.odcs.yaml");
  check->callback([&selected, flags] { selected = [flags] { return Check(*flags); }; });
  AddContractDiff(*group, selected);
}

}  // namespace forebay::cli
