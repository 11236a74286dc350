// Finds the schema that a record was written with, by the id that the record carries.
//
// Formats with writer schemas (Avro, Protobuf, JSON Schema) get a resolver when their PayloadDecoder is made.
// A client of a schema registry belongs in a room of its own below this one: it implements this interface,
// and decoders need to know no network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace forebay {

// Thread-safe: the decoders of all threads share one.
class SchemaResolver {
 public:
  virtual ~SchemaResolver() = default;

  // The text of the schema with this id. nullopt: the registry answered, and has no such schema; records with
  // the id are rejected. kUnavailable: the registry did not answer (after the implementation's own retries);
  // no record may be rejected for that.
  //
  // An id never changes its meaning, so implementations keep the schemas that they have found, and decoders
  // keep what they compiled of them. Decoders ask for an absent id at each of its records: implementations
  // keep that answer as well, but only for a while, since the schema may be registered later.
  virtual Result<std::optional<std::string>> Resolve(uint32_t id) = 0;
};

}  // namespace forebay
