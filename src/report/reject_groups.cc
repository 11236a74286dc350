#include "report/reject_groups.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/text_table.h"

namespace forebay {
namespace {

// "items[].quantity" from "items[2].quantity".
std::string WithoutIndexes(std::string_view field) {
  std::string path;
  bool index = false;
  for (const char c : field) {
    if (c == ']') index = false;
    if (!index) path.push_back(c);
    if (c == '[') index = true;
  }
  return path;
}

std::string PlaceText(const RejectSample& sample) {
  if (sample.in_file) return fmt::format("line {} byte {}", sample.in_file->line, sample.in_file->byte);
  return fmt::format("{}{}partition {} offset {}", sample.topic, sample.topic.empty() ? "" : " ",
                     sample.partition.value(), sample.offset.value());
}

void WriteSample(const RejectSample& sample, JsonWriter& json) {
  json.OpenObject();
  if (sample.in_file) {
    json.Member("line", sample.in_file->line).Member("byte", sample.in_file->byte);
  } else {
    json.Member("topic", sample.topic.empty() ? std::nullopt : std::optional(sample.topic))
        .Member("partition", sample.partition.value())
        .Member("offset", sample.offset.value());
  }
  json.Member("detail", sample.detail).Member("value_preview", sample.value).Close();
}

}  // namespace

RejectGroup& RejectGroups::GroupOf(const RejectedRecord& record) {
  Key key(record.table, WithoutIndexes(record.field), record.reason);
  auto found = groups_.find(key);
  if (found == groups_.end() && groups_.size() >= kMaxGroups) {
    std::get<1>(key) = kOtherFields;
    found = groups_.find(key);
  }
  if (found == groups_.end()) {
    const auto& [table, field, reason] = key;
    found = groups_.emplace(key, RejectGroup{table, reason, field, 0, {}}).first;
  }
  return found->second;
}

void RejectGroups::Add(const RejectedRecord& record) {
  RejectGroup& group = GroupOf(record);
  ++group.records;
  if (group.samples.size() >= samples_) return;
  group.samples.push_back({record.partition, record.offset, MessagePreview(record.detail, preview_bytes_),
                           Preview(record.value, preview_bytes_), record.in_file, std::string(record.topic)});
}

std::vector<RejectGroup> RejectGroups::Largest(std::string_view table) const {
  std::vector<RejectGroup> groups;
  for (const auto& [key, group] : groups_) {
    if (table.empty() || group.table == table) groups.push_back(group);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const RejectGroup& a, const RejectGroup& b) { return a.records > b.records; });
  return groups;
}

std::string RejectGroupsText(const std::vector<RejectGroup>& groups, size_t indent, size_t most) {
  std::string text;
  for (size_t i = 0; i < groups.size() && i < most; ++i) {
    const RejectGroup& group = groups[i];
    text += fmt::format("{:{}}{}{}{}: {}\n", "", indent, group.field, group.field.empty() ? "" : ", ",
                        group.reason, Counted(group.records, "record"));
    for (const RejectSample& sample : group.samples) {
      text += fmt::format("{:{}}{}: {}\n", "", indent + 2, PlaceText(sample), sample.detail);
      text += fmt::format("{:{}}{}\n", "", indent + 4, sample.value);
    }
  }
  if (groups.size() > most) {
    text += fmt::format("{:{}}and {} more kinds\n", "", indent, groups.size() - most);
  }
  return text;
}

void WriteRejectGroups(const std::vector<RejectGroup>& groups, JsonWriter& json) {
  json.OpenArray();
  for (const RejectGroup& group : groups) {
    json.OpenObject()
        .Member("table", group.table)
        .Member("field", group.field)
        .Member("reason", group.reason)
        .Member("records", group.records)
        .Key("samples")
        .OpenArray();
    for (const RejectSample& sample : group.samples) WriteSample(sample, json);
    json.Close().Close();
  }
  json.Close();
}

}  // namespace forebay
