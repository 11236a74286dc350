#include "decode/unknown_members.h"

#include <algorithm>
#include <set>

#include "decode/json_text.h"

namespace forebay {
namespace {

bool IsCountable(std::string_view name) {
  return name.size() <= UnknownMembers::kMaxNameBytes && name.find('\0') == std::string_view::npos;
}

// "items[].size" from "/items/3/size"; a name that is no pointer is a member of the record itself.
std::string PathOfName(std::string_view name) {
  if (!name.starts_with('/')) return std::string(name);
  std::string path;
  while (!name.empty()) {
    name.remove_prefix(1);
    const std::string_view token = name.substr(0, name.find('/'));
    name.remove_prefix(token.size());
    if (!name.empty() &&
        std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      path += "[]";  // an index: the member itself comes last
      continue;
    }
    if (!path.empty()) path += '.';
    for (size_t i = 0; i < token.size(); ++i) {
      const bool escaped = token[i] == '~' && i + 1 < token.size();
      path += escaped ? (token[++i] == '0' ? '~' : '/') : token[i];
    }
  }
  return path;
}

}  // namespace

size_t UnknownMembers::Find(const SchemaNode& object, std::string_view name) {
  std::string key = std::to_string(object.index) + " ";
  const bool countable = IsCountable(name);
  if (countable) key += name;
  auto found = countable ? index_.find(key) : index_.end();
  if (found == index_.end() && (!countable || entries_.size() >= kMaxNames)) {
    key.clear();
    found = index_.find(key);
  }
  if (found != index_.end()) return found->second;
  const size_t entry = entries_.size();
  index_.emplace(key, entry);
  entries_.push_back(key.empty() ? Entry{nullptr, kOtherMembers} : Entry{&object, std::string(name)});
  return entry;
}

std::map<std::string, int64_t> UnknownMembers::Take(const SchemaTree& schema) {
  std::map<std::string, int64_t> rows;
  const std::vector<std::string> paths = entries_.empty() ? std::vector<std::string>() : FieldPaths(schema);
  for (const Entry& entry : entries_) {
    const std::string object = entry.object == nullptr ? "" : paths[entry.object->index];
    if (entry.rows > 0) rows[object.empty() ? entry.name : object + "." + entry.name] += entry.rows;
  }
  // Names that came once need not come again.
  entries_.clear();
  index_.clear();
  DropRow();
  return rows;
}

void CountExtraMembers(std::string_view extra, const std::set<std::string>& known,
                       std::map<std::string, int64_t>* rows) {
  JsonReader reader;
  std::string arena;
  arena.reserve(extra.size());
  reader.Reset(extra, &arena, JsonReader::kDefaultMaxDepth);
  if (!reader.Consume('{')) return;
  std::set<std::string> of_row;
  do {
    std::string_view name;
    if (reader.Peek() != JsonType::kString || reader.ReadString(&name) != JsonError::kNone) break;
    const std::string path = IsCountable(name) ? PathOfName(name) : kOtherMembers;
    of_row.insert(known.contains(path) ? path + kNulledSuffix : path);
    if (!reader.Consume(':') || reader.Skip(1, nullptr) != JsonError::kNone) break;
  } while (reader.Consume(','));
  for (const std::string& path : of_row) {
    const bool room = rows->size() < UnknownMembers::kMaxNames || rows->contains(path);
    ++(*rows)[room ? path : kOtherMembers];
  }
}

}  // namespace forebay
