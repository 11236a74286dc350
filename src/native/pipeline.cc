#include "native/pipeline.h"

#include <pthread.h>

#include <utility>

namespace forebay {
namespace {

// Sets the thread name shown by `top -H` and profilers.
void NameThread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::Start(SessionContext& session, TableStore& store,
                                                  CommitLoop& commits, uint32_t shards,
                                                  const MemoryShares& memory) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline(session, commits, memory.chunks));
  for (uint32_t i = 0; i < shards; ++i) {
    auto shard = std::make_unique<ShardThreads>(memory.shard);
    FOREBAY_ASSIGN(shard->decoder, Shard::Create(session, {i, shards}, shard->shared));
    shard->writer = std::make_unique<BatchWriter>(session, store, shard->shared, pipeline->to_commit_);
    pipeline->shards_.push_back(std::move(shard));
  }
  pipeline->StartThreads();
  return pipeline;
}

void Pipeline::StartThreads() {
  for (const auto& owned : shards_) {
    ShardThreads* const shard = owned.get();
    shard->decode_thread = std::thread([this, shard] {
      NameThread("fb-decode");
      FailOn(shard->decoder->Run(shard->chunks));
      shard->shared.to_writer.Close();
    });
    shard->write_thread = std::thread([this, shard] {
      NameThread("fb-write");
      FailOn(shard->writer->Run());
    });
  }
  commit_thread_ = std::thread([this] {
    NameThread("fb-commit");
    FailOn(commits_.Run(to_commit_));
  });
}

Pipeline::~Pipeline() {
  Finish();
}

void Pipeline::FailOn(const Status& status) {
  if (status.ok()) return;
  session_.error.Set(status.error());
  AbandonQueues();
}

void Pipeline::AbandonQueues() {
  for (const auto& shard : shards_) {
    shard->shared.to_writer.Abandon();
    shard->chunks.Abandon();
  }
  to_commit_.Abandon();
}

void Pipeline::AwaitRoom(const std::atomic<bool>* stop) {
  session_.stats.InFlight(chunk_memory_.used(), chunk_memory_.limit());
  chunk_memory_.WaitBelowLimit([&] { return session_.error.is_set() || (stop != nullptr && stop->load()); });
}

void Pipeline::Push(kafka::MessageBatch messages, const std::vector<kafka::Position>& positions) {
  const auto bytes = static_cast<int64_t>(messages.bytes());
  const auto chunk = std::make_shared<const Chunk>(
      Chunk{std::move(messages), positions, chunk_memory_.Reserve(MemoryUse::kQueued, bytes)});
  for (const auto& shard : shards_) shard->chunks.Push(chunk);
}

void Pipeline::Finish() {
  if (session_.error.is_set()) AbandonQueues();
  for (const auto& shard : shards_) shard->chunks.Close();
  for (const auto& shard : shards_) {
    if (shard->decode_thread.joinable()) shard->decode_thread.join();
    if (shard->write_thread.joinable()) shard->write_thread.join();
  }
  to_commit_.Close();
  if (commit_thread_.joinable()) commit_thread_.join();
}

}  // namespace forebay
