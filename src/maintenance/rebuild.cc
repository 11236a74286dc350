#include "maintenance/rebuild.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "commit/commit.h"
#include "commit/landed_contracts.h"
#include "commit/maintenance.h"
#include "kafka/admin.h"
#include "ledger/open_lake.h"
#include "maintenance/damage.h"
#include "maintenance/rebuild_reader.h"
#include "store/paths.h"
#include "testhooks/failpoint.h"

namespace forebay {
namespace {

// Places of the named files. Returns kInvalidArgument for a file that the ledger does not have, or that an
// operator removed.
Result<std::set<FilePlace>> NamedPlaces(const Lake& lake, const LedgerSnapshot& snapshot,
                                        const std::vector<std::string>& names) {
  std::map<std::string, const LedgerFile*> known;
  for (const LedgerBatch& batch : snapshot.batches) {
    for (const LedgerFile& file : batch.files) known[PlaceText(file.place)] = &file;
  }
  std::set<FilePlace> places;
  for (const std::string& name : names) {
    const std::string root = lake.root() + "/";
    const auto file = known.find(name.starts_with(root) ? name.substr(root.size()) : name);
    if (file == known.end()) {
      return InvalidArgumentError(
          "the ledger has no file " + name +
          "; name it as `forebay verify` does: clicks/date=2025-10-30/019ac8f3d2b1-4fe09a7c1d22.parquet");
    }
    if (file->second->state != FileState::kPresent)
      return InvalidArgumentError(name + " was removed by `forebay lake expire`");
    places.insert(file->second->place);
  }
  return places;
}

std::vector<DamagedGroup> GroupByDirectory(const std::vector<DamagedFile>& damaged,
                                           const std::set<FilePlace>& wanted) {
  std::set<FilePlace> broken;
  for (const DamagedFile& file : damaged) broken.insert(file.file->place);
  using Key = std::tuple<BatchId, std::string, std::string>;
  std::map<Key, DamagedGroup> groups;
  for (const DamagedFile& file : damaged) {
    DamagedGroup& group = groups[{file.batch->id, file.file->place.table, file.file->place.partition_dir}];
    group.batch = file.batch;
    group.damaged.push_back(file);
  }
  std::vector<DamagedGroup> chosen;
  for (auto& [key, group] : groups) {
    // The damaged files of a group must be rebuilt together, because the ledger does not record which rows
    // were in which file.
    const bool any = std::any_of(group.damaged.begin(), group.damaged.end(),
                                 [&](const DamagedFile& file) { return wanted.contains(file.file->place); });
    if (!wanted.empty() && !any) continue;
    for (const LedgerFile& file : group.batch->files) {
      if (file.place.table != group.table()) continue;
      const bool here = file.place.partition_dir == group.partition_dir();
      const bool whole = !broken.contains(file.place) && (here || file.state == FileState::kPresent);
      if (whole) (here ? group.whole : group.elsewhere).push_back(&file);
      group.alone = group.alone && (here || whole);
    }
    chosen.push_back(std::move(group));
  }
  return chosen;
}

// One run of `lake rebuild`. Holds the lake's lock.
class RebuildRun {
 public:
  RebuildRun(const RebuildOptions& options, OpenedLake& lake) : options_(options), lake_(lake) {}

  Result<RebuildReport> Run() {
    FOREBAY_ASSIGN(snapshot_, lake_.ledger->Snapshot());
    FOREBAY_ASSIGN(const std::set<FilePlace> wanted, NamedPlaces(*lake_.lake, snapshot_, options_.files));
    FOREBAY_ASSIGN(const std::vector<DamagedFile> damaged,
                   FindDamage(lake_.lake->store(), snapshot_, options_.stop));
    const std::vector<DamagedGroup> groups = GroupByDirectory(damaged, wanted);
    if (!groups.empty()) {
      FOREBAY_ASSIGN(admin_, kafka::Admin::Open(*options_.brokers, {.stop = options_.stop}));
    }
    for (const DamagedGroup& group : groups) FOREBAY_TRY(RebuildGroup(group));
    // Recover only if everything was rebuilt: recovery may be unable to publish a batch that has a damaged
    // file.
    if (report_.all_rebuilt() && wanted.empty()) {
      Committer committer(lake_.lake->store(), *lake_.ledger);
      FOREBAY_TRY(committer.Recover());
    }
    return std::move(report_);
  }

