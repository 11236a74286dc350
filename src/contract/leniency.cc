#include "contract/leniency.h"

#include <fmt/format.h>

#include <string>

#include "base/quoted.h"

namespace forebay {

Leniency ReadLeniency(const CustomProperties& custom, const Leniency& inherited) {
  Leniency leniency = inherited;
  if (const std::optional<std::string> wrong = custom.Text("onWrongValue")) {
    leniency.null_if_wrong = *wrong == "setNull";
    if (*wrong != "setNull" && *wrong != "reject") {
      custom.Refuse("onWrongValue", fmt::format("onWrongValue is {}", Quoted(*wrong)),
                    "reject or setNull was expected");
    }
  }
  if (!custom.Has("coerce")) return leniency;
  leniency.coercions = Coercions();
  for (const std::string& name : custom.Texts("coerce")) {
    if (name == "numbersInStrings") {
      leniency.coercions.numbers_in_strings = true;
    } else if (name == "numbersAsBooleans") {
      leniency.coercions.numbers_as_booleans = true;
    } else if (name == "emptyAsNull") {
      leniency.coercions.empty_as_null = true;
    } else if (name != "none") {
      custom.Refuse("coerce", fmt::format("coerce has {}", Quoted(name)),
                    "numbersInStrings, numbersAsBooleans, emptyAsNull or none was expected");
    }
  }
  return leniency;
}

void ApplyLeniency(const CustomProperties& custom, const Leniency& leniency, Field& field) {
  field.coercions = leniency.coercions;
  const bool possible = !field.required && field.source == FieldSource::kValue;
  field.null_if_wrong = leniency.null_if_wrong && possible;
  if (leniency.null_if_wrong && !possible && custom.Has("onWrongValue")) {
    custom.Refuse("onWrongValue",
                  field.required ? "a required field cannot become null" : "onWrongValue with kafka.source",
                  field.required ? "reject, or an optional field, was expected"
                                 : "reject was expected: a key or header has no place in _extra");
  }
}

}  // namespace forebay
