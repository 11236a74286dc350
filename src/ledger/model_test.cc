// The ledger's rules under several landers, crashes, zombies, retention and recreated topics: many seeded
// histories, each step compared with a simple model.
//
// HISTORIES is their number, SEED the first one's seed; a failure prints the seed that repeats it
// (HISTORIES=1).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ledger/model_world.h"

namespace forebay {
namespace {

constexpr int64_t kHistories = 5'000;  // the crash tests run a million
constexpr int kSteps = 100;

int64_t NumberFromEnvironment(const char* name, int64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : std::stoll(value);
}

struct Totals {
  std::atomic<int64_t> decided{0};
  std::atomic<int64_t> conflicts{0};
  std::mutex mutex;
  std::string violation;  // the first one
  std::atomic<bool> is_violated{false};
};

void RunHistory(int64_t seed, Totals* totals) {
  const int landers = 2 + static_cast<int>(seed % 4);
  RulesLedger ledger;
  ModelWorld world(static_cast<uint64_t>(seed), landers, ledger);
  for (int step = 0; step < kSteps && world.violation().empty(); ++step) world.Step();
  if (world.violation().empty()) world.Settle();
  totals->decided += world.decided();
  totals->conflicts += world.conflicts();
  if (world.violation().empty()) return;
  const std::lock_guard lock(totals->mutex);
  if (!totals->is_violated.exchange(true)) {
    totals->violation = world.violation() + "; SEED=" + std::to_string(seed) + " HISTORIES=1 repeats it";
  }
}

TEST(Model, HistoriesAgreeWithTheRules) {
  const int64_t first = NumberFromEnvironment("SEED", 1);
  const int64_t histories = NumberFromEnvironment("HISTORIES", kHistories);
  Totals totals;
  std::atomic<int64_t> next{first};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(std::thread::hardware_concurrency(), 1u); ++i) {
    threads.emplace_back([&] {
      while (!totals.is_violated) {
        const int64_t seed = next.fetch_add(1);
        if (seed >= first + histories) return;
        RunHistory(seed, &totals);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(totals.violation, "");
  std::cout << "  " << histories << " histories from seed " << first << " on: " << totals.decided
            << " batches decided, " << totals.conflicts << " conflicts" << std::endl;
  EXPECT_GE(totals.conflicts, histories / 20);  // otherwise the landers do not meet
}

}  // namespace
}  // namespace forebay
