#include "read/field_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "contract/diagnostics.h"
#include "report/text_table.h"

namespace forebay {
namespace {

constexpr size_t kMaxListed = 8;
constexpr size_t kPreviewBytes = 80;

// "items[]" of "items[].size"; empty for a field of the record itself.
std::string_view ObjectOf(std::string_view path) {
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string Listed(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size() && i < kMaxListed; ++i) text += (i == 0 ? "" : ", ") + items[i];
  if (items.size() > kMaxListed) text += fmt::format(" and {} more", items.size() - kMaxListed);
  return text;
}

// The members of the most rows first.
std::string WithRows(const std::map<std::string, int64_t>& rows_of) {
  std::vector<std::pair<std::string, int64_t>> members(rows_of.begin(), rows_of.end());
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> texts;
  for (const auto& [member, rows] : members)
    texts.push_back(fmt::format("{} ({})", Preview(member, kPreviewBytes), Grouped(rows)));
  return Listed(texts);
}

}  // namespace

std::vector<std::string> MisspellingHints(const FieldSums& sums) {
  std::vector<std::string> hints;
  const std::map<std::string, int64_t> unknown = sums.unknown_members();
  for (const std::string& field : sums.always_missing()) {
    std::vector<std::string_view> candidates;
    for (const auto& [member, rows] : unknown) {
      if (ObjectOf(member) == ObjectOf(field)) candidates.push_back(member);
    }
    const std::string_view nearest = NearestName(field, candidates);
    if (nearest.empty()) continue;
    hints.push_back(fmt::format("`{}` is always missing; `{}` is unknown in {} of {} rows", field,
                                Preview(nearest, kPreviewBytes), Grouped(unknown.at(std::string(nearest))),
                                Grouped(sums.rows)));
  }
  return hints;
}

std::string FieldSumsText(const FieldSums& sums, size_t indent) {
  std::string text;
  for (const std::string& hint : MisspellingHints(sums))
    text += fmt::format("{:{}}{}: is one of them misspelled?\n", "", indent, hint);
  if (const auto missing = sums.always_missing(); !missing.empty())
    text += fmt::format("{:{}}fields without a value in any of {} rows: {}\n", "", indent, Grouped(sums.rows),
                        Listed(missing));
  if (const auto unknown = sums.unknown_members(); !unknown.empty())
    text += fmt::format("{:{}}members that the contract does not know, kept in _extra, with their rows: {}\n",
                        "", indent, WithRows(unknown));
  if (const auto wrong = sums.nulled_values(); !wrong.empty())
    text += fmt::format("{:{}}fields whose wrong values became null, kept in _extra, with their rows: {}\n",
                        "", indent, WithRows(wrong));
  return text;
}

void WriteFieldSums(const FieldSums& sums, JsonWriter& json) {
  json.Key("unknown_members").OpenObject();
  for (const auto& [member, rows] : sums.unknown_members()) json.Member(member, rows);
  json.Close().Key("nulled_values").OpenObject();
  for (const auto& [field, rows] : sums.nulled_values()) json.Member(field, rows);
  json.Close().Key("always_missing").OpenArray();
  for (const std::string& field : sums.always_missing()) json.Value(field);
  json.Close().Key("hints").OpenArray();
  for (const std::string& hint : MisspellingHints(sums)) json.Value(hint);
  json.Close();
}

void WriteFieldSums(const FieldSumsByTable& sums, JsonWriter& json) {
  for (const auto& [table, of_table] : sums) {
    json.Key(table).OpenObject().Member("rows", of_table.rows);
    WriteFieldSums(of_table, json);
    json.Close();
  }
}

}  // namespace forebay
