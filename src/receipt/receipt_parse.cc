// Reads receipts strictly: refuses members that are missing, unknown, of another type or contradictory.
#include <fmt/format.h>

#include <limits>

#include "base/strict_json.h"
#include "receipt/receipt.h"

namespace forebay {
namespace {

namespace json = boost::json;

using Reader = StrictJson;

constexpr uint64_t kNewest = 2;

OffsetRuns ReadRuns(Reader& reader, const json::object& object, std::string_view member,
                    const std::string& where) {
  OffsetRuns set;
  for (const json::value& run : reader.Array(object, member, where)) {
    const json::array* ends = run.if_array();
    if (ends == nullptr || ends->size() != 2) {
      reader.Diagnostic(where + " has a run that is not [from, to]");
      return set;
    }
    const OffsetRange range{Offset(reader.Int64((*ends)[0], "a run's beginning")),
                            Offset(reader.Int64((*ends)[1], "a run's end"))};
    if (!reader.good()) return set;
    if (range.from >= range.to || (!set.runs().empty() && set.runs().back().to >= range.from)) {
      reader.Diagnostic(fmt::format("{} has runs that are empty, overlap, touch or do not ascend, at {} {}",
                                    where, member == "acknowledged" ? "offset" : "sequence",
                                    range.from.value()));
      return set;
    }
    set.Append(range);
  }
  return set;
}

void ReadPartition(Reader& reader, uint64_t version, const json::value& value, const std::string& of,
                   ReceiptTable* table) {
  const std::string where = fmt::format("a partition of {}", of);
  const json::object& object =
      version == 1 ? reader.Object(value, where, {"partition", "records", "acknowledged"})
                   : reader.Object(value, where, {"partition", "beginning", "records", "acknowledged"});
  const uint64_t number = reader.Count(object, "partition", where);
  if (number > static_cast<uint64_t>(std::numeric_limits<int32_t>::max()))
    return reader.Diagnostic(where + " has an invalid number");
  ReceiptPartition partition;
  if (version > 1)
    partition.beginning = Offset(static_cast<int64_t>(reader.Count(object, "beginning", where)));
  partition.records = reader.Count(object, "records", where);
  partition.acknowledged = ReadRuns(reader, object, "acknowledged", where);
  if (!reader.good()) return;
  if (partition.records != static_cast<uint64_t>(partition.acknowledged.count())) {
    reader.Diagnostic(fmt::format("partition {} of {} has {} records but {} offsets", number, of,
                                  partition.records, partition.acknowledged.count()));
  }
  if (!table->partitions.emplace(static_cast<int32_t>(number), std::move(partition)).second) {
    reader.Diagnostic(fmt::format("duplicate partition {} of {}", number, of));
  }
}

void ReadExpectations(Reader& reader, const json::object& object, const std::string& where,
                      ReceiptTable* table) {
  uint64_t expected = table->tombstones;
  if (const json::value* landed = object.if_contains("landed")) {
    for (const auto& entry : reader.AnyObject(*landed, "'landed' in " + where)) {
      const std::string name = fmt::format("'{}' in {}", std::string_view(entry.key()), where);
      const json::object& rows = reader.Object(entry.value(), name, {"rows", "key_sum"});
      const ExpectedRows expectation{reader.Count(rows, "rows", name), reader.Hex(rows, "key_sum", name)};
      table->landed.emplace(entry.key(), expectation);
      expected += expectation.rows;
    }
  }
  if (const json::value* quarantined = object.if_contains("quarantined")) {
    for (const auto& entry : reader.AnyObject(*quarantined, "'quarantined' in " + where)) {
      const std::string name(entry.key());
      if (!ReasonFromName(name)) reader.Diagnostic(fmt::format("unknown reason '{1}' in {0}", where, name));
      const uint64_t count = reader.Count(entry.value(), fmt::format("'{}' in {}", name, where));
      table->quarantined.emplace(name, count);
      expected += count;
    }
  }
  uint64_t acknowledged = 0;
  for (const auto& [number, partition] : table->partitions) acknowledged += partition.records;
  if (expected != acknowledged) {
    reader.Diagnostic(fmt::format("{} has {} acknowledged records, but expectations for {}", where,
                                  acknowledged, expected));
  }
}

ReceiptTable ReadTable(Reader& reader, uint64_t version, const json::value& value) {
  ReceiptTable table;
  const json::object& object =
      version == 1 ? reader.Object(value, "a table",
                                   {"table", "topic", "topic_id", "partitions", "landed", "quarantined",
                                    "tombstones", "uncertain", "failed"})
                   : reader.Object(value, "a table",
                                   {"table", "topic", "topic_id", "partitions", "sequences", "sent_sum",
                                    "landed", "quarantined", "tombstones", "uncertain", "failed"});
  table.table = reader.String(object, "table", "a table");
  const std::string where = fmt::format("table '{}'", table.table);
  table.topic = reader.String(object, "topic", where);
  table.topic_id = TopicId(reader.String(object, "topic_id", where));
  table.tombstones = reader.Count(object, "tombstones", where);
  table.uncertain = reader.Count(object, "uncertain", where);
  table.failed = reader.Count(object, "failed", where);
  for (const json::value& partition : reader.Array(object, "partitions", where)) {
    ReadPartition(reader, version, partition, where, &table);
  }
  if (version > 1) {
    table.sequences = ReadRuns(reader, object, "sequences", where);
    table.sent_sum = reader.Hex(object, "sent_sum", where);
  }
  if (reader.good()) ReadExpectations(reader, object, where, &table);
  return table;
}

}  // namespace

Result<Receipt> ParseReceipt(std::string_view text, const std::string& source_name) {
  Reader reader(source_name, "receipt");
  const json::value document = reader.Parse(text);
  const uint64_t version =
      reader.Count(reader.AnyObject(document, "the receipt"), "receipt_version", "the receipt");
  if (reader.good() && (version == 0 || version > kNewest)) {
    reader.Diagnostic(
        fmt::format("unsupported receipt version {}; this Forebay reads versions 1 to {}", version, kNewest));
  }
  FOREBAY_TRY(reader.status());
  const json::object& top = version == 1
                                ? reader.Object(document, "the receipt",
                                                {"receipt_version", "run", "producer", "seed", "source",
                                                 "started_ms", "updated_ms", "state", "tables"})
                                : reader.Object(document, "the receipt",
                                                {"receipt_version", "run", "contract", "producer", "seed",
                                                 "source", "started_ms", "updated_ms", "state", "tables"});
  FOREBAY_TRY(reader.status());
  Receipt receipt;
  if (version > 1) receipt.contract_hash = reader.String(top, "contract", "the receipt");
  receipt.run = reader.String(top, "run", "the receipt");
  receipt.producer = reader.String(top, "producer", "the receipt");
  receipt.seed = reader.Count(top, "seed", "the receipt");
  receipt.source = reader.String(top, "source", "the receipt");
  receipt.started_ms = reader.Int64(top.at("started_ms"), "'started_ms'");
  receipt.updated_ms = reader.Int64(top.at("updated_ms"), "'updated_ms'");
  const std::string state = reader.String(top, "state", "the receipt");
  if (state != "running" && state != "partial" && state != "complete")
    reader.Diagnostic(fmt::format("unknown state '{}'", state));
  receipt.state = state == "complete"  ? ReceiptState::kComplete
                  : state == "partial" ? ReceiptState::kPartial
                                       : ReceiptState::kRunning;
  for (const json::value& table : reader.Array(top, "tables", "the receipt")) {
    receipt.tables.push_back(ReadTable(reader, version, table));
  }
  FOREBAY_TRY(reader.status());
  return receipt;
}

}  // namespace forebay
