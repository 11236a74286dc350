// transformLogic of a partition dimension that is no field of the record: "date(event_time,
// 'Europe/Berlin')".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contract/contract.h"
#include "contract/map_reader.h"

namespace forebay {

struct Derivation {
  PartitionTransform transform = PartitionTransform::kDate;
  std::string source;     // names a field as FindPlace takes it
  std::string time_zone;  // empty: UTC
  int line = 0;           // of transformLogic
};

// "year", "month", "date", "hour"; "" for kIdentity.
std::string_view TransformName(PartitionTransform transform);

// Whether transformLogic of a partition dimension computes it here: a call of one of the functions above, or
// of one that misspells them. The standard has the key for what was done upstream, in any language.
bool IsTransform(std::string_view logic);

// Reads the transformLogic of a property, with the other keys that must agree with it. Nothing, with a
// diagnostic, for one that is not supported. REQUIRES: IsTransform.
std::optional<Derivation> ReadDerivation(const MapReader& property, const std::string& logic);

}  // namespace forebay