 private:
  Status RebuildGroup(const DamagedGroup& group);
  Status ReadAndReplace(const DamagedGroup& group);
  Status Decide(const DamagedGroup& group, const ReplacementFiles::Filled& filled);

  const RebuildOptions& options_;
  OpenedLake& lake_;
  LedgerSnapshot snapshot_;
  std::unique_ptr<kafka::Admin> admin_;
  RebuildReport report_;
};

// Adds errors that concern only these files to the report; returns all others.
Status RebuildRun::RebuildGroup(const DamagedGroup& group) {
  const Status rebuilt = ReadAndReplace(group);
  const bool of_these_files = !rebuilt.ok() && (NeedsChange(rebuilt.error().code()) ||
                                                rebuilt.error().code() == ErrorCode::kConflict);
  if (!rebuilt.ok() && !of_these_files) return rebuilt;
  for (const DamagedFile& file : group.damaged) {
    report_.files.push_back({PlaceText(file.file->place), file.damage, file.file->file.rows,
                             rebuilt.ok() ? "" : rebuilt.error().message()});
  }
  return Ok();
}

Status RebuildRun::ReadAndReplace(const DamagedGroup& group) {
  if (group.batch->may_be_transformed && !options_.as_decoded) {
    return InvalidArgumentError(
        "its batch was landed by the engine '" + group.batch->engine +
        "', whose job may have transformed the rows; where it did not, give --as-decoded");
  }
  for (const DamagedFile& file : group.damaged) {
    FOREBAY_TRY(lake_.lake->store().CheckReplaceable(file.file->place));
  }
  FOREBAY_ASSIGN(LandedForms landed, LoadLandedForms(*lake_.ledger, group.batch->id));
  RebuildReader reader(lake_.lake->store(), snapshot_, std::move(landed), group, *options_.brokers,
                       options_.stop);
  FOREBAY_ASSIGN(const ReplacementFiles::Filled filled, reader.Run(*admin_));
  FOREBAY_FAILPOINT("rebuild:staged");
  FOREBAY_TRY(Decide(group, filled));
  FOREBAY_FAILPOINT("rebuild:decided");
  FOREBAY_TRY(FinishRebuilds(lake_.lake->store(), *lake_.ledger));
  return Ok();
}

Status RebuildRun::Decide(const DamagedGroup& group, const ReplacementFiles::Filled& filled) {
  std::vector<Ledger::RebuiltFile> files;
  for (size_t i = 0; i < filled.files.size(); ++i) {
    files.push_back({*group.damaged[i].file, filled.files[i], group.damaged[i].damage});
  }
  return lake_.ledger->DecideRebuild(files, [&filled] { return CheckStagedFilesExist(filled.staged); });
}

}  // namespace

bool RebuildReport::all_rebuilt() const {
  return std::all_of(files.begin(), files.end(),
                     [](const RebuiltFileReport& file) { return file.error.empty(); });
}

Result<RebuildReport> RebuildFiles(const RebuildOptions& options) {
  // Fail if the lake does not exist: a rebuild never creates one.
  FOREBAY_TRY(Lake::OpenForReading(PosixFs(), options.lake));
  const OpenLakeOptions open{WaitForLock(options.wait_for_lock, options.stop), {}};
  FOREBAY_ASSIGN(OpenedLake lake, OpenLake(PosixFs(), options.lake, open));
  return RebuildRun(options, lake).Run();
}

}  // namespace forebay
