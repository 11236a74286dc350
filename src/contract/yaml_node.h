// A YAML document as a tree with a line number on every node. This is the adapter over yaml-cpp; its types
// and exceptions do not leave it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/diagnostics.h"

namespace forebay {

enum class YamlKind { kNull, kScalar, kList, kMap };

struct YamlNode;
using YamlNodePtr = std::shared_ptr<const YamlNode>;  // shared: an alias refers to its anchor's node

struct YamlMember {
  std::string key;
  int line = 0;  // of the key
  YamlNodePtr value;
};

// Immutable after LoadYaml returns it.
struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  int line = 0;                     // 1-based
  std::string text;                 // scalars
  bool quoted = false;              // scalars: always a string, whatever its text
  std::vector<YamlNodePtr> items;   // lists
  std::vector<YamlMember> members;  // maps: in file order, each key once
  int64_t expanded_nodes = 1;       // size of the subtree, aliases counted each time
};

// Limits far above any contract written by people.
inline constexpr size_t kMaxContractBytes = 4 << 20;
inline constexpr int kMaxYamlDepth = 200;
inline constexpr int64_t kMaxYamlNodes = 200'000;

// Parses the single document in `yaml`. Returns null, with at least one diagnostic, if there is none. A
// duplicate key is a diagnostic, and the first one stays.
YamlNodePtr LoadYaml(std::string_view yaml, Diagnostics& diagnostics);

// A description for messages: "a list", "a map", "true", "the number 5", "the text 'abc'", "nothing".
std::string DescribeNode(const YamlNode& node);

// The scalar's value by YAML 1.2's core schema; nothing for a value of another type. A quoted scalar is text.
std::optional<std::string> AsText(const YamlNode& node);
std::optional<bool> AsBool(const YamlNode& node);
std::optional<int64_t> AsInteger(const YamlNode& node);
// True for an unquoted integer or decimal number; `text` is its spelling.
bool IsNumber(const YamlNode& node);

}  // namespace forebay
