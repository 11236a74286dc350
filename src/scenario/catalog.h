// The shop's customers and goods: countries, currencies, categories, products and users. Plain facts, and
// draws from them; nothing here depends on time or sessions.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "scenario/alias_table.h"
#include "scenario/random.h"

namespace forebay {

struct Country {
  std::string_view code;     // ISO 3166
  uint32_t currency;         // index into kCurrencies
  int32_t utc_offset_hours;  // standard time where most of its visitors live
  uint64_t share;            // of users, relative to the others
};
extern const std::array<Country, 11> kCountries;

struct Currency {
  std::string_view code;  // ISO 4217
  int64_t per_mille;      // of a price in euros
  bool whole_units;       // prices have no cents
};
extern const std::array<Currency, 6> kCurrencies;

enum class Device : uint8_t { kDesktop, kMobile, kTablet };
enum class Segment : uint8_t { kNew, kReturning, kVip };
std::string_view DeviceName(Device device);
std::string_view SegmentName(Segment segment);

// Permanent properties of a user. A pure function of (seed, user).
struct UserProfile {
  uint8_t country;  // index into kCountries
  Device device;    // the user's main device
  Segment segment;
  bool newsletter;
  uint16_t
      customer_days;  // since when they are customers, in days before the scenario begins; 0 for new ones
};

inline constexpr uint32_t kUserCount = 200'000;
UserProfile ProfileOf(uint64_t seed, uint32_t user);
// The digits of "u1234567". Different users of a seed have different numbers.
uint32_t UserNumber(uint64_t seed, uint32_t user);

inline constexpr uint32_t kCategoryCount = 12;
inline constexpr uint32_t kProductCount = 20'000;

struct Product {
  uint32_t number;       // the digits of "p001234"
  uint8_t category;      // 0..kCategoryCount-1
  int32_t base_cents;    // in euros, before the price ending
  uint8_t cents;         // the price ending: 99, 95, ...
  uint8_t sale_percent;  // off on every order; 0 for most products
};

// Immutable; thread-safe. Prices and products are the same for every seed.
class Catalog {
 public:
  Catalog();

  const Product& product(uint32_t index) const { return products_[index]; }
  // In hundredths of the currency's unit; always positive.
  int64_t PriceCents(uint32_t product, uint32_t currency) const;

  uint32_t PickUser(Random& random) const { return users_.Pick(random); }
  uint32_t PickCategory(Random& random) const { return categories_.Pick(random); }
  // Zipf-like within the category.
  uint32_t PickProduct(uint32_t category, Random& random) const {
    return first_product_[category] + popularity_[category].Pick(random);
  }

 private:
  std::vector<Product> products_;  // grouped by category, the most popular first
  std::array<uint32_t, kCategoryCount> first_product_{};
  std::vector<AliasTable> popularity_;  // by category
  AliasTable categories_;
  AliasTable users_;
};

std::string_view CategoryName(uint32_t category);

// A search, as a number: its target in a category, and its wording. The text has at most 60 bytes of UTF-8,
// which JSON can carry without escapes.
using SearchQuery = uint16_t;
SearchQuery PickSearchQuery(uint32_t category, Random& random);
// The two halves of the text; `first` ends with a space, or is empty.
struct SearchText {
  std::string_view first;
  std::string_view second;
};
SearchText TextOf(SearchQuery query);

}  // namespace forebay
