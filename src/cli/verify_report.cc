#include "cli/verify_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/json_writer.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

constexpr size_t kMaxListed = 20;  // findings listed of each kind

void AppendFindings(const std::vector<Finding>& findings, const std::map<FindingKind, uint64_t>& counts,
                    std::string* text) {
  size_t at = 0;
  for (const auto& [kind, count] : counts) {
    *text += fmt::format("{} ({})\n", FindingTitle(kind), Grouped(count));
    size_t listed = 0;
    for (; at < findings.size() && findings[at].kind == kind; ++at) {
      if (listed < kMaxListed) {
        *text += "  " + FindingText(findings[at]) + "\n";
        ++listed;
      }
    }
    if (listed < count) *text += fmt::format("  and {} more\n", Grouped(count - listed));
    if (!NextStep(kind).empty()) *text += fmt::format("  -> {}\n", NextStep(kind));
    *text += "\n";
  }
}

std::string MissingOffsetsText(const MissingOffsetCounts& offsets) {
  std::string text;
  const auto append = [&text](uint64_t count, const char* cause) {
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", Grouped(count), cause);
  };
  append(offsets.tombstones, "tombstones");
  append(offsets.aborted, "aborted");
  append(offsets.no_record, "markers or compacted");
  append(offsets.expired, "expired in Kafka");
  append(offsets.in_expired_files, "in batches with expired files");
  append(offsets.records, "MISSING");
  append(offsets.unexplained, "unexplained");
  return text;
}

// The name of a topic's table, with the topic if the table has several.
std::string TableText(const AuditReport& report, const AuditedTopic& topic) {
  const bool several = std::any_of(
      report.topics.begin(), report.topics.end(),
      [&](const AuditedTopic& other) { return other.table == topic.table && other.topic != topic.topic; });
  return several ? fmt::format("{} ({})", topic.table, topic.topic) : topic.table;
}

void AppendTables(const AuditReport& report, std::string* text) {
  if (report.topics.empty()) return;
  TextTable table(
      {"table", ">landed", ">quarantined", ">tombstones", ">files", ">in receipts", "missing offsets"});
  for (const AuditedTopic& topic : report.topics) {
    table.Add({TableText(report, topic), Grouped(topic.rows), Grouped(topic.quarantined_records()),
               Grouped(topic.tombstones), Grouped(topic.files),
               report.receipts == 0 ? "-" : Grouped(topic.in_receipts),
               MissingOffsetsText(topic.missing_offsets)});
  }
  *text += table.Text(0) + "\n";
  for (const AuditedTopic& topic : report.topics) {
    if (topic.quarantined.empty()) continue;
    std::string reasons;
    for (const auto& [reason, records] : topic.quarantined) {
      reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", reason, Grouped(records));
    }
    *text += fmt::format("quarantined from {}: {}\n", TableText(report, topic), reasons);
  }
  if (report.content) {
    *text += fmt::format("compared with Kafka's records: {}; {} are gone from Kafka\n",
                         Counted(report.content->compared, "record"), Grouped(report.content->gone));
  }
  for (const AuditedKeys& keys : report.keys) {
    *text += keys.duplicate_keys == 0
                 ? fmt::format("primary keys of {}: no duplicates\n", keys.table)
                 : fmt::format("primary keys of {}: {} duplicate, {} surplus rows; the producer sent them\n",
                               keys.table, Grouped(keys.duplicate_keys), Grouped(keys.surplus_rows));
  }
}

std::string ProblemKinds(const AuditReport& report) {
  std::string kinds;
  for (const auto& [kind, count] : report.problem_counts) {
    kinds += fmt::format("{}{} ({})", kinds.empty() ? "" : ", ", FindingTitle(kind), Grouped(count));
  }
  return kinds;
}

std::string Summary(const AuditReport& report) {
  const uint64_t records = report.rows() + report.quarantined() + report.tombstones();
  const std::string examined = fmt::format("{} in {}, {}", Counted(records, "record"),
                                           Counted(report.batches, "batch"), Counted(report.files, "file"));
  if (report.problem_counts.empty() && !report.broker_error.empty()) {
    return fmt::format(
        "NOT VERIFIED against the brokers, which did not answer; no findings in the lake alone: {} ({:.1f} "
        "s)",
        examined, report.seconds);
  }
  if (!report.clean()) {
    return fmt::format("NOT VERIFIED: {}; checked {} ({:.1f} s)", ProblemKinds(report), examined,
                       report.seconds);
  }
  std::string text = "verified: " + examined;
  if (report.since.value() > 0) text += fmt::format(", after batch {}", report.since.value());
  text += "; no missing or duplicate records";
  if (report.note_counts.contains(FindingKind::kAcceptedLoss)) text += ", except for accepted losses";
  uint64_t not_landed = 0;
  for (const AuditedTopic& topic : report.topics) not_landed += topic.not_landed_yet;
  if (not_landed != 0) text += fmt::format("; {} acknowledged but not landed yet", Grouped(not_landed));
  return text + fmt::format(" ({:.1f} s)", report.seconds);
}

