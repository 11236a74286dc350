#include "maintenance/expire.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "base/join.h"
#include "base/time.h"
#include "commit/maintenance.h"
#include "ledger/open_lake.h"
#include "partition/directory.h"
#include "partition/period.h"
#include "status/completeness.h"
#include "status/lake_status.h"
#include "testhooks/failpoint.h"

namespace forebay {
namespace {

using Selector = std::function<bool(const LedgerFile&)>;

Status CheckTable(const LedgerSnapshot& snapshot, const std::string& table) {
  std::string known(kQuarantineTable);
  for (const LedgerTopic& topic : snapshot.topics) {
    if (topic.table == table) return Ok();
    if (topic.current) known += ", " + topic.table;
  }
  if (table == kQuarantineTable) return Ok();
  return InvalidArgumentError("the lake has no table '" + table + "'; it has " + known);
}

// The level with the periods of the table's directories.
Result<PartitionDimension> PeriodOf(const LedgerSnapshot& snapshot, const std::string& table) {
  if (table == kQuarantineTable) return PartitionDimension{"date", PartitionTransform::kDate};
  const std::optional<Table> found = NewestTable(snapshot, table);
  const std::optional<PartitionDimension> dimension = found ? PeriodDimension(*found) : std::nullopt;
  if (dimension) return *dimension;
  return InvalidArgumentError("the directories of table '" + table +
                              "' are not periods of its event time; choose them with --partition");
}

Result<Selector> SelectBefore(const LedgerSnapshot& snapshot, const ExpireOptions& options) {
  FOREBAY_ASSIGN(const PartitionDimension dimension, PeriodOf(snapshot, options.table));
  FOREBAY_ASSIGN(const Periods periods, Periods::Of(dimension));
  const int64_t before_us = periods.BeginningOfDay(*options.before_day);
  return Selector([name = dimension.name, periods, before_us](const LedgerFile& file) {
    const auto levels = ParsePartitionDirectory(file.place.partition_dir);
    if (!levels) return false;
    return std::any_of(levels->begin(), levels->end(), [&](const PartitionLevel& level) {
      const auto end = level.name == name ? periods.End(level.value) : std::nullopt;
      return end && *end <= before_us;
    });
  });
}

// Names of the levels of the table's directories; empty when no contract in the ledger has the table.
std::vector<std::string> LevelsOf(const LedgerSnapshot& snapshot, const std::string& table) {
  if (table == kQuarantineTable) return {"date"};
  std::vector<std::string> names;
  if (const std::optional<Table> found = NewestTable(snapshot, table)) {
    for (const PartitionDimension& dimension : found->dimensions) names.push_back(dimension.name);
  }
  return names;
}

// Rejects unknown levels. A misspelled level would select nothing, which looks like success.
Status CheckLevels(const LedgerSnapshot& snapshot, const std::string& table,
                   const std::vector<PartitionLevel>& asked) {
  const std::vector<std::string> known = LevelsOf(snapshot, table);
  for (const PartitionLevel& level : asked) {
    if (known.empty() || std::find(known.begin(), known.end(), level.name) != known.end()) continue;
    return InvalidArgumentError("the directories of table '" + table + "' have no level '" + level.name +
                                "'; their levels are " + Join(known, ", "));
  }
  return Ok();
}

Result<Selector> SelectPartition(const LedgerSnapshot& snapshot, const ExpireOptions& options) {
  const auto asked = ParsePartitionDirectory(options.partition);
  if (!asked) {
    return InvalidArgumentError("'" + options.partition +
                                "' is not a partition's directory: write --partition date=2025-10-30");
  }
  FOREBAY_TRY(CheckLevels(snapshot, options.table, *asked));
  return Selector([asked = *asked](const LedgerFile& file) {
    const auto levels = ParsePartitionDirectory(file.place.partition_dir);
    return levels && std::all_of(asked.begin(), asked.end(), [&](const PartitionLevel& level) {
             return std::find(levels->begin(), levels->end(), level) != levels->end();
           });
  });
}

Result<Selector> MakeSelector(const LedgerSnapshot& snapshot, const ExpireOptions& options) {
  FOREBAY_TRY(CheckTable(snapshot, options.table));
  return options.before_day ? SelectBefore(snapshot, options) : SelectPartition(snapshot, options);
}

ExpireReport SumUp(const ExpireOptions& options, const std::vector<LedgerFile>& files) {
  ExpireReport report;
  report.selection =
      options.before_day ? "--before " + FormatDate(*options.before_day) : "--partition " + options.partition;
  std::map<std::string, ExpiredDirectory> directories;
  for (const LedgerFile& file : files) {
    ExpiredDirectory& directory = directories[file.place.partition_dir];
    directory.partition_dir = file.place.partition_dir;
    directory.files += 1;
    directory.rows += file.file.rows;
    directory.bytes += file.file.bytes;
  }
  for (auto& [name, directory] : directories) report.directories.push_back(std::move(directory));
  return report;
}

int64_t Sum(const std::vector<ExpiredDirectory>& directories, int64_t ExpiredDirectory::*member) {
  int64_t sum = 0;
  for (const ExpiredDirectory& directory : directories) sum += directory.*member;
  return sum;
}

}  // namespace

int64_t ExpireReport::files() const {
  return Sum(directories, &ExpiredDirectory::files);
}
int64_t ExpireReport::rows() const {
  return Sum(directories, &ExpiredDirectory::rows);
}
int64_t ExpireReport::bytes() const {
  return Sum(directories, &ExpiredDirectory::bytes);
}

Result<ExpireReport> PlanExpiry(const ExpireOptions& options) {
  FOREBAY_ASSIGN(const OpenedLake lake, OpenLakeForReading(PosixFs(), options.lake));
  FOREBAY_ASSIGN(const LedgerSnapshot snapshot, lake.ledger->Snapshot());
  FOREBAY_ASSIGN(const Selector selects, MakeSelector(snapshot, options));
  std::vector<LedgerFile> files;
  for (const LedgerBatch& batch : snapshot.batches) {
    if (batch.state != BatchState::kPublished) continue;
    for (const LedgerFile& file : batch.files) {
      if (file.place.table == options.table && file.state == FileState::kPresent && selects(file))
        files.push_back(file);
    }
  }
  return SumUp(options, files);
}

Result<ExpireReport> Expire(const ExpireOptions& options) {
  FOREBAY_ASSIGN(const OpenedLake lake, OpenLakeBesideLanders(PosixFs(), options.lake));
  FOREBAY_ASSIGN(const LedgerSnapshot snapshot, lake.ledger->Snapshot());
  FOREBAY_ASSIGN(const Selector selects, MakeSelector(snapshot, options));
  const std::string selection = SumUp(options, {}).selection;
  FOREBAY_ASSIGN(const std::vector<LedgerFile> files,
                 lake.ledger->BeginExpiry(options.table, selection, selects));
  FOREBAY_FAILPOINT("expire:begun");
  FOREBAY_TRY(FinishExpiry(lake.lake->store(), *lake.ledger));
  return SumUp(options, files);
}

}  // namespace forebay
