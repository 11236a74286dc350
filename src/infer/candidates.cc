#include "infer/candidates.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/row_hash.h"
#include "base/time.h"
#include "contract/field_place.h"
#include "decode/record_decoder.h"
#include "infer/name_words.h"

namespace forebay::infer {
namespace {

constexpr uint64_t kMaxCompared = 200'000;  // values of an id

bool IsTime(FieldType type) {
  return type == FieldType::kTimestamp || type == FieldType::kDate;
}

bool IsText(FieldType type) {
  return type == FieldType::kString;
}

// The value as the text of a record's key; "" for types whose text is not known.
std::string KeyText(const Field& field, const Slot& slot) {
  switch (field.type) {
    case FieldType::kString:
      return std::string(slot.as_string());
    case FieldType::kInteger:
      return std::to_string(slot.as_int());
    case FieldType::kDate:
      return FormatDate(static_cast<int32_t>(slot.as_int()));
    default:
      return "";
  }
}

// Collects what one candidate's values say.
class Measure {
 public:
  Measure(const Table& table, FieldPlace place, std::vector<size_t> nodes) : nodes_(std::move(nodes)) {
    field_ = &FieldAt(table, place);
    const bool may_be_id = IsText(field_->type) || field_->type == FieldType::kInteger;
    is_id_ = may_be_id && RankId(field_->name, table.name) != IdRank::kNone;
    for (size_t depth = 1; depth <= place.size(); ++depth) {
      const FieldPlace above(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(depth));
      candidate_.always = candidate_.always && FieldAt(table, above).required;
    }
    candidate_.place = std::move(place);
  }

  void Add(const RowRun& row, const RecordView& record, int64_t now_ms) {
    // In an object that is null, a required member has the slot of a value.
    const auto is_null = [&](size_t node) { return row.Slots(node, row.all()).front().is_null(); };
    if (std::any_of(nodes_.begin(), nodes_.end(), is_null)) return;
    ++candidate_.present;
    const Slot& slot = row.Slots(nodes_.back(), row.all()).front();
    if (IsTime(field_->type)) AddTime(slot.as_int(), record.timestamp_ms >= 0 ? record.timestamp_ms : now_ms);
    if (record.key && !record.key->empty() && KeyText(*field_, slot) == *record.key) ++candidate_.equals_key;
    if (!is_id_ || candidate_.compared == kMaxCompared) return;
    ++candidate_.compared;
    const std::string identity = slot.Identity(IsText(field_->type));
    hashes_.insert(XXH3_64bits(identity.data(), identity.size()));
  }

  Candidate Finish() {
    candidate_.different = hashes_.size();
    candidate_.days = days_.size();
    return std::move(candidate_);
  }

 private:
  void AddTime(int64_t value, int64_t kafka_ms) {
    const int64_t micros = field_->type == FieldType::kDate ? value * kMicrosPerDay : value;
    const int64_t ahead = micros - kafka_ms * 1000;
    if (!first_micros_) first_micros_ = micros;
    candidate_.advances = candidate_.advances || micros != *first_micros_;
    candidate_.ahead_micros = std::max(candidate_.ahead_micros, ahead);
    if (std::abs(ahead) <= kMicrosPerDay) ++candidate_.near;
    if (days_.size() < kMaxDays) days_.insert(DayOfMicros(micros));
  }

  const Field* field_;
  std::vector<size_t> nodes_;  // of the objects around the field, and its own
  bool is_id_;
  std::optional<int64_t> first_micros_;
  std::unordered_set<uint64_t> hashes_;
  std::unordered_set<int32_t> days_;
  Candidate candidate_;
};

void AddMeasures(const Table& table, const SchemaNode& object, const FieldPlace& place,
                 const std::vector<size_t>& nodes, std::vector<Measure>* measures) {
  for (size_t i = 0; i < object.children.size(); ++i) {
    const SchemaNode& child = object.children[i];
    FieldPlace inside = place;
    inside.push_back(i);
    std::vector<size_t> inside_nodes = nodes;
    inside_nodes.push_back(child.index);
    switch (child.field->type) {
      case FieldType::kObject:
        AddMeasures(table, child, inside, inside_nodes, measures);
        break;
      case FieldType::kArray:
      case FieldType::kMap:
      case FieldType::kJson:
        break;
      default:
        measures->emplace_back(table, std::move(inside), std::move(inside_nodes));
    }
  }
}

}  // namespace

Result<std::vector<Candidate>> MeasureCandidates(const Table& table,
                                                 const std::vector<const RecordView*>& records,
                                                 int64_t now_ms) {
  FOREBAY_ASSIGN(const auto decoder, RecordDecoder::Create(table));
  std::vector<Measure> measures;
  AddMeasures(table, *decoder->schema().root, {}, {}, &measures);
  for (const RecordView* record : records) {
    FOREBAY_ASSIGN(const Outcome outcome, decoder->Decode(*record, now_ms));
    FOREBAY_ASSERT(outcome == Outcome::kRow);
    for (Measure& measure : measures) measure.Add(decoder->row(), *record, now_ms);
  }
  std::vector<Candidate> candidates;
  for (Measure& measure : measures) candidates.push_back(measure.Finish());
  return candidates;
}

}  // namespace forebay::infer
