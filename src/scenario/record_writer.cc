#include "scenario/record_writer.h"

#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace forebay {
namespace {

constexpr std::string_view kEventTypes[] = {"search", "view", "cart", "checkout"};

void PutUser(TextWriter& out, uint32_t number) {
  out.Put("u");
  out.Padded(number, 7);
}

void PutProduct(TextWriter& out, uint32_t number) {
  out.Put("p");
  out.Padded(number, 6);
}

void PutSearch(TextWriter& out, const Click& click) {
  const SearchText query = TextOf(click.query);
  out.Put("\",\"category\":\"");
  out.Put(CategoryName(click.category));
  out.Put("\",\"search_query\":\"");
  out.Put(query.first);
  out.Put(query.second);
  out.Put("\"");
}

void PutProductView(TextWriter& out, const BlockText& text, const Click& click, const ShopSession& session) {
  const uint32_t currency = kCountries[session.country].currency;
  out.Put("\",\"product_id\":\"");
  PutProduct(out, text.catalog->product(click.product).number);
  out.Put("\",\"category\":\"");
  out.Put(CategoryName(click.category));
  out.Put("\",\"price\":");
  out.Money(text.catalog->PriceCents(click.product, currency));
  out.Put(",\"currency\":\"");
  out.Put(kCurrencies[currency].code);
  out.Put("\"");
  if (click.type == EventType::kCart) {
    out.Put(",\"quantity\":");
    out.Integer(click.quantity);
  }
}

void PutPage(TextWriter& out, const BlockText& text, const Click& click) {
  switch (click.type) {
    case EventType::kSearch:
      out.Put("/search/");
      out.Put(CategoryName(click.category));
      return;
    case EventType::kView:
      out.Put("/p/");
      PutProduct(out, text.catalog->product(click.product).number);
      return;
    case EventType::kCart:
      out.Put("/cart");
      return;
    case EventType::kCheckout:
      out.Put("/checkout");
      return;
  }
}

// Payment terms of an order, apart from its lines; drawn from the order's own id.
struct OrderTerms {
  std::string_view status;
  std::string_view coupon;  // empty for none
  uint32_t coupon_percent;
};

OrderTerms TermsOf(uint64_t id, Segment segment) {
  static constexpr OrderTerms kCoupons[] = {
      {"", "SAVE10", 10}, {"", "SPRING15", 15}, {"", "THANKYOU5", 5}, {"", "WELCOME20", 20}};
  Random random(id);
  OrderTerms terms{};
  const uint64_t coupon = random.Below(100);
  if (segment == Segment::kNew) {
    if (coupon < 30) terms = kCoupons[3];
  } else if (coupon < 12) {
    terms = kCoupons[random.Below(segment == Segment::kVip ? 3 : 2)];
  }
  const uint64_t status = random.Below(100);
  terms.status = status < 80 ? "paid" : status < 94 ? "placed" : "cancelled";
  return terms;
}

// A discount of 15 percent is the rate 0.15.
void PutRate(TextWriter& out, uint32_t percent) {
  out.Put("0.");
  if (percent % 10 == 0) {
    out.Integer(percent / 10);
  } else {
    out.TwoDigits(percent);
  }
}

// Writes the items array and returns the total price.
int64_t PutItems(TextWriter& out, const BlockText& text, const Order& order, uint32_t currency,
                 uint32_t coupon_percent) {
  int64_t subtotal_cents = 0;
  for (uint32_t i = 0; i < order.line_count; ++i) {
    const OrderLine& line = text.block->lines[order.first_line + i];
    const Product& product = text.catalog->product(line.product);
    const int64_t price_cents = text.catalog->PriceCents(line.product, currency);
    const uint32_t percent = std::max<uint32_t>(product.sale_percent, coupon_percent);
    if (i > 0) out.Put(",");
    out.Put("{\"product_id\":\"");
    PutProduct(out, product.number);
    out.Put("\",\"quantity\":");
    out.Integer(line.quantity);
    out.Put(",\"unit_price\":");
    out.Money(price_cents);
    if (percent != 0) {
      out.Put(",\"discount_rate\":");
      PutRate(out, percent);
    }
    out.Put("}");
    subtotal_cents +=
        (line.quantity * price_cents * (100 - percent) + 50) / 100;  // half a cent is rounded up
  }
  return subtotal_cents;
}

// Faster than FormatDate, which allocates.
void PutDate(TextWriter& out, int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  out.Padded(static_cast<uint32_t>(static_cast<int>(date.year())), 4);
  out.Put("-");
  out.TwoDigits(static_cast<unsigned>(date.month()));
  out.Put("-");
  out.TwoDigits(static_cast<unsigned>(date.day()));
}

void PutCustomer(TextWriter& out, const UserProfile& profile, int64_t event_start_ms) {
  out.Put("\",\"customer\":{\"segment\":\"");
  out.Put(SegmentName(profile.segment));
  out.Put("\"");
  if (profile.customer_days != 0) {
    out.Put(",\"since\":\"");
    PutDate(out, DayOfMillis(event_start_ms) - profile.customer_days);
    out.Put("\"");
  }
  out.Put(",\"newsletter\":");
  out.Put(profile.newsletter ? std::string_view("true") : std::string_view("false"));
}

// Free from 50 euros, 4.95 euros below that; in the order's currency, rounded down.
int64_t ShippingCents(int64_t subtotal_cents, const Currency& currency) {
  if (subtotal_cents >= 5'000 * currency.per_mille / 1000) return 0;
  const int64_t cents = 495 * currency.per_mille / 1000;
  return currency.whole_units ? cents / 100 * 100 : cents;
}

}  // namespace

uint64_t IdOf(uint64_t seed, IdSpace space, uint64_t number) {
  return Mix64((static_cast<uint64_t>(space) << 56 | number) + Mix64(seed + kGoldenGamma));
}

void TimeWriter::Write(TextWriter& out, int64_t time_ms) {
  const int32_t day = DayOfMillis(time_ms);
  if (day != day_) {
    day_ = day;
    TextWriter date(date_);
    PutDate(date, day);
  }
  const auto of_day_ms = static_cast<uint32_t>(time_ms - int64_t{day} * kMillisPerDay);
  const uint32_t seconds = of_day_ms / 1000;
  out.Put(date());
  out.Put("T");
  out.TwoDigits(seconds / 3600);
  out.Put(":");
  out.TwoDigits(seconds / 60 % 60);
  out.Put(":");
  out.TwoDigits(seconds % 60);
  out.Put(".");
  out.Padded(of_day_ms % 1000, 3);
  out.Put("Z");
}

size_t WriteClick(const BlockText& text, const Click& click, uint64_t id, int64_t time_ms, TimeWriter& times,
                  char* begin) {
  const ShopSession& session = text.block->sessions[click.session];
  TextWriter out(begin);
  PutUser(out, UserNumber(text.seed, session.user));
  const std::string_view key(begin, kKeySize);
  out.Put("{\"event_id\":\"");
  out.Hex(id);
  out.Put("\",\"event_time\":\"");
  times.Write(out, time_ms);
  out.Put("\",\"event_type\":\"");
  out.Put(kEventTypes[static_cast<size_t>(click.type)]);
  out.Put("\",\"user_id\":\"");
  out.Put(key);
  out.Put("\",\"session_id\":\"");
  out.Hex(IdOf(text.seed, IdSpace::kSessions, text.first_session + click.session));
  if (click.type == EventType::kSearch) {
    PutSearch(out, click);
  } else if (click.type == EventType::kCheckout) {
    out.Put("\"");
  } else {
    PutProductView(out, text, click, session);
  }
  out.Put(",\"country\":\"");
  out.Put(kCountries[session.country].code);
  out.Put("\",\"device\":\"");
  out.Put(DeviceName(session.device));
  out.Put("\",\"page\":\"");
  PutPage(out, text, click);
  out.Put("\"}");
  return static_cast<size_t>(out.cursor() - begin) - kKeySize;
}

size_t WriteOrder(const BlockText& text, const Order& order, uint64_t id, int64_t time_ms, TimeWriter& times,
                  char* begin) {
  const ShopSession& session = text.block->sessions[order.session];
  const uint32_t currency = kCountries[session.country].currency;
  const UserProfile profile = ProfileOf(text.seed, session.user);
  const OrderTerms terms = TermsOf(id, profile.segment);
  TextWriter out(begin);
  PutUser(out, UserNumber(text.seed, session.user));
  const std::string_view key(begin, kKeySize);
  out.Put("{\"order_id\":\"");
  out.Hex(id);
  out.Put("\",\"order_time\":\"");
  times.Write(out, time_ms);
  out.Put("\",\"user_id\":\"");
  out.Put(key);
  out.Put("\",\"session_id\":\"");
  out.Hex(IdOf(text.seed, IdSpace::kSessions, text.first_session + order.session));
  out.Put("\",\"status\":\"");
  out.Put(terms.status);
  out.Put("\",\"country\":\"");
  out.Put(kCountries[session.country].code);
  out.Put("\",\"currency\":\"");
  out.Put(kCurrencies[currency].code);
  PutCustomer(out, profile, text.event_start_ms);
  out.Put("},\"items\":[");
  const int64_t subtotal_cents = PutItems(out, text, order, currency, terms.coupon_percent);
  const int64_t shipping_cents = ShippingCents(subtotal_cents, kCurrencies[currency]);
  out.Put("],\"subtotal\":");
  out.Money(subtotal_cents);
  out.Put(",\"shipping\":");
  out.Money(shipping_cents);
  out.Put(",\"total\":");
  out.Money(subtotal_cents + shipping_cents);
  if (!terms.coupon.empty()) {
    out.Put(",\"coupon\":\"");
    out.Put(terms.coupon);
    out.Put("\"");
  }
  out.Put("}");
  return static_cast<size_t>(out.cursor() - begin) - kKeySize;
}

}  // namespace forebay
