// customProperties: the list of {property, value} in which ODCS leaves room for what it has no key for. Those
// of a table say what Forebay needs to know of its topic and its event time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/map_reader.h"

namespace forebay {

// The custom properties of one table. The reader it is made from must outlive it.
class CustomProperties {
 public:
  // Reports entries that are malformed, doubled or unknown. An entry that names another `vendor` is passed
  // over.
  explicit CustomProperties(const MapReader& table);

  bool Has(std::string_view property) const { return Find(property) != nullptr; }

  // Nothing where it is absent, or (with a diagnostic) where its value is of another type.
  std::optional<std::string> Text(std::string_view property) const;
  std::optional<int64_t> Integer(std::string_view property) const;
  // A duration with its unit, such as 36h, in milliseconds.
  std::optional<int64_t> DurationMs(std::string_view property) const;

  // A diagnostic where it is absent, unless another entry is a misspelling of it.
  void Require(std::string_view property, const std::string& expected) const;

  // "<table>: <wrong>; <expected>" at the entry's line, or the table's where it is absent.
  void Refuse(std::string_view property, const std::string& wrong, const std::string& expected) const;

 private:
  struct Entry {
    std::string property;
    const YamlNode* value;
  };
  void Read(const YamlNode& node);
  const Entry* Find(std::string_view property) const;

  const MapReader& table_;
  std::vector<Entry> entries_;
  std::vector<std::string> reported_;  // wrong already; not missing as well
};

// Refuses custom properties of a table that stand elsewhere (on a field, or on the contract), where nobody
// reads them. All others are passed over there.
void RefuseMisplacedCustomProperties(const MapReader& map);

// "250ms", "90s", "5m", "36h", "7d" in milliseconds.
std::optional<int64_t> ParseDurationMs(std::string_view text);

}  // namespace forebay
