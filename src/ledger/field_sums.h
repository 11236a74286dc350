// Sums of field counts by table, over batches of one landing or of the whole lake.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "decode/unknown_members.h"
#include "ledger/records.h"

namespace forebay {

struct FieldSums {
  int64_t rows = 0;
  // Rows with a member that the contract does not know, or (with kNulledSuffix) with a wrong value.
  std::map<std::string, int64_t> unknown;
  std::map<std::string, int64_t> missing;  // rows of the batches in which a field has no value

  // The rows in which a field's wrong value became null, by field; and those of `unknown` without them.
  std::map<std::string, int64_t> nulled_values() const { return OfUnknown(true); }
  std::map<std::string, int64_t> unknown_members() const { return OfUnknown(false); }

  // The fields without a value in any row.
  std::vector<std::string> always_missing() const {
    std::vector<std::string> fields;
    for (const auto& [field, count] : missing) {
      if (count == rows) fields.push_back(field);
    }
    return fields;
  }
  bool operator==(const FieldSums&) const = default;

 private:
  std::map<std::string, int64_t> OfUnknown(bool wrong) const {
    std::map<std::string, int64_t> chosen;
    for (const auto& [name, count] : unknown) {
      if (name.ends_with(kNulledSuffix) != wrong) continue;
      chosen[wrong ? name.substr(0, name.size() - sizeof kNulledSuffix + 1) : name] = count;
    }
    return chosen;
  }
};

using FieldSumsByTable = std::map<std::string, FieldSums>;

inline void AddFieldCounts(const std::vector<FieldCount>& counts, FieldSumsByTable* sums) {
  for (const FieldCount& count : counts) {
    FieldSums& of_table = (*sums)[count.table];
    switch (count.kind) {
      case FieldCountKind::kRows:
        of_table.rows += count.records;
        break;
      case FieldCountKind::kUnknown:
        of_table.unknown[count.field] += count.records;
        break;
      case FieldCountKind::kMissing:
        of_table.missing[count.field] += count.records;
        break;
    }
  }
}

}  // namespace forebay
