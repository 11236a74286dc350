#include "contract/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>

#include "contract/ecma_pattern.h"

namespace forebay {
namespace {

constexpr uint32_t kOptions = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS |
                              PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
constexpr uint32_t kWhole = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT;
constexpr uint32_t kMatchLimit = 1'000'000;
constexpr uint32_t kHeapLimitKib = 8 * 1024;
constexpr size_t kJitStackStart = 32 * 1024;
constexpr size_t kJitStackLimit = kHeapLimitKib * 1024;

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeMatchData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeMatchContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

struct FreeJitStack {
  void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};

}  // namespace

struct Pattern::Compiled {
  std::unique_ptr<pcre2_code, FreeCode> code;
  std::unique_ptr<pcre2_match_data, FreeMatchData> match_data;
  std::unique_ptr<pcre2_match_context, FreeMatchContext> match_context;
  std::unique_ptr<pcre2_jit_stack, FreeJitStack> jit_stack;              // null without JIT
  std::unique_ptr<pcre2_match_context, FreeMatchContext> whole_context;  // without memory of its own
};

Pattern::Pattern(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::Compile(std::string_view pattern) {
  const PcrePattern pcre = FromEcma(pattern);
  int error = 0;
  PCRE2_SIZE position = 0;
  auto compiled = std::make_unique<Compiled>();
  compiled->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pcre.text.data()), pcre.text.size(),
                                     kOptions, &error, &position, nullptr));
  if (compiled->code == nullptr) {
    unsigned char message[256];
    pcre2_get_error_message(error, message, sizeof message);
    return InvalidArgumentError(fmt::format("{} at character {}", reinterpret_cast<const char*>(message),
                                            pcre.source[std::min(position, pcre.text.size())] + 1));
  }
  compiled->match_data.reset(pcre2_match_data_create(1, nullptr));
  compiled->match_context.reset(pcre2_match_context_create(nullptr));
  compiled->whole_context.reset(pcre2_match_context_create(nullptr));
  if (compiled->match_data == nullptr || compiled->match_context == nullptr ||
      compiled->whole_context == nullptr) {
    return IoError("out of memory while compiling a pattern");
  }
  for (pcre2_match_context* const context : {compiled->match_context.get(), compiled->whole_context.get()}) {
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_heap_limit(context, kHeapLimitKib);
  }
  // Without JIT (some hardened kernels forbid it) the interpreter gives the same results, more slowly.
  if (pcre2_jit_compile(compiled->code.get(), PCRE2_JIT_COMPLETE) == 0) {
    compiled->jit_stack.reset(pcre2_jit_stack_create(kJitStackStart, kJitStackLimit, nullptr));
    pcre2_jit_stack_assign(compiled->match_context.get(), nullptr, compiled->jit_stack.get());
  }
  return Pattern(std::move(compiled));
}

bool Pattern::Matches(std::string_view utf8) {
  return pcre2_match(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(utf8.data()), utf8.size(), 0,
                     PCRE2_NO_UTF_CHECK, compiled_->match_data.get(), compiled_->match_context.get()) >= 0;
}

std::optional<std::vector<std::string>> Pattern::MatchWhole(std::string_view utf8) const {
  const std::unique_ptr<pcre2_match_data, FreeMatchData> found(
      pcre2_match_data_create_from_pattern(compiled_->code.get(), nullptr));
  FOREBAY_ASSERT(found != nullptr);
  const int matched = pcre2_match(compiled_->code.get(), reinterpret_cast<PCRE2_SPTR>(utf8.data()),
                                  utf8.size(), 0, kWhole, found.get(), compiled_->whole_context.get());
  if (matched < 0) return std::nullopt;
  std::vector<std::string> texts;
  const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(found.get());
  for (size_t group = 1; group <= groups(); ++group) {
    const bool is_set = static_cast<int>(group) < matched && ends[2 * group] != PCRE2_UNSET;
    texts.emplace_back(is_set ? utf8.substr(ends[2 * group], ends[2 * group + 1] - ends[2 * group]) : "");
  }
  return texts;
}

size_t Pattern::groups() const {
  uint32_t count = 0;
  pcre2_pattern_info(compiled_->code.get(), PCRE2_INFO_CAPTURECOUNT, &count);
  return count;
}

}  // namespace forebay
