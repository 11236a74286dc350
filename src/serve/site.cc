#include "serve/site.h"

#include <map>
#include <utility>

#include "base/time.h"
#include "serve/metrics.h"
#include "serve/page_files.h"
#include "serve/status_json.h"

namespace forebay::serve {
namespace {

constexpr size_t kMaxDatesOnPage = 60;

HttpResponse TextResponse(int status, std::string text) {
  return {.status = status, .body = std::move(text) + "\n"};
}

// A lander that waits for a transaction is ready: a restart would change nothing.
std::string ReadyText(const LakeView& view) {
  std::string text = "ok";
  if (!view.status) return text;
  std::map<std::string, int64_t> held_back;  // by topic
  for (const TableStatus& table : view.status->tables) {
    for (const PartitionStatus& partition : table.partitions)
      held_back[partition.topic] += partition.held_back().value_or(0);
  }
  for (const auto& [topic, records] : held_back) {
    if (records > 0)
      text +=
          "; " + std::to_string(records) + " records of topic " + topic + " wait behind open transactions";
  }
  return text;
}

void WriteStage(const char* name, const StageCounter& stage, JsonWriter& json) {
  json.Key(name)
      .OpenObject()
      .Member("records", stage.records.load())
      .Member("bytes", stage.bytes.load())
      .Close();
}

void WriteLander(const LandTelemetry& lander, JsonWriter& json) {
  json.Key("lander")
      .OpenObject()
      .Member("phase", PhaseName(lander.phase.load()))
      .Member("failure", lander.failure());
  json.Key("stages").OpenObject();
  WriteStage("consumed", lander.consumed, json);
  WriteStage("decoded", lander.decoded, json);
  WriteStage("written", lander.written, json);
  WriteStage("committed", lander.committed, json);
  json.Close();
  json.Member("batches", lander.batches.load())
      .Member("files", lander.files.load())
      .Member("last_commit_ms", lander.last_commit_ms.load())
      .Member("in_flight_bytes", lander.in_flight_bytes.load())
      .Member("in_flight_limit_bytes", lander.in_flight_limit_bytes.load())
      .Member("queued_blocks", lander.queued_blocks.load())
      .Member("open_files", lander.open_files.load())
      .Member("staged_batches", lander.staged_batches.load());
  const DurationHistogram::Counts counts = lander.commit_seconds.counts();
  json.Key("commit_seconds").OpenObject().Key("bounds").OpenArray();
  for (const double bound : DurationHistogram::kBounds) json.Value(bound);
  json.Close().Key("counts").OpenArray();
  for (const uint64_t count : counts.buckets) json.Value(count);
  json.Close().Member("sum", counts.sum_seconds).Close().Close();
}

}  // namespace

Result<std::unique_ptr<Site>> Site::Open(const HttpOptions& http, WatchOptions watch,
                                         const LandTelemetry* lander) {
  std::unique_ptr<Site> site(new Site(lander));
  site->watch_ = std::make_unique<LakeWatch>(std::move(watch));
  FOREBAY_ASSIGN(site->server_, HttpServer::Open(http, [self = site.get()](const HttpRequest& request) {
                   return self->Respond(request);
                 }));
  return site;
}

HttpResponse Site::Respond(const HttpRequest& request) {
  for (const PageFile& file : PageFiles()) {
    if (request.path == file.path) return {200, std::string(file.content_type), std::string(file.content)};
  }
  if (request.path == "/api/status") return {200, "application/json", StatusDocument()};
  if (request.path == "/healthz") return Health();
  if (request.path == "/readyz") return Readiness();
  if (request.path == "/metrics") {
    return {200, kMetricsType,
            MetricsText(*watch_->Latest(), lander_, ReadProcessStats(), WallClockMillis())};
  }
  return TextResponse(404, "Not found; the page is at /.");
}

HttpResponse Site::Health() const {
  if (lander_ != nullptr && lander_->phase.load() == LandPhase::kFailed) {
    return TextResponse(503, "Landing failed: " + lander_->failure());
  }
  return TextResponse(200, "ok");
}

HttpResponse Site::Readiness() const {
  if (lander_ != nullptr) {
    const LandPhase phase = lander_->phase.load();
    if (phase == LandPhase::kLanding) return TextResponse(200, ReadyText(*watch_->Latest()));
    return TextResponse(503, std::string("Not ready: the lander is ") + PhaseName(phase) + ".");
  }
  const std::shared_ptr<const LakeView> view = watch_->Latest();
  if (!view->error.empty()) return TextResponse(503, "Cannot read the lake: " + view->error);
  if (!view->status) return TextResponse(503, "Not ready: the lake has not been read yet.");
  return TextResponse(200, ReadyText(*view));
}

std::string Site::StatusDocument() const {
  const std::shared_ptr<const LakeView> view = watch_->Latest();
  const ProcessStats process = ReadProcessStats();
  JsonWriter json;
  json.OpenObject()
      .Member("version", FOREBAY_VERSION)
      .Member("served_at_ms", WallClockMillis())
      .Member("error", view->error)
      .Member("memory_bytes", process.resident_bytes)
      .Member("open_fds", process.open_fds);
  if (lander_ != nullptr) {
    WriteLander(*lander_, json);
  } else {
    json.Key("lander").Null();
  }
  if (view->status) {
    json.Key("status").OpenObject();
    WriteStatus(*view->status, view->engine, kMaxDatesOnPage, json);
    json.Close();
  } else {
    json.Key("status").Null();
  }
  return json.Close().text() + "\n";
}

}  // namespace forebay::serve
