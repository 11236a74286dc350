#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "read/quarantine_reader.h"
#include "report/json_writer.h"
#include "report/reject_groups.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

constexpr size_t kSamples = 3;  // of each group

struct QuarantineFlags {
  std::string lake;
  QuarantineFilter filter;
  uint64_t limit = 20;
  uint64_t bytes = 120;
  bool records = false;
  bool json = false;
};

// One record as printed text.
std::string RecordText(const QuarantinedRecord& record, uint64_t preview_bytes) {
  std::string text = fmt::format("{} {} partition {} offset {}", record.reason, record.topic,
                                 record.partition.value(), record.offset.value());
  if (record.timestamp_us) text += " at " + FormatTimestamp(*record.timestamp_us);
  text += "\n";
  if (record.field || record.detail) {
    text += fmt::format("  {}{}{}\n", record.field.value_or(""), record.field && record.detail ? ": " : "",
                        MessagePreview(record.detail.value_or(""), preview_bytes));
  }
  for (size_t i = 1; i < record.violations.size(); ++i) {
    const QuarantinedViolation& other = record.violations[i];
    text += fmt::format("  and {} {}: {}\n", other.reason, other.field.value_or(""),
                        MessagePreview(other.detail.value_or(""), preview_bytes));
  }
  for (const RecordHeader& header : record.headers)
    text += fmt::format("  header {} {}\n", header.name, Preview(header.value.value_or(""), preview_bytes));
  if (record.key) text += fmt::format("  key   {}\n", Preview(*record.key, preview_bytes));
  text += fmt::format("  value {} ({} bytes)\n", Preview(record.value, preview_bytes),
                      Grouped(record.value.size()));
  return text;
}

void WriteRecord(const QuarantinedRecord& record, uint64_t preview_bytes, JsonWriter& json) {
  const auto preview = [preview_bytes](const std::optional<std::string_view>& bytes) {
    return bytes ? std::optional<std::string>(Preview(*bytes, preview_bytes)) : std::nullopt;
  };
  json.OpenObject()
      .Member("table", record.table)
      .Member("topic", record.topic)
      .Member("partition", record.partition.value())
      .Member("offset", record.offset.value())
      .Member("timestamp_us", record.timestamp_us)
      .Member("reason", record.reason)
      .Member("field", record.field)
      .Member("detail", record.detail)
      .Member("key_preview", preview(record.key))
      .Member("value_preview", preview(record.value))
      .Member("value_bytes", record.value.size())
      .Member("contract_version", record.contract_version)
      .Member("file", record.file)
      .Key("violations")
      .OpenArray();
  for (const QuarantinedViolation& violation : record.violations) {
    json.OpenObject()
        .Member("reason", violation.reason)
        .Member("field", violation.field)
        .Member("detail", violation.detail)
        .Close();
  }
  json.Close().Key("headers").OpenArray();
  for (const RecordHeader& header : record.headers) {
    json.OpenObject().Member("name", header.name).Member("value_preview", preview(header.value)).Close();
  }
  json.Close().Close();
}

void PrintGroups(const RejectGroups& groups) {
  std::map<std::string, std::vector<RejectGroup>> by_table;
  for (RejectGroup& group : groups.Largest()) by_table[group.table].push_back(std::move(group));
  for (const auto& [table, of_table] : by_table)
    fmt::print("{}, by field and reason:\n{}", table, RejectGroupsText(of_table, 2));
  if (groups.empty()) std::puts("no records in quarantine match these filters");
}

// All matching records as groups, and for JSON the first ones by themselves.
Status ListGroups(const QuarantineFlags& flags) {
  RejectGroups groups(kSamples, flags.bytes);
  JsonWriter json;
  json.OpenObject().Key("records").OpenArray();
  uint64_t records = 0;
  FOREBAY_TRY(ReadQuarantine(flags.lake, flags.filter, [&](const QuarantinedRecord& record) {
    AddViolations(record, &groups);
    ++records;
    if (flags.json && (flags.limit == 0 || records <= flags.limit)) WriteRecord(record, flags.bytes, json);
    return true;
  }));
  if (!flags.json) {
    PrintGroups(groups);
    return Ok();
  }
  json.Close().Member("more", flags.limit != 0 && records > flags.limit);
  WriteRejectGroups(groups.Largest(), json.Key("groups"));
  std::fputs((json.Close().text() + "\n").c_str(), stdout);
  return Ok();
}

// The first matching records, one by one.
Status ListRecords(const QuarantineFlags& flags) {
  uint64_t listed = 0;
  bool more = false;
  FOREBAY_TRY(ReadQuarantine(flags.lake, flags.filter, [&](const QuarantinedRecord& record) {
    if (flags.limit != 0 && listed == flags.limit) {
      more = true;
      return false;
    }
    ++listed;
    std::fputs(RecordText(record, flags.bytes).c_str(), stdout);
    return true;
  }));
  if (listed == 0) {
    std::puts("no records in quarantine match these filters");
  } else if (more) {
    std::fprintf(stderr, "%s of the newest batches shown; --limit 0 lists all\n",
                 Counted(listed, "record").c_str());
  }
  return Ok();
}

}  // namespace

void AddQuarantine(CLI::App& app, Command& selected) {
  auto flags = std::make_shared<QuarantineFlags>();
  CLI::App* const quarantine = app.add_subcommand("quarantine", "Inspects rejected records");
  quarantine->require_subcommand(1);
  CLI::App* const list =
      quarantine->add_subcommand("list", "Lists rejected records by field and reason, with samples");
  AddLakeFlag(*list, flags->lake);
  list->add_option("--table", flags->filter.table, "Only records of this table's topics")->type_name("TABLE");
  list->add_option("--topic", flags->filter.topic, "Only records of this topic")->type_name("TOPIC");
  list->add_option("--reason", flags->filter.reason,
                   "Only records rejected for this reason: not_json, wrong_type, ...")
      ->type_name("REASON");
  list->add_option("--date", flags->filter.date, "Only records whose Kafka timestamp is on this UTC day")
      ->type_name("DATE");
  list->add_flag("--records", flags->records, "List the records one by one, the newest batch first");
  list->add_option("--limit", flags->limit, "Maximum number of records, of --records and --json; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  list->add_option("--bytes", flags->bytes, "Bytes of each key and value to show")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  list->add_flag("--json", flags->json, "Report as JSON");
  list->footer(
      "Example:\n  forebay quarantine list --lake lake --table clicks --reason bad_timestamp --records");
  list->callback([flags, &selected] {
    selected = [flags] {
      const Status status = flags->records && !flags->json ? ListRecords(*flags) : ListGroups(*flags);
      return status.ok() ? 0 : Fail(status.error());
    };
  });
}

}  // namespace forebay::cli
