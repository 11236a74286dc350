#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/http_flags.h"
#include "cli/lake_status_flags.h"
#include "status/lake_reader.h"

namespace forebay::cli {
namespace {

constexpr std::chrono::milliseconds kStopPoll(50);

struct UiFlags {
  LakeStatusFlags status;
  HttpFlags http;
  bool wait = false;
};

Status Run(const UiFlags& flags) {
  FOREBAY_ASSIGN(serve::WatchOptions watch, MakeWatchOptions(flags.status));
  // An invalid lake is reported at once, and not on the page.
  if (!flags.wait) FOREBAY_TRY(LakeReader::Open(flags.status.lake));
  InstallStopSignals();
  FOREBAY_ASSIGN(const auto site, OpenSite(flags.http, std::move(watch), nullptr));
  while (!StopRequested().load()) std::this_thread::sleep_for(kStopPoll);
  return Ok();
}

}  // namespace

void AddUi(CLI::App& app, Command& selected) {
  auto flags = std::make_shared<UiFlags>();
  flags->http.listen = "127.0.0.1:8090";
  CLI::App* const command =
      app.add_subcommand("ui", "Serves a live page of a lake, whichever engine lands it");
  AddLakeStatusFlags(*command, flags->status);
  AddHttpFlags(*command, flags->http)->capture_default_str();
  command->add_flag("--wait", flags->wait,
                    "Start before the lake exists; the page shows it once a landing has begun it");
  command->footer("Example:\n  forebay ui --lake lake --brokers 127.0.0.1:9092");
  command->callback([flags, &selected] {
    selected = [flags] {
      const Status status = Run(*flags);
      return status.ok() ? 0 : Fail(status.error());
    };
  });
}

}  // namespace forebay::cli
