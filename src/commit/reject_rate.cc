#include "commit/reject_rate.h"

#include <fmt/format.h>

#include "report/text_table.h"

namespace forebay {
namespace {

constexpr size_t kMaxKinds = 10;

}  // namespace

Status CheckRejectRate(const std::optional<double>& max_reject_rate, const std::vector<TableOutcome>& tables,
                       const std::function<Result<RejectGroups>()>& groups) {
  const double limit = max_reject_rate.value_or(kDefaultMaxRejectRate);
  const int64_t at_least = max_reject_rate ? 1 : kFewRejects;
  for (const TableOutcome& table : tables) {
    const int64_t records = table.rows + table.rejected;
    if (table.rejected < at_least) continue;
    if (static_cast<double>(table.rejected) <= limit * static_cast<double>(records)) continue;
    FOREBAY_ASSIGN(const RejectGroups rejected, groups());
    const std::string topic = table.topic.empty() ? "" : fmt::format("topic '{}' and ", table.topic);
    return UnavailableError(fmt::format(
        "records of table '{}' that the contract rejects, by field and reason:\n{}{} of {} records of "
        "{}table "
        "'{}' in this batch break the contract, more than --max-reject-rate allows ({}): nothing of the "
        "batch "
        "was landed, and no offset was spent. Correct the producer or the contract, or raise the rate "
        "(1: no limit)",
        table.table, RejectGroupsText(rejected.Largest(table.table), 2, kMaxKinds), Grouped(table.rejected),
        Grouped(records), topic, table.table, limit));
  }
  return Ok();
}

}  // namespace forebay
