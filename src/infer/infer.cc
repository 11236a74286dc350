#include "infer/infer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/join.h"
#include "base/quoted.h"
#include "contract/names.h"
#include "infer/column_names.h"
#include "infer/contract_yaml.h"
#include "infer/evidence.h"
#include "infer/fit.h"
#include "infer/key_fields.h"
#include "infer/schema_fields.h"
#include "report/text_table.h"

namespace forebay::infer {
namespace {

// "3 not_json, 1 too_large".
std::string ReasonsText(const Screening& screening) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : screening.unusable)
    parts.push_back(fmt::format("{} {}", Grouped(count), ReasonName(reason)));
  return Join(parts, ", ");
}

Error NothingUsable(const Screening& screening, const std::string& source) {
  if (screening.unusable.empty()) {
    return InvalidArgumentError(
        screening.tombstones > 0
            ? fmt::format(
                  "{} has only tombstones, records without a value, from which nothing can be inferred",
                  source)
            : fmt::format("{} has no records, from which a contract could be inferred", source));
  }
  return InvalidArgumentError(fmt::format(
      "no record of {} is a JSON object, and others cannot be landed: of {}, the first is {} ({})", source,
      Counted(screening.unusable_records(), "record"), DescribeBytes(screening.unusable_example),
      Preview(screening.unusable_example, 60)));
}

std::vector<std::string> SampleRemarks(const Sample& sample, const Screening& screening,
                                       const std::string& source) {
  std::vector<std::string> remarks;
  if (sample.limited()) {
    remarks.push_back(fmt::format("only {} were looked at: more of {} did not fit the sample",
                                  Counted(sample.records().size(), "record"), source));
  }
  if (screening.tombstones > 0)
    remarks.push_back(
        fmt::format("{} without a value (tombstones): counted, no rows; kafka.tombstones: rows lands them",
                    Counted(screening.tombstones, "record")));
  if (!screening.unusable.empty()) {
    remarks.push_back(fmt::format("{} under any contract ({}); the first is {}",
                                  Counted(screening.unusable_records(), "record") + " will be in quarantine",
                                  ReasonsText(screening), DescribeBytes(screening.unusable_example)));
  }
  return remarks;
}

std::string HeadersText(const Sample& sample) {
  std::vector<std::string> headers;
  for (const auto& [name, records] : sample.headers())
    headers.push_back(fmt::format("{} in {}", name, Grouped(records)));
  return fmt::format("Headers: {}; a field with kafka.source: header:NAME lands one.", Join(headers, ", "));
}

void AddTopic(const InferOptions& options, Proposal& proposal) {
  proposal.settings.push_back({"kafka.topic", options.topic.name});
  if (options.knows_partitions)
    proposal.settings.push_back({"kafka.partitions", std::to_string(options.topic.partitions), true});
  if (!options.knows_settings) return;
  if (options.topic.retention_ms)
    proposal.settings.push_back({"kafka.retention.ms", std::to_string(*options.topic.retention_ms), true});
  proposal.settings.push_back({"kafka.cleanup.policy", options.topic.cleanup_policy});
}

void Append(std::vector<std::string>&& from, std::vector<std::string>* to) {
  std::move(from.begin(), from.end(), std::back_inserter(*to));
}

void MakeOptional(std::vector<ProposedField>& fields) {
  for (ProposedField& field : fields) {
    field.field.required = false;
    MakeOptional(field.fields);
  }
}

// Adds fields of the records' keys; returns remarks.
std::vector<std::string> AddKeyFields(const std::vector<const RecordView*>& records,
                                      const TypingOptions& options, std::vector<ProposedField>& fields) {
  TypedFields of_key = ProposeKeyFields(records, options);
  std::set<std::string> names;
  for (const ProposedField& field : fields) names.insert(field.field.name);
  for (ProposedField& field : of_key.fields) {
    while (!names.insert(field.field.name).second) field.field.name += '_';
    fields.push_back(std::move(field));
  }
  return std::move(of_key.remarks);
}

// From fields to the text of a contract. `records` are those that it must land.
Result<InferredContract> Complete(TypedFields typed, const std::vector<const RecordView*>& records,
                                  std::vector<std::string> heading, std::vector<std::string> remarks,
                                  const InferOptions& options) {
  Proposal proposal;
  proposal.table = options.table;
  AddTopic(options, proposal);
  proposal.fields = std::move(typed.fields);
  Append(std::move(typed.remarks), &remarks);
  Append(AddKeyFields(records, options.typing, proposal.fields), &remarks);
  NameColumns(proposal.table, proposal.fields);
  FOREBAY_ASSIGN(auto loosened, LoosenToFit(records, proposal.fields));
  Append(std::move(loosened), &remarks);
  FOREBAY_ASSIGN(auto role_remarks, AssignRoles(records, options.now_ms, options.roles, proposal));
  Append(std::move(role_remarks), &remarks);
  if (options.lenient) {
    MakeOptional(proposal.fields);
    proposal.settings.push_back({"onWrongValue", "setNull"});
  }
  proposal.heading = std::move(heading);
  for (const std::string& remark : remarks) proposal.heading.push_back("- " + remark);
  InferredContract inferred{ContractYaml(proposal), std::move(remarks)};
  FOREBAY_ASSIGN(const Contract contract, ParseContract(inferred.yaml, "the inferred contract"));
  FOREBAY_TRY(CheckFit(contract.tables.front(), records, options.now_ms));
  return inferred;
}

}  // namespace

Result<InferredContract> Infer(const Sample& sample, const InferOptions& options) {
  FOREBAY_ASSIGN(const Screening screening, Screen(sample));
  if (screening.usable.empty()) return NothingUsable(screening, options.source);
  Observer observer;
  for (const RecordView* record : screening.usable) observer.Observe(*record->value);
  TypedFields typed = ProposeFields(observer.root(), options.typing);
  if (typed.fields.empty())
    return InvalidArgumentError(fmt::format("the records of {} have no members", options.source));
  std::vector<std::string> heading = {fmt::format("Inferred by forebay {} from {} of {}.", FOREBAY_VERSION,
                                                  Counted(screening.usable.size(), "record"),
                                                  options.source)};
  if (!sample.headers().empty()) heading.push_back(HeadersText(sample));
  return Complete(std::move(typed), screening.usable, std::move(heading),
                  SampleRemarks(sample, screening, options.source), options);
}

Result<InferredContract> InferFromSchema(std::string_view schema, const InferOptions& options) {
  FOREBAY_ASSIGN(TypedFields typed, FieldsOfSchema(schema, options.source));
  return Complete(
      std::move(typed), {},
      {fmt::format("Inferred by forebay {} from the schema {}.", FOREBAY_VERSION, options.source)}, {},
      options);
}

std::string TableNameFor(std::string_view source) {
  std::string name;
  for (const char c : source) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (safe || (!name.empty() && name.back() != '_')) name += safe ? c : '_';
  }
  while (name.ends_with('_')) name.pop_back();
  name.resize(std::min(name.size(), kMaxTableName));
  const bool reserved = name.empty() || LowerCase(name) == "quarantine";
  return reserved ? "records" : name;
}

}  // namespace forebay::infer
