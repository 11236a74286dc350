// The routes of the HTTP server: the page and its files, /api/status, /metrics, /healthz, /readyz.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "native/telemetry.h"
#include "serve/http_server.h"
#include "serve/lake_watch.h"

namespace forebay::serve {

// Watches a lake and serves requests until it is destroyed. It cannot delay landing: it reads only
// LandTelemetry's atomics, and the ledger in short transactions.
class Site {
 public:
  // `lander` is null if this process does not land; otherwise it must outlive the site. Errors as for
  // HttpServer::Open.
  static Result<std::unique_ptr<Site>> Open(const HttpOptions& http, WatchOptions watch,
                                            const LandTelemetry* lander);

  std::string url() const { return server_->url(); }

 private:
  explicit Site(const LandTelemetry* lander) : lander_(lander) {}

  HttpResponse Respond(const HttpRequest& request);
  HttpResponse Health() const;
  HttpResponse Readiness() const;
  std::string StatusDocument() const;

  const LandTelemetry* lander_;
  std::unique_ptr<LakeWatch> watch_;
  std::unique_ptr<HttpServer> server_;  // destroyed before the members it uses
};

}  // namespace forebay::serve
