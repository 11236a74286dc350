#include "contract/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "contract/field_place.h"
#include "contract/testing.h"

namespace forebay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Contract ReadShipped(const std::string& name) {
  Result<Contract> contract = ReadContract(std::string(FOREBAY_SOURCE_DIR) + "/contracts/" + name);
  EXPECT_TRUE(contract.ok()) << (contract.ok() ? "" : contract.error().message());
  return std::move(contract).value();
}

TEST(ShopContract, Head) {
  const Contract shop = ReadShipped("shop.odcs.yaml");
  EXPECT_EQ(shop.id, "shop");
  EXPECT_EQ(shop.name, "Online shop");
  EXPECT_EQ(shop.version, "1.0.0");
  EXPECT_EQ(shop.tables.size(), 2u);
  EXPECT_THAT(shop.yaml, HasSubstr("apiVersion: v3.2.0"));
  EXPECT_EQ(shop.service_levels.freshness_ms, 5 * 60'000);
  EXPECT_EQ(shop.service_levels.latency_ms, kMillisPerDay);
  EXPECT_EQ(shop.service_levels.retention_ms, 365 * kMillisPerDay);
  EXPECT_EQ(shop.tables[0].service_levels, shop.service_levels);
  EXPECT_EQ(shop.FindTable("orders"), &shop.tables[1]);
  EXPECT_EQ(shop.FindTable("shop.clicks"), nullptr);
}

TEST(ShopContract, ClicksAreFlat) {
  const Contract shop = ReadShipped("shop.odcs.yaml");
  const Table& clicks = *shop.FindTable("clicks");
  EXPECT_THAT(
      Names(clicks.fields),
      ElementsAre("event_id", "event_time", "event_type", "user_id", "session_id", "product_id", "category",
                  "search_query", "price", "currency", "quantity", "country", "device", "page"));
  EXPECT_THAT(RequiredNames(clicks.fields), ElementsAre("event_id", "event_time", "event_type", "user_id",
                                                        "session_id", "country", "device", "page"));
  EXPECT_EQ(clicks.topic.name, "shop.clicks");
  EXPECT_EQ(clicks.topic.partitions, 6);
  EXPECT_EQ(clicks.topic.retention_ms, 7 * kMillisPerDay);
  EXPECT_EQ(clicks.topic.cleanup_policy, "delete");
  EXPECT_EQ(clicks.key, FindPlace(clicks.fields, "user_id"));
  EXPECT_EQ(clicks.event_time, FindPlace(clicks.fields, "event_time"));
  EXPECT_EQ(clicks.max_ahead_ms, kMillisPerDay);
  EXPECT_FALSE(clicks.max_behind_ms.has_value());
  EXPECT_THAT(clicks.primary_key, ElementsAre(FieldPlace{0}));
  ASSERT_EQ(clicks.dimensions.size(), 1u);
  EXPECT_EQ(clicks.dimensions[0].name, "date");
  EXPECT_EQ(clicks.dimensions[0].transform, PartitionTransform::kDate);
  EXPECT_EQ(clicks.dimensions[0].source, FieldPlace{1});
  EXPECT_FALSE(clicks.InPathOnly(1)) << "the event time itself stays in the file";
}

TEST(ShopContract, ClicksHaveRules) {
  const Contract shop = ReadShipped("shop.odcs.yaml");
  const std::vector<Field>& fields = shop.FindTable("clicks")->fields;
  EXPECT_THAT(Get(fields, "event_type").enum_values, ElementsAre("search", "view", "cart", "checkout"));
  EXPECT_THAT(Get(fields, "device").enum_values, ElementsAre("desktop", "mobile", "tablet"));
  EXPECT_EQ(Get(fields, "user_id").min_length, 2);
  EXPECT_EQ(Get(fields, "user_id").max_length, 20);
  EXPECT_EQ(Get(fields, "search_query").max_length, 200);
  EXPECT_EQ(Get(fields, "currency").pattern, "^[A-Z]{3}$");
  EXPECT_EQ(Get(fields, "country").pattern, "^[A-Z]{2}$");
  EXPECT_EQ(Get(fields, "event_time").type, FieldType::kTimestamp);
  EXPECT_EQ(Get(fields, "event_time").timestamp_format, TimestampFormat::kAny);
  const Field& price = Get(fields, "price");
  EXPECT_EQ(price.type, FieldType::kDecimal);
  EXPECT_EQ(price.precision, 12);
  EXPECT_EQ(price.scale, 2);
  ExpectExact(price.minimum, 0);
  EXPECT_FALSE(price.maximum.has_value());
  const Field& quantity = Get(fields, "quantity");
  EXPECT_EQ(quantity.type, FieldType::kInteger);
  EXPECT_EQ(quantity.bits, 32);
  ExpectExact(quantity.minimum, 1);
  ExpectExact(quantity.maximum, 1000);
}

TEST(ShopContract, OrdersAreNested) {
  const Contract shop = ReadShipped("shop.odcs.yaml");
  const Table& orders = *shop.FindTable("orders");
  EXPECT_THAT(Names(orders.fields),
              ElementsAre("order_id", "order_time", "user_id", "session_id", "status", "country", "currency",
                          "customer", "items", "subtotal", "shipping", "total", "coupon"));
  EXPECT_EQ(orders.topic.retention_ms, 30 * kMillisPerDay);
  EXPECT_EQ(orders.topic.partitions, shop.FindTable("clicks")->topic.partitions)
      << "joined partition by partition";
  const Field& customer = Get(orders.fields, "customer");
  EXPECT_EQ(customer.type, FieldType::kObject);
  EXPECT_TRUE(customer.required);
  EXPECT_THAT(Names(customer.fields), ElementsAre("segment", "since", "newsletter"));
  EXPECT_THAT(RequiredNames(customer.fields), ElementsAre("segment", "newsletter"));
  EXPECT_EQ(Get(customer.fields, "since").type, FieldType::kDate);
  EXPECT_EQ(Get(customer.fields, "newsletter").type, FieldType::kBoolean);
  const Field& items = Get(orders.fields, "items");
  EXPECT_EQ(items.type, FieldType::kArray);
  EXPECT_EQ(items.element().type, FieldType::kObject);
  EXPECT_TRUE(items.element().required);
  EXPECT_THAT(Names(items.element().fields),
              ElementsAre("product_id", "quantity", "unit_price", "discount_rate"));
  const Field& rate = Get(items.element().fields, "discount_rate");
  EXPECT_EQ(rate.type, FieldType::kNumber);
  EXPECT_FALSE(rate.required);
  EXPECT_EQ(rate.minimum->number, 0.0);
  EXPECT_EQ(rate.maximum->number, 1.0);
  EXPECT_EQ(Get(orders.fields, "subtotal").precision, 14);
  EXPECT_FALSE(Get(orders.fields, "subtotal").minimum.has_value());
  ExpectExact(Get(orders.fields, "total").minimum, 0);
}

TEST(WeatherContract, IsPartitionedByTwoFields) {
  const Contract weather = ReadShipped("weather.odcs.yaml");
  ASSERT_EQ(weather.tables.size(), 1u);
  const Table& table = weather.tables[0];
  EXPECT_EQ(table.name, "seattle_weather");
  EXPECT_EQ(table.topic.name, "weather.seattle");
  EXPECT_EQ(table.topic.retention_ms, std::nullopt) << "the broker's by default";
  EXPECT_THAT(Names(table.fields),
              ElementsAre("date", "precipitation", "temp_max", "temp_min", "wind", "weather"));
  ASSERT_EQ(table.dimensions.size(), 2u);
  EXPECT_EQ(table.dimensions[0].name, "weather");
  EXPECT_EQ(table.dimensions[0].transform, PartitionTransform::kIdentity);
  EXPECT_EQ(table.dimensions[0].source, FieldPlace{5});
  EXPECT_EQ(table.dimensions[1].name, "date");
  EXPECT_EQ(table.dimensions[1].source, FieldPlace{0});
  EXPECT_TRUE(table.InPathOnly(0));
  EXPECT_FALSE(table.InPathOnly(1));
  EXPECT_TRUE(table.InPathOnly(5));
  EXPECT_EQ(table.event_time, FieldPlace{0});
  EXPECT_EQ(table.key, FieldPlace{0});
  ExpectExact(table.fields[0].minimum, *ParseDate("2012-01-01"));
  ExpectExact(Get(table.fields, "temp_max").minimum, -600);
}

TEST(Contract, FileThatCannotBeRead) {
  const Result<Contract> contract = ReadContract("/no/such/contract.yaml");
  ASSERT_FALSE(contract.ok());
  EXPECT_EQ(contract.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(contract.error().message(), HasSubstr("/no/such/contract.yaml: No such file or directory"));
}

TEST(Contract, DirectoryIsNotAContract) {
  const Result<Contract> contract = ReadContract("/tmp");
  ASSERT_FALSE(contract.ok());
  EXPECT_THAT(contract.error().message(), HasSubstr("/tmp: Is a directory"));
}

}  // namespace
}  // namespace forebay
