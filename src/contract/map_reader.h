// Typed access to the keys of one YAML map. Every problem becomes a diagnostic; reading continues.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/diagnostics.h"
#include "contract/yaml_node.h"

namespace forebay {

// The keys allowed in one kind of map.
struct MapKeys {
  std::span<const std::string_view> known = {};   // read by Forebay
  std::span<const std::string_view> passed = {};  // ODCS keys for people and for other tools: ignored
  std::span<const std::string_view> noted = {};   // ODCS keys for other tools that say what rows must be
};

// The node and the diagnostics must outlive the reader. Not thread-safe.
class MapReader {
 public:
  // `what` names the map in messages: "table 'clicks'". A key that is not in `keys` is a diagnostic if it
  // looks like a misspelling of one that is, and a note otherwise. REQUIRES: node is a map.
  MapReader(const YamlNode& node, std::string what, const MapKeys& keys, Diagnostics& diagnostics);

  const std::string& what() const { return what_; }
  int line() const { return node_.line; }
  Diagnostics& diagnostics() const { return diagnostics_; }

  bool Has(std::string_view key) const { return Member(key) != nullptr; }
  // The line of the key, or of the map if the key is absent.
  int LineOf(std::string_view key) const;
  const YamlNode* Find(std::string_view key) const;

  // Whether the key has an effect. ODCS's own defaults (false, and -1 for a position) have none.
  bool HasEffect(std::string_view key) const;

  // Nothing if the key is absent, or (with a diagnostic) if its value has another type.
  std::optional<std::string> Text(std::string_view key) const;
  std::optional<bool> Bool(std::string_view key) const;
  std::optional<int64_t> Integer(std::string_view key) const;
  const YamlNode* List(std::string_view key) const;
  const YamlNode* Map(std::string_view key) const;

  // As Text, but an absent or empty value is a diagnostic too. `expected` describes the correct value: "the
  // topic's name".
  std::optional<std::string> RequiredText(std::string_view key, const std::string& expected) const;

  // Whether the reader suggested this key for an unknown one. If so, its absence is not another diagnostic.
  bool IsMisspelled(std::string_view key) const;
  // Adds a diagnostic, unless the key is present or was suggested for an unknown one.
  void RefuseMissing(std::string_view key, const std::string& wrong, const std::string& expected) const;

  // Adds "<what>: <wrong>; <expected>" at the line of `key`.
  void Refuse(std::string_view key, const std::string& wrong, const std::string& expected) const;
  // Adds the note "<what>: <fact>; <consequence>" there.
  void Note(std::string_view key, const std::string& fact, const std::string& consequence) const;

 private:
  const YamlMember* Member(std::string_view key) const;
  void ReportUnknownKey(const YamlMember& member, const MapKeys& keys);
  void RefuseType(std::string_view key, const YamlNode& value, const std::string& expected) const;

  const YamlNode& node_;
  std::string what_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> suggested_;  // for unknown keys: misspelled, not missing
};

}  // namespace forebay
