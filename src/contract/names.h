// Which names may be tables, fields and topics.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace forebay {

inline constexpr size_t kMaxFieldName = 128;
// A directory is named `name=value`, in the 255 bytes of a file name, with 200 of them for the value.
inline constexpr size_t kMaxDimensionName = 54;
inline constexpr size_t kMaxTableName = 100;

inline constexpr char kSafeNameExpected[] =
    "a name of ASCII letters, digits and '_' that does not begin with a digit was expected";
inline constexpr char kUniqueNameExpected[] =
    "a name that differs in more than upper and lower case was expected, as SQL does not tell them apart";

// "" for a name that is safe in SQL, in a path and in Arrow alike; else what is wrong with it: "has a space".
std::string WhyUnsafeName(std::string_view name, size_t max_length);
// "" for a name that Kafka accepts for a topic, else what is wrong with it.
std::string WhyNoTopicName(std::string_view name);

std::string LowerCase(std::string_view text);

// Names that must differ in more than upper and lower case.
class NameSet {
 public:
  // "" for a new (or empty) name, else what is wrong: "the name is taken by 'Id' in line 12".
  std::string Add(const std::string& name, int line);

 private:
  struct Taken {
    std::string name;
    int line;
  };
  std::map<std::string, Taken> taken_;
};

}  // namespace forebay
