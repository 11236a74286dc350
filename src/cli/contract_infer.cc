// forebay contract infer: writes a contract for a topic, a file, or a schema that has none.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/read_file.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "compare/record_view.h"
#include "infer/infer.h"
#include "infer/schema_fields.h"
#include "kafka/admin.h"
#include "report/text_table.h"
#include "sample/json_values.h"
#include "sample/topic_sample.h"

namespace forebay::cli {
namespace {

constexpr uint64_t kTopicRecords = 10'000;  // by default
constexpr int kWaitMs = 100;

struct InferFlags {
  std::string brokers;
  std::string kafka_config;
  std::string topic;
  std::string sample;
  std::string schema;
  std::string table;
  std::string output;
  std::optional<uint64_t> records;
  bool no_values = false;
  infer::InferOptions options;
};

// The settings of the topic, as far as this principal may read them.
Status DescribeTopic(kafka::Admin& admin, infer::InferOptions& options) {
  TopicSettings& topic = options.topic;
  FOREBAY_ASSIGN(const auto topics, admin.DescribeTopics({topic.name}));
  if (!topics.front().exists) return Ok();  // which SampleTopic reports
  topic.partitions = topics.front().partitions;
  options.knows_partitions = true;
  FOREBAY_ASSIGN(const auto configured, admin.TopicSettings(topic.name));
  options.knows_settings = configured.has_value();
  if (!configured) return Ok();
  const auto value = [&](const char* name) {
    const auto found = configured->find(name);
    return found == configured->end() ? std::string() : found->second;
  };
  const std::string policy = value("cleanup.policy");
  const bool deletes = policy.find("delete") != std::string::npos;
  if (policy.find("compact") != std::string::npos)
    topic.cleanup_policy = deletes ? "compact,delete" : "compact";
  if (const std::string retention = value("retention.ms"); deletes && !retention.empty())
    topic.retention_ms = std::atoll(retention.c_str());
  return Ok();
}

Status SampleOfTopic(InferFlags& flags, infer::Sample& sample) {
  FOREBAY_ASSIGN(const kafka::ClientConfig config,
                 kafka::ClientConfig::Make(flags.brokers, flags.kafka_config));
  FOREBAY_ASSIGN(const auto admin, kafka::Admin::Open(config, {.stop = &StopRequested()}));
  FOREBAY_TRY(DescribeTopic(*admin, flags.options));
  TopicSampleOptions options;
  options.topic = flags.topic;
  options.records = flags.records.value_or(kTopicRecords);
  options.stop = &StopRequested();
  HeaderViews headers;
  FOREBAY_ASSIGN(const TopicSample taken, SampleTopic(config, options, [&](const kafka::Message& message) {
                   RecordView record = ViewOf(message);
                   record.headers = headers.Of(message);
                   sample.Add(record);
                   return Ok();
                 }));
  flags.options.source = fmt::format("topic {} ({}, about {})", flags.topic,
                                     Counted(static_cast<uint64_t>(taken.partitions), "partition"),
                                     Counted(static_cast<uint64_t>(taken.offsets), "record"));
  return Ok();
}

Status SampleOfFile(InferFlags& flags, infer::Sample& sample) {
  FOREBAY_ASSIGN(const auto values, JsonValues::Open(flags.sample, "--sample"));
  flags.options.source = values->name();
  int64_t offset = 0;
  while (true) {
    if (StopRequested()) return CancelledError(fmt::format("stopped while {} was read", values->name()));
    FOREBAY_ASSIGN(const JsonValues::Step step, values->Next(kWaitMs));
    if (step == JsonValues::Step::kEnd) return Ok();
    if (step == JsonValues::Step::kNothingYet) continue;
    RecordView record;
    record.offset = Offset(offset++);
    record.timestamp_ms = flags.options.now_ms;  // as a producer that sends it now
    record.value = values->value();
    if (!sample.Add(record)) return Ok();
  }
}

Result<std::string> ReadSchema(const std::string& path) {
  const std::optional<std::string> text =
      ReadAtMost(path == "-" ? "/dev/stdin" : path, infer::kMaxSchemaBytes + 1);
  if (!text)
    return InvalidArgumentError(
        fmt::format("{} cannot be read: {}; check --from-schema", path, std::strerror(errno)));
  if (text->size() > infer::kMaxSchemaBytes)
    return InvalidArgumentError(
        fmt::format("{} is larger than {}; a schema was expected", path, BytesText(infer::kMaxSchemaBytes)));
  return *text;
}

// "data/clicks.jsonl.gz" is clicks.
std::string Stem(const std::string& path) {
  const std::string name = path == "-" ? "records" : std::filesystem::path(path).filename().string();
  return name.substr(0, name.find('.', 1));
}

Status CheckTimeZone(const std::string& zone) {
  if (TimeZone::Load(zone).ok()) return Ok();
  return InvalidArgumentError(fmt::format(
      "--time-zone: this machine knows no time zone '{}'; a name such as Europe/Berlin was expected", zone));
}

Result<infer::InferredContract> Infer(InferFlags& flags) {
  infer::InferOptions& options = flags.options;
  const bool of_topic = flags.sample.empty() && flags.schema.empty();
  const std::string source =
      !flags.topic.empty() ? flags.topic : Stem(flags.sample.empty() ? flags.schema : flags.sample);
  options.table = flags.table.empty() ? infer::TableNameFor(source) : flags.table;
  options.topic.name = flags.topic.empty() ? options.table : flags.topic;
  options.now_ms = WallClockMillis();
  options.typing.values = !flags.no_values;
  FOREBAY_TRY(CheckTimeZone(options.typing.time_zone));
  if (!flags.schema.empty()) {
    options.source = flags.schema == "-" ? "standard input" : flags.schema;
    FOREBAY_ASSIGN(const std::string schema, ReadSchema(flags.schema));
    return infer::InferFromSchema(schema, options);
  }
  infer::SampleLimits limits;
  limits.records = flags.records.value_or(of_topic ? kTopicRecords : SIZE_MAX);
  infer::Sample sample(limits);
  FOREBAY_TRY(of_topic ? SampleOfTopic(flags, sample) : SampleOfFile(flags, sample));
  return infer::Infer(sample, options);
}

Error CannotWrite(const std::string& path) {
  if (errno == EEXIST) {
    return InvalidArgumentError(
        fmt::format("{} exists, and is not overwritten; remove it, or choose another --output", path));
  }
  return IoError(fmt::format("{} cannot be written: {}; check --output", path, std::strerror(errno)));
}

Status Write(const std::string& path, const std::string& text) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file.valid()) return CannotWrite(path);
  for (size_t written = 0; written < text.size();) {
    const ssize_t count = write(file.get(), text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotWrite(path);
    written += static_cast<size_t>(count);
  }
  return Ok();
}

int RunInfer(InferFlags& flags) {
  InstallStopSignals();
  if (flags.topic.empty() && flags.sample.empty() && flags.schema.empty())
    return Fail(
        InvalidArgumentError("nothing to infer from; --topic, --sample or --from-schema was expected"));
  if (std::error_code ignored; !flags.output.empty() && std::filesystem::exists(flags.output, ignored)) {
    errno = EEXIST;
    return Fail(CannotWrite(flags.output));
  }
  const Result<infer::InferredContract> inferred = Infer(flags);
  if (!inferred.ok()) return Fail(inferred.error());
  for (const std::string& remark : inferred->remarks)
    fmt::print(stderr, "forebay: {}\n", MessagePreview(remark, 2000));
  if (flags.output.empty()) {
    std::fputs(inferred->yaml.c_str(), stdout);
    return 0;
  }
  const Status written = Write(flags.output, inferred->yaml);
  if (!written.ok()) return Fail(written.error());
  fmt::print("{} is written; forebay contract check {} summarizes it\n", flags.output, flags.output);
  return 0;
}

void AddRoleFlags(CLI::App& command, infer::RoleChoices& roles) {
  command
      .add_option("--event-time", roles.event_time,
                  "The time of the event: a field's name or path, _kafka_timestamp, or none")
      ->type_name("FIELD");
  command.add_option("--key", roles.key, "The field that is the Kafka key, or none")->type_name("FIELD");
  command
      .add_option("--primary-key", roles.primary_key,
                  "The fields of the primary key, separated by commas, or none")
      ->type_name("FIELD,...")
      ->delimiter(',');
  command
      .add_option(
          "--partition-by", roles.partition_by,
          "A partition dimension: a field, or year(FIELD), month(FIELD), date(FIELD), hour(FIELD); may be "
          "repeated; or none")
      ->type_name("DIMENSION")
      ->take_all();
}

}  // namespace

