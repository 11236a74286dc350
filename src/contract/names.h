// The rules for names of tables, fields and topics.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace forebay {

inline constexpr size_t kMaxFieldName = 1000;
// A directory is named `name=value`. A file name has at most 255 bytes, of which the value may use 200.
inline constexpr size_t kMaxDimensionName = 54;
inline constexpr size_t kMaxTableName = 100;

inline constexpr char kUniqueNameExpected[] =
    "a name that differs in more than case was expected, because SQL ignores case";

// "" for a name that a member of a record and its column can have; otherwise the problem: "contains a NUL".
std::string FieldNameProblem(std::string_view name);
// The name itself if a table and its directory can have it; otherwise the nearest one that they can.
std::string NearestTableName(std::string_view name);
// "" for a name that Kafka accepts for a topic; otherwise the problem.
std::string TopicNameProblem(std::string_view name);

std::string LowerCase(std::string_view text);

// A set of names, each with the line of its first use.
class NameSet {
 public:
  // Returns "" for a new name, otherwise the problem: "duplicate name, first used in line 12".
  std::string Add(const std::string& name, int line);
  // The same, and two names must differ in more than upper and lower case.
  std::string AddIgnoringCase(const std::string& name, int line);

 private:
  struct Entry {
    std::string name;
    int line;
  };
  std::map<std::string, Entry> names_;
};

}  // namespace forebay
