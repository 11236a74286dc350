// A YAML document as a tree with a line number on every node: the adapter over yaml-cpp, whose types and
// exceptions stop here.
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
using YamlNodePtr = std::shared_ptr<const YamlNode>;  // shared: an alias stands for its anchor's node

struct YamlMember {
  std::string key;
  int line = 0;  // of the key
  YamlNodePtr value;
};

// Immutable once LoadYaml has returned it.
struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  int line = 0;                     // 1-based
  std::string text;                 // scalars
  bool quoted = false;              // scalars: certainly a string, whatever it looks like
  std::vector<YamlNodePtr> items;   // lists
  std::vector<YamlMember> members;  // maps, in the file's order, each key once
  int64_t expanded_nodes = 1;       // with everything below, aliases counted each time
};

// Limits that no contract written by people comes near.
inline constexpr size_t kMaxContractBytes = 4 << 20;
inline constexpr int kMaxYamlDepth = 200;
inline constexpr int64_t kMaxYamlNodes = 200'000;

// The one document in `yaml`; null (with at least one diagnostic) where there is none to speak of. A key that
// occurs twice is a diagnostic, and the first one stays.
YamlNodePtr LoadYaml(std::string_view yaml, Diagnostics& diagnostics);

// "a list", "a map", "true", "the number 5", "the text 'abc'", "nothing": what stands there, for messages.
std::string DescribeNode(const YamlNode& node);

// What a scalar is by YAML 1.2's core schema; each is nothing for another type. A quoted scalar is text.
std::optional<std::string> AsText(const YamlNode& node);
std::optional<bool> AsBool(const YamlNode& node);
std::optional<int64_t> AsInteger(const YamlNode& node);
// True for an unquoted integer or decimal number; `text` is its spelling.
bool IsNumber(const YamlNode& node);

}  // namespace forebay
