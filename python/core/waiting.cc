#include "waiting.h"

#include <nanobind/stl/string.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <exception>
#include <string>
#include <thread>

namespace nb = nanobind;

namespace forebay::python {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(50);
constexpr size_t kMaxLines = 10'000;  // buffered until they are forwarded

struct Line {
  spdlog::level::level_enum level;
  std::string text;
};

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::deque<Line> Drain() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (lines_.size() >= kMaxLines) lines_.pop_front();
    lines_.push_back({message.level, std::string(message.payload.data(), message.payload.size())});
  }
  void flush_() override {}

 private:
  std::deque<Line> lines_;
};

std::shared_ptr<LineSink> g_sink;

int LevelNumber(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return 10;
    case spdlog::level::warn:
      return 30;
    case spdlog::level::err:
      return 40;
    case spdlog::level::critical:
      return 50;
    default:
      return 20;
  }
}

// REQUIRES: the GIL.
void ForwardLog() {
  if (g_sink == nullptr) return;
  const std::deque<Line> lines = g_sink->Drain();
  if (lines.empty()) return;
  const nb::object logger = nb::module_::import_("logging").attr("getLogger")("forebay");
  for (const Line& line : lines) logger.attr("log")(LevelNumber(line.level), "%s", line.text);
}

}  // namespace

void CaptureLog() {
  g_sink = std::make_shared<LineSink>();
  auto logger = std::make_shared<spdlog::logger>("forebay", g_sink);
  const char* const level = std::getenv("FOREBAY_LOG");
  logger->set_level(level != nullptr ? spdlog::level::from_str(level) : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void RunWaiting(std::atomic<bool>& stop, const std::function<void()>& work) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::exception_ptr raised_by_work;
  std::exception_ptr raised_by_python;
  std::thread worker([&] {
    try {
      work();
    } catch (...) {
      raised_by_work = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_all();
  });
  const auto wait = [&] {
    const nb::gil_scoped_release unlocked;
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPollInterval, [&] { return done; });
  };
  while (!wait()) {
    try {
      ForwardLog();
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
    } catch (...) {
      if (raised_by_python == nullptr) raised_by_python = std::current_exception();
      stop.store(true);
    }
  }
  worker.join();
  if (raised_by_python != nullptr) std::rethrow_exception(raised_by_python);
  if (raised_by_work != nullptr) std::rethrow_exception(raised_by_work);
  ForwardLog();
}

}  // namespace forebay::python
