// What the records of a sample have in common, place by place: how often there is a value, and of which
// types. It says nothing yet about the contract: see typing.h.
//
// INVARIANT: the size is bounded, whatever the records are: see kMaxMembers and Observer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "decode/json_text.h"
#include "infer/text_kind.h"

namespace forebay::infer {

// The different values of a place, while they are few.
class FewValues {
 public:
  static constexpr size_t kMax = 20;
  static constexpr size_t kMaxBytes = 100;  // of one
  static constexpr size_t kExamples = 3;

  using Counted = std::pair<std::string, uint64_t>;

  void Add(std::string_view value, uint64_t count = 1);
  void Merge(const FewValues& other);

  // All values, in the order in which they were seen; only some of them if there are many.
  const std::vector<Counted>& values() const { return values_; }
  bool many() const { return many_; }
  uint64_t rarest() const;

 private:
  std::vector<Counted> values_;
  bool many_ = false;  // others were seen, or longer ones: only kExamples are kept
};

enum class EpochUnit : uint8_t { kSeconds, kMillis, kMicros, kNanos };

// Of numbers, as they are written.
struct NumberEvidence {
  uint64_t count = 0;
  uint64_t with_point = 0;  // a point or an exponent: 5.0, 1e3
  uint64_t with_exponent = 0;
  uint64_t too_large = 0;        // for a double
  uint64_t beyond_int64 = 0;     // of those without a point or exponent
  uint64_t with_final_zero = 0;  // 12.50: the writer has a fixed number of digits behind the point
  int32_t max_integer_digits = 0;
  int32_t min_fraction_digits = 0;  // as written, of those without an exponent
  int32_t max_fraction_digits = 0;
  double min = 0;
  double max = 0;
  std::array<uint64_t, 4> epochs = {};  // by EpochUnit: those that are in the years 2000 to 2099 so
  FewValues few;

  void Add(const JsonNumber& number);
  void Merge(const NumberEvidence& other);
};

struct TextEvidence {
  uint64_t count = 0;
  std::array<uint64_t, kTextKindCount> kinds = {};
  FewValues few;

  uint64_t of(TextKind kind) const { return kinds[static_cast<size_t>(kind)]; }
  void Add(std::string_view text);
  void Merge(const TextEvidence& other);
};

struct Evidence {
  uint64_t values = 0;  // of any type, nulls among them
  uint64_t nulls = 0;
  uint64_t booleans = 0;
  uint64_t objects = 0;
  uint64_t arrays = 0;
  NumberEvidence numbers;
  TextEvidence texts;

  struct Member;
  // Of objects, in the order in which they were seen.
  std::vector<Member> members;
  std::unordered_map<std::string_view, size_t> member_index;  // by name, into members
  // Of objects with more members than are kept apart: all of their values. `members` is empty then.
  std::unique_ptr<Evidence> any_member;
  std::unique_ptr<Evidence> element;  // of arrays
  // Some values below were not looked at: the records are nested too deeply, or have too many places.
  bool cut = false;

  // The JSON types that were seen, null left out: 0 to 5.
  int types() const;
  // The names stay; all values count for one place.
  void MergeMembers();
  void Merge(Evidence&& other);
};

// The name is on the heap: views of it stay valid when the list grows.
struct Evidence::Member {
  std::unique_ptr<const std::string> name;
  Evidence evidence;
};

// Collects the evidence of records. Not thread-safe.
class Observer {
 public:
  static constexpr int kMaxDepth = 24;        // a contract's limit is 32
  static constexpr size_t kMaxMembers = 400;  // of one object; more are data
  static constexpr size_t kMaxRootMembers = 2'000;
  static constexpr size_t kMaxPlaces = 20'000;

  // REQUIRES: a JSON object that the decoder accepts (Screen).
  void Observe(std::string_view json);
  Evidence& root() { return root_; }

 private:
  void ObserveValue(Evidence& place, int depth);
  void ObserveObject(Evidence& object, int depth);
  void ObserveArray(Evidence& array, int depth);
  Evidence* MemberPlace(Evidence& object, size_t predicted, std::string_view name, int depth);

  JsonReader reader_;
  std::string arena_;
  Evidence root_;
  size_t places_ = 0;
};

}  // namespace forebay::infer
