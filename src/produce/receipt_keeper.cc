#include "produce/receipt_keeper.h"

#include "base/row_hash.h"

namespace forebay::produce {

ReceiptKeeper::ReceiptKeeper(Receipt receipt, std::vector<bool> has_primary_key,
                             std::vector<std::string> row_topics)
    : receipt_(std::move(receipt)),
      has_primary_key_(std::move(has_primary_key)),
      row_topics_(std::move(row_topics)),
      caches_(receipt_.tables.size()) {
  FOREBAY_ASSERT(has_primary_key_.size() == receipt_.tables.size());
  FOREBAY_ASSERT(row_topics_.size() == receipt_.tables.size());
  for (const ReceiptTable& table : receipt_.tables) {
    for (const auto& [number, partition] : table.partitions) acknowledged_ += partition.records;
    failed_ += table.failed;
    uncertain_ += table.uncertain;
  }
}

void ReceiptKeeper::Deliver(uint32_t table, const GeneratedRecord& record, const kafka::Delivery& delivery) {
  const Expectation& expected = record.expected;
  ReceiptTable& of = receipt_.tables[table];
  if (delivery.outcome == kafka::DeliveryOutcome::kFailed) {
    ++of.failed;
    ++failed_;
    return;
  }
  // Without an offset, the broker had the record from an earlier attempt and no longer knew where.
  const bool is_placed =
      delivery.outcome == kafka::DeliveryOutcome::kAcknowledged && delivery.offset.value() >= 0;
  if (!is_placed) return Lose(table, 1);
  ReceiptPartition& partition = of.partitions[delivery.partition.value()];
  // Two records with one offset: the topic was recreated meanwhile, and one of them is lost.
  if (!partition.acknowledged.Add(delivery.offset)) return Lose(table, 1);
  ++acknowledged_;
  ++partition.records;
  if (of.sequences.Add(Offset(static_cast<int64_t>(record.sequence))))
    of.sent_sum += HashSent(record.sequence, record.value);
  if (expected.reason) {
    ++of.quarantined[std::string(ReasonName(*expected.reason))];
    return;
  }
  Cache& cache = caches_[table];
  if (cache.rows == nullptr || cache.directory != expected.partition) {
    const auto entry = of.landed.try_emplace(std::string(expected.partition)).first;
    cache = {entry->first, &entry->second};
  }
  ++cache.rows->rows;
  cache.rows->key_sum += has_primary_key_[table]
                             ? expected.key_hash
                             : HashPosition(row_topics_[table], delivery.partition, delivery.offset);
}

void ReceiptKeeper::Refuse(uint32_t table) {
  ++receipt_.tables[table].failed;
  ++failed_;
}

void ReceiptKeeper::Lose(uint32_t table, uint64_t count) {
  receipt_.tables[table].uncertain += count;
  uncertain_ += count;
}

}  // namespace forebay::produce
