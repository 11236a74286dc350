#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "kafka/client_config.h"
#include "maintenance/expire.h"
#include "maintenance/rebuild.h"
#include "report/json_writer.h"
#include "report/text_table.h"

namespace forebay::cli {
namespace {

struct ExpireFlags {
  std::string lake;
  std::string table;
  std::string before;
  std::string partition;
  bool dry_run = false;
  bool yes = false;
  bool json = false;
};

Result<ExpireOptions> MakeOptions(const ExpireFlags& flags) {
  ExpireOptions options{flags.lake, flags.table, std::nullopt, flags.partition};
  if (flags.before.empty() == flags.partition.empty())
    return InvalidArgumentError("`forebay lake expire` requires exactly one of --before and --partition");
  if (!flags.before.empty()) {
    options.before_day = ParseDate(flags.before);
    if (!options.before_day)
      return InvalidArgumentError("'" + flags.before + "' is not a date; write --before 2025-10-01");
  }
  return options;
}

std::string FilesText(const ExpireReport& report) {
  return fmt::format("{} in {} of {}, {}", Counted(static_cast<uint64_t>(report.rows()), "row"),
                     Counted(static_cast<uint64_t>(report.files()), "file"),
                     Counted(report.directories.size(), "directory"),
                     BytesText(static_cast<uint64_t>(report.bytes())));
}

void PrintExpiry(const ExpireReport& report, bool removed, bool json) {
  if (!json) {
    for (const ExpiredDirectory& directory : report.directories) {
      fmt::print("{}: {} rows, {} files\n", directory.partition_dir, Grouped(directory.rows),
                 Grouped(directory.files));
    }
    if (report.directories.empty()) return (void)std::puts("nothing to remove");
    return fmt::print("{}: {}\n", removed ? "removed" : "would remove", FilesText(report));
  }
  JsonWriter out;
  out.OpenObject()
      .Member("selection", report.selection)
      .Member("removed", removed)
      .Member("files", report.files())
      .Member("rows", report.rows())
      .Member("bytes", report.bytes());
  out.Key("directories").OpenArray();
  for (const ExpiredDirectory& directory : report.directories) {
    out.OpenObject()
        .Member("partition_dir", directory.partition_dir)
        .Member("files", directory.files)
        .Member("rows", directory.rows)
        .Member("bytes", directory.bytes)
        .Close();
  }
  std::fputs((out.Close().Close().text() + "\n").c_str(), stdout);
}

// Nothing is removed without confirmation.
Result<bool> IsConfirmed(const ExpireFlags& flags, const ExpireReport& plan) {
  if (flags.yes || plan.directories.empty()) return true;
  if (::isatty(STDIN_FILENO) == 0)
    return InvalidArgumentError("confirmation required to remove " + FilesText(plan) +
                                "; pass --yes to remove them, or --dry-run to list them");
  std::fprintf(stderr, "permanently remove %s of table '%s'? [y/N] ", FilesText(plan).c_str(),
               flags.table.c_str());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

Result<bool> RunExpire(const ExpireFlags& flags) {
  FOREBAY_ASSIGN(const ExpireOptions options, MakeOptions(flags));
  FOREBAY_ASSIGN(const ExpireReport plan, PlanExpiry(options));
  if (flags.dry_run) {
    PrintExpiry(plan, false, flags.json);
    return true;
  }
  FOREBAY_ASSIGN(const bool confirmed, IsConfirmed(flags, plan));
  if (!confirmed) return false;
  FOREBAY_ASSIGN(const ExpireReport report, Expire(options));
  PrintExpiry(report, true, flags.json);
  return true;
}

struct RebuildFlags {
  std::string lake;
  std::string brokers;
  std::string kafka_config;
  std::vector<std::string> files;
  bool as_decoded = false;
  bool wait = false;
  bool json = false;
};

void PrintRebuild(const RebuildReport& report, bool json) {
  if (!json) {
    for (const RebuiltFileReport& file : report.files) {
      fmt::print("{}: {}; {}\n", file.file, file.damage,
                 file.error.empty() ? "rebuilt, " + Counted(static_cast<uint64_t>(file.rows), "row")
                                    : "NOT rebuilt: " + file.error);
    }
    if (report.files.empty()) std::puts("no file is damaged or missing");
    return;
  }
  JsonWriter out;
  out.OpenObject().Member("all_rebuilt", report.all_rebuilt()).Key("files").OpenArray();
  for (const RebuiltFileReport& file : report.files) {
    out.OpenObject()
        .Member("file", file.file)
        .Member("damage", file.damage)
        .Member("rows", file.rows)
        .Member("rebuilt", file.error.empty());
    if (!file.error.empty()) out.Member("error", file.error);
    out.Close();
  }
  std::fputs((out.Close().Close().text() + "\n").c_str(), stdout);
}

Result<RebuildReport> RunRebuild(const RebuildFlags& flags) {
  FOREBAY_ASSIGN(const kafka::ClientConfig brokers,
                 kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  RebuildOptions options;
  options.lake = flags.lake;
  options.brokers = &brokers;
  options.files = flags.files;
  options.as_decoded = flags.as_decoded;
  options.wait_for_lock = flags.wait;
  options.stop = &StopRequested();
  InstallStopSignals();
  return RebuildFiles(options);
}

void AddExpire(CLI::App& lake, Command& selected) {
  auto flags = std::make_shared<ExpireFlags>();
  CLI::App* const command = lake.add_subcommand(
      "expire", "Permanently removes old dates and records it in the ledger; may run during a landing");
  AddLakeFlag(*command, flags->lake);
  command->add_option("--table", flags->table, "The table; quarantine counts as one")->required();
  command->add_option("--before", flags->before, "Dates (or hours) that ended before this day began, in UTC");
  command->add_option("--partition", flags->partition,
                      "Directories with these levels: date=2025-10-30, or weather=rain/date=2025-10-30");
  command->add_flag("--dry-run", flags->dry_run, "Report the files to remove, and remove none");
  command->add_flag("--yes", flags->yes, "Do not ask for confirmation");
  command->add_flag("--json", flags->json, "Report as JSON");
  command->footer(
      "The files disappear one by one. `forebay verify` reports every removal permanently.\n\n"
      "Example:\n  forebay lake expire --lake lake --table clicks --before 2025-10-01 --dry-run");
  command->callback([flags, &selected] {
    selected = [flags] {
      const Result<bool> done = RunExpire(*flags);
      if (!done.ok()) return Fail(done.error());
      return *done ? 0 : 1;
    };
  });
}

void AddRebuild(CLI::App& lake, Command& selected) {
  auto flags = std::make_shared<RebuildFlags>();
  CLI::App* const command = lake.add_subcommand(
      "rebuild", "Rebuilds damaged or missing files from Kafka, while it has their records");
  AddLakeFlag(*command, flags->lake);
  AddBrokersFlag(*command, flags->brokers)->required();
  AddKafkaConfigFlag(*command, flags->kafka_config);
  command->add_option(
      "--file", flags->files,
      "A damaged file, as reported by verify, together with other damaged files of its batch and "
      "directory; default: all damaged files");
  command->add_flag("--as-decoded", flags->as_decoded,
                    "Include batches landed by Spark; valid if the job had no transformation of its own");
  command->add_flag("--wait", flags->wait, "Wait for the lake's lock instead of exiting with status 4");
  command->add_flag("--json", flags->json, "Report as JSON");
  command->footer(
      "Exit status: 0 no file is damaged, 1 some files could not be rebuilt, 2 invalid usage, 3 broker or "
      "disk\n"
      "failure, 4 lake locked by another process, 5 interrupted. `forebay verify` reports every rebuilt "
      "file permanently.\n\n"
      "Example:\n  forebay lake rebuild --lake lake --brokers 127.0.0.1:9092");
  command->callback([flags, &selected] {
    selected = [flags] {
      const Result<RebuildReport> report = RunRebuild(*flags);
      if (!report.ok()) return Fail(report.error());
      PrintRebuild(*report, flags->json);
      return report->all_rebuilt() ? 0 : 1;
    };
  });
}

}  // namespace

void AddLake(CLI::App& app, Command& selected) {
  CLI::App* const lake =
      app.add_subcommand("lake", "Removes or rebuilds landed files, and records it in the ledger");
  lake->require_subcommand(1);
  AddExpire(*lake, selected);
  AddRebuild(*lake, selected);
}

}  // namespace forebay::cli
