#include "produce/sender.h"

#include <gtest/gtest.h>

#include <thread>

namespace forebay::produce {
namespace {

// Number of records that a pacer releases from `from_s` to `to_s`, polled every 0.1 ms.
int Count(Pacer& pacer, double from_s, double to_s) {
  int count = 0;
  for (double now_s = from_s; now_s < to_s; now_s += 1e-4) {
    while (pacer.Acquire(now_s) == 0) ++count;
  }
  return count;
}

TEST(Pacer, KeepsTheRate) {
  Pacer pacer(250, 100);
  EXPECT_NEAR(Count(pacer, 100, 110), 2500, 2);
  while (pacer.Acquire(110) == 0) continue;
  EXPECT_NEAR(pacer.Acquire(110), 0.004, 1e-6);  // the next one
}

TEST(Pacer, AfterAStandstillItGoesOnAtTheRate) {
  Pacer pacer(1000, 0);
  EXPECT_NEAR(Count(pacer, 0, 1), 1000, 2);
  // After a minute without a broker, one second is caught up, no more.
  EXPECT_NEAR(Count(pacer, 61, 62), 2000, 3);
}

TEST(InFlight, ABlockIsUsedAgainOnlyWhenAllItsRecordsAreSettled) {
  InFlight in_flight(1);
  Block* block = in_flight.AcquireFree();
  for (int i = 0; i < 3; ++i) {
    block->records.bytes() += "kv";
    block->records.Add(1, 1, i, Reason::kNotJson, 0, 0);
  }
  in_flight.Put(block);
  EXPECT_EQ(in_flight.NextReady(), block);
  std::atomic<bool> taken{false};
  std::thread maker([&] {
    EXPECT_EQ(in_flight.AcquireFree(), block);
    taken = true;
  });
  in_flight.Settle(block, 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_FALSE(taken);
  EXPECT_EQ(block->records.size(), 3u);
  in_flight.Settle(block, 1);
  maker.join();
  EXPECT_EQ(block->records.size(), 0u);
}

TEST(InFlight, EndsWithTheMakersStatusAfterWhatIsReady) {
  InFlight in_flight(2);
  Block* block = in_flight.AcquireFree();
  block->records.bytes() += "v";
  block->records.Add(0, 1, 0, Reason::kNotJson, 0, 0);
  in_flight.Put(block);
  in_flight.Finish(UnavailableError("the file is gone"));
  EXPECT_EQ(in_flight.NextReady(), block);
  EXPECT_EQ(in_flight.NextReady(), nullptr);
  EXPECT_EQ(in_flight.status().error().message(), "the file is gone");
}

TEST(InFlight, StoppingWakesEverybody) {
  InFlight in_flight(1);
  in_flight.AcquireFree();
  std::thread maker([&] { EXPECT_EQ(in_flight.AcquireFree(), nullptr); });
  std::thread sender([&] { EXPECT_EQ(in_flight.NextReady(), nullptr); });
  in_flight.Stop();
  maker.join();
  sender.join();
}

}  // namespace
}  // namespace forebay::produce
