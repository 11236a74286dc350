#include <cstdio>
#include <memory>
#include <string>
#include <utility>

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
  InstallStopSignals();
  FOREBAY_ASSIGN(const LakeStatus status, ReadLakeStatus(options));
  const serve::EngineStatus engine = serve::ReadEngineStatus(watch.engine_status_file, status.now_ms);
  const std::string report =
      flags.json ? serve::StatusJson(status, engine) : StatusText(status, engine, TerminalPaint(stdout));
  std::fputs(report.c_str(), stdout);
  return Ok();
}

}  // namespace

void AddStatus(CLI::App& app, Command& selected) {
  auto flags = std::make_shared<StatusFlags>();
  CLI::App* const command = app.add_subcommand("status", "Shows the contents and progress of a lake");
  AddLakeStatusFlags(*command, flags->lake_status);
  command->add_flag("--json", flags->json, "Report as JSON, with every partition and every date");
  command->footer("Example:\n  forebay status --lake lake --brokers 127.0.0.1:9092");
  command->callback([flags, &selected] {
    selected = [flags] {
      const Status status = Run(*flags);
      return status.ok() ? 0 : Fail(status.error());
    };
  });
}

}  // namespace forebay::cli
