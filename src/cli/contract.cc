// forebay contract check: reports the diagnostics of a contract, or summarizes a valid one and lists the
// notes on it; with a sample, also what a landing would make of that.
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
#include "cli/contract_trial.h"
#include "cli/trial_report.h"
#include "contract/field_place.h"
#include "contract/topics.h"
#include "report/json_writer.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

struct CheckFlags {
  std::string file;
  bool json = false;
  bool strict = false;
  TrialFlags trial;
};

constexpr int kSomeRejected = 1;  // exit status

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
    const bool known = table.topic.selectors.empty() || table.topic.partitions_known;
    tables.Add({table.name, DescribeTopics(table),
                known ? std::to_string(table.topic.partitions) : std::string("as the broker"),
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
      .Member("template", table.is_template)
      .Member("topic", table.topic.name.empty() ? std::nullopt : std::optional(table.topic.name));
  json.Key("topics").OpenArray();
  for (const std::string& name : NamedTopics(table)) json.Value(name);
  json.Close().Key("topic_patterns").OpenArray();
  for (const std::string& pattern : PatternsOf(table)) json.Value(pattern);
  json.Close()
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

void PrintJson(const std::string& file, const ContractCheck& check, const std::vector<TableTrial>& trials) {
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
  json.Close();
  if (!trials.empty()) {
    json.Key("samples").OpenArray();
    for (const TableTrial& trial : trials) WriteTrial(trial, json);
    json.Close();
  }
  json.Close();
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

void PrintDiagnostics(const std::string& file, const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics)
    fmt::print(stderr, "{}:{}: {}\n", file, diagnostic.line, diagnostic.text);
  fmt::print(stderr, "forebay: {} error{} in {}; see docs/contract.md for the contract format\n",
             diagnostics.size(), diagnostics.size() == 1 ? "" : "s", file);
}

int Check(const CheckFlags& flags) {
  const Result<std::string> text = ReadContractFile(flags.file);
  if (!text.ok()) return Fail(text.error());
  ContractCheck check = CheckContract(*text);
  if (flags.strict) MakeNotesErrors(check);
  if (!flags.trial.given() && (!flags.trial.table.empty() || flags.trial.records))
    return Fail(InvalidArgumentError("--table and --records apply only to --sample and --topic"));
  std::vector<TableTrial> trials;
  if (check.contract && flags.trial.given()) {
    InstallStopSignals();
    Result<std::vector<TableTrial>> tried = RunTrials(flags.trial, *check.contract);
    if (!tried.ok()) return Fail(tried.error());
    trials = *std::move(tried);
  }
  if (flags.json) {
    PrintJson(flags.file, check, trials);
  } else if (check.contract) {
    PrintSummary(*check.contract, check.notes, flags.file);
    for (const TableTrial& trial : trials) fmt::print("\n{}", TrialText(trial));
  } else {
    PrintDiagnostics(flags.file, check.diagnostics);
  }
  if (!check.contract) return ExitStatus(InvalidArgumentError(""));
  const bool all_land = std::all_of(trials.begin(), trials.end(),
                                    [](const TableTrial& trial) { return trial.report.rejected == 0; });
  return all_land ? 0 : kSomeRejected;
}

}  // namespace

void AddContract(CLI::App& app, Command& selected) {
  CLI::App* group = app.add_subcommand("contract", "Infers, validates, compares and tries contracts");
  group->require_subcommand(1);
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* check = group->add_subcommand(
      "check", "Summarizes a valid contract, or reports every error in it; tries it on records");
  check->add_option("file", flags->file, "The contract: an ODCS YAML file")->required()->type_name("FILE");
  check->add_flag("--strict", flags->strict, "Refuse what landing does not enforce, instead of noting it");
  AddTrialFlags(*check, flags->trial);
  check->add_flag("--json", flags->json, "Report as JSON");
  check->footer(
      "Each diagnostic is a line FILE:LINE: PROBLEM; EXPECTATION. A valid contract may have notes: what the\n"
      "standard knows and landing does not enforce.\n"
      "With --sample or --topic: what a landing would make of the records, and what it would reject.\n"
      "Nothing is written anywhere, and no consumer group is used.\n"
      "Exit status: 0 valid contract, and all records would land; 1 some records would be rejected;\n"
      "2 invalid contract or sample; 3 broker failure; 5 interrupted.\n\n"
      "Examples:\n"
      "  forebay contract check contracts/shop.odcs.yaml\n"
      "  forebay contract check contracts/shop.odcs.yaml --table clicks --sample clicks.jsonl.gz\n"
      "  forebay contract check contracts/shop.odcs.yaml --brokers 127.0.0.1:9092 --topic");
  check->callback([&selected, flags] { selected = [flags] { return Check(*flags); }; });
  AddContractDiff(*group, selected);
  AddContractInfer(*group, selected);
}

}  // namespace forebay::cli
