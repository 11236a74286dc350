// Reads the small JSON documents that Forebay writes itself (receipts, manifests), strictly: a missing or
// unknown member, or a value of another type, is a diagnostic. Keeps the first diagnostic. Values that cannot
// be read are returned empty, so callers need no check after each value. Not thread-safe.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace forebay {

class StrictJson {
 public:
  // Both are for messages: "SOURCE is not a valid WHAT: ...".
  StrictJson(std::string source_name, std::string what)
      : source_name_(std::move(source_name)), what_(std::move(what)) {}

  // Ok, or kInvalidArgument with the first diagnostic.
  Status status() const;
  bool good() const { return diagnostic_.empty(); }
  void Diagnostic(std::string diagnostic) {
    if (diagnostic_.empty()) diagnostic_ = std::move(diagnostic);
  }

  // Parses the document; null after a diagnostic.
  boost::json::value Parse(std::string_view text);

  // The object at `where`, which must have exactly these members.
  const boost::json::object& Object(const boost::json::value& value, const std::string& where,
                                    std::initializer_list<std::string_view> members);
  const boost::json::object& AnyObject(const boost::json::value& value, const std::string& where);
  const boost::json::array& Array(const boost::json::object& object, std::string_view member,
                                  const std::string& where);
  std::string String(const boost::json::object& object, std::string_view member, const std::string& where);
  // Non-negative integers.
  uint64_t Count(const boost::json::value& value, const std::string& where);
  uint64_t Count(const boost::json::object& object, std::string_view member, const std::string& where);
  int64_t Int64(const boost::json::value& value, const std::string& where);
  // Any 64-bit integer; nothing for null.
  std::optional<int64_t> OptionalInt(const boost::json::object& object, std::string_view member,
                                     const std::string& where);
  // 16 hexadecimal digits.
  uint64_t Hex(const boost::json::object& object, std::string_view member, const std::string& where);

 private:
  std::string source_name_;
  std::string what_;
  std::string diagnostic_;
};

}  // namespace forebay
