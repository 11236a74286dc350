// A second format of records, for tests of the seam between PayloadDecoder and everything behind it: small,
// binary, strict, and read straight into slots.
//
// A record is a zero byte, the four bytes of a schema id (big endian), and the members of the writer's schema
// in its order. A value is a byte (0: null, 1: present), then the value: integers, dates and times in 8
// bytes, decimals in 16, doubles in 8, booleans in 1, strings and arrays with their size in 4 bytes before
// them (all little endian), objects as their members. A schema is a text such as
// {at:time,id:string,price:decimal2,owner:{name:string},tags:[string]}.
#pragma once

#include <fmt/format.h>

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_quote.h"
#include "base/time.h"
#include "base/utf8.h"
#include "decode/field_rules.h"
#include "decode/payload_decoder.h"
#include "decode/schema_resolver.h"
#include "decode/values.h"

namespace forebay::testing {

class InMemorySchemas final : public SchemaResolver {
 public:
  Result<std::optional<std::string>> Resolve(uint32_t id) override {
    ++requests;
    if (!available) return UnavailableError("schema registry unavailable");
    const auto found = by_id.find(id);
    if (found == by_id.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }

  std::map<uint32_t, std::string> by_id;
  bool available = true;
  int requests = 0;
};

enum class Kind : uint8_t { kInt, kDouble, kDecimal, kBoolean, kString, kDate, kTime, kObject, kArray };

// A writer's schema, compiled against the contract.
struct Plan {
  Kind kind = Kind::kInt;
  int32_t scale = 0;                 // of decimals
  std::string name;                  // of a member
  const SchemaNode* node = nullptr;  // nullptr: the contract does not know the value
  size_t member = 0;                 // its position in the object of the contract
  std::vector<Plan> children;
};

// Parses the schemas that the tests write. REQUIRES: a well-formed one.
class PlanParser {
 public:
  explicit PlanParser(std::string_view text) : rest_(text) {}

  Plan Parse(const SchemaNode* node) {
    Plan plan;
    plan.node = node;
    if (Consume("{")) {
      plan.kind = Kind::kObject;
      while (!Consume("}")) {
        const std::string name(rest_.substr(0, rest_.find(':')));
        rest_.remove_prefix(name.size() + 1);
        const bool known = node != nullptr && node->field->type == FieldType::kObject;
        size_t member = 0;
        while (known && member < node->children.size() && node->children[member].field->name != name)
          ++member;
        const bool found = known && member < node->children.size();
        plan.children.push_back(Parse(found ? &node->children[member] : nullptr));
        plan.children.back().name = name;
        plan.children.back().member = member;
        Consume(",");
      }
    } else if (Consume("[")) {
      plan.kind = Kind::kArray;
      const bool known = node != nullptr && node->field->type == FieldType::kArray;
      plan.children.push_back(Parse(known ? &node->children.front() : nullptr));
      Consume("]");
    } else {
      ParseScalar(&plan);
    }
    return plan;
  }

 private:
  bool Consume(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  void ParseScalar(Plan* plan) {
    static constexpr std::pair<std::string_view, Kind> kKinds[] = {
        {"int", Kind::kInt},      {"double", Kind::kDouble}, {"decimal", Kind::kDecimal},
        {"bool", Kind::kBoolean}, {"string", Kind::kString}, {"date", Kind::kDate},
        {"time", Kind::kTime}};
    for (const auto& [word, kind] : kKinds) {
      if (!Consume(word)) continue;
      plan->kind = kind;
      if (kind == Kind::kDecimal) {
        plan->scale = rest_.front() - '0';
        rest_.remove_prefix(1);
      }
      return;
    }
    FOREBAY_ASSERT(false);
  }

  std::string_view rest_;
};

class FramedPayloadDecoder final : public PayloadDecoder {
 public:
  static Result<std::unique_ptr<PayloadDecoder>> Create(const SchemaTree& schema, SchemaResolver& resolver) {
    FOREBAY_ASSIGN(std::vector<FieldRules> rules, CompileRules(schema));
    return std::unique_ptr<PayloadDecoder>(new FramedPayloadDecoder(schema, std::move(rules), resolver));
  }

  Status Decode(const RecordView& record, RowBuilder& row) override {
    rest_ = *record.value;
    row_ = &row;
    // A format of its own would have reasons of its own.
    if (rest_.size() < 5 || rest_[0] != 0) {
      row.Reject(Reason::kNotJson, "no schema id");
      return Ok();
    }
    uint32_t id = 0;
    for (size_t i = 1; i < 5; ++i) id = id << 8 | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(5);
    FOREBAY_ASSIGN(const Plan* plan, PlanOf(id));
    if (plan == nullptr) {
      row.Reject(Reason::kNotJson, fmt::format("unknown schema id {}", id));
    } else if (!DecodeMembers(*plan, nullptr) || !rest_.empty()) {
      row.Reject(Reason::kNotJson, "malformed record");
    }
    return Ok();
  }

