// The shop scenario: records and their expected outcomes.
#include "scenario/scenario.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "errors.h"
#include "scenario/scenario_text.h"
#include "waiting.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace forebay::python {
namespace {

class RecordsHolder {
 public:
  explicit RecordsHolder(RecordBlock block) : block_(std::move(block)) {}

  size_t size() const { return block_.size(); }
  std::optional<nb::bytes> key(size_t i) const {
    const std::string_view key = At(i).key;
    if (key.empty()) return std::nullopt;
    return nb::bytes(key.data(), key.size());
  }
  nb::bytes value(size_t i) const {
    const std::string_view value = At(i).value;
    return nb::bytes(value.data(), value.size());
  }
  uint64_t sequence(size_t i) const { return At(i).sequence; }
  // The reason for quarantine; none if it must be landed.
  std::optional<std::string> reason(size_t i) const {
    const auto reason = At(i).expected.reason;
    if (!reason) return std::nullopt;
    return std::string(ReasonName(*reason));
  }
  // The directory where it must be landed, and the hash of its primary key.
  std::string directory(size_t i) const { return std::string(At(i).expected.partition); }
  uint64_t key_hash(size_t i) const { return At(i).expected.key_hash; }

 private:
  GeneratedRecord At(size_t i) const {
    if (i >= block_.size()) throw nb::index_error("record index out of range");
    return block_.at(i);
  }

  RecordBlock block_;
};

struct ScenarioHolder {
  ScenarioHolder(const ScenarioText& text, uint64_t total_clicks)
      : scenario(Unwrap(ShopScenario::Create(Unwrap(ReadScenarioText(text, total_clicks))))) {}

  RecordsHolder Generate(const std::string& table, uint64_t first, uint64_t count) const {
    RecordBlock block;
    Check(WithoutGil([&] { return scenario.Generate(table, first, first + count, &block); }));
    return RecordsHolder(std::move(block));
  }

  ShopScenario scenario;
};

}  // namespace

void RegisterScenario(nb::module_& m) {
  nb::class_<ScenarioText>(m, "ScenarioText")
      .def(nb::new_([](uint64_t seed, const std::string& faults, const std::string& event_start,
                       const std::string& event_span, const std::string& event_rate) {
             return ScenarioText{seed, faults, event_start, event_span, event_rate};
           }),
           "seed"_a, "faults"_a, "event_start"_a, "event_span"_a, "event_rate"_a);
  nb::class_<RecordsHolder>(m, "Records")
      .def("__len__", &RecordsHolder::size)
      .def("key", &RecordsHolder::key, "i"_a)
      .def("value", &RecordsHolder::value, "i"_a)
      .def("sequence", &RecordsHolder::sequence, "i"_a)
      .def("reason", &RecordsHolder::reason, "i"_a)
      .def("directory", &RecordsHolder::directory, "i"_a)
      .def("key_hash", &RecordsHolder::key_hash, "i"_a);
  nb::class_<ScenarioHolder>(m, "Scenario")
      .def(nb::init<const ScenarioText&, uint64_t>(), "text"_a, "total_clicks"_a)
      .def("generate", &ScenarioHolder::Generate, "table"_a, "first"_a, "count"_a);
}

}  // namespace forebay::python
