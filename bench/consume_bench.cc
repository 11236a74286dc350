// Reads a topic from beginning to end like the lander, and reports the cost; with --decode, decodes the
// records as well. One JSON line on stdout:
//   {"records": N, "bytes": N, "rows": N, "seconds": S, "cpu_seconds": S, "peak_bytes": N}
#include <sys/resource.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "base/time.h"
#include "contract/contract.h"
#include "decode/record_decoder.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"

namespace {

using namespace forebay;  // NOLINT: one program

struct Totals {
  int64_t records = 0;
  int64_t bytes = 0;
  int64_t rows = 0;
};

struct Topic {
  std::vector<kafka::Position> starts;
  std::vector<Offset> ends;
};

Result<Topic> DescribeTopic(const kafka::ClientConfig& config, const std::string& name) {
  FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(config));
  FOREBAY_ASSIGN(const auto infos, admin->DescribeTopics({name}));
  std::vector<kafka::NamedPartition> partitions;
  for (int32_t p = 0; p < infos.front().partitions; ++p) partitions.push_back({name, PartitionId(p)});
  FOREBAY_ASSIGN(const auto marks, admin->QueryWatermarks(partitions));
  Topic topic;
  for (size_t p = 0; p < marks.size(); ++p) {
    topic.starts.push_back({0, PartitionId(static_cast<int32_t>(p)), marks[p].earliest});
    topic.ends.push_back(marks[p].stable);
  }
  return topic;
}

bool AtEnd(const kafka::Consumer& consumer, const Topic& topic) {
  for (size_t p = 0; p < topic.ends.size(); ++p) {
    if (consumer.positions()[p].offset < topic.ends[p]) return false;
  }
  return true;
}

Result<Totals> Read(const kafka::ClientConfig& config, const Table& table, bool decode) {
  FOREBAY_ASSIGN(const Topic topic, DescribeTopic(config, table.topic.name));
  kafka::ConsumerOptions options;
  options.topics = {table.topic.name};
  options.queue_bytes = 32'000'000;
  FOREBAY_ASSIGN(const auto consumer, kafka::Consumer::Open(config, options));
  FOREBAY_TRY(consumer->Assign(topic.starts));
  FOREBAY_ASSIGN(const auto decoder, RecordDecoder::Create(table));
  Totals totals;
  kafka::MessageBatch batch;
  while (!AtEnd(*consumer, topic)) {
    FOREBAY_TRY(consumer->Poll(&batch, 50));
    totals.records += static_cast<int64_t>(batch.size());
    totals.bytes += static_cast<int64_t>(batch.bytes());
    if (!decode) continue;
    for (const kafka::Message& message : batch.messages()) {
      const RecordView record{message.partition, message.offset, message.timestamp_ms, message.key,
                              message.value};
      FOREBAY_ASSIGN(const Outcome outcome, decoder->Decode(record, 0));
      totals.rows += outcome == Outcome::kRow ? 1 : 0;
    }
  }
  return totals;
}

Status Run(const std::string& contract_path, const std::string& table_name, const std::string& brokers,
           bool decode) {
  FOREBAY_ASSIGN(const Contract contract, ReadContract(contract_path));
  FOREBAY_ASSIGN(const auto config, kafka::ClientConfig::Make(brokers, ""));
  const Table* table = contract.FindTable(table_name);
  if (table == nullptr) return InvalidArgumentError("the contract has no table " + table_name);
  const double began = MonotonicSeconds();
  FOREBAY_ASSIGN(const Totals totals, Read(config, *table, decode));
  const double seconds = MonotonicSeconds() - began;
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  std::printf(
      "{\"records\": %lld, \"bytes\": %lld, \"rows\": %lld, \"seconds\": %.3f, \"cpu_seconds\": %.3f, "
      "\"peak_bytes\": "
      "%lld}\n",
      static_cast<long long>(totals.records), static_cast<long long>(totals.bytes),
      static_cast<long long>(totals.rows), seconds, in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime),
      static_cast<long long>(usage.ru_maxrss) * 1024);
  return Ok();
}

}  // namespace

int main(int argc, char** argv) {
  const bool decode = argc == 5 && std::strcmp(argv[4], "--decode") == 0;
  if (argc != 4 && !decode) {
    std::fprintf(stderr, "usage: consume_bench CONTRACT TABLE BROKERS [--decode]\n");
    return 2;
  }
  const Status status = Run(argv[1], argv[2], argv[3], decode);
  if (status.ok()) return 0;
  std::fprintf(stderr, "consume_bench: %s\n", status.error().message().c_str());
  return ExitStatus(status.error());
}
