#include "native/memory_budget.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

namespace forebay {
namespace {

TEST(MemoryBudgetTest, CountsReservationsUntilTheyAreDestroyed) {
  MemoryBudget budget(100);
  {
    const auto first = budget.Reserve(MemoryUse::kFilling, 70);
    const auto second = budget.Reserve(MemoryUse::kFiles, 40);
    EXPECT_EQ(budget.used(), 110);
    EXPECT_EQ(budget.used(MemoryUse::kFilling), 70);
    EXPECT_EQ(budget.used(MemoryUse::kFiles), 40);
    EXPECT_TRUE(budget.exceeded());
  }
  EXPECT_EQ(budget.used(), 0);
  EXPECT_EQ(budget.used(MemoryUse::kFilling), 0);
  EXPECT_EQ(budget.used(MemoryUse::kFiles), 0);
}

TEST(MemoryBudgetTest, TheLimitItselfIsNotExceeded) {
  MemoryBudget budget(100);
  const auto all = budget.Reserve(MemoryUse::kQueued, 100);
  EXPECT_FALSE(budget.exceeded());
}

TEST(MemoryBudgetTest, AMovedReservationCountsOnce) {
  MemoryBudget budget(100);
  auto first = budget.Reserve(MemoryUse::kFilling, 30);
  auto second = std::move(first);
  EXPECT_EQ(budget.used(), 30);
  second = budget.Reserve(MemoryUse::kFilling, 20);
  EXPECT_EQ(budget.used(), 20) << "the replaced one is released";
  second = MemoryBudget::Reservation();
  EXPECT_EQ(budget.used(), 0);
}

TEST(MemoryBudgetTest, ResizesAndChangesUse) {
  MemoryBudget budget(100);
  auto block = budget.Reserve(MemoryUse::kFilling, 30);
  block.Resize(50);
  block.MoveTo(MemoryUse::kQueued);
  EXPECT_EQ(budget.used(), 50);
  EXPECT_EQ(budget.used(MemoryUse::kFilling), 0);
  EXPECT_EQ(budget.used(MemoryUse::kQueued), 50);
  block.Resize(10);
  EXPECT_EQ(budget.used(MemoryUse::kQueued), 10);
}

TEST(MemoryBudgetTest, WaitsForAnotherThreadToRelease) {
  MemoryBudget budget(100);
  std::optional<MemoryBudget::Reservation> held = budget.Reserve(MemoryUse::kFiles, 101);
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    held.reset();
  });
  budget.WaitBelowLimit([] { return false; });
  EXPECT_EQ(budget.used(), 0);
  release.join();
}

TEST(MemoryBudgetTest, WaitingEndsWithoutMemoryOnceDone) {
  MemoryBudget budget(100);
  const auto held = budget.Reserve(MemoryUse::kFiles, 101);
  int asked = 0;
  budget.WaitBelowLimit([&] { return ++asked == 3; });
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace forebay
