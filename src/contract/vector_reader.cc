#include "contract/vector_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/quoted.h"
#include "contract/names.h"

namespace forebay {
namespace {

constexpr char kExpected[] = "the number of its elements was expected, at least 1";
constexpr std::string_view kOptions[] = {"dimensions", "elementType", "normalized"};
constexpr std::string_view kPassedOptions[] = {"distanceMetric", "embeddingModel", "embeddingModelVersion"};
constexpr std::string_view kElementTypes[] = {"bfloat16", "binary", "float16", "float32",
                                              "float64",  "int8",   "uint8"};

void SetElementType(std::string_view type, Field& element) {
  element.type = FieldType::kNumber;
  if (type.find("float") != std::string_view::npos) return;
  element.type = FieldType::kInteger;
  element.bits = 32;
  element.minimum = Bound{type == "int8" ? -128 : 0, 0, false};
  element.maximum = Bound{type == "int8" ? 127 : type == "uint8" ? 255 : 1, 0, false};
}

void ReadOptions(const MapReader& options, Field& field) {
  const std::optional<int64_t> dimensions = options.Integer("dimensions");
  options.RefuseMissing("dimensions", "'dimensions' is missing", kExpected);
  if (dimensions && *dimensions < 1)
    options.Refuse("dimensions", fmt::format("'dimensions' is {}", *dimensions), kExpected);
  field.min_length = field.max_length = dimensions;
  const std::string type = options.Text("elementType").value_or("float32");
  if (std::find(std::begin(kElementTypes), std::end(kElementTypes), type) == std::end(kElementTypes)) {
    options.Refuse("elementType", fmt::format("elementType is {}", Quoted(type)),
                   JoinOr(kElementTypes) + " was expected");
  }
  SetElementType(type, field.fields.front());
  if (options.Bool("normalized") == true) {
    options.Note("normalized", "the rule 'normalized' is not checked when records are landed",
                 "a 'quality' rule for datacontract-cli can check it");
  }
}

}  // namespace

bool IsVector(const MapReader& property) {
  const YamlNode* const type = property.Find("logicalType");
  return type != nullptr && type->kind == YamlKind::kScalar && LowerCase(type->text) == "vector";
}

void ReadVector(const MapReader& property, Field& field) {
  Field element;
  element.name = element.column = "element";
  element.line = field.line;
  element.required = true;
  element.nullable = false;
  field.fields.push_back(std::move(element));
  property.RefuseMissing("logicalTypeOptions", "a vector without 'dimensions' in logicalTypeOptions",
                         kExpected);
  const YamlNode* const node = property.Map("logicalTypeOptions");
  if (node == nullptr) return;
  ReadOptions(MapReader(*node, fmt::format("logicalTypeOptions of {} (a vector)", property.what()),
                        {kOptions, kPassedOptions}, property.diagnostics()),
              field);
}

}  // namespace forebay
