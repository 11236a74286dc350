#include "infer/roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <tuple>

#include "base/join.h"
#include "base/quoted.h"
#include "base/time.h"
#include "contract/diagnostics.h"
#include "contract/field_place.h"
#include "contract/field_type.h"
#include "contract/names.h"
#include "contract/transform.h"
#include "infer/candidates.h"
#include "infer/name_words.h"
#include "infer/references.h"
#include "report/text_table.h"

namespace forebay::infer {
namespace {

constexpr int64_t kDefaultAheadMicros = kMicrosPerDay;  // eventTime.maxAhead of a contract without it
constexpr int64_t kMaxAheadMicros = 366 * kMicrosPerDay;
constexpr double kMostly = 0.9;
constexpr double kNearlyAll = 0.99;
constexpr size_t kFewRecords = 10;
constexpr uint64_t kMinRecordsOfOtherIds = 100;
constexpr size_t kMaxNamedAlternatives = 3;
constexpr uint64_t kManyDays = 30;  // in the sample
constexpr double kDaysOfMonth = 30;
constexpr double kRecordsOfPeriod = 50;  // fewer make tiny files

bool IsTime(FieldType type) {
  return type == FieldType::kTimestamp || type == FieldType::kDate;
}

class RoleAssigner {
 public:
  RoleAssigner(const std::vector<const RecordView*>& records, const RoleChoices& choices, Table table,
               Proposal& proposal)
      : records_(records), choices_(choices), proposal_(proposal), table_(std::move(table)) {}

  Status Assign(int64_t now_ms) {
    FOREBAY_ASSIGN(candidates_, MeasureCandidates(table_, records_, now_ms));
    std::erase_if(candidates_, [&](const Candidate& c) { return ReferenceTo(table_, c.place).empty(); });
    FOREBAY_TRY(AssignKey());
    FOREBAY_TRY(AssignEventTime());
    FOREBAY_TRY(AssignPrimaryKey());
    return AssignDimensions();
  }
  std::vector<std::string> TakeRemarks() { return std::move(remarks_); }

 private:
  using Order = std::function<bool(const Candidate&, const Candidate&)>;

  Status AssignKey();
  void DropKeyFields();
  bool IsOfValue(const FieldPlace& place) const {
    return table_.fields[place.front()].source == FieldSource::kValue;
  }
  Status AssignEventTime();
  Status AssignPrimaryKey();
  Status AssignDimensions();
  void SetEventTime(const FieldPlace& place, const std::string& reference, const std::string& comment);
  std::vector<Candidate> EventTimes() const;
  void RemarkOptionalTimes(EventTimeRank worse_than);
  Status AddDimension(const std::string& text, int position);
  void AddDefaultDimension();
  std::string PeriodOf(const FieldPlace& event_time);
  void AddTransform(const std::string& function, const std::string& logic, int position);

  Result<FieldPlace> Find(const char* flag, const std::string& text) const;
  Result<FieldPlace> FindScalar(const char* flag, const std::string& text) const;
  const Candidate* Measured(const FieldPlace& place) const;
  std::vector<Candidate> Sorted(const std::function<bool(const Candidate&)>& fits, const Order& before) const;
  std::string FreeName(const std::vector<std::string>& wanted) const;
  ProposedField& At(const FieldPlace& place) {
    ProposedField* field = &proposal_.fields[place.front()];
    for (size_t i = 1; i < place.size(); ++i) field = &field->fields[place[i]];
    return *field;
  }
  std::string PathsOfOthers(const std::vector<Candidate>& candidates) const;
  const Field& FieldOf(const Candidate& candidate) const { return FieldAt(table_, candidate.place); }
  EventTimeRank Rank(const Candidate& candidate) const { return RankEventTime(FieldOf(candidate).name); }
  bool IsNearlyAlways(const Candidate& candidate) const {
    return !records_.empty() &&
           static_cast<double>(candidate.present) >= kNearlyAll * static_cast<double>(records_.size());
  }

