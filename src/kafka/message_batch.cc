#include "kafka/message_batch.h"

#include <utility>

#include "kafka/handle.h"

namespace forebay::kafka {

void AppendHeaders(const Message& message, std::vector<MessageHeader>* headers) {
  rd_kafka_headers_t* found = nullptr;
  if (message.owned == nullptr ||
      rd_kafka_message_headers(message.owned, &found) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(found, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i)
    headers->push_back({name, {static_cast<const char*>(value), size}});
}

void MessageBatch::Clear() {
  for (rd_kafka_message_t* message : owned_) rd_kafka_message_destroy(message);
  owned_.clear();
  messages_.clear();
  bytes_ = 0;
  after_lost_connection_ = false;
  client_.reset();
}

std::string_view MessageBatch::Header(size_t index, const char* name) const {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  if (rd_kafka_message_headers(owned_[index], &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {};
  return {static_cast<const char*>(value), size};
}

void MessageBatch::Swap(MessageBatch& other) noexcept {
  client_.swap(other.client_);
  messages_.swap(other.messages_);
  owned_.swap(other.owned_);
  std::swap(bytes_, other.bytes_);
  std::swap(after_lost_connection_, other.after_lost_connection_);
}

}  // namespace forebay::kafka
