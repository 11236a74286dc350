// Reads the small JSON documents that Forebay writes itself (receipts, manifests), strictly: what is missing,
// unknown or of another type is a diagnostic. Remembers the first diagnostic; afterwards all values are empty
// ones, so that a reader is written without a check behind each value. Not thread-safe.
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
  // For messages: "SOURCE is not A RECEIPT that can be read: ...".
  StrictJson(std::string source_name, std::string what)
      : source_name_(std::move(source_name)), what_(std::move(what)) {}

  // kInvalidArgument with the first diagnostic.
  Status status() const;
  bool good() const { return diagnostic_.empty(); }
  void Diagnostic(std::string diagnostic) {
    if (diagnostic_.empty()) diagnostic_ = std::move(diagnostic);
  }

  // The document; null after a diagnostic.
  boost::json::value Parse(std::string_view text);

  // The object at `where`, which has exactly these members.
  const boost::json::object& Object(const boost::json::value& value, const std::string& where,
                                    std::initializer_list<std::string_view> members);
  const boost::json::object& AnyObject(const boost::json::value& value, const std::string& where);
  const boost::json::array& Array(const boost::json::object& object, std::string_view member,
                                  const std::string& where);
  std::string String(const boost::json::object& object, std::string_view member, const std::string& where);
  // Whole numbers from 0 upwards.
  uint64_t Count(const boost::json::value& value, const std::string& where);
  uint64_t Count(const boost::json::object& object, std::string_view member, const std::string& where);
  int64_t Int64(const boost::json::value& value, const std::string& where);
  // Any whole number of 64 bits; nothing for null.
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
