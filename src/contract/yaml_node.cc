#include "contract/yaml_node.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <map>
#include <sstream>

#include "base/quoted.h"
#include "base/utf8.h"

namespace forebay {
namespace {

int LineOf(const YAML::Mark& mark) {
  return mark.is_null() ? 1 : mark.line + 1;
}

// Thrown to leave the parser of yaml-cpp; caught in this file.
struct Refused {
  int line;
  std::string wrong;
  std::string expected;
};

// Builds the tree from the events of yaml-cpp.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  YamlNodePtr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // For a null, yaml-cpp reports the position of the next token. A value takes the line of its key instead.
    const bool is_value = !open_.empty() && open_.back().key_set;
    AddLeaf(YamlKind::kNull, is_value ? open_.back().key_line : LineOf(mark), anchor, "", false);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const bool quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!quoted && tag != "?" && tag != "") RefuseTag(mark, tag);
    const bool null =
        !quoted && (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
    AddLeaf(null ? YamlKind::kNull : YamlKind::kScalar, LineOf(mark), anchor, text, quoted);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Refused{LineOf(mark), "the alias is inside its own anchor",
                    "an alias to a complete value was expected"};
    }
    Add(found->second, LineOf(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    if (tag != "?" && tag != "!" && tag != "" && tag != "tag:yaml.org,2002:seq") RefuseTag(mark, tag);
    Open(YamlKind::kList, LineOf(mark), anchor);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    if (tag != "?" && tag != "!" && tag != "" && tag != "tag:yaml.org,2002:map") RefuseTag(mark, tag);
    Open(YamlKind::kMap, LineOf(mark), anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct OpenNode {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    bool key_set = false;
    std::string key;
    int key_line = 0;
    std::map<std::string, int> key_lines;
  };

  [[noreturn]] static void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    throw Refused{LineOf(mark), "the YAML tag " + Quoted(tag) + " has no meaning in a contract",
                  "a value without a tag was expected"};
  }

  void Open(YamlKind kind, int line, YAML::anchor_t anchor) {
    if (open_.size() >= kMaxYamlDepth) {
      throw Refused{line, fmt::format("the YAML is nested deeper than {} levels", kMaxYamlDepth),
                    "fewer levels were expected"};
    }
    OpenNode opened;
    opened.node = std::make_shared<YamlNode>();
    opened.node->kind = kind;
    opened.node->line = line;
    opened.anchor = anchor;
    open_.push_back(std::move(opened));
  }

  void Close() {
    const OpenNode closed = std::move(open_.back());
    open_.pop_back();
    if (closed.anchor != YAML::NullAnchor) anchors_[closed.anchor] = closed.node;
    Add(closed.node, closed.node->line);
  }

  void AddLeaf(YamlKind kind, int line, YAML::anchor_t anchor, const std::string& text, bool quoted) {
    auto leaf = std::make_shared<YamlNode>();
    leaf->kind = kind;
    leaf->line = line;
    leaf->text = text;
    leaf->quoted = quoted;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = leaf;
    Add(std::move(leaf), line);
  }

  void Add(YamlNodePtr node, int line) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    parent.node->expanded_nodes += node->expanded_nodes;
    if (parent.node->expanded_nodes > kMaxYamlNodes) {
      throw Refused{line, fmt::format("the YAML grows to more than {} values", kMaxYamlNodes),
                    "fewer anchors and aliases, or a shorter file, were expected"};
    }
    if (parent.node->kind == YamlKind::kList) {
      parent.node->items.push_back(std::move(node));
    } else if (!parent.key_set) {
      SetKey(parent, *node, line);
    } else {
      parent.key_set = false;
      const auto [first, added] = parent.key_lines.emplace(parent.key, parent.key_line);
      if (added) {
        parent.node->members.push_back({parent.key, parent.key_line, std::move(node)});
      } else {
        diagnostics_.Add(
            parent.key_line, fmt::format("duplicate key {}", Quoted(parent.key)),
            fmt::format("one {} was expected; the first is in line {}", parent.key, first->second));
      }
    }
  }

  static void SetKey(OpenNode& parent, const YamlNode& node, int line) {
    if (node.kind != YamlKind::kScalar) {
      throw Refused{line, "a key is " + DescribeNode(node), "a word was expected as the key"};
    }
    if (node.text == "<<" && !node.quoted) {
      throw Refused{line, "the merge key '<<' is not part of YAML 1.2",
                    "the keys themselves were expected here"};
    }
    parent.key = node.text;
    parent.key_line = line;
    parent.key_set = true;
  }

  Diagnostics& diagnostics_;
  YamlNodePtr root_;
  std::vector<OpenNode> open_;
  std::map<YAML::anchor_t, YamlNodePtr> anchors_;
};

// Returns false, with a diagnostic, if the bytes are not text that YAML allows.
bool CheckText(std::string_view yaml, Diagnostics& diagnostics) {
  if (yaml.size() > kMaxContractBytes) {
    diagnostics.Add(1, fmt::format("the file has more than {} bytes", kMaxContractBytes),
                    "a contract written by people was expected");
    return false;
  }
  int line = 1;
  for (size_t i = 0; i < yaml.size();) {
    const size_t length = Utf8SequenceLength(yaml.substr(i));
    const auto byte = static_cast<unsigned char>(yaml[i]);
    if (length == 0) {
      diagnostics.Add(line, fmt::format("the byte 0x{:02X} is not UTF-8", byte),
                      "a file saved as UTF-8 was expected");
      return false;
    }
    if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F) {
      diagnostics.Add(line, fmt::format("the control character 0x{:02X} is not allowed in YAML", byte),
                      "a text file was expected");
      return false;
    }
    if (byte == '\n') ++line;
    i += length;
  }
  return true;
}

