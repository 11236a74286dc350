// Sums of field counts by table, over batches of one landing or of the whole lake.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ledger/records.h"

namespace forebay {

struct FieldSums {
  int64_t rows = 0;
  std::map<std::string, int64_t> unknown;  // rows with a member that the contract does not know
  std::map<std::string, int64_t> missing;  // rows of the batches in which a field has no value

  // The fields without a value in any row.
  std::vector<std::string> always_missing() const {
    std::vector<std::string> fields;
    for (const auto& [field, count] : missing) {
      if (count == rows) fields.push_back(field);
    }
    return fields;
  }
  bool operator==(const FieldSums&) const = default;
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
