#include "infer/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/trim.h"
#include "base/utf8.h"
#include "decode/record_decoder.h"

namespace forebay::infer {
namespace {

constexpr size_t kMaxHeaders = 20;  // names
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Magic {
  std::string_view bytes;
  std::string_view what;
};

constexpr Magic kMagics[] = {
    {std::string_view("Obj\x01", 4), "an Avro object container file"},
    {"\x1F\x8B", "compressed with gzip"},
    {"\x28\xB5\x2F\xFD", "compressed with zstd"},
    {"\x04\x22\x4D\x18", "compressed with lz4"},
    {"PAR1", "a Parquet file"},
    {"\xFF\xFE", "text in UTF-16"},
    {"\xFE\xFF", "text in UTF-16"},
    {"<", "XML"},
};

// Avro, Protobuf and JSON Schema with a schema registry: a zero, and the number of the schema.
std::optional<uint32_t> RegistrySchemaId(std::string_view value) {
  if (value.size() < 5 || value[0] != '\0') return std::nullopt;
  uint32_t id = 0;
  for (size_t i = 1; i < 5; ++i) id = id << 8 | static_cast<unsigned char>(value[i]);
  return id;
}

bool IsText(std::string_view value) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
  };
  return IsUtf8(value) && std::none_of(value.begin(), value.end(), is_control);
}

}  // namespace

bool Sample::Add(const RecordView& record) {
  const size_t key_size = record.key ? record.key->size() : 0;
  const size_t size = key_size + (record.value ? record.value->size() : 0);
  total_bytes_ += size + sizeof(std::string) + sizeof(RecordView);
  limited_ = limited_ || records_.size() == limits_.records || total_bytes_ > limits_.bytes;
  if (limited_) return false;
  std::string& bytes = bytes_.emplace_back();
  bytes.reserve(size);
  bytes.append(record.key.value_or("")).append(record.value.value_or(""));
  CountHeaders(record);
  RecordView copy = record;
  copy.headers = {};
  if (record.key) copy.key = std::string_view(bytes).substr(0, key_size);
  if (record.value) copy.value = std::string_view(bytes).substr(key_size);
  records_.push_back(copy);
  return true;
}

void Sample::CountHeaders(const RecordView& record) {
  std::set<std::string_view> names;
  for (const RecordHeader& header : record.headers) names.insert(header.name);
  for (const std::string_view name : names) {
    const auto known = headers_.find(name);
    if (known != headers_.end()) {
      ++known->second;
    } else if (headers_.size() < kMaxHeaders) {
      headers_.emplace(name, 1);
    }
  }
}

uint64_t Screening::unusable_records() const {
  uint64_t records = 0;
  for (const auto& [reason, count] : unusable) records += count;
  return records;
}

// A table without a rule accepts every record that any contract could.
Result<Screening> Screen(const Sample& sample) {
  Table anything;
  anything.fields.emplace_back().type = FieldType::kJson;
  FOREBAY_ASSIGN(const auto decoder, RecordDecoder::Create(anything));
  Screening screening;
  for (const RecordView& record : sample.records()) {
    FOREBAY_ASSIGN(const Outcome outcome, decoder->Decode(record, 0));
    if (outcome == Outcome::kTombstone) {
      ++screening.tombstones;
    } else if (outcome == Outcome::kRow) {
      screening.usable.push_back(&record);
    } else {
      if (screening.unusable.empty()) screening.unusable_example = *record.value;
      ++screening.unusable[decoder->rejection().reason];
    }
  }
  return screening;
}

std::string DescribeBytes(std::string_view value) {
  if (value.empty()) return "empty";
  if (const auto id = RegistrySchemaId(value))
    return fmt::format("in Confluent's wire format (schema id {}, then Avro, Protobuf or JSON)", *id);
  for (const Magic& magic : kMagics) {
    if (value.starts_with(magic.bytes)) return std::string(magic.what);
  }
  if (!IsText(value)) return "binary";
  const bool marked = value.starts_with(kByteOrderMark);
  if (marked) value.remove_prefix(kByteOrderMark.size());
  const std::string_view text = Trim(value);
  const char first = text.empty() ? ' ' : text.front();
  if (marked && first == '{') return "JSON behind a byte order mark";
  if (first == '{') return "like JSON, but not valid";
  if (first == '[') return "JSON arrays, or like them";
  if (first == '"') return "JSON strings, perhaps with JSON inside";
  return "plain text";
}

}  // namespace forebay::infer
