// What is served under which path: the page and its files, /api/status, /metrics, /healthz, /readyz.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "native/telemetry.h"
#include "serve/http_server.h"
#include "serve/lake_watch.h"

namespace forebay::serve {

// Watches a lake and answers requests until it goes away. Nothing in it can hold a landing up: it reads
// LandTelemetry's atomics and the ledger's short transactions.
class Site {
 public:
  // `lander` is null where this process only looks; it outlives the site otherwise. Errors as
  // HttpServer::Open.
  static Result<std::unique_ptr<Site>> Open(const HttpOptions& http, WatchOptions watch,
                                            const LandTelemetry* lander);

  std::string url() const { return server_->url(); }

 private:
  explicit Site(const LandTelemetry* lander) : lander_(lander) {}

  HttpResponse Answer(const HttpRequest& request);
  HttpResponse Health() const;
  HttpResponse Readiness() const;
  std::string StatusDocument() const;

  const LandTelemetry* lander_;
  std::unique_ptr<LakeWatch> watch_;
  std::unique_ptr<HttpServer> server_;  // ends before what it asks
};

}  // namespace forebay::serve
