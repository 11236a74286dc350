#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/lake_status_flags.h"
#include "cli/status_report.h"
#include "serve/status_json.h"
#include "status/lake_status.h"

namespace forebay::cli {
namespace {

struct StatusFlags {
  LakeStatusFlags lake_status;
  std::string broker_timeout = "5s";
  bool json = false;
};

Status Run(const StatusFlags& flags) {
  FOREBAY_ASSIGN(serve::WatchOptions watch, MakeWatchOptions(flags.lake_status));
  StatusOptions options;
  options.lake = flags.lake_status.lake;
  options.broker = std::move(watch.broker);
  options.completeness = watch.completeness;
  options.completeness.ReadClock();
  options.stop = &StopRequested();
  FOREBAY_ASSIGN(options.broker_timeout_ms, ReadDurationMs(flags.broker_timeout));
  InstallStopSignals();
  FOREBAY_ASSIGN(const LakeStatus status, ReadLakeStatus(options));
  const serve::EngineStatus engine = serve::ReadEngineStatus(watch.engine_status_file, status.now_ms);
  const std::string report =
      flags.json ? serve::StatusJson(status, engine) : StatusText(status, engine, TerminalPaint(stdout));
  std::fputs(report.c_str(), stdout);
  if (status.broker_error.empty()) return Ok();
  std::fflush(stdout);
  return UnavailableError(status.broker_error +
                          "; the lake is shown without the topics' ends, lag, and idle partitions");
}

}  // namespace

void AddStatus(CLI::App& app, Command& selected) {
  auto flags = std::make_shared<StatusFlags>();
  CLI::App* const command = app.add_subcommand("status", "Shows the contents and progress of a lake");
  AddLakeStatusFlags(*command, flags->lake_status);
  command->add_flag("--json", flags->json, "Report as JSON, with every partition and every date");
  AddBrokerTimeoutFlag(*command, flags->broker_timeout);
  command->footer(
      "When the brokers do not answer, the lake is shown without them, and the exit status is 3.\n\n"
      "Example:\n  forebay status --lake lake --brokers 127.0.0.1:9092");
  command->callback([flags, &selected] {
    selected = [flags] {
      const Status status = Run(*flags);
      return status.ok() ? 0 : Fail(status.error());
    };
  });
}

}  // namespace forebay::cli
