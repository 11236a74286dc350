#include "infer/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/quoted.h"
#include "decode/record_decoder.h"
#include "report/text_table.h"

namespace forebay::infer {
namespace {

// The first record that is refused, or nothing.
Result<std::optional<Rejection>> FirstRejection(const Table& table,
                                                const std::vector<const RecordView*>& records, int64_t now_ms,
                                                uint64_t* refused) {
  FOREBAY_ASSIGN(const auto decoder, RecordDecoder::Create(table));
  std::optional<Rejection> first;
  for (const RecordView* record : records) {
    FOREBAY_ASSIGN(const Outcome outcome, decoder->Decode(*record, now_ms));
    if (outcome != Outcome::kReject) continue;
    if (!first) first = decoder->rejection();
    ++*refused;
  }
  return first;
}

// The field of the record that the path of a rejection begins with: "items[2].quantity" with items.
ProposedField* FieldOf(const std::string& path, std::vector<ProposedField>& fields) {
  ProposedField* longest = nullptr;
  for (ProposedField& field : fields) {
    const std::string& name = field.field.name;
    const bool begins = path.starts_with(name) &&
                        (path.size() == name.size() || path[name.size()] == '.' || path[name.size()] == '[');
    if (begins && (longest == nullptr || name.size() > longest->field.name.size())) longest = &field;
  }
  return longest;
}

Error Bug(const Rejection& rejection, uint64_t refused) {
  return FailedPreconditionError(fmt::format(
      "the inferred contract refuses {} of the sample, the first as {} ({}: {}); this is a bug of Forebay: "
      "please "
      "report it with such a record",
      Counted(refused, "record"), ReasonName(rejection.reason), rejection.field, rejection.detail));
}

}  // namespace

Result<std::vector<std::string>> LoosenToFit(const std::vector<const RecordView*>& records,
                                             std::vector<ProposedField>& fields) {
  std::vector<std::string> loosened;
  while (true) {
    Table table;
    table.fields = WithMembers(fields);
    uint64_t refused = 0;
    FOREBAY_ASSIGN(const std::optional<Rejection> rejection, FirstRejection(table, records, 0, &refused));
    if (!rejection) return loosened;
    ProposedField* const field = FieldOf(rejection->field, fields);
    const bool any_value =
        field != nullptr && field->field.type == FieldType::kJson && !field->field.required;
    if (field == nullptr || any_value) return Bug(*rejection, refused);
    Field any;
    any.name = field->field.name;
    any.column = field->field.column;
    any.type = FieldType::kJson;
    field->field = any;
    field->fields.clear();
    loosened.push_back(
        fmt::format("field {} was made optional and JSON, because {} would have been refused ({}); this is a "
                    "bug of Forebay: "
                    "please report it with such a record",
                    Quoted(any.name), Counted(refused, "record"), rejection->detail));
  }
}

Status CheckFit(const Table& table, const std::vector<const RecordView*>& records, int64_t now_ms) {
  uint64_t refused = 0;
  FOREBAY_ASSIGN(const std::optional<Rejection> rejection, FirstRejection(table, records, now_ms, &refused));
  return rejection ? Status(Bug(*rejection, refused)) : Ok();
}

}  // namespace forebay::infer
