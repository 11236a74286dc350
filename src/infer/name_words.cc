#include "infer/name_words.h"

#include <algorithm>
#include <iterator>

#include "base/join.h"

namespace forebay::infer {
namespace {

bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsWordCharacter(char c) {
  return IsUpper(c) || IsLower(c) || (c >= '0' && c <= '9') || static_cast<signed char>(c) < 0;
}

template <size_t kSize>
bool IsOneOf(std::string_view word, const std::string_view (&words)[kSize]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

constexpr std::string_view kTimeWords[] = {
    "at",      "ts",       "tsms",  "tsus",  "tsns", "when",  "epoch", "created", "updated", "modified",
    "expires", "expiry",   "exp",   "iat",   "nbf",  "start", "end",   "since",   "until",   "started",
    "ended",   "observed", "clock", "times", "dob",  "day",   "msec",  "seen",    "sent",    "received"};
constexpr std::string_view kMoneyWords[] = {
    "price",   "prices",   "amount",  "amounts", "cost",   "costs",  "total", "totals",  "subtotal",
    "tax",     "taxes",    "fee",     "fees",    "fare",   "tip",    "tips",  "balance", "salary",
    "revenue", "shipping", "payment", "paid",    "refund", "credit", "debit", "msrp",    "budget"};
constexpr std::string_view kNotMoneyWords[] = {"rate", "ratio", "percent", "pct", "share", "factor", "count"};

constexpr std::string_view kGrowingWords[] = {"id",       "ids", "number", "nr",    "key",
                                              "sequence", "seq", "offset", "lsn",   "bytes",
                                              "size",     "xid", "count",  "total", "position"};

constexpr std::string_view kEventNames[] = {
    "event time",  "event timestamp", "event ts",    "event date",  "event datetime", "occurred at",
    "occurred on", "happened at",     "measured at", "observed at", "time of event",  "eventtime"};
constexpr std::string_view kTimeNames[] = {"time",      "timestamp", "ts",   "datetime",       "date time",
                                           "date",      "ts ms",     "at",   "time unix nano", "time iso8601",
                                           "event day", "day",       "when", "timestamp ms",   "@timestamp"};
constexpr std::string_view kCreatedWords[] = {"created", "creation",  "published", "sent",   "logged",
                                              "start",   "started",   "recorded",  "placed", "ordered",
                                              "issued",  "submitted", "opened",    "pickup", "transaction"};
// Not the time at which an event happened: of plans and ends, and of people.
constexpr std::string_view kFutureWords[] = {
    "expires", "expiry", "expiration", "exp", "until", "due",     "birth",     "dob",   "birthday",
    "valid",   "next",   "deadline",   "end", "nbf",   "planned", "scheduled", "since", "born"};

constexpr std::string_view kIdNames[] = {"id",         "uuid",      "guid",   "event id",
                                         "message id", "record id", "eventid"};
constexpr std::string_view kIdWords[] = {"id", "uuid", "guid", "key", "number", "nr", "sku", "code"};

bool HasAny(const std::vector<std::string>& words, const auto& listed) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return IsOneOf(word, listed); });
}

}  // namespace

std::vector<std::string> NameWords(std::string_view name) {
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!IsWordCharacter(c)) {
      in_word = false;
      continue;
    }
    // "eventTime" and "HTTPStatus" begin a word at T and at S.
    const bool after_lower = i > 0 && !IsUpper(name[i - 1]);
    const bool before_lower = i + 1 < name.size() && IsLower(name[i + 1]);
    if (!in_word || (IsUpper(c) && (after_lower || (before_lower && i > 0)))) words.emplace_back();
    words.back() += IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    in_word = true;
  }
  return words;
}

bool NamesTime(std::string_view name) {
  const std::vector<std::string> words = NameWords(name);
  const auto is_compound = [](const std::string& word) {
    return word.starts_with("time") || word.ends_with("time") || word.ends_with("date") ||
           word.starts_with("date") || word.ends_with("stamp");
  };
  return HasAny(words, kTimeWords) || std::any_of(words.begin(), words.end(), is_compound);
}

bool NamesMoney(std::string_view name) {
  const std::vector<std::string> words = NameWords(name);
  return HasAny(words, kMoneyWords) && !HasAny(words, kNotMoneyWords);
}

bool NamesGrowing(std::string_view name) {
  return HasAny(NameWords(name), kGrowingWords);
}

EventTimeRank RankEventTime(std::string_view name) {
  const std::vector<std::string> words = NameWords(name);
  const std::string whole = Join(words, " ");
  if (IsOneOf(whole, kEventNames)) return EventTimeRank::kEvent;
  if (IsOneOf(whole, kTimeNames)) return EventTimeRank::kTime;
  if (HasAny(words, kFutureWords)) return EventTimeRank::kFuture;
  return HasAny(words, kCreatedWords) ? EventTimeRank::kCreated : EventTimeRank::kOther;
}

IdRank RankId(std::string_view name, std::string_view table) {
  const std::vector<std::string> words = NameWords(name);
  if (words.empty()) return IdRank::kNone;
  if (IsOneOf(Join(words, " "), kIdNames)) return IdRank::kId;
  if (!IsOneOf(words.back(), kIdWords)) return IdRank::kNone;
  // "order_id" of the table orders.
  const std::string owner = words.size() > 1 ? words[words.size() - 2] : "";
  const std::vector<std::string> table_words = NameWords(table);
  const bool of_table = std::any_of(table_words.begin(), table_words.end(), [&](const std::string& word) {
    return word == owner || word == owner + "s" || word == owner + "es";
  });
  return of_table ? IdRank::kId : IdRank::kOtherId;
}

}  // namespace forebay::infer
