#include "cli/http_flags.h"

#include <cstdio>
#include <utility>

namespace forebay::cli {

CLI::Option* AddHttpFlags(CLI::App& command, HttpFlags& flags) {
  command.add_flag("--http-allow-remote", flags.allow_remote,
                   "Allow --http to listen on addresses other than loopback; the page has no login");
  return command
      .add_option("--http", flags.listen,
                  "Serve the live page, /metrics, /healthz and /readyz here; port 0: a free one")
      ->envname("FOREBAY_HTTP")
      ->type_name("HOST:PORT");
}

Result<std::unique_ptr<serve::Site>> OpenSite(const HttpFlags& flags, serve::WatchOptions watch,
                                              const LandTelemetry* lander) {
  if (flags.listen.empty()) return std::unique_ptr<serve::Site>();
  FOREBAY_ASSIGN(auto site, serve::Site::Open({flags.listen, flags.allow_remote}, std::move(watch), lander));
  std::fprintf(stderr, "forebay: serving the live page at %s\n", site->url().c_str());
  return site;
}

}  // namespace forebay::cli
