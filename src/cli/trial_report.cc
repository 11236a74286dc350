#include "cli/trial_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "commit/reject_rate.h"
#include "read/field_report.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

constexpr size_t kDirectoriesShown = 31;

std::string Count(int64_t count, std::string_view noun) {
  return Counted(static_cast<uint64_t>(count), noun);
}

// About the bytes of Parquet that a landing of the whole topic would make; nothing where the sample has no
// rows.
std::optional<uint64_t> TopicBytes(const TableTrial& trial) {
  if (!trial.topic || trial.report.fields.rows == 0) return std::nullopt;
  const double bytes_per_record =
      static_cast<double>(trial.report.row_bytes) / static_cast<double>(trial.report.records);
  return static_cast<uint64_t>(bytes_per_record * static_cast<double>(trial.topic->offsets));
}

std::string SourceText(const TableTrial& trial) {
  if (!trial.topic) return fmt::format("{} of {}", Count(trial.report.records, "record"), trial.source);
  const bool all = trial.report.records >= trial.topic->offsets;
  return fmt::format("{} of {}{}, from {}", Count(trial.report.records, "record"),
                     all ? "" : fmt::format("about {} of ", Grouped(trial.topic->offsets)), trial.source,
                     Count(trial.topic->partitions, "partition"));
}

std::string DirectoriesText(const TrialReport& report) {
  TextTable table({"directory", ">rows", ">size"});
  std::vector<std::pair<std::string, DirectoryTrial>> largest(report.directories.begin(),
                                                              report.directories.end());
  std::stable_sort(largest.begin(), largest.end(),
                   [](const auto& a, const auto& b) { return a.second.rows > b.second.rows; });
  const size_t shown = std::min(largest.size(), kDirectoriesShown);
  std::sort(largest.begin(), largest.begin() + static_cast<std::ptrdiff_t>(shown),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  int64_t rows_left = report.other_directories.rows;
  for (size_t i = 0; i < largest.size(); ++i) {
    const auto& [directory, of] = largest[i];
    if (i < shown) {
      const std::string name = directory.empty() ? "(the table's own)" : Preview(directory, 200);
      table.Add({name, Grouped(of.rows), BytesText(of.bytes)});
    } else {
      rows_left += of.rows;
    }
  }
  std::string text = table.Text(4);
  if (rows_left > 0)
    text += fmt::format("    and smaller directories with {}; --json lists them\n", Count(rows_left, "row"));
  return text;
}

std::string RejectedText(const TrialReport& report) {
  if (report.rejected == 0) return "";
  std::string text =
      fmt::format("  {} would be rejected into quarantine, by field and reason:\n{}",
                  Count(report.rejected, "record"), RejectGroupsText(report.rejects.Largest(), 4));
  const auto judged = static_cast<double>(report.rejected + report.fields.rows);
  if (report.rejected >= kFewRejects &&
      static_cast<double>(report.rejected) > kDefaultMaxRejectRate * judged) {
    text += fmt::format(
        "  more than {:.0f}% are rejected: a landing stops at them, unless --max-reject-rate allows it\n",
        kDefaultMaxRejectRate * 100);
  }
  return text;
}

}  // namespace

std::string TrialText(const TableTrial& trial) {
  const TrialReport& report = trial.report;
  std::string text = fmt::format("{}: {}\n", trial.table, SourceText(trial));
  if (report.fields.rows > 0) {
    const bool more = report.other_directories.rows > 0;
    text += fmt::format(
        "  {} would land in {}{}, about {} of Parquet; the records have {}\n",
        Count(report.fields.rows, "row"), more ? "more than " : "",
        report.directories.size() == 1 ? "1 directory" : Grouped(report.directories.size()) + " directories",
        BytesText(report.file_bytes), BytesText(report.value_bytes));
    text += DirectoriesText(report);
  }
  if (const auto bytes = TopicBytes(trial); bytes && report.records < trial.topic->offsets)
    text += fmt::format("  the whole topic: about {} of Parquet\n", BytesText(*bytes));
  text += RejectedText(report);
  if (report.tombstones > 0)
    text += fmt::format("  {}, which are counted and make no rows\n", Count(report.tombstones, "tombstone"));
  if (report.untimed > 0)
    text += fmt::format("  {} without a usable Kafka timestamp: absent, before 2000, or after 2099\n",
                        Count(report.untimed, "record"));
  return text + FieldSumsText(report.fields, 2);
}

void WriteTrial(const TableTrial& trial, JsonWriter& json) {
  const TrialReport& report = trial.report;
  const bool topic = trial.topic.has_value();
  json.OpenObject()
      .Member("table", trial.table)
      .Member("source", trial.source)
      .Member("partitions", topic ? std::optional(trial.topic->partitions) : std::nullopt)
      .Member("offsets", topic ? std::optional(trial.topic->offsets) : std::nullopt)
      .Member("records", report.records)
      .Member("rows", report.fields.rows)
      .Member("rejected", report.rejected)
      .Member("tombstones", report.tombstones)
      .Member("untimed", report.untimed)
      .Member("value_bytes", report.value_bytes)
      .Member("parquet_bytes", report.file_bytes)
      .Member("topic_parquet_bytes", TopicBytes(trial))
      .Key("directories")
      .OpenArray();
  for (const auto& [directory, of] : report.directories) {
    json.OpenObject()
        .Member("directory", directory)
        .Member("rows", of.rows)
        .Member("parquet_bytes", of.bytes)
        .Close();
  }
  json.Close().Member("rows_in_other_directories", report.other_directories.rows);
  WriteRejectGroups(report.rejects.Largest(), json.Key("groups"));
  WriteFieldSums(report.fields, json);
  json.Close();
}

}  // namespace forebay::cli
