// What the name of a field says of its values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forebay::infer {

// The words of a name, in lower case: "eventTime", "event_time" and "event-time" are event, time.
std::vector<std::string> NameWords(std::string_view name);

// The values may be times: "created_at", "ts", "startTime".
bool NamesTime(std::string_view name);
// The values may be amounts of money: "unit_price", "total".
bool NamesMoney(std::string_view name);

// The values may grow beyond 32 bits: ids, offsets, sizes in bytes.
bool NamesGrowing(std::string_view name);

// How well a time of this name serves as the time of the event; the smaller, the better.
enum class EventTimeRank { kEvent, kTime, kCreated, kOther, kFuture };
EventTimeRank RankEventTime(std::string_view name);

// How well a field of this name serves as the primary key of the table; the smaller, the better.
enum class IdRank { kId, kOtherId, kNone };
IdRank RankId(std::string_view name, std::string_view table);

}  // namespace forebay::infer
