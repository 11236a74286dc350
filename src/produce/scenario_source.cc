#include <algorithm>
#include <array>

#include "produce/source.h"

namespace forebay::produce {
namespace {

class ScenarioSource : public Source {
 public:
  ScenarioSource(ShopScenario scenario, std::vector<std::string> tables, ScenarioRange range)
      : scenario_(std::move(scenario)), tables_(std::move(tables)), range_(range), next_(range.from) {}

  Result<bool> Next(Block* block) override {
    if (table_ == 0) {
      if (next_ >= range_.to) return false;
      step_from_ = next_;
      next_ += std::min(range_.block_records, range_.to - next_);
    }
    block->table = static_cast<uint32_t>(table_);
    const std::string& table = tables_[table_];
    table_ = (table_ + 1) % tables_.size();
    uint64_t from = step_from_;
    uint64_t to = next_;
    if (tables_.size() > 1) {
      // Each table's share of this step's clicks.
      FOREBAY_ASSIGN(from, ShopScenario::CountFor(table, step_from_));
      FOREBAY_ASSIGN(to, ShopScenario::CountFor(table, next_));
    }
    if (from < to) FOREBAY_TRY(scenario_.Generate(table, from, to, &block->records));
    return true;
  }

 private:
  const ShopScenario scenario_;
  const std::vector<std::string> tables_;
  const ScenarioRange range_;
  uint64_t next_;
  uint64_t step_from_ = 0;
  size_t table_ = 0;
};

}  // namespace

std::unique_ptr<Source> MakeScenarioSource(ShopScenario scenario, std::vector<std::string> tables,
                                           ScenarioRange range) {
  return std::make_unique<ScenarioSource>(std::move(scenario), std::move(tables), range);
}

}  // namespace forebay::produce
