#include "contract/contract.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "base/quoted.h"
#include "base/read_file.h"
#include "base/time_zone.h"
#include "contract/custom_properties.h"
#include "contract/diagnostics.h"
#include "contract/environment.h"
#include "contract/field_place.h"
#include "contract/map_reader.h"
#include "contract/names.h"
#include "contract/service_levels.h"
#include "contract/table_reader.h"
#include "contract/topics.h"
#include "contract/transform.h"
#include "contract/yaml_node.h"

namespace forebay {
namespace {

constexpr std::string_view kContractKeys[] = {
    "apiVersion", "kind", "id", "version", "name", "schema", "slaProperties", "customProperties"};
constexpr std::string_view kPassedContractKeys[] = {"authoritativeDefinitions",
                                                    "context",
                                                    "contractCreatedTs",
                                                    "dataProduct",
                                                    "description",
                                                    "domain",
                                                    "price",
                                                    "roles",
                                                    "servers",
                                                    "slaDefaultElement",
                                                    "status",
                                                    "support",
                                                    "tags",
                                                    "team",
                                                    "tenant"};
constexpr std::string_view kApiVersions[] = {"v3.2.0", "v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0"};

void CheckHead(const MapReader& root) {
  const std::optional<std::string> kind = root.RequiredText("kind", "DataContract");
  if (kind && *kind != "DataContract") {
    root.Refuse("kind", fmt::format("the kind is {}", Quoted(*kind)), "DataContract was expected");
  }
  const std::optional<std::string> api = root.RequiredText("apiVersion", "v3.2.0, the version of ODCS,");
  if (!api) return;
  for (const std::string_view known : kApiVersions) {
    if (*api == known) return;
  }
  const std::string unknown = fmt::format("the apiVersion {} is not supported", Quoted(*api));
  if (api->starts_with("v3.")) return root.Note("apiVersion", unknown, "it is read as v3.2.0");
  root.Refuse("apiVersion", unknown, JoinOr(kApiVersions) + " was expected");
}

// The topic's name as Kafka compares it. Kafka replaces '.' with '_' in the names of metrics, and rejects
// topics that differ only in these two.
std::string TopicIdentity(std::string topic) {
  for (char& c : topic) c = c == '.' ? '_' : c;
  return topic;
}

void CheckTablesDiffer(const std::vector<Table>& tables, Diagnostics& diagnostics) {
  NameSet names;
  std::map<std::string, std::pair<const Table*, std::string>> topics;
  for (const Table& table : tables) {
    if (table.name.empty()) continue;
    if (const std::string problem = names.AddIgnoringCase(table.name, table.line); !problem.empty()) {
      diagnostics.Add(table.line, fmt::format("table '{}': {}", table.name, problem), kUniqueNameExpected);
    }
    for (const std::string& name : NamedTopics(table)) {
      const auto [first, added] = topics.try_emplace(TopicIdentity(name), &table, name);
      if (added) continue;
      const auto& [other, other_name] = first->second;
      const bool same = other_name == name;
      diagnostics.Add(table.line,
                      same ? fmt::format("table '{}': duplicate topic '{}', also of table '{}'", table.name,
                                         name, other->name)
                           : fmt::format("table '{}': the topic '{}' collides with '{}' of table '{}'",
                                         table.name, name, other_name, other->name),
                      same ? "a different topic was expected for each table"
                           : "a topic that differs in more than '.' and '_' was expected");
    }
  }
}

// What the names of topics tell about the patterns; the rest is known only at the brokers.
void CheckSelections(const std::vector<Table>& tables, Diagnostics& diagnostics) {
  std::vector<SelectedTopic> topics;
  for (const Table& table : tables) {
    for (const std::string& name : NamedTopics(table)) {
      for (const Table& other : tables) {
        if (const std::optional<SelectedTopic> found = FindTopic(other, name)) topics.push_back(*found);
      }
    }
  }
  if (const std::optional<TopicConflict> conflict = FindTopicConflict(tables, topics)) {
    diagnostics.Add(conflict->table->line,
                    fmt::format("table '{}': {}", conflict->table->name, conflict->wrong),
                    conflict->expected);
  }
}

void ReadSchema(const MapReader& root, Contract& contract) {
  const YamlNode* schema = root.List("schema");
  const std::string wrong = "the contract has no tables";
  const std::string expected = "'schema' with at least one table was expected";
  if (schema == nullptr) return root.RefuseMissing("schema", wrong, expected);
  if (schema->items.empty()) return root.Refuse("schema", wrong, expected);
  for (const YamlNodePtr& item : schema->items) {
    if (std::optional<Table> table = ReadTable(*item, root.diagnostics()))
      contract.tables.push_back(*std::move(table));
  }
  CheckTablesDiffer(contract.tables, root.diagnostics());
  if (root.diagnostics().empty()) CheckSelections(contract.tables, root.diagnostics());
}

Contract ReadRoot(const YamlNode& node, Diagnostics& diagnostics) {
  Contract contract;
  if (node.kind != YamlKind::kMap) {
    diagnostics.Add(node.line, fmt::format("the file is {}", DescribeNode(node)),
                    "an ODCS document that begins with apiVersion was expected");
    return contract;
  }
  const MapReader root(node, "contract", {kContractKeys, kPassedContractKeys}, diagnostics);
  CheckHead(root);
  contract.id = root.RequiredText("id", "the contract's id").value_or("");
  contract.version = root.RequiredText("version", "the contract's own version, such as 1.0.0,").value_or("");
  contract.name = root.Text("name").value_or(contract.id);
  const CustomProperties none(root, PropertyOwner::kOther);
  ReadSchema(root, contract);
  ReadServiceLevels(root, contract);
  return contract;
}

std::optional<Contract> Parse(std::string_view yaml, Diagnostics& diagnostics) {
  const YamlNodePtr root = LoadYaml(yaml, diagnostics);
  Contract contract;
  if (root != nullptr) contract = ReadRoot(*root, diagnostics);
  if (diagnostics.size() > 0) return std::nullopt;
  contract.yaml = std::string(yaml);
  return contract;
}

void CheckTimeZone(const std::string& name, const std::string& path, int line, Diagnostics& diagnostics) {
  const Result<TimeZone> zone = TimeZone::Load(name);
  if (zone.ok()) return;
  const std::string& message = zone.error().message();
  const size_t expectation = message.find("; ");
  diagnostics.Add(line, fmt::format("field {}: {}", Quoted(path), message.substr(0, expectation)),
                  message.substr(expectation + 2));
}

void CheckDefaultZones(const std::vector<Field>& fields, const std::string& path, Diagnostics& diagnostics) {
  for (const Field& field : fields) {
    CheckTimeZone(field.default_zone, path + "." + field.name, field.line, diagnostics);
    CheckDefaultZones(field.fields, path + "." + field.name, diagnostics);
  }
}

void CheckTimeZones(const Contract& contract, Diagnostics& diagnostics) {
  for (const Table& table : contract.tables) {
    for (const PartitionDimension& dimension : table.dimensions)
      CheckTimeZone(dimension.time_zone, table.name + "." + dimension.name, dimension.line, diagnostics);
    CheckDefaultZones(table.fields, table.name, diagnostics);
  }
}

Error DiagnosticsError(const std::vector<Diagnostic>& diagnostics, const std::string& source_name) {
  std::string message;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!message.empty()) message += '\n';
    message += fmt::format("{}:{}: {}", source_name, diagnostic.line, diagnostic.text);
  }
  return InvalidArgumentError(message);
}

}  // namespace

