// Properties of the shop: orders follow from carts; prices, people and hours are realistic; each fault occurs
// with the requested rate and form.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenario/random.h"
#include "scenario/scenario.h"
#include "scenario/shop_oracle.h"

namespace forebay {
namespace {

namespace json = boost::json;

constexpr int64_t kHourMs = 3'600'000;

std::vector<std::string> Values(std::string_view faults, std::string_view table, uint64_t count,
                                std::vector<Expectation>* expected = nullptr) {
  static std::vector<std::string> partitions;
  ScenarioOptions options;
  options.faults = ParseFaultRates(faults).value();
  RecordBlock block;
  EXPECT_TRUE(ShopScenario::Create(options).value().Generate(table, 0, count, &block).ok());
  std::vector<std::string> values;
  for (size_t i = 0; i < block.size(); ++i) {
    values.emplace_back(block.at(i).value);
    if (expected != nullptr)
      expected->push_back({block.at(i).expected.reason, {}, block.at(i).expected.key_hash});
  }
  return values;
}

struct Event {
  int64_t time_ms;
  std::string id, type, user, session, product, category, currency, country, device;
  int64_t cents = 0;
  int64_t quantity = 0;
};

std::string Text(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? "" : std::string(value->as_string());
}

int64_t Cents(const json::value& money) {
  return std::llround(money.to_number<double>() * 100);
}

std::vector<Event> Clicks(uint64_t count) {
  std::vector<Event> events;
  for (const std::string& value : Values("none", ShopScenario::kClicks, count)) {
    const json::object o = json::parse(value).as_object();
    Event event{InstantMs(Text(o, "event_time")),
                Text(o, "event_id"),
                Text(o, "event_type"),
                Text(o, "user_id"),
                Text(o, "session_id"),
                Text(o, "product_id"),
                Text(o, "category"),
                Text(o, "currency"),
                Text(o, "country"),
                Text(o, "device")};
    if (o.contains("price")) event.cents = Cents(o.at("price"));
    if (o.contains("quantity")) event.quantity = o.at("quantity").as_int64();
    events.push_back(std::move(event));
  }
  return events;
}

// Two whole blocks: nearly nine hours of a Monday each.
const std::vector<Event>& Sample() {
  static const std::vector<Event> events = Clicks(128'000);
  return events;
}

std::map<std::string, std::vector<const Event*>> BySession(const std::vector<Event>& events) {
  std::map<std::string, std::vector<const Event*>> sessions;
  for (const Event& event : events) sessions[event.session].push_back(&event);
  return sessions;
}

TEST(ShopTest, SessionsHaveOneUserAndAPlausiblePath) {
  size_t carts = 0, abandoned = 0;
  const auto sessions = BySession(Sample());
  for (const auto& [session, events] : sessions) {
    ASSERT_LE(events.size(), 22u);
    ASSERT_LE(events.back()->time_ms - events.front()->time_ms, kHourMs / 2);
    const Event* viewed = nullptr;
    bool has_cart = false;
    for (size_t i = 0; i < events.size(); ++i) {
      const Event& event = *events[i];
      ASSERT_EQ(event.user, events[0]->user);
      ASSERT_EQ(event.country, events[0]->country);
      ASSERT_EQ(event.device, events[0]->device);
      if (event.type == "view") viewed = &event;
      if (event.type == "cart") {
        ASSERT_NE(viewed, nullptr);
        ASSERT_EQ(event.product, viewed->product) << "a product in the cart was viewed just before";
        has_cart = true;
      }
      if (event.type == "checkout") {
        ASSERT_TRUE(has_cart);
        ASSERT_EQ(i + 1, events.size());
      }
    }
    carts += has_cart;
    abandoned += has_cart && events.back()->type != "checkout";
  }
  EXPECT_NEAR(static_cast<double>(Sample().size()) / static_cast<double>(sessions.size()), 4.4, 0.3);
  EXPECT_NEAR(static_cast<double>(abandoned) / static_cast<double>(carts), 0.68, 0.05);
}

TEST(ShopTest, OrdersAreTheCartsThatWereCheckedOut) {
  const auto sessions = BySession(Sample());
  std::set<std::string> bought;
  for (const std::string& value : Values("none", ShopScenario::kOrders, 3'200)) {
    const json::object order = json::parse(value).as_object();
    const auto session = sessions.find(Text(order, "session_id"));
    ASSERT_NE(session, sessions.end());
    ASSERT_TRUE(bought.insert(session->first).second) << "one order a session";
    const Event& checkout = *session->second.back();
    ASSERT_EQ(checkout.type, "checkout");
    ASSERT_EQ(checkout.user, Text(order, "user_id"));
    ASSERT_EQ(checkout.country, Text(order, "country"));
    const int64_t wait_ms = InstantMs(Text(order, "order_time")) - checkout.time_ms;
    ASSERT_TRUE(wait_ms >= 0 && wait_ms <= 1'800) << wait_ms;
    std::vector<const Event*> carts;
    for (const Event* event : session->second) {
      if (event->type == "cart") carts.push_back(event);
    }
    const json::array& items = order.at("items").as_array();
    ASSERT_EQ(items.size(), carts.size());
    int64_t subtotal = 0;
    for (size_t i = 0; i < items.size(); ++i) {
      const json::object& item = items[i].as_object();
      ASSERT_EQ(Text(item, "product_id"), carts[i]->product);
      ASSERT_EQ(item.at("quantity").as_int64(), carts[i]->quantity);
      ASSERT_EQ(Cents(item.at("unit_price")), carts[i]->cents);
      ASSERT_EQ(Text(order, "currency"), carts[i]->currency);
      const double rate = item.contains("discount_rate") ? item.at("discount_rate").to_number<double>() : 0;
      const int64_t percent = 100 - std::llround(rate * 100);
      subtotal += (carts[i]->quantity * carts[i]->cents * percent + 50) / 100;
    }
    ASSERT_EQ(Cents(order.at("subtotal")), subtotal);
    ASSERT_EQ(Cents(order.at("total")), subtotal + Cents(order.at("shipping")));
  }
  const auto checkouts = std::count_if(Sample().begin(), Sample().end(),
                                       [](const Event& event) { return event.type == "checkout"; });
  EXPECT_EQ(static_cast<size_t>(checkouts), bought.size()) << "and no checkout without an order";
}

TEST(ShopTest, ProductsKeepTheirPriceAndCategory) {
  std::map<std::pair<std::string, std::string>, int64_t> prices;
  std::map<std::string, std::string> categories;
  std::map<std::string, std::string> currencies;  // by country
  for (const Event& event : Sample()) {
    if (event.product.empty()) continue;
    ASSERT_EQ(prices.emplace(std::pair(event.product, event.currency), event.cents).first->second,
              event.cents);
    ASSERT_EQ(categories.emplace(event.product, event.category).first->second, event.category);
    ASSERT_EQ(currencies.emplace(event.country, event.currency).first->second, event.currency);
  }
  EXPECT_GT(categories.size(), 5'000u);
  EXPECT_EQ(currencies.at("DE"), "EUR");
  EXPECT_EQ(currencies.at("US"), "USD");
}

TEST(ShopTest, AFewProductsAndUsersMakeMostOfTheTraffic) {
  std::map<std::string, int64_t> views, visits;
  std::set<std::string> seen;
  for (const Event& event : Sample()) {
    if (event.type == "view") ++views[event.product];
    if (seen.insert(event.session).second) ++visits[event.user];
  }
  std::vector<int64_t> counts;
  int64_t total = 0;
  for (const auto& [product, count] : views) counts.push_back(count), total += count;
  std::sort(counts.rbegin(), counts.rend());
  int64_t top = 0;
  for (size_t i = 0; i < 200; ++i) top += counts[i];  // one percent of all products
  EXPECT_GT(top, total / 5);
  EXPECT_LT(counts[0], total / 100) << "but nothing is absurdly popular";
  EXPECT_GT(counts[10], 5 * counts[400]) << "frequency falls about as rank rises";
  EXPECT_LT(counts[10], 40 * counts[400]);
  int64_t most = 0;
  for (const auto& [user, count] : visits) most = std::max(most, count);
  EXPECT_GT(seen.size(), visits.size() * 5 / 4) << "users come back";
  EXPECT_LT(most, 30);
}

TEST(ShopTest, TheDayHasItsRhythmEverywhere) {
  ScenarioOptions options;
  options.event_span_ms = 24 * kHourMs;
  options.clicks = 128'000;
  RecordBlock block;
  ASSERT_TRUE(ShopScenario::Create(options).value().Generate("clicks", 0, options.clicks, &block).ok());
  std::map<std::string, std::vector<int>> hours;
  std::vector<int> all(24);
  for (size_t i = 0; i < block.size(); ++i) {
    const std::string_view value = block.at(i).value;
    const auto hour =
        static_cast<size_t>(InstantMs(value.substr(value.find("_time\":\"") + 8, 24)) / kHourMs % 24);
    auto& country = hours[std::string(value.substr(value.find("country\":\"") + 10, 2))];
    country.resize(24);
    ++country[hour];
    ++all[hour];
  }
  EXPECT_EQ(hours.size(), 11u);
  EXPECT_GT(all[19], 3 * all[3]);
  EXPECT_GT(all[12], 3 * all[3] / 2);
  // Two in the morning UTC is evening in America and night in Germany.
  const auto share = [&](const char* country, size_t hour) {
    return double(hours[country][hour]) / all[hour];
  };
  EXPECT_GT(share("US", 2), 2 * share("US", 12));
  EXPECT_LT(share("DE", 2), share("DE", 12));
}

TEST(ShopTest, PeopleBelongToTheirCountries) {
  std::map<std::string, std::set<std::string>> countries, devices;
  for (const Event& event : Sample()) {
    countries[event.user].insert(event.country);
    devices[event.user].insert(event.device);
  }
  for (const auto& [user, places] : countries) ASSERT_EQ(places.size(), 1u) << user;
  for (const auto& [user, used] : devices) ASSERT_LE(used.size(), 2u) << user;
}

// `count` draws at a rate of `per_million`: within six standard deviations.
void ExpectShare(double count, double draws, double per_million, const char* what) {
  const double share = per_million / 1e6;
  EXPECT_NEAR(count, draws * share, 6 * std::sqrt(draws * share * (1 - share)) + 1) << what;
}

TEST(ShopTest, FaultsHaveTheirShare) {
  constexpr uint64_t kCount = 200'000;
  std::vector<Expectation> expected;
  const std::vector<std::string> plain = Values("none", ShopScenario::kClicks, kCount);
  const std::vector<std::string> faulty =
      Values("late=0.03,out_of_order=0.02,extra=0.01,malformed=0.012,not_json=0.004", ShopScenario::kClicks,
             kCount, &expected);
  std::map<std::string, double> counts;
  for (size_t i = 0; i < kCount; ++i) {
    if (expected[i].reason) {
      ++counts[std::string(ReasonName(*expected[i].reason))];
    } else if (plain[i].size() != faulty[i].size()) {
      ++counts["extra"];
    } else if (plain[i] != faulty[i]) {
      const int64_t back_ms = InstantMs(plain[i].substr(45, 24)) - InstantMs(faulty[i].substr(45, 24));
      ASSERT_EQ(plain[i].substr(69), faulty[i].substr(69)) << "only the time differs";
      ASSERT_GE(back_ms, 1'000);
      ASSERT_LE(back_ms, 72 * kHourMs);
      ASSERT_TRUE(back_ms <= 600'000 || back_ms >= kHourMs) << back_ms;
      ++counts[back_ms >= kHourMs ? "late" : "out_of_order"];
    }
  }
  ExpectShare(counts["late"], kCount, 30'000, "late");
  ExpectShare(counts["out_of_order"], kCount, 20'000, "out_of_order");
  ExpectShare(counts["extra"], kCount, 10'000, "extra");
  for (const Reason reason : AllReasons()) {
    const std::string name(ReasonName(reason));
    const double spread = 12'000.0 * (reason == Reason::kTooLarge ? 1 : 500) / 6'001;
    ExpectShare(counts[name], kCount, spread + (reason == Reason::kNotJson ? 4'000 : 0), name.c_str());
  }
}

TEST(ShopTest, DuplicatesRepeatAnEarlierRecordAndReplaceNone) {
  for (const auto& [table, count, farthest] :
       {std::tuple("clicks", 128'000u, 1'000u), std::tuple("orders", 3'200u, 25u)}) {
    const std::vector<std::string> values = Values("duplicate=0.1", table, count);
    std::map<std::string, size_t> last;
    double repeated = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      const auto [place, fresh] = last.emplace(values[i], i);
      if (!fresh) {
        ++repeated;
        // A duplicate of a duplicate lies farther from the original, but at most one distance from the last
        // copy.
        ASSERT_LE(i - place->second, farthest) << table << " " << i;
      }
      place->second = i;
    }
    ExpectShare(repeated, count, 100'000, table);
  }
  // Duplicates lose nothing: each checkout still has its order, and each order its checkout.
  std::set<std::string> checkouts, orders;
  for (const std::string& value : Values("duplicate=0.1", "clicks", 128'000)) {
    if (value.find("\"checkout\"") != std::string::npos)
      checkouts.insert(value.substr(value.find("session_id"), 30));
  }
  for (const std::string& value : Values("duplicate=0.1", "orders", 3'200)) {
    orders.insert(value.substr(value.find("session_id"), 30));
  }
  EXPECT_EQ(checkouts, orders);
}

}  // namespace
}  // namespace forebay
