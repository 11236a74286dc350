#include "scenario/catalog.h"

#include <algorithm>

namespace forebay {

const std::array<Country, 11> kCountries = {{
    {"DE", 0, 1, 26},
    {"GB", 1, 0, 14},
    {"FR", 0, 1, 13},
    {"US", 2, -5, 13},
    {"IT", 0, 1, 8},
    {"ES", 0, 1, 7},
    {"NL", 0, 1, 6},
    {"PL", 4, 1, 5},
    {"AT", 0, 1, 3},
    {"CH", 3, 1, 3},
    {"SE", 5, 1, 2},
}};

const std::array<Currency, 6> kCurrencies = {{
    {"EUR", 1000, false},
    {"GBP", 860, false},
    {"USD", 1090, false},
    {"CHF", 950, false},
    {"PLN", 4270, false},
    {"SEK", 11350, true},
}};

namespace {

enum Purpose : uint64_t { kUserPurpose = 0x757365, kProductPurpose = 0x70726f };

constexpr size_t kNounCount = 8;

struct Category {
  std::string_view name;
  uint64_t visits;     // share of interest, relative to the others
  uint32_t products;   // number of products
  int32_t low_cents;   // lowest price
  int32_t high_cents;  // highest price; cheap products are far more common
  std::string_view nouns[kNounCount];
};

constexpr Category kCategories[kCategoryCount] = {
    {"electronics",
     18,
     2600,
     1500,
     120000,
     {"headphones", "usb-c cable", "monitor 27 inch", "keyboard", "phone case", "power bank", "laptop stand",
      "webcam"}},
    {"fashion",
     20,
     4200,
     900,
     15000,
     {"sneakers", "rain jacket", "jeans", "summer dress", "wool socks", "belt", "t-shirt", "winter coat"}},
    {"home",
     14,
     2900,
     500,
     60000,
     {"desk lamp", "frying pan", "duvet cover", "bookshelf", "curtains", "crème brûlée torch", "office chair",
      "knife set"}},
    {"beauty",
     10,
     1700,
     300,
     8000,
     {"shampoo", "face cream", "lip balm", "eau de parfum", "nail polish", "sunscreen", "hair dryer",
      "razor"}},
    {"sports",
     9,
     1500,
     800,
     40000,
     {"yoga mat", "running shoes", "dumbbells", "tent", "bike light", "swim goggles", "football",
      "hiking socks"}},
    {"toys",
     8,
     1300,
     500,
     12000,
     {"wooden train", "puzzle 1000", "board game", "doll house", "building blocks", "teddy bear", "kite",
      "rc car"}},
    {"books",
     9,
     2600,
     500,
     4500,
     {"crime novel", "cookbook", "travel guide", "atlas", "poetry", "children's book", "biography",
      "wörterbuch"}},
    {"grocery",
     6,
     1000,
     100,
     2500,
     {"coffee beans", "olive oil", "dark chocolate", "green tea", "pasta", "müsli", "honey",
      "jalapeño sauce"}},
    {"garden",
     5,
     800,
     400,
     50000,
     {"garden hose", "bird feeder", "lawn mower", "flower pots", "rose seeds", "parasol", "hedge trimmer",
      "solar lights"}},
    {"pets",
     4,
     600,
     300,
     9000,
     {"dog bed", "cat food", "aquarium", "leash", "scratching post", "bird cage", "chew toy", "pet carrier"}},
    {"automotive",
     4,
     500,
     600,
     25000,
     {"wiper blades", "phone mount", "jump starter", "car mats", "engine oil", "roof box", "tyre gauge",
      "seat cover"}},
    {"music",
     3,
     300,
     700,
     90000,
     {"guitar strings", "ukulele", "microphone", "piano stool", "drum sticks", "capo", "metronome",
      "vinyl cleaner"}},
};

constexpr std::string_view kAdjectives[] = {"",       "",         "",       "",      "cheap ", "red ",
                                            "black ", "best ",    "small ", "kids ", "new ",   "second hand ",
                                            "gift ",  "vintage ", "light ", "sale "};
constexpr size_t kAdjectiveCount = std::size(kAdjectives);

template <typename Range, typename Member>
std::vector<uint64_t> Weights(const Range& range, Member member) {
  std::vector<uint64_t> weights;
  for (const auto& element : range) weights.push_back(element.*member);
  return weights;
}

Product MakeProduct(uint32_t index, uint32_t category) {
  // Odd, and not a multiple of 5, so that it permutes the numbers below a million.
  constexpr uint64_t kStride = 618'033;
  static constexpr uint8_t kEndings[] = {99, 99, 99, 95, 95, 90, 50, 49, 0};
  static constexpr uint8_t kSales[] = {5, 10, 15, 20, 30};
  Random random(StreamKey(0, kProductPurpose, index));
  Product product{};
  product.number = static_cast<uint32_t>((index * kStride + 271) % 1'000'000);
  product.category = static_cast<uint8_t>(category);
  // The cube of a uniform number: half of the products are in the lowest eighth of the price range.
  const uint64_t u = random.Below(1024);
  const auto spread =
      static_cast<uint64_t>(kCategories[category].high_cents - kCategories[category].low_cents);
  product.base_cents = kCategories[category].low_cents + static_cast<int32_t>((spread * u * u * u) >> 30);
  product.cents = random.Of(kEndings);
  product.sale_percent = random.Percent(8) ? random.Of(kSales) : 0;
  return product;
}

const AliasTable& CountryTable() {
  static const AliasTable table(Weights(kCountries, &Country::share));
  return table;
}

}  // namespace

std::string_view DeviceName(Device device) {
  static constexpr std::string_view kNames[] = {"desktop", "mobile", "tablet"};
  return kNames[static_cast<size_t>(device)];
}

std::string_view SegmentName(Segment segment) {
  static constexpr std::string_view kNames[] = {"new", "returning", "vip"};
  return kNames[static_cast<size_t>(segment)];
}

UserProfile ProfileOf(uint64_t seed, uint32_t user) {
  Random random(StreamKey(seed, kUserPurpose, user));
  UserProfile profile{};
  profile.country = static_cast<uint8_t>(CountryTable().Pick(random));
  const uint64_t device = random.Below(100);
  profile.device = device < 57 ? Device::kMobile : device < 92 ? Device::kDesktop : Device::kTablet;
  // Users are sorted by frequency of visits.
  const bool frequent = user < kUserCount / 10;
  const uint64_t segment = random.Below(100);
  if (frequent) {
    profile.segment = segment < 40 ? Segment::kVip : Segment::kReturning;
  } else {
    profile.segment = segment < 40 ? Segment::kNew : segment < 94 ? Segment::kReturning : Segment::kVip;
  }
  profile.newsletter = random.Percent(profile.segment == Segment::kNew ? 22 : 48);
  const auto days = static_cast<uint16_t>(random.Between(14, 3650));
  profile.customer_days = profile.segment == Segment::kNew ? 0 : days;
  return profile;
}

uint32_t UserNumber(uint64_t seed, uint32_t user) {
  constexpr uint64_t kNumbers = 10'000'000;
  constexpr uint64_t kStride = 6'180'339;  // shares no factor with kNumbers
  return static_cast<uint32_t>((user * kStride + StreamKey(seed, kUserPurpose, kUserCount) % kNumbers) %
                               kNumbers);
}

Catalog::Catalog()
    : categories_(Weights(kCategories, &Category::visits)),
      // The shift keeps the most active user below one session in five thousand.
      users_(ZipfWeights(kUserCount, 1000)) {
  for (uint32_t category = 0; category < kCategoryCount; ++category) {
    first_product_[category] = static_cast<uint32_t>(products_.size());
    popularity_.emplace_back(ZipfWeights(kCategories[category].products, 6));
    for (uint32_t i = 0; i < kCategories[category].products; ++i) {
      products_.push_back(MakeProduct(static_cast<uint32_t>(products_.size()), category));
    }
  }
  FOREBAY_ASSERT(products_.size() == kProductCount);
}

int64_t Catalog::PriceCents(uint32_t product, uint32_t currency) const {
  const int64_t cents = products_[product].base_cents * kCurrencies[currency].per_mille / 1000;
  const int64_t units = std::max<int64_t>(cents / 100, 1);
  return units * 100 + (kCurrencies[currency].whole_units ? 0 : products_[product].cents);
}

std::string_view CategoryName(uint32_t category) {
  return kCategories[category].name;
}

SearchQuery PickSearchQuery(uint32_t category, Random& random) {
  const uint64_t noun = random.Below(kNounCount);
  return static_cast<SearchQuery>((category * kNounCount + noun) * kAdjectiveCount +
                                  random.Below(kAdjectiveCount));
}

SearchText TextOf(SearchQuery query) {
  const size_t noun = query / kAdjectiveCount;
  return {kAdjectives[query % kAdjectiveCount], kCategories[noun / kNounCount].nouns[noun % kNounCount]};
}

}  // namespace forebay
