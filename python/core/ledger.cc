// Read access to the ledger.
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <tuple>

#include "errors.h"
#include "ledger/open_lake.h"
#include "ledger/tables.h"
#include "waiting.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forebay::python {
namespace {

nb::object OptionalInt(const std::optional<int64_t>& value) {
  return value ? nb::object(nb::int_(*value)) : nb::none();
}

nb::dict RangeDict(const BatchRange& range, const std::map<TopicId, std::string>& topics) {
  nb::dict dict;
  dict["topic"] = topics.at(range.partition.topic_id);
  dict["topic_id"] = range.partition.topic_id.base64();
  dict["partition"] = range.partition.partition.value();
  dict["incarnation"] = range.partition.incarnation.value();
  dict["from"] = range.offsets.from.value();
  dict["to"] = range.offsets.to.value();
  dict["rows"] = range.rows;
  dict["quarantined"] = range.quarantined;
  dict["tombstones"] = range.tombstones;
  dict["max_event_time_us"] = OptionalInt(range.max_event_time_us);
  dict["last_kafka_timestamp_ms"] = OptionalInt(range.last_kafka_timestamp_ms);
  return dict;
}

nb::dict FileDict(const LedgerFile& file) {
  nb::dict dict;
  dict["table"] = file.place.table;
  dict["partition_dir"] = file.place.partition_dir;
  dict["file_name"] = file.place.file_name;
  dict["rows"] = file.file.rows;
  dict["bytes"] = file.file.bytes;
  dict["checksum"] = file.file.checksum;
  dict["position_sum"] = file.file.position_sum;
  dict["key_sum"] = file.file.key_sum;
  dict["min_event_time_us"] = OptionalInt(file.file.min_event_time_us);
  dict["max_event_time_us"] = OptionalInt(file.file.max_event_time_us);
  dict["state"] = NameOf(file.state);
  return dict;
}

nb::dict BatchDict(const LedgerBatch& batch, const std::map<TopicId, std::string>& topics) {
  nb::dict dict;
  dict["batch"] = batch.id.value();
  dict["state"] = NameOf(batch.state);
  dict["engine"] = batch.engine;
  dict["engine_version"] = batch.engine_version;
  dict["decided_at_ms"] = batch.decided_at_ms;
  dict["published_at_ms"] = OptionalInt(batch.published_at_ms);
  nb::list ranges;
  for (const BatchRange& range : batch.ranges) ranges.append(RangeDict(range, topics));
  dict["ranges"] = ranges;
  nb::list files;
  for (const LedgerFile& file : batch.files) files.append(FileDict(file));
  dict["files"] = files;
  nb::list quarantine;
  for (const QuarantineCount& count : batch.quarantine) {
    nb::dict one;
    one["table"] = count.table;
    one["reason"] = count.reason;
    one["records"] = count.records;
    quarantine.append(one);
  }
  dict["quarantine"] = quarantine;
  return dict;
}

// Every call reads the ledger again, in one short transaction.
class LedgerHolder {
 public:
  explicit LedgerHolder(std::string lake) : lake_(std::move(lake)) { Read(BatchId(0)); }

  std::string lake_id() const { return Read(BatchId(INT64_MAX)).lake_id; }
  int64_t last_batch() const { return Read(BatchId(INT64_MAX)).last_batch.value(); }

  // Topic, topic id, partition, beginning, next; current topics only.
  using PositionTuple = std::tuple<std::string, std::string, int32_t, int64_t, int64_t>;
  std::vector<PositionTuple> Positions() const {
    const LedgerSnapshot snapshot = Read(BatchId(INT64_MAX));
    std::vector<PositionTuple> positions;
    for (const LedgerPartition& at : snapshot.partitions) {
      for (const LedgerTopic& topic : snapshot.topics) {
        if (topic.current && at.current && topic.id == at.partition.topic_id) {
          positions.emplace_back(topic.topic, topic.id.base64(), at.partition.partition.value(),
                                 at.beginning.value(), at.next.value());
        }
      }
    }
    return positions;
  }

  nb::list Batches(int64_t since) const {
    const LedgerSnapshot snapshot = Read(BatchId(since));
    std::map<TopicId, std::string> topics;
    for (const LedgerTopic& topic : snapshot.topics) topics[topic.id] = topic.topic;
    nb::list batches;
    for (const LedgerBatch& batch : snapshot.batches) batches.append(BatchDict(batch, topics));
    return batches;
  }

 private:
  LedgerSnapshot Read(BatchId since) const {
    return Unwrap(WithoutGil([&]() -> Result<LedgerSnapshot> {
      FOREBAY_ASSIGN(const OpenedLake opened, OpenLakeForReading(PosixFs(), lake_));
      return opened.ledger->Snapshot(since);
    }));
  }

  const std::string lake_;
};

}  // namespace

void RegisterLedger(nb::module_& m) {
  nb::class_<LedgerHolder>(m, "Ledger")
      .def(nb::init<std::string>(), "lake"_a)
      .def_prop_ro("lake_id", &LedgerHolder::lake_id)
      .def_prop_ro("last_batch", &LedgerHolder::last_batch)
      .def("positions", &LedgerHolder::Positions)
      .def("batches", &LedgerHolder::Batches, "since"_a,
           nb::sig("def batches(self, since: int) -> list[dict[str, object]]"));
}

}  // namespace forebay::python