ContractCheck CheckContract(std::string_view yaml) {
  Diagnostics found;
  const std::string text = WithEnvironment(yaml, found);
  ContractCheck check;
  check.contract = Parse(text, found);
  if (check.contract) CheckTimeZones(*check.contract, found);
  if (!found.empty()) check.contract.reset();
  check.diagnostics = found.Drain();
  check.notes = found.DrainNotes();
  return check;
}

Result<Contract> ParseContract(std::string_view yaml, const std::string& source_name) {
  Diagnostics found;
  std::optional<Contract> contract = Parse(yaml, found);
  if (contract) return std::move(*contract);
  return DiagnosticsError(found.Drain(), source_name);
}

Result<std::string> ReadContractFile(const std::string& path) {
  auto text = ReadAtMost(path, kMaxContractBytes + 1);  // ParseContract reports a longer one
  if (text) return *std::move(text);
  return InvalidArgumentError(
      fmt::format("cannot read the contract {}: {}; the path of an ODCS YAML file was expected", path,
                  std::strerror(errno)));
}

Result<Contract> ReadContract(const std::string& path) {
  FOREBAY_ASSIGN(const std::string text, ReadContractFile(path));
  ContractCheck check = CheckContract(text);
  if (!check.contract) return DiagnosticsError(check.diagnostics, path);
  if (!check.contract->tables.empty()) return std::move(*check.contract);
  return InvalidArgumentError(
      path + ": no table has a topic and fields; `forebay contract check` says what each one lacks");
}

std::set<std::string> Table::ZonedLevels() const {
  std::set<std::string> levels;
  for (const PartitionDimension& dimension : dimensions) {
    if (!dimension.time_zone.empty()) levels.insert(dimension.name);
  }
  return levels;
}

bool Table::InPathOnly(size_t field) const {
  for (const PartitionDimension& dimension : dimensions) {
    if (dimension.transform == PartitionTransform::kIdentity && dimension.source == FieldPlace{field})
      return true;
  }
  return false;
}

std::string Table::DescribeDimension(const PartitionDimension& dimension) const {
  const std::string source = PathAt(*this, dimension.source);
  if (dimension.transform == PartitionTransform::kIdentity)
    return dimension.name == source ? source : fmt::format("{} = {}", dimension.name, source);
  const std::string zone = dimension.time_zone.empty() ? "" : fmt::format(", '{}'", dimension.time_zone);
  return fmt::format("{} = {}({}{})", dimension.name, TransformName(dimension.transform), source, zone);
}

std::string Table::DescribePartitioning() const {
  std::string text;
  for (const PartitionDimension& dimension : dimensions)
    text += (text.empty() ? "" : ", ") + DescribeDimension(dimension);
  return text.empty() ? "nothing" : text;
}

const Table* Contract::FindTable(std::string_view table, std::string_view topic) const {
  for (const Table& candidate : tables) {
    if (candidate.name == table) return &candidate;
  }
  if (topic.empty()) return nullptr;
  for (const Table& candidate : tables) {
    if (!candidate.is_template) continue;
    const std::optional<SelectedTopic> found = FindTopic(candidate, topic);
    if (found && found->table == table) return &candidate;
  }
  return nullptr;
}

}  // namespace forebay
