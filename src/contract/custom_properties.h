// customProperties: the list of {property, value} pairs for settings that ODCS has no key for. Those of a
// table configure its topic and its event time for Forebay, those of a field where its values come from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/map_reader.h"

namespace forebay {

// What has custom properties. kOther: the contract as a whole, elements of arrays, derived dimensions.
enum class PropertyOwner { kTable, kField, kOther };

// The custom properties of one owner. The MapReader passed to the constructor must outlive the object.
class CustomProperties {
 public:
  // Reports entries that are malformed, duplicate, misspelled, or in the wrong place, where nothing reads
  // them. Skips those of other tools, which may name a `vendor`.
  CustomProperties(const MapReader& map, PropertyOwner owner);

  // Whether there is neither a property for Forebay nor a misspelling of one.
  bool empty() const { return entries_.empty() && reported_.empty(); }
  bool Has(std::string_view property) const { return Find(property) != nullptr; }
  bool IsList(std::string_view property) const;

  // Nothing if the property is absent, or (with a diagnostic) if its value has another type.
  std::optional<std::string> Text(std::string_view property) const;
  std::optional<int64_t> Integer(std::string_view property) const;
  // A list of texts, or one text. Empty, with a diagnostic, for anything else.
  std::vector<std::string> Texts(std::string_view property) const;
  // A duration with its unit, such as 36h, in milliseconds.
  std::optional<int64_t> DurationMs(std::string_view property) const;

  // Adds a diagnostic if the property is absent, unless another entry is a misspelling of it.
  void Require(std::string_view property, const std::string& expected) const;

  // Adds "<owner>: <wrong>; <expected>" at the line of the entry, or at that of the owner if the entry is
  // absent.
  void Refuse(std::string_view property, const std::string& wrong, const std::string& expected) const;

 private:
  struct Entry {
    std::string property;
    const YamlNode* value;
  };
  void Read(const YamlNode& node);
  void ReportUnknown(const MapReader& entry, const std::string& property);
  const Entry* Find(std::string_view property) const;

  const MapReader& map_;
  const PropertyOwner owner_;
  std::vector<Entry> entries_;
  std::vector<std::string> reported_;  // already have a diagnostic, so are not reported as missing
};

}  // namespace forebay