  const std::vector<const RecordView*>& records_;
  const RoleChoices& choices_;
  Proposal& proposal_;
  const Table table_;  // of the proposal's fields
  std::vector<Candidate> candidates_;
  std::optional<FieldPlace> event_time_;
  std::string event_time_reference_;
  std::vector<std::string> remarks_;
};

Result<FieldPlace> RoleAssigner::Find(const char* flag, const std::string& text) const {
  if (auto place = FindPlace(table_.fields, text)) return *place;
  const std::vector<std::string> paths = forebay::PathsOf(table_.fields);
  const std::string_view nearest =
      NearestName(text, std::vector<std::string_view>(paths.begin(), paths.end()));
  return InvalidArgumentError(
      fmt::format("{}: no field of the records is {}{}", flag, Quoted(text),
                  nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)));
}

Result<FieldPlace> RoleAssigner::FindScalar(const char* flag, const std::string& text) const {
  FOREBAY_ASSIGN(FieldPlace place, Find(flag, text));
  const FieldType type = FieldAt(table_, place).type;
  if (IsScalar(type)) return place;
  return InvalidArgumentError(
      fmt::format("{}: {} is {}; a field that is neither object nor array was expected", flag, Quoted(text),
                  FieldTypeName(type)));
}

const Candidate* RoleAssigner::Measured(const FieldPlace& place) const {
  const auto found = std::find_if(candidates_.begin(), candidates_.end(),
                                  [&](const Candidate& candidate) { return candidate.place == place; });
  return found == candidates_.end() ? nullptr : &*found;
}

std::vector<Candidate> RoleAssigner::Sorted(const std::function<bool(const Candidate&)>& fits,
                                            const Order& before) const {
  std::vector<Candidate> sorted;
  std::copy_if(candidates_.begin(), candidates_.end(), std::back_inserter(sorted), fits);
  std::stable_sort(sorted.begin(), sorted.end(), before);
  return sorted;
}

// "'a', 'b' and 2 more": of all but the first.
std::string RoleAssigner::PathsOfOthers(const std::vector<Candidate>& candidates) const {
  std::vector<std::string> paths;
  for (size_t i = 1; i < candidates.size() && i <= kMaxNamedAlternatives; ++i)
    paths.push_back(Quoted(PathAt(table_, candidates[i].place)));
  const size_t more = candidates.size() - 1 - paths.size();
  return Join(paths, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
}

// Those of ProposeKeyFields: a field of the value says the same.
void RoleAssigner::DropKeyFields() {
  std::erase_if(proposal_.fields,
                [](const ProposedField& field) { return field.field.source != FieldSource::kValue; });
  std::erase_if(candidates_, [&](const Candidate& candidate) { return !IsOfValue(candidate.place); });
}

Status RoleAssigner::AssignKey() {
  constexpr char kFlag[] = "--key";
  if (choices_.key == kNoRole) {
    DropKeyFields();
    return Ok();
  }
  if (choices_.key) {
    FOREBAY_ASSIGN(const FieldPlace place, FindScalar(kFlag, *choices_.key));
    if (IsOfValue(place)) DropKeyFields();
    proposal_.settings.push_back({"kafka.key", *choices_.key});
    return Ok();
  }
  const std::vector<Candidate> keys = Sorted(
      [&](const Candidate& candidate) {
        return !records_.empty() && candidate.equals_key == records_.size() && IsOfValue(candidate.place);
      },
      [&](const Candidate& a, const Candidate& b) { return a.place.size() < b.place.size(); });
  if (keys.empty()) return Ok();
  DropKeyFields();
  if (keys.size() > 1) {
    remarks_.push_back(fmt::format("the records' key is {}; {} would fit, too ({} decides)",
                                   Quoted(PathAt(table_, keys[0].place)), PathsOfOthers(keys), kFlag));
  }
  proposal_.settings.push_back(
      {"kafka.key", ReferenceTo(table_, keys[0].place), false,
       fmt::format("equal to the key of all {} records", Grouped(uint64_t{records_.size()}))});
  return Ok();
}

void RoleAssigner::SetEventTime(const FieldPlace& place, const std::string& reference,
                                const std::string& comment) {
  event_time_ = place;
  event_time_reference_ = reference;
  proposal_.settings.push_back({"eventTime", reference, false, comment});
  const Candidate* const measured = Measured(place);
  if (measured == nullptr || measured->ahead_micros <= kDefaultAheadMicros) return;
  const int64_t days = measured->ahead_micros / kMicrosPerDay + 1;
  proposal_.settings.push_back({"eventTime.maxAhead", fmt::format("{}d", days), false,
                                "a record is so far ahead of its Kafka timestamp"});
}

// A better name than the chosen one's, but not in nearly every record.
void RoleAssigner::RemarkOptionalTimes(EventTimeRank worse_than) {
  for (const Candidate& candidate : candidates_) {
    const bool better = IsTime(FieldOf(candidate).type) && Rank(candidate) < worse_than;
    if (!better || candidate.place.size() > 1 || candidate.always || IsNearlyAlways(candidate)) continue;
    remarks_.push_back(fmt::format(
        "field {} is in {} of {} records, too few for the event time (--event-time decides)",
        Quoted(FieldOf(candidate).name), Grouped(candidate.present), Grouped(uint64_t{records_.size()})));
  }
}

// The times that may be the event's, the best one first.
std::vector<Candidate> RoleAssigner::EventTimes() const {
  // Most events are not much older than their records; none is, where history was loaded.
  const auto is_near = [&](const Candidate& candidate) {
    return static_cast<double>(candidate.near) >= kMostly * static_cast<double>(records_.size());
  };
  const auto fits = [&](const Candidate& candidate) {
    if (!IsTime(FieldOf(candidate).type) || candidate.ahead_micros > kMaxAheadMicros) return false;
    if (!candidate.always && !IsNearlyAlways(candidate)) return false;
    if (!candidate.advances && records_.size() >= kFewRecords) return false;
    // In nested objects are the times of other things, too.
    const bool own = candidate.place.size() == 1;
    return Rank(candidate) <= EventTimeRank::kTime ||
           (Rank(candidate) == EventTimeRank::kCreated && (own || is_near(candidate))) ||
           (Rank(candidate) == EventTimeRank::kOther && own);
  };
  const auto quality = [&](const Candidate& candidate) {
    return std::tuple(!is_near(candidate), Rank(candidate), candidate.place.size(),
                      FieldOf(candidate).type == FieldType::kDate);
  };
  return Sorted(fits, [&](const Candidate& a, const Candidate& b) { return quality(a) < quality(b); });
}

Status RoleAssigner::AssignEventTime() {
  constexpr char kFlag[] = "--event-time";
  if (choices_.event_time == kNoRole) return Ok();
  if (choices_.event_time) {
    const bool of_kafka = *choices_.event_time == kKafkaTimestampName;
    FOREBAY_ASSIGN(const FieldPlace place, of_kafka ? FieldPlace() : Find(kFlag, *choices_.event_time));
    const FieldType type = FieldAt(table_, place).type;
    if (!IsTime(type)) {
      return InvalidArgumentError(fmt::format("{}: {} is {}; a timestamp or a date was expected", kFlag,
                                              Quoted(*choices_.event_time), FieldTypeName(type)));
    }
    SetEventTime(place, *choices_.event_time, "");
    return Ok();
  }
  const std::vector<Candidate> times = EventTimes();
  if (times.empty()) {
    RemarkOptionalTimes(EventTimeRank::kFuture);
    // A field of that name would be taken for it.
    if (FindPlace(table_.fields, kKafkaTimestampName)) return Ok();
    const bool timed = std::any_of(records_.begin(), records_.end(),
                                   [](const RecordView* record) { return record->timestamp_ms >= 0; });
    if (!timed && !records_.empty()) {
      remarks_.push_back(
          "the records have no usable Kafka timestamps, and no time of an event: all are in one directory");
      return Ok();
    }
    SetEventTime({}, std::string(kKafkaTimestampName),
                 "no field of nearly every record is the time of an event");
    return Ok();
  }
  RemarkOptionalTimes(Rank(times[0]));
  SetEventTime(
      times[0].place, ReferenceTo(table_, times[0].place),
      times[0].always ? "" : fmt::format("not in {}", Counted(records_.size() - times[0].present, "record")));
  if (times.size() > 1) {
    remarks_.push_back(fmt::format("the event time is {}; {} would fit, too ({} decides)",
                                   Quoted(PathAt(table_, times[0].place)), PathsOfOthers(times), kFlag));
  }
  return Ok();
}

Status RoleAssigner::AssignPrimaryKey() {
  if (choices_.primary_key == std::vector<std::string>{kNoRole}) return Ok();
  int position = 0;
  for (const std::string& name : choices_.primary_key) {
    FOREBAY_ASSIGN(const FieldPlace place, FindScalar("--primary-key", name));
    At(place).in_primary_key = true;
    if (choices_.primary_key.size() > 1) At(place).primary_key_position = ++position;
  }
  if (!choices_.primary_key.empty()) return Ok();
  const auto rank = [&](const Candidate& candidate) {
    return RankId(FieldOf(candidate).name, proposal_.table);
  };
  std::vector<Candidate> ids = Sorted(
      [&](const Candidate& candidate) {
        if (rank(candidate) == IdRank::kNone || !candidate.always) return false;
        const bool is_unique = candidate.different == candidate.compared;
        if (rank(candidate) == IdRank::kOtherId)
          return is_unique && candidate.place.size() == 1 && records_.size() >= kMinRecordsOfOtherIds;
        return static_cast<double>(candidate.different) >=
               kNearlyAll * static_cast<double>(candidate.compared);
      },
      [&](const Candidate& a, const Candidate& b) {
        return std::tuple(rank(a), a.place.size()) < std::tuple(rank(b), b.place.size());
      });
  if (ids.empty()) return Ok();
  const size_t best = static_cast<size_t>(std::count_if(
      ids.begin(), ids.end(), [&](const Candidate& candidate) { return rank(candidate) == rank(ids[0]); }));
  ids.resize(best);
  ProposedField& field = At(ids[0].place);
  field.in_primary_key = true;
  if (!records_.empty()) field.comment += fmt::format("; {} different", Grouped(ids[0].different));
  if (ids.size() > 1) {
    remarks_.push_back(fmt::format("the primary key is {}; {} would fit, too (--primary-key decides)",
                                   Quoted(PathAt(table_, ids[0].place)), PathsOfOthers(ids)));
  }
  return Ok();
}

// The first name that no field has, upper and lower case being equal.
std::string RoleAssigner::FreeName(const std::vector<std::string>& wanted) const {
  const auto is_free = [&](const std::string& name) {
    return std::none_of(table_.fields.begin(), table_.fields.end(),
                        [&](const Field& field) { return LowerCase(field.name) == LowerCase(name); });
  };
  const auto found = std::find_if(wanted.begin(), wanted.end(), is_free);
  return found == wanted.end() ? wanted.back() : *found;
}

Status RoleAssigner::AssignDimensions() {
  if (choices_.partition_by == std::vector<std::string>{kNoRole}) return Ok();
  const bool several = choices_.partition_by.size() > 1;
  int position = 0;
  for (const std::string& text : choices_.partition_by)
    FOREBAY_TRY(AddDimension(text, several ? ++position : 0));
  if (choices_.partition_by.empty() && event_time_) AddDefaultDimension();
  return Ok();
}

// "date", or a longer period where a day, or a month, has so few records that their files would be tiny.
std::string RoleAssigner::PeriodOf(const FieldPlace& event_time) {
  const Candidate* const measured = Measured(event_time);
  if (measured == nullptr || measured->days <= kManyDays) return "date";
  const double records_per_day = static_cast<double>(records_.size()) / static_cast<double>(measured->days);
  const char* const period = records_per_day >= kRecordsOfPeriod                  ? "date"
                             : records_per_day * kDaysOfMonth >= kRecordsOfPeriod ? "month"
                                                                                  : "year";
  if (period != std::string_view("date"))
    remarks_.push_back(
        fmt::format("the directories are those of a {}, because a day has about {:.2g} of {} "
                    "(--partition-by decides)",
                    period, records_per_day, Counted(records_.size(), "record")));
  return period;
}

void RoleAssigner::AddDefaultDimension() {
  const std::string period = PeriodOf(*event_time_);
  const bool is_date = event_time_->size() == 1 && FieldAt(table_, *event_time_).type == FieldType::kDate;
  if (is_date && period == "date") {
    At(*event_time_).partitioned = true;  // the directory is the date itself
    return;
  }
  AddTransform(period, fmt::format("{}({})", period, TransformArgument(event_time_reference_)), 0);
}

void RoleAssigner::AddTransform(const std::string& function, const std::string& logic, int position) {
  proposal_.dimensions.push_back({FreeName({function, "event_" + function, "partition_" + function}), logic,
                                  function == "date", position});
}

// A field, or a call of a transform, which the contract's reader checks.
Status RoleAssigner::AddDimension(const std::string& text, int position) {
  if (!IsTransform(text) || FindPlace(table_.fields, text)) {
    FOREBAY_ASSIGN(const FieldPlace place, FindScalar("--partition-by", text));
    At(place).partitioned = true;
    At(place).partition_position = position;
    return Ok();
  }
  AddTransform(text.substr(0, text.find('(')), text, position);
  return Ok();
}

}  // namespace

Result<std::vector<std::string>> AssignRoles(const std::vector<const RecordView*>& records, int64_t now_ms,
                                             const RoleChoices& choices, Proposal& proposal) {
  Table table;
  table.name = proposal.table;
  table.fields = WithMembers(proposal.fields);
  RoleAssigner assigner(records, choices, std::move(table), proposal);
  FOREBAY_TRY(assigner.Assign(now_ms));
  return assigner.TakeRemarks();
}

}  // namespace forebay::infer