 private:
  FramedPayloadDecoder(const SchemaTree& schema, std::vector<FieldRules> rules, SchemaResolver& resolver)
      : schema_(schema), rules_(std::move(rules)), resolver_(resolver) {}

  // nullptr: there is no such schema.
  Result<const Plan*> PlanOf(uint32_t id) {
    if (const auto found = plans_.find(id); found != plans_.end()) return &found->second;
    FOREBAY_ASSIGN(const std::optional<std::string> text, resolver_.Resolve(id));
    if (!text) return static_cast<const Plan*>(nullptr);
    return &plans_.emplace(id, PlanParser(*text).Parse(schema_.root.get())).first->second;
  }

  // These return false if the record ends too early, or is malformed otherwise.

  template <typename T>
  bool Read(T* value) {
    if (rest_.size() < sizeof *value) return false;
    std::memcpy(value, rest_.data(), sizeof *value);
    rest_.remove_prefix(sizeof *value);
    return true;
  }
  bool ReadBytes(std::string_view* bytes) {
    uint32_t size = 0;
    if (!Read(&size) || rest_.size() < size) return false;
    *bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  bool ReadPresence(bool* present) {
    uint8_t byte = 0;
    if (!Read(&byte) || byte > 1) return false;
    *present = byte == 1;
    return true;
  }

  bool DecodeMembers(const Plan& object, const FieldPath* path) {
    MemberSet present(object.node->children.size());
    for (const Plan& member : object.children) {
      if (member.node == nullptr) {
        std::string json;
        if (!Render(member, &json)) return false;
        row_->AddUnknown(*object.node, path, member.name, json);
        continue;
      }
      present.Find(member.member).Insert();
      const FieldPath here{path, member.name};
      if (!DecodeValue(member, &here)) return false;
    }
    row_->EndObject(*object.node, present, path);
    return true;
  }

  bool DecodeElements(const Plan& array, const FieldPath* path) {
    uint32_t count = 0;
    if (!Read(&count)) return false;
    row_->Push(array.node->index, Slot::Nested(0));
    for (int64_t i = 0; i < count; ++i) {
      const FieldPath here{path, {}, i};
      if (!DecodeValue(array.children.front(), &here)) return false;
    }
    rules_[array.node->index].AcceptArray(count, path, *row_);
    return true;
  }

  bool DecodeValue(const Plan& plan, const FieldPath* path) {
    FieldRules& rules = rules_[plan.node->index];
    const std::string_view before = rest_;
    bool present = false;
    if (!ReadPresence(&present)) return false;
    if (!present) {
      rules.AcceptNull(path, *row_);
      return true;
    }
    const FieldType type = rules.field().type;
    if (plan.kind == Kind::kObject && type == FieldType::kObject) {
      row_->Push(plan.node->index, Slot::Nested(0));
      return DecodeMembers(plan, path);
    }
    if (plan.kind == Kind::kArray && type == FieldType::kArray) return DecodeElements(plan, path);
    if (plan.kind <= Kind::kDecimal) return DecodeNumber(plan, rules, path);
    if (plan.kind == Kind::kBoolean && type == FieldType::kBoolean) {
      uint8_t value = 0;
      if (!Read(&value)) return false;
      rules.AcceptBoolean(value != 0, *row_);
      return true;
    }
    if ((plan.kind == Kind::kDate && type == FieldType::kDate) ||
        (plan.kind == Kind::kTime && type == FieldType::kTimestamp)) {
      int64_t value = 0;
      if (!Read(&value)) return false;
      rules.AcceptTime(value, {path}, *row_);
      return true;
    }
    rest_ = before;
    return DecodeText(plan, rules, path);
  }

  bool DecodeNumber(const Plan& plan, FieldRules& rules, const FieldPath* path) {
    int64_t integer = 0;
    double real = 0;
    __int128 decimal = 0;
    if (plan.kind == Kind::kInt      ? !Read(&integer)
        : plan.kind == Kind::kDouble ? !Read(&real)
                                     : !Read(&decimal))
      return false;
    if (plan.kind == Kind::kInt) decimal = integer;
    switch (rules.field().type) {
      case FieldType::kInteger:
        rules.AcceptInteger({decimal, true}, {path}, *row_);
        return true;
      case FieldType::kNumber:
        rules.AcceptDouble(plan.kind == Kind::kDouble ? real : static_cast<double>(integer), {path}, *row_);
        return true;
      case FieldType::kDecimal: {
        std::string text;
        AppendDecimal(decimal, plan.scale, &text);
        __int128 value = 0;
        const ParsedAs parsed = ParseScaled(text, rules.field().scale, &value);
        rules.AcceptDecimal({value, parsed != ParsedAs::kInexact}, {path, text}, *row_);
        return true;
      }
      default:
        rules.RejectType("a number", path, *row_);
        return true;
    }
  }

  // A value of another type than the field's: a text, or an error.
  bool DecodeText(const Plan& plan, FieldRules& rules, const FieldPath* path) {
    const FieldType type = rules.field().type;
    const bool is_text = plan.kind == Kind::kString || plan.kind == Kind::kDate || plan.kind == Kind::kTime;
    if (plan.kind == Kind::kString &&
        (type == FieldType::kString || type == FieldType::kDate || type == FieldType::kTimestamp)) {
      rest_.remove_prefix(1);  // the presence, which has been read
      std::string_view text;
      if (!ReadBytes(&text)) return false;
      if (!IsUtf8(text)) {
        row_->RejectField(Reason::kNotUtf8, path, "invalid UTF-8");
      } else if (type == FieldType::kString) {
        rules.AcceptString(text, path, *row_);
      } else {
        rules.AcceptTimeText(text, path, *row_);
      }
      return true;
    }
    std::string json;
    if (!Render(plan, &json)) return false;
    if (is_text && type == FieldType::kString) {
      // A date or time is formatted, which needs memory that outlives this call.
      const std::string_view text = std::string_view(json).substr(1, json.size() - 2);
      std::string* const arena = row_->TextArena(text.size());
      const size_t begin = arena->size();
      arena->append(text);
      rules.AcceptString(std::string_view(*arena).substr(begin), path, *row_);
      return true;
    }
    rules.RejectType(is_text                      ? "a string"
                     : plan.kind == Kind::kObject ? "an object"
                     : plan.kind == Kind::kArray  ? "an array"
                                                  : std::string_view(json),
                     path, *row_);
    return true;
  }

  // Reads a value, and appends it as JSON.
  bool Render(const Plan& plan, std::string* json) {
    bool present = false;
    if (!ReadPresence(&present)) return false;
    if (!present) {
      json->append("null");
      return true;
    }
    switch (plan.kind) {
      case Kind::kObject:
        return RenderObject(plan, json);
      case Kind::kArray:
        return RenderArray(plan, json);
      case Kind::kString: {
        std::string_view text;
        if (!ReadBytes(&text)) return false;
        json->append(QuoteJson(text));
        return true;
      }
      case Kind::kDecimal: {
        __int128 value = 0;
        if (!Read(&value)) return false;
        AppendDecimal(value, plan.scale, json);
        return true;
      }
      case Kind::kDouble: {
        double value = 0;
        if (!Read(&value)) return false;
        json->append(fmt::format("{}", value));
        return true;
      }
      case Kind::kBoolean: {
        uint8_t value = 0;
        if (!Read(&value)) return false;
        json->append(value != 0 ? "true" : "false");
        return true;
      }
      default: {
        int64_t value = 0;
        if (!Read(&value)) return false;
        json->append(plan.kind == Kind::kInt    ? std::to_string(value)
                     : plan.kind == Kind::kDate ? QuoteJson(FormatDate(static_cast<int32_t>(value)))
                                                : QuoteJson(FormatTimestamp(value)));
        return true;
      }
    }
  }

  bool RenderObject(const Plan& plan, std::string* json) {
    json->push_back('{');
    for (const Plan& member : plan.children) {
      if (&member != &plan.children.front()) json->push_back(',');
      json->append(QuoteJson(member.name)).push_back(':');
      if (!Render(member, json)) return false;
    }
    json->push_back('}');
    return true;
  }

  bool RenderArray(const Plan& plan, std::string* json) {
    uint32_t count = 0;
    if (!Read(&count)) return false;
    json->push_back('[');
    for (uint32_t i = 0; i < count; ++i) {
      if (i > 0) json->push_back(',');
      if (!Render(plan.children.front(), json)) return false;
    }
    json->push_back(']');
    return true;
  }

  const SchemaTree& schema_;
  std::vector<FieldRules> rules_;  // by node index
  SchemaResolver& resolver_;
  std::map<uint32_t, Plan> plans_;
  std::string_view rest_;
  RowBuilder* row_ = nullptr;
};

}  // namespace forebay::testing
