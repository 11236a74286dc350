// References and combinations in a JSON Schema: each place becomes one plain schema.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

namespace forebay::infer {

// A schema without $ref, allOf, anyOf and oneOf at its top.
struct PlainSchema {
  boost::json::object schema;  // empty: any value
  std::string type;            // "object", "string", ...; empty: any value, or several types
  bool nullable = false;
};

// Follows the references of one schema file. Bounded in work and memory, whatever the schema is. Not
// thread-safe.
class JsonSchemaShape {
 public:
  explicit JsonSchemaShape(const boost::json::object& root) : root_(root) {}

  // References that are followed stay open until Close: one that leads to itself again is any value.
  PlainSchema Open(const boost::json::value& schema);
  // The number of open references, for Close.
  size_t open() const { return open_.size(); }
  void Close(size_t open) { open_.resize(open); }

  // References that were not followed: to other files, to themselves, or too many.
  const std::vector<std::string>& unresolved() const { return unresolved_; }

 private:
  boost::json::object Resolve(boost::json::object schema);
  boost::json::object Follow(const std::string& reference);
  boost::json::object Union(const boost::json::array& branches, bool* nullable);

  const boost::json::value root_;
  std::vector<std::string> open_;
  std::vector<std::string> unresolved_;
  size_t steps_ = 0;
};

}  // namespace forebay::infer
