#include "kafka/describe_producers.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "base/descriptor.h"
#include "base/time.h"

namespace forebay::kafka {
namespace {

constexpr int16_t kDescribeProducers = 61;
constexpr int32_t kCorrelation = 1;
constexpr size_t kMaxAnswerBytes = 16 << 20;

// Kafka's primitive types, big-endian.
void PutInt(std::string& out, int64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void PutVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void PutCompactString(std::string& out, std::string_view text) {
  PutVarint(out, text.size() + 1);
  out += text;
}

// Reads an answer; every read past its end, or of an impossible length, makes it bad for good.
class AnswerReader {
 public:
  explicit AnswerReader(std::string_view rest) : rest_(rest) {}

  bool good() const { return good_; }

  int64_t Int(size_t bytes) {
    const std::string_view raw = Bytes(bytes);
    int64_t value = raw.empty() ? 0 : static_cast<signed char>(raw.front());
    for (const char byte : raw.substr(raw.empty() ? 0 : 1)) value = value * 256 + static_cast<uint8_t>(byte);
    return value;
  }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const std::string_view raw = Bytes(1);
      if (raw.empty()) return 0;
      value |= static_cast<uint64_t>(raw.front() & 0x7f) << shift;
      if ((raw.front() & 0x80) == 0) return value;
    }
    good_ = false;
    return 0;
  }

  // Null reads as empty.
  std::string CompactString() {
    const uint64_t length = Varint();
    return length == 0 ? std::string() : std::string(Bytes(length - 1));
  }

  // The number of elements that follow, each of them at least a byte.
  uint64_t ArrayLength() {
    const uint64_t length = Varint();
    if (length > rest_.size() + 1) good_ = false;
    return good_ && length > 0 ? length - 1 : 0;
  }

  void SkipTags() {
    for (uint64_t tags = Varint(); good_ && tags > 0; --tags) {
      Varint();
      Bytes(Varint());
    }
  }

 private:
  std::string_view Bytes(uint64_t count) {
    if (count > rest_.size()) good_ = false;
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
  bool good_ = true;
};

std::vector<OpenProducer> ReadProducers(AnswerReader& answer) {
  std::vector<OpenProducer> open;
  for (uint64_t producers = answer.ArrayLength(); answer.good() && producers > 0; --producers) {
    OpenProducer producer;
    producer.id = answer.Int(8);
    producer.epoch = static_cast<int32_t>(answer.Int(4));
    answer.Int(4);  // its last sequence number
    answer.Int(8);  // when it last wrote
    answer.Int(4);  // its coordinator's epoch
    producer.first = Offset(answer.Int(8));
    answer.SkipTags();
    if (producer.first.value() >= 0) open.push_back(producer);
  }
  return open;
}

// A connection that gives up at a deadline.
class Connection {
 public:
  explicit Connection(double deadline) : deadline_(deadline) {}

  bool Open(const std::string& host, int port) {
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
      socket_ =
          Descriptor(socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
      if (socket_.get() < 0) continue;
      if (connect(socket_.get(), address->ai_addr, address->ai_addrlen) == 0) return true;
      int error = 0;
      socklen_t size = sizeof error;
      if (errno == EINPROGRESS && Await(POLLOUT) &&
          getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
        return true;
    }
    return false;
  }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      if (sent < 0 && (errno != EAGAIN || !Await(POLLOUT))) return false;
    }
    return true;
  }

  bool Receive(std::string* bytes, size_t count) {
    bytes->resize(count);
    for (size_t received = 0; received < count;) {
      const ssize_t got = recv(socket_.get(), bytes->data() + received, count - received, 0);
      if (got == 0 || (got < 0 && (errno != EAGAIN || !Await(POLLIN)))) return false;
      if (got > 0) received += static_cast<size_t>(got);
    }
    return true;
  }

 private:
  bool Await(short events) {
    pollfd waiting = {socket_.get(), events, 0};
    const double left_ms = (deadline_ - MonotonicSeconds()) * 1000;
    return left_ms > 0 && poll(&waiting, 1, static_cast<int>(left_ms) + 1) == 1;
  }

  Descriptor socket_;
  const double deadline_;
};

}  // namespace

std::string EncodeDescribeProducers(const std::vector<NamedPartition>& partitions) {
  std::map<std::string, std::vector<PartitionId>> topics;
  for (const NamedPartition& each : partitions) topics[each.topic].push_back(each.partition);
  std::string request;
  PutInt(request, kDescribeProducers, 2);
  PutInt(request, 0, 2);  // version
  PutInt(request, kCorrelation, 4);
  PutInt(request, 7, 2);
  request += "forebay";
  PutVarint(request, 0);  // no tags
  PutVarint(request, topics.size() + 1);
  for (const auto& [topic, numbers] : topics) {
    PutCompactString(request, topic);
    PutVarint(request, numbers.size() + 1);
    for (const PartitionId number : numbers) PutInt(request, number.value(), 4);
    PutVarint(request, 0);
  }
  PutVarint(request, 0);
  return request;
}

std::optional<OpenProducers> DecodeDescribeProducers(std::string_view bytes) {
  AnswerReader answer(bytes);
  if (answer.Int(4) != kCorrelation) return std::nullopt;
  answer.SkipTags();
  answer.Int(4);  // throttled for so many milliseconds
  OpenProducers open;
  for (uint64_t topics = answer.ArrayLength(); answer.good() && topics > 0; --topics) {
    const std::string topic = answer.CompactString();
    for (uint64_t partitions = answer.ArrayLength(); answer.good() && partitions > 0; --partitions) {
      const PartitionId partition(static_cast<int32_t>(answer.Int(4)));
      const bool failed = answer.Int(2) != 0;
      answer.CompactString();  // the error
      std::vector<OpenProducer> producers = ReadProducers(answer);
      answer.SkipTags();
      if (!failed) open[{topic, partition}] = std::move(producers);
    }
    answer.SkipTags();
  }
  answer.SkipTags();
  if (!answer.good()) return std::nullopt;
  return open;
}

OpenProducers DescribeProducers(const std::string& host, int port,
                                const std::vector<NamedPartition>& partitions, int64_t timeout_ms) {
  Connection connection(MonotonicSeconds() + static_cast<double>(timeout_ms) / 1000);
  const std::string request = EncodeDescribeProducers(partitions);
  std::string framed;
  PutInt(framed, static_cast<int64_t>(request.size()), 4);
  std::string answer;
  if (!connection.Open(host, port) || !connection.Send(framed + request) || !connection.Receive(&answer, 4))
    return {};
  const int64_t size = AnswerReader(answer).Int(4);
  if (size < 0 || size > static_cast<int64_t>(kMaxAnswerBytes) ||
      !connection.Receive(&answer, static_cast<size_t>(size)))
    return {};
  return DecodeDescribeProducers(answer).value_or(OpenProducers());
}

}  // namespace forebay::kafka
