#include "produce/receipt_keeper.h"

#include <gtest/gtest.h>

#include "base/row_hash.h"

namespace forebay::produce {
namespace {

using kafka::Delivery;
using kafka::DeliveryOutcome;

Receipt Blank() {
  Receipt receipt;
  receipt.run = "run";
  receipt.tables.resize(2);
  receipt.tables[0].table = "keyed";
  receipt.tables[1].table = "keyless";
  return receipt;
}

Delivery Acknowledged(int32_t partition, int64_t offset) {
  return {0, DeliveryOutcome::kAcknowledged, PartitionId(partition), Offset(offset),
          RD_KAFKA_RESP_ERR_NO_ERROR};
}

GeneratedRecord Landed(std::string_view directory, uint64_t key_hash, uint64_t sequence = 0) {
  return {"key", "value", sequence, {std::nullopt, directory, key_hash}};
}

TEST(ReceiptKeeper, AddsUpWhatWasAcknowledged) {
  ReceiptKeeper keeper(Blank(), {true, false}, {"", ""});
  keeper.Deliver(0, Landed("date=2025-10-30", UINT64_MAX), Acknowledged(0, 5));
  keeper.Deliver(0, Landed("date=2025-10-31", 7, 1), Acknowledged(1, 0));
  keeper.Deliver(0, Landed("date=2025-10-30", 3, 2), Acknowledged(0, 6));
  keeper.Deliver(0, {"key", "deep", 5, {Reason::kTooDeep, "", 99}}, Acknowledged(0, 7));
  keeper.Deliver(1, Landed("d=1", 42), Acknowledged(2, 9));

  const ReceiptTable& keyed = keeper.receipt().tables[0];
  EXPECT_EQ(keyed.landed.at("date=2025-10-30").rows, 2u);
  EXPECT_EQ(keyed.landed.at("date=2025-10-30").key_sum, 2u);  // modulo 2^64
  EXPECT_EQ(keyed.landed.at("date=2025-10-31").key_sum, 7u);
  EXPECT_EQ(keyed.quarantined.at("too_deep"), 1u);
  EXPECT_EQ(keyed.partitions.at(0).records, 3u);
  EXPECT_EQ(keyed.sequences.runs(),
            (std::vector<OffsetRange>{{Offset(0), Offset(3)}, {Offset(5), Offset(6)}}));
  EXPECT_EQ(keyed.sent_sum,
            HashSent(0, "value") + HashSent(1, "value") + HashSent(2, "value") + HashSent(5, "deep"));
  EXPECT_EQ(keyed.partitions.at(0).acknowledged.runs(), (std::vector<OffsetRange>{{Offset(5), Offset(8)}}));
  const ReceiptTable& keyless = keeper.receipt().tables[1];
  EXPECT_EQ(keyless.landed.at("d=1").key_sum, HashPosition(PartitionId(2), Offset(9)));
  EXPECT_EQ(keeper.acknowledged(), 5u);
  EXPECT_TRUE(ParseReceipt(ReceiptToJson(keeper.receipt()), "r").ok());
}

TEST(ReceiptKeeper, ContinuesFromTheReceiptOfAnInterruptedRun) {
  ReceiptKeeper first(Blank(), {true, false}, {"", ""});
  first.Deliver(0, Landed("d=1", 4), Acknowledged(0, 5));
  ReceiptKeeper second(first.receipt(), {true, false}, {"", ""});
  second.Deliver(0, Landed("d=1", 3, 1), Acknowledged(0, 6));
  EXPECT_EQ(second.acknowledged(), 2u);
  EXPECT_EQ(second.receipt().tables[0].landed.at("d=1"), (ExpectedRows{2, 7}));
  EXPECT_EQ(second.receipt().tables[0].sequences.count(), 2);
}

TEST(ReceiptKeeper, AnOffsetThatIsAcknowledgedTwiceCountsOnce) {
  ReceiptKeeper keeper(Blank(), {true, false}, {"", ""});
  keeper.Deliver(0, Landed("d=1", 1), Acknowledged(0, 0));
  keeper.Deliver(0, Landed("d=1", 2), Acknowledged(0, 0));
  EXPECT_EQ(keeper.acknowledged(), 1u);
  EXPECT_EQ(keeper.uncertain(), 1u);
  EXPECT_EQ(keeper.receipt().tables[0].landed.at("d=1").rows, 1u);
  EXPECT_TRUE(ParseReceipt(ReceiptToJson(keeper.receipt()), "r").ok());
}

TEST(ReceiptKeeper, WhatWasNotDeliveredIsOnlyCounted) {
  ReceiptKeeper keeper(Blank(), {true, true}, {"", ""});
  Delivery delivery = Acknowledged(0, 0);
  delivery.outcome = DeliveryOutcome::kFailed;
  keeper.Deliver(0, Landed("d=1", 1), delivery);
  delivery.outcome = DeliveryOutcome::kUncertain;
  keeper.Deliver(0, Landed("d=1", 1), delivery);
  keeper.Deliver(0, Landed("d=1", 1), Acknowledged(0, RD_KAFKA_OFFSET_INVALID));
  keeper.Refuse(0);
  keeper.Lose(0, 5);
  const ReceiptTable& table = keeper.receipt().tables[0];
  EXPECT_EQ(table.failed, 2u);
  EXPECT_EQ(table.uncertain, 7u);
  EXPECT_TRUE(table.landed.empty());
  EXPECT_TRUE(table.partitions.empty());
  EXPECT_EQ(keeper.acknowledged(), 0u);
}

}  // namespace
}  // namespace forebay::produce
