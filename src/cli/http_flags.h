// Flags of the commands that serve the status page.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "native/telemetry.h"
#include "serve/site.h"

namespace forebay::cli {

struct HttpFlags {
  std::string listen;  // empty: no page
  bool allow_remote = false;
};

// --http (FOREBAY_HTTP) and --http-allow-remote.
CLI::Option* AddHttpFlags(CLI::App& command, HttpFlags& flags);

// Serves the page and prints one line on stderr that ends with its URL. Does nothing without --http.
Result<std::unique_ptr<serve::Site>> OpenSite(const HttpFlags& flags, serve::WatchOptions watch,
                                              const LandTelemetry* lander);

}  // namespace forebay::cli