void WriteFinding(const Finding& finding, JsonWriter& json) {
  json.OpenObject().Member("kind", FindingName(finding.kind));
  const auto text = [&json](const char* key, const std::string& value) {
    if (!value.empty()) json.Member(key, value);
  };
  text("table", finding.table);
  text("topic", finding.topic);
  if (finding.partition) json.Member("partition", finding.partition->value());
  if (finding.incarnation != kFirstIncarnation) json.Member("incarnation", finding.incarnation.value());
  if (finding.offsets) {
    json.Member("from_offset", finding.offsets->from.value())
        .Member("to_offset", finding.offsets->to.value());
  }
  if (finding.batch) json.Member("batch", finding.batch->value());
  text("partition_dir", finding.partition_dir);
  text("file", finding.file);
  text("expected", finding.expected);
  text("found", finding.found);
  text("detail", finding.detail);
  text("next", std::string(NextStep(finding.kind)));
  json.Close();
}

void WriteFindings(const char* key, const std::vector<Finding>& findings,
                   const std::map<FindingKind, uint64_t>& counts, JsonWriter& json) {
  json.Key(std::string(key) + "_by_kind").OpenObject();
  for (const auto& [kind, count] : counts) json.Member(FindingName(kind), count);
  json.Close();
  json.Key(key).OpenArray();
  for (const Finding& finding : findings) WriteFinding(finding, json);
  json.Close();
}

void WriteTopic(const AuditedTopic& topic, JsonWriter& json) {
  json.OpenObject()
      .Member("table", topic.table)
      .Member("topic", topic.topic)
      .Member("topic_id", topic.topic_id.base64())
      .Member("files", topic.files)
      .Member("rows", topic.rows);
  json.Key("quarantined").OpenObject();
  for (const auto& [reason, records] : topic.quarantined) json.Member(reason, records);
  json.Close();
  json.Member("tombstones", topic.tombstones)
      .Member("in_receipts", topic.in_receipts)
      .Member("not_landed_yet", topic.not_landed_yet);
  const MissingOffsetCounts& offsets = topic.missing_offsets;
  json.Key("missing_offsets")
      .OpenObject()
      .Member("tombstones", offsets.tombstones)
      .Member("aborted", offsets.aborted)
      .Member("no_record", offsets.no_record)
      .Member("expired_in_kafka", offsets.expired)
      .Member("in_expired_files", offsets.in_expired_files)
      .Member("records", offsets.records)
      .Member("unexplained", offsets.unexplained)
      .Close();
  json.Close();
}

}  // namespace

std::string ReportText(const AuditReport& report) {
  std::string text;
  AppendFindings(report.problems, report.problem_counts, &text);
  AppendFindings(report.notes, report.note_counts, &text);
  AppendTables(report, &text);
  return text + Summary(report) + "\n";
}

std::string ReportJson(const AuditReport& report) {
  JsonWriter json;
  json.OpenObject()
      .Member("clean", report.clean())
      .Member("lake", report.lake)
      .Member("lake_id", report.lake_id)
      .Member("since", report.since.value())
      .Member("last_batch", report.last_batch.value())
      .Member("batches", report.batches)
      .Member("files", report.files)
      .Member("file_bytes", report.bytes)
      .Member("rows", report.rows())
      .Member("quarantined", report.quarantined())
      .Member("tombstones", report.tombstones())
      .Member("receipts", report.receipts)
      .Member("brokers_queried", report.brokers_queried)
      .Member("broker_error", report.broker_error)
      .Member("seconds", report.seconds);
  json.Key("tables").OpenArray();
  for (const AuditedTopic& topic : report.topics) WriteTopic(topic, json);
  json.Close();
  if (report.content) {
    json.Key("content")
        .OpenObject()
        .Member("compared", report.content->compared)
        .Member("gone", report.content->gone)
        .Close();
  }
  json.Key("keys").OpenArray();
  for (const AuditedKeys& keys : report.keys) {
    json.OpenObject()
        .Member("table", keys.table)
        .Member("duplicate_keys", keys.duplicate_keys)
        .Member("surplus_rows", keys.surplus_rows)
        .Close();
  }
  json.Close();
  WriteFindings("problems", report.problems, report.problem_counts, json);
  WriteFindings("notes", report.notes, report.note_counts, json);
  return json.Close().text() + "\n";
}

}  // namespace forebay::cli
