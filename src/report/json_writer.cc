#include "report/json_writer.h"

#include "base/assert.h"
#include "base/json_quote.h"

namespace forebay {

void JsonWriter::NewLine() {
  if (on_one_line()) return;
  text_ += '\n';
  text_.append(2 * open_.size(), ' ');
}

void JsonWriter::Begin() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (open_.empty()) return;
  if (!empty_) text_ += ',';
  NewLine();
}

JsonWriter& JsonWriter::Open(char bracket, JsonLayout layout) {
  Begin();
  text_ += bracket;
  open_.push_back(bracket == '{' ? '}' : ']');
  if (layout == JsonLayout::kOneLine && !on_one_line()) one_line_level_ = open_.size();
  empty_ = true;
  return *this;
}

JsonWriter& JsonWriter::Close() {
  FOREBAY_ASSERT(!open_.empty() && !after_key_);
  const char bracket = open_.back();
  open_.pop_back();
  if (!empty_) NewLine();
  if (open_.size() < one_line_level_) one_line_level_ = 0;
  text_ += bracket;
  empty_ = false;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  FOREBAY_ASSERT(!open_.empty() && open_.back() == '}' && !after_key_);
  Begin();
  text_ += QuoteJson(key);
  text_ += on_one_line() ? ":" : ": ";
  empty_ = false;
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::Value(std::string_view text) {
  return Raw(QuoteJson(text));
}

JsonWriter& JsonWriter::Raw(std::string_view text) {
  Begin();
  text_ += text;
  empty_ = false;
  return *this;
}

}  // namespace forebay
