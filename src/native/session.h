// A session of a landing: one run of the pipeline, from the positions of a plan to a stop, to an error, or
// until topics have appeared that the plan does not have, or are gone.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "commit/commit.h"
#include "commit/land_plan.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "ledger/open_lake.h"
#include "native/commit_loop.h"
#include "native/lander.h"
#include "native/pipeline.h"
#include "native/session_context.h"

namespace forebay {

// Thread-safety: one thread, the consuming thread, calls all methods.
class Session {
 public:
  // `landed` holds the totals of earlier sessions of the landing. The references must outlive the session.
  Session(const LandOptions& options, LandPlan plan, kafka::Admin& admin, OpenedLake& lake,
          Committer& committer, const LandProgress& landed);

  // Consumes until the ends of the plan are reached (--once), a stop is requested, topics have appeared, or
  // until an error; then lands what was consumed, unless the error leaves that in doubt. REQUIRES: called
  // once.
  Status Run(const ProgressFunction& report);

  // Totals of the landing so far.
  LandProgress Progress() const;
  const LandPlan& plan() const { return plan_; }
  // Whether it ended for topics that have appeared, or are gone.
  bool topics_changed() const { return context_.topics_changed; }

 private:
  Status OpenConsumer(const MemoryShares& memory);
  Status Consume(Pipeline& pipeline, const ProgressFunction& report);
  void PassOn(Pipeline& pipeline, kafka::MessageBatch messages);
  bool ShouldStop() const;
  bool AtEnd() const;
  void CommitOffsets();
  void LogWarnings();

  const LandOptions& options_;
  const LandPlan plan_;
  OpenedLake& lake_;
  SessionContext context_;
  Mailbox mailbox_;
  CommitLoop commits_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::vector<kafka::Position> passed_positions_;
};

}  // namespace forebay
