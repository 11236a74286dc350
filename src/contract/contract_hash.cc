#include "contract/contract_hash.h"

#include "base/hex.h"
#include "base/row_hash.h"

namespace forebay {

std::string ContractHash(const std::string& yaml) {
  const XXH128_hash_t hash = XXH3_128bits(yaml.data(), yaml.size());
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  return HexDigits(canonical.digest);
}

}  // namespace forebay