// Our wording for the most common syntax errors that yaml-cpp reports.
struct SyntaxMessage {
  const char* yaml_cpp;
  const char* wrong;
  const char* expected;
};
const SyntaxMessage kSyntaxMessages[] = {
    {YAML::ErrorMsg::EOF_IN_SCALAR, "unclosed quoted text at the end of the file",
     "a closing quote was expected, here or further up"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "the line is indented with a tab", "spaces were expected"},
    {YAML::ErrorMsg::MAP_VALUE, "unexpected ':'",
     "quotes around text that has ': ' in it, or other indentation, were expected"},
    {YAML::ErrorMsg::END_OF_MAP, "wrong indentation: the line belongs to nothing above it",
     "'key: value' at the indentation of the map that it belongs to was expected"},
    {YAML::ErrorMsg::END_OF_SEQ, "wrong indentation: the line belongs to nothing above it",
     "'- ' at the indentation of the list that it belongs to was expected"},
    {YAML::ErrorMsg::END_OF_MAP_FLOW, "unclosed '{'", "a '}' was expected here or further up"},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, "unclosed '['", "a ']' was expected here or further up"},
    {YAML::ErrorMsg::FLOW_END, "unmatched ']' or '}'", "a matching '[' or '{' was expected before it"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "unexpected '- '", "a list on lines of its own was expected"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "the text begins with a character that YAML reserves",
     "quotes around the text were expected"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, "undefined alias ('*name')",
     "an '&name' before it, or quotes around the text, were expected"},
};

void AddSyntaxDiagnostic(const YAML::Exception& error, Diagnostics& diagnostics) {
  const int column = error.mark.is_null() ? 1 : error.mark.column + 1;
  for (const SyntaxMessage& message : kSyntaxMessages) {
    if (error.msg != message.yaml_cpp) continue;
    diagnostics.Add(LineOf(error.mark), fmt::format("invalid YAML: {} (column {})", message.wrong, column),
                    message.expected);
    return;
  }
  diagnostics.Add(LineOf(error.mark), fmt::format("invalid YAML: {}", error.msg),
                  fmt::format("other syntax was expected at or just before column {}", column));
}

// yaml-cpp 0.7 accepts an unclosed quoted text if the file ends right after a line break. The loader
// therefore removes trailing white space.
std::string WithoutTrailingSpace(std::string_view yaml) {
  const size_t last = yaml.find_last_not_of(" \t\r\n");
  return std::string(yaml.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

}  // namespace

YamlNodePtr LoadYaml(std::string_view yaml, Diagnostics& diagnostics) {
  if (!CheckText(yaml, diagnostics)) return nullptr;
  try {
    std::istringstream stream{WithoutTrailingSpace(yaml)};
    YAML::Parser parser(stream);
    TreeBuilder builder(diagnostics);
    if (!parser.HandleNextDocument(builder) || builder.root() == nullptr ||
        builder.root()->kind == YamlKind::kNull) {
      diagnostics.Add(1, "the file contains no YAML document",
                      "an ODCS document that begins with apiVersion was expected");
      return nullptr;
    }
    Diagnostics ignored;
    TreeBuilder second(ignored);
    if (parser.HandleNextDocument(second)) {
      diagnostics.Add(second.root() ? second.root()->line : 1, "a second YAML document begins here",
                      "one contract in one file was expected");
    }
    return builder.root();
  } catch (const Refused& refused) {
    diagnostics.Add(refused.line, refused.wrong, refused.expected);
  } catch (const YAML::Exception& error) {
    AddSyntaxDiagnostic(error, diagnostics);
  }
  return nullptr;
}

std::string DescribeNode(const YamlNode& node) {
  switch (node.kind) {
    case YamlKind::kNull:
      return "nothing";
    case YamlKind::kList:
      return "a list";
    case YamlKind::kMap:
      return "a map";
    case YamlKind::kScalar:
      break;
  }
  if (AsBool(node)) return node.text;
  if (IsNumber(node)) return "the number " + node.text;
  return "the text " + Quoted(node.text);
}

std::optional<bool> AsBool(const YamlNode& node) {
  if (node.kind != YamlKind::kScalar || node.quoted) return std::nullopt;
  if (node.text == "true" || node.text == "True" || node.text == "TRUE") return true;
  if (node.text == "false" || node.text == "False" || node.text == "FALSE") return false;
  return std::nullopt;
}

std::optional<int64_t> AsInteger(const YamlNode& node) {
  if (!IsNumber(node)) return std::nullopt;
  const char* begin = node.text.data();
  const char* end = begin + node.text.size();
  int64_t value = 0;
  const auto [rest, error] = std::from_chars(begin + (*begin == '+' ? 1 : 0), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

bool IsNumber(const YamlNode& node) {
  if (node.kind != YamlKind::kScalar || node.quoted || node.text.empty()) return false;
  const char* begin = node.text.data();
  const char* end = begin + node.text.size();
  if (*begin == '+' || *begin == '-') ++begin;
  if (begin == end || ((*begin < '0' || *begin > '9') && *begin != '.')) return false;
  double value = 0;
  const auto [rest, error] = std::from_chars(begin, end, value);
  return rest == end && error != std::errc::invalid_argument;
}

std::optional<std::string> AsText(const YamlNode& node) {
  if (node.kind != YamlKind::kScalar) return std::nullopt;
  if (!node.quoted && (AsBool(node) || IsNumber(node))) return std::nullopt;
  return node.text;
}

}  // namespace forebay
