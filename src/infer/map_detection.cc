#include "infer/map_detection.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace forebay::infer {
namespace {

constexpr size_t kManyNames = 20;
constexpr double kSparse = 0.25;  // of the objects have a member, on average
constexpr size_t kTooManyNames = 50;
constexpr double kVerySparse = 0.1;
constexpr double kAlike = 0.5;  // of the names of all objects, an object has so many on average
constexpr size_t kMinHexDigits = 8;

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Numbers, dates, UUIDs, hashes, addresses: no programmer calls a member so.
bool IsDataName(std::string_view name) {
  if (name.empty()) return false;
  const bool digits = std::all_of(name.begin(), name.end(), IsDigit);
  const bool hash = name.size() >= kMinHexDigits && std::all_of(name.begin(), name.end(), IsHexDigit) &&
                    std::any_of(name.begin(), name.end(), IsDigit);
  switch (KindOf(name)) {
    case TextKind::kOther:
    case TextKind::kEmpty:
    case TextKind::kBoolean:
      return digits || hash;
    default:
      return true;
  }
}

// On average, as a part of all objects.
double Presence(const Evidence& object) {
  uint64_t values = 0;
  for (const Evidence::Member& member : object.members) values += member.evidence.values;
  return static_cast<double>(values) /
         (static_cast<double>(object.objects) * static_cast<double>(object.members.size()));
}

// Objects are alike if most of them have most of the names.
bool AreAlikeObjects(const Evidence& object) {
  std::set<std::string_view> all_names;
  size_t names = 0;
  for (const Evidence::Member& member : object.members) {
    names += member.evidence.members.size();
    for (const Evidence::Member& inner : member.evidence.members) all_names.insert(*inner.name);
  }
  return static_cast<double>(names) >=
         kAlike * static_cast<double>(all_names.size()) * static_cast<double>(object.members.size());
}

bool AreAlike(const Evidence& object) {
  uint64_t values = 0, nulls = 0, booleans = 0, numbers = 0, texts = 0, objects = 0, arrays = 0;
  for (const Evidence::Member& member : object.members) {
    const Evidence& place = member.evidence;
    values += place.values;
    nulls += place.nulls;
    booleans += place.booleans;
    numbers += place.numbers.count;
    texts += place.texts.count;
    objects += place.objects;
    arrays += place.arrays;
  }
  const uint64_t most = std::max({booleans, numbers, texts, objects, arrays});
  return most > 0 && most == values - nulls && (objects == 0 || AreAlikeObjects(object));
}

}  // namespace

ObjectShape ShapeOf(const Evidence& object) {
  if (object.any_member) return object.any_member->types() == 1 ? ObjectShape::kMap : ObjectShape::kLoose;
  const size_t names = object.members.size();
  if (names < 2) return ObjectShape::kStruct;
  const bool data = std::all_of(object.members.begin(), object.members.end(),
                                [](const Evidence::Member& member) { return IsDataName(*member.name); });
  const double presence = Presence(object);
  const bool many = names >= kManyNames && presence <= kSparse;
  if ((data || many) && AreAlike(object)) return ObjectShape::kMap;
  return names >= kTooManyNames && presence <= kVerySparse ? ObjectShape::kLoose : ObjectShape::kStruct;
}

}  // namespace forebay::infer