void AddContractInfer(CLI::App& contract, Command& selected) {
  auto flags = std::make_shared<InferFlags>();
  CLI::App* command =
      contract.add_subcommand("infer", "Writes a contract for a topic, a file or a schema that has none");
  AddBrokersFlag(*command, flags->brokers);
  AddKafkaConfigFlag(*command, flags->kafka_config);
  command->add_option("--topic", flags->topic, "The topic; with a file, its name alone")->type_name("TOPIC");
  CLI::Option* const sample = command->add_option(
      "--sample", flags->sample, "Read records from a file, or - for standard input: JSON in any layout");
  sample->type_name("FILE");
  command
      ->add_option("--from-schema", flags->schema,
                   "Read a JSON Schema, or the Avro schema of a record (of records that are plain JSON)")
      ->type_name("FILE")
      ->excludes(sample);
  command
      ->add_option("--records", flags->records,
                   "Number of records to look at; default: 10000 of a topic, all of a file")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 32));
  command->add_option("--table", flags->table, "The table's name; default: by the topic or file")
      ->type_name("NAME");
  command->add_option("--output", flags->output, "Write the contract to this file, which must not exist yet")
      ->type_name("FILE")
      ->check(NotEmpty());
  AddRoleFlags(*command, flags->options.roles);
  command->add_flag("--enums", flags->options.typing.enums,
                    "Make few different values a rule; a later record with another value is quarantined");
  command
      ->add_option("--time-zone", flags->options.typing.time_zone,
                   "The zone of timestamps without an offset from UTC, such as Europe/Berlin; without it, "
                   "they are local")
      ->type_name("ZONE");
  command->add_flag("--lenient", flags->options.lenient,
                    "No field is required, and a wrong value becomes null and is kept in _extra");
  command->add_flag("--no-values", flags->no_values, "No values of records as examples and in comments");
  command->footer(
      "A topic's sample comes from all partitions, from the oldest and the newest records of each. The "
      "contract "
      "lands\nall of the sample; what was not clear is said, and the flags decide it. Nothing is written to "
      "the "
      "topic.\n\n"
      "Examples:\n"
      "  forebay contract infer --brokers 127.0.0.1:9092 --topic shop.clicks --output clicks.odcs.yaml\n"
      "  forebay contract infer --sample readings.jsonl --topic sensors.readings --primary-key "
      "sensor,measured_at\n"
      "  forebay contract infer --from-schema order.schema.json --topic orders");
  command->callback([&selected, flags] { selected = [flags] { return RunInfer(*flags); }; });
}

}  // namespace forebay::cli
