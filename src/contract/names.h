// The rules for names of tables, fields and topics.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace forebay {

inline constexpr size_t kMaxFieldName = 128;
// A directory is named `name=value`. A file name has at most 255 bytes, of which the value may use 200.
inline constexpr size_t kMaxDimensionName = 54;
inline constexpr size_t kMaxTableName = 100;

inline constexpr char kSafeNameExpected[] =
    "a name of ASCII letters, digits and '_' that does not begin with a digit was expected";
inline constexpr char kUniqueNameExpected[] =
    "a name that differs in more than case was expected, because SQL ignores case";

// "" for a name that is safe in SQL, in a path and in Arrow; otherwise the problem: "contains a space".
std::string UnsafeNameProblem(std::string_view name, size_t max_length);
// "" for a name that Kafka accepts for a topic; otherwise the problem.
std::string TopicNameProblem(std::string_view name);

std::string LowerCase(std::string_view text);

// A set of names. Any two must differ in more than upper and lower case.
class NameSet {
 public:
  // Returns "" for a new (or empty) name, otherwise the problem: "duplicate name, first used in line 12".
  std::string Add(const std::string& name, int line);

 private:
  struct Entry {
    std::string name;
    int line;
  };
  std::map<std::string, Entry> names_;  // by name in lower case
};

}  // namespace forebay
