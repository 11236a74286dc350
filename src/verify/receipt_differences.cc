#include "verify/receipt_differences.h"

#include <fmt/format.h>

#include <utility>

#include "base/join.h"
#include "partition/directory.h"

namespace forebay {
namespace {

using Place = std::pair<size_t, std::string>;  // topic of the scope, and directory or reason

// A directory whose rows differ from the expected ones.
struct SumDifference {
  Place place;
  ExpectedRows expected;
  KeyedRows found;
};

std::vector<SumDifference> CompareSums(const std::vector<ClaimedOutcome>& claims, const ComparedRows& found) {
  std::map<Place, ExpectedRows> expected;
  for (const ClaimedOutcome& claim : claims) {
    for (const auto& [directory, rows] : claim.expected->landed) {
      ExpectedRows& sum = expected[{claim.topic, directory}];
      sum.rows += rows.rows;
      sum.key_sum += rows.key_sum;
    }
  }
  for (const auto& [place, rows] : found.landed) expected.try_emplace(place);
  std::vector<SumDifference> differing;
  for (const auto& [place, rows] : expected) {
    if (found.with_expired_files.contains(place)) continue;
    const auto landed = found.landed.find(place);
    const KeyedRows sum = landed == found.landed.end() ? KeyedRows() : landed->second;
    if (rows.rows != sum.rows || rows.key_sum != sum.key_sum) differing.push_back({place, rows, sum});
  }
  return differing;
}

// Producer and lander may know different rules of a time zone: governments change them, sometimes days ahead.
// Then rows are in the directory that was right when they were landed. Removes differences that vanish in the
// sum over the days or hours of the zone, and returns their directories by topic.
std::map<size_t, std::set<std::string>> RemoveZoned(const ZonedLevels& zoned,
                                                    std::vector<SumDifference>* differing) {
  std::map<Place, std::pair<uint64_t, uint64_t>> sums;  // modulo 2^64: 0 if equal
  const auto sum_of = [&](const Place& place) -> auto& {
    const auto levels = zoned.find(place.first);
    return sums[{place.first,
                 levels == zoned.end() ? place.second : WithoutLevels(place.second, levels->second)}];
  };
  for (const SumDifference& difference : *differing) {
    sum_of(difference.place).first += difference.expected.rows - difference.found.rows;
    sum_of(difference.place).second += difference.expected.key_sum - difference.found.key_sum;
  }
  std::map<size_t, std::set<std::string>> removed;
  std::erase_if(*differing, [&](const SumDifference& difference) {
    if (sum_of(difference.place) != std::pair<uint64_t, uint64_t>()) return false;
    removed[difference.place.first].insert(difference.place.second);
    return true;
  });
  return removed;
}

Finding SumFinding(const AuditScope& scope, const SumDifference& difference) {
  const auto& [place, expected, found] = difference;
  const bool same_rows = expected.rows == found.rows;
  Finding finding = scope.TopicFinding(
      same_rows ? FindingKind::kReceiptKeySumMismatch : FindingKind::kReceiptRowCountMismatch, place.first);
  finding.partition_dir = place.second;
  finding.expected = same_rows ? fmt::format("{:016x} as the sum over primary keys", expected.key_sum)
                               : fmt::format("{} rows", expected.rows);
  finding.found = same_rows ? fmt::format("{:016x}", found.key_sum) : std::to_string(found.rows);
  return finding;
}

void CompareRejected(const AuditScope& scope, const std::vector<ClaimedOutcome>& claims,
                     const ComparedRows& found, ReceiptDifferences* differences) {
  std::map<Place, uint64_t> expected;
  for (const ClaimedOutcome& claim : claims) {
    for (const auto& [reason, records] : claim.expected->rejected) expected[{claim.topic, reason}] += records;
  }
  for (const auto& [place, records] : found.rejected) expected.try_emplace(place, 0);
  for (const auto& [place, records] : expected) {
    if (found.with_expired_rejections.contains(place.first)) continue;
    const auto rejected = found.rejected.find(place);
    const uint64_t count = rejected == found.rejected.end() ? 0 : rejected->second;
    if (count == records) continue;
    Finding finding = scope.TopicFinding(FindingKind::kReceiptQuarantineMismatch, place.first);
    finding.detail = place.second;
    finding.expected = fmt::format("{} in quarantine", records);
    finding.found = std::to_string(count);
    differences->problems[place.first].push_back(std::move(finding));
  }
}

}  // namespace

ReceiptDifferences FindReceiptDifferences(const AuditScope& scope, const std::vector<ClaimedOutcome>& claims,
                                          const ZonedLevels& zoned, const ComparedRows& found) {
  ReceiptDifferences differences;
  std::vector<SumDifference> differing = CompareSums(claims, found);
  for (const auto& [topic, directories] : RemoveZoned(zoned, &differing)) {
    Finding finding = scope.TopicFinding(FindingKind::kReceiptNotComparable, topic);
    finding.detail = "rows and primary keys agree in sum, but not in " +
                     Join({directories.begin(), directories.end()}, ", ") +
                     ": the producer knew other rules of the time zone than the lander";
    differences.notes.push_back(std::move(finding));
  }
  for (const SumDifference& difference : differing)
    differences.problems[difference.place.first].push_back(SumFinding(scope, difference));
  CompareRejected(scope, claims, found, &differences);
  return differences;
}

}  // namespace forebay
