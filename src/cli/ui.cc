#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "audit/lake_reader.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/http_flags.h"
#include "cli/look_flags.h"

namespace forebay::cli {
namespace {

constexpr std::chrono::milliseconds kStopLook(50);

struct UiFlags {
  LookFlags look;
  HttpFlags http;
};

Status Run(const UiFlags& flags) {
  FOREBAY_ASSIGN(serve::WatchOptions watch, MakeWatchOptions(flags.look));
  // What is no lake is said at once, and not on a page.
  FOREBAY_ASSIGN(auto reader, LakeReader::Open(flags.look.lake));
  reader.reset();
  InstallStopSignals();
  FOREBAY_ASSIGN(const auto site, OpenSite(flags.http, std::move(watch), nullptr));
  while (!StopRequested().load()) std::this_thread::sleep_for(kStopLook);
  return Ok();
}

}  // namespace

void AddUi(CLI::App& app, Command& selected) {
  auto flags = std::make_shared<UiFlags>();
  flags->http.listen = "127.0.0.1:8090";
  CLI::App* const command = app.add_subcommand("ui", "Serves a live page of a lake, whoever lands it");
  AddLookFlags(*command, flags->look);
  AddHttpFlags(*command, flags->http)->capture_default_str();
  command->footer("Example:\n  forebay ui --lake lake --brokers 127.0.0.1:9092");
  command->callback([flags, &selected] {
    selected = [flags] {
      const Status status = Run(*flags);
      return status.ok() ? 0 : Fail(status.error());
    };
  });
}

}  // namespace forebay::cli
