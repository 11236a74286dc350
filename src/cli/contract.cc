// forebay contract check: reports the diagnostics of a contract, or summarizes a valid one.
#include "contract/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/common.h"

namespace forebay::cli {
namespace {

namespace json = boost::json;

struct CheckFlags {
  std::string file;
  bool json = false;
};

std::string FormatDuration(int64_t ms) {
  if (ms < 0) return "for ever";
  constexpr std::pair<int64_t, const char*> kUnits[] = {
      {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}};
  for (const auto& [unit, name] : kUnits) {
    if (ms >= unit && ms % unit == 0) return fmt::format("{}{}", ms / unit, name);
  }
  return fmt::format("{}ms", ms);
}

std::string FieldName(const Table& table, const std::optional<size_t>& field) {
  return field ? table.fields[*field].name : "-";
}

std::string FormatDimension(const Table& table, const PartitionDimension& dimension) {
  const std::string& source = table.fields[dimension.source].name;
  switch (dimension.transform) {
    case PartitionTransform::kDate:
      return fmt::format("{} = date({})", dimension.name, source);
    case PartitionTransform::kHour:
      return fmt::format("{} = hour({})", dimension.name, source);
    case PartitionTransform::kIdentity:
      break;
  }
  return dimension.name;
}

std::string FormatDimensions(const Table& table) {
  std::string text;
  for (const PartitionDimension& dimension : table.dimensions) {
    text += (text.empty() ? "" : ", ") + FormatDimension(table, dimension);
  }
  return text;
}

void PrintSummary(const Contract& contract, const std::string& file) {
  std::vector<std::vector<std::string>> rows = {
      {"table", "topic", "partitions", "kept", "key", "event time", "fields", "partitioned by"}};
  for (const Table& table : contract.tables) {
    rows.push_back({table.name, table.topic.name, std::to_string(table.topic.partitions),
                    FormatDuration(table.topic.retention_ms), FieldName(table, table.key),
                    FieldName(table, table.event_time), std::to_string(table.fields.size()),
                    FormatDimensions(table)});
  }
  fmt::print("{}: a sound contract. {}, version {}.\n\n", file, contract.name, contract.version);
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (size_t column = 0; column < row.size(); ++column) {
      size_t width = 0;
      for (const std::vector<std::string>& other : rows) width = std::max(width, other[column].size());
      line += column + 1 == row.size() ? row[column] : fmt::format("{:<{}}  ", row[column], width);
    }
    fmt::print("{}\n", line);
  }
}

json::value NameOrNull(const Table& table, const std::optional<size_t>& field) {
  return field ? json::value(table.fields[*field].name) : json::value(nullptr);
}

json::object TableToJson(const Table& table) {
  json::array fields, dimensions, primary_key;
  for (const Field& field : table.fields) fields.emplace_back(field.name);
  for (const PartitionDimension& dimension : table.dimensions)
    dimensions.emplace_back(FormatDimension(table, dimension));
  for (const size_t field : table.primary_key) primary_key.emplace_back(table.fields[field].name);
  return {{"name", table.name},
          {"topic", table.topic.name},
          {"partitions", table.topic.partitions},
          {"retention_ms", table.topic.retention_ms},
          {"cleanup_policy", table.topic.cleanup_policy},
          {"key", NameOrNull(table, table.key)},
          {"event_time", NameOrNull(table, table.event_time)},
          {"primary_key", std::move(primary_key)},
          {"partitioned_by", std::move(dimensions)},
          {"fields", std::move(fields)}};
}

void PrintJson(const std::string& file, const std::optional<Contract>& contract,
               const std::vector<Diagnostic>& diagnostics) {
  json::object report{{"file", file}, {"ok", contract.has_value()}};
  if (contract) {
    json::array tables;
    for (const Table& table : contract->tables) tables.emplace_back(TableToJson(table));
    report["id"] = contract->id;
    report["name"] = contract->name;
    report["version"] = contract->version;
    report["tables"] = std::move(tables);
  } else {
    json::array found;
    for (const Diagnostic& diagnostic : diagnostics)
      found.push_back({{"line", diagnostic.line}, {"message", diagnostic.text}});
    report["diagnostics"] = std::move(found);
  }
  fmt::print("{}\n", json::serialize(report));
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
    fmt::print(stderr, "forebay: {} error{} in {}; docs/contract.md says what a contract holds\n",
               diagnostics.size(), diagnostics.size() == 1 ? "" : "s", flags.file);
  }
  return contract ? 0 : ExitStatus(InvalidArgumentError(""));
}

}  // namespace

void AddContract(CLI::App& app, Command& selected) {
  CLI::App* group = app.add_subcommand("contract", "Looks at contracts; needs neither broker nor lake");
  group->require_subcommand(1);
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* check =
      group->add_subcommand("check", "Says what a contract holds, or all that is wrong with it");
  check->add_option("file", flags->file, "The contract: an ODCS YAML file")->required()->type_name("FILE");
  check->add_flag("--json", flags->json, "Report as JSON");
  check->footer(
      "Each diagnostic is a line FILE:LINE: what is wrong; what was expected.\n"
      "Exit status 0 for a sound contract, 2 for another.\n\n"
      "Example:\n"
      "  forebay contract check contracts/shop.odcs.yaml");
  check->callback([&selected, flags] { selected = [flags] { return Check(*flags); }; });
}

}  // namespace forebay::cli
