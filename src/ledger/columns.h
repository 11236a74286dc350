// Typed columns of the ledger's tables, and the statements that follow from them.
//
// A list of columns names each column once, with the member of a row that holds its value. The member's type
// is the column's type: integers and strong integers, uint64_t (the same 64 bits, signed), bool (0 or 1),
// std::string, TopicId, std::optional<int64_t> (or NULL), and enumerations, which are stored by name. A name
// that ends with _ms or _us is a time, and must be within the years 0000 to 9999.
//
// Reading checks every value: the schema forbids other types, but the bytes of a damaged file can be
// anything.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/sqlite.h"

namespace forebay {

// Each reads one value; false: the column holds something else.
inline bool ReadValue(const Statement& row, int column, int64_t& value) {
  const std::optional<int64_t> read = row.Int64(column);
  if (read) value = *read;
  return read.has_value();
}
inline bool ReadValue(const Statement& row, int column, uint64_t& value) {
  const std::optional<int64_t> read = row.Int64(column);
  if (read) value = static_cast<uint64_t>(*read);
  return read.has_value();
}
inline bool ReadValue(const Statement& row, int column, bool& value) {
  const std::optional<int64_t> read = row.Int64(column);
  if (read) value = *read == 1;
  return read.has_value();
}
inline bool ReadValue(const Statement& row, int column, std::optional<int64_t>& value) {
  value = row.Int64(column);
  return value || row.IsNull(column);
}
inline bool ReadValue(const Statement& row, int column, std::string& value) {
  std::optional<std::string> read = row.Text(column);
  if (read) value = *std::move(read);
  return read.has_value();
}
inline bool ReadValue(const Statement& row, int column, TopicId& value) {
  std::optional<std::string> read = row.Text(column);
  if (read) value = TopicId(*std::move(read));
  return read.has_value();
}
template <typename Tag, typename Rep>
bool ReadValue(const Statement& row, int column, StrongInt<Tag, Rep>& value) {
  const std::optional<int64_t> read = row.Int64(column);
  if (!read || !std::in_range<Rep>(*read)) return false;
  value = StrongInt<Tag, Rep>(static_cast<Rep>(*read));
  return true;
}

// A column, and the member of a row that holds its value: a callable that returns a reference to it.
template <typename Member>
class Column {
 public:
  constexpr Column(std::string_view name, Member member)
      : name_(name), member_(member), ticks_per_day_(TicksPerDay(name)) {}
  std::string_view name() const { return name_; }
  template <typename Row>
  const auto& ValueIn(const Row& row) const {
    return member_(row);
  }
  // False: the column holds a value that it cannot have.
  template <typename Row>
  bool Read(const Statement& statement, int column, Row& row) const {
    auto& value = member_(row);
    return ReadValue(statement, column, value) && (ticks_per_day_ == 0 || IsDate(value));
  }

 private:
  static constexpr int64_t TicksPerDay(std::string_view name) {
    if (name.ends_with("_ms")) return kMillisPerDay;
    return name.ends_with("_us") ? kMicrosPerDay : 0;
  }
  bool IsDate(int64_t value) const { return InYears(value, ticks_per_day_); }
  bool IsDate(const std::optional<int64_t>& value) const { return !value || IsDate(*value); }
  static bool IsDate(const auto& /*value*/) { return false; }

  std::string_view name_;
  Member member_;
  int64_t ticks_per_day_;
};

#define FOREBAY_COLUMN(name, member) \
  ::forebay::Column(                 \
      name, [](auto& row) -> auto& { return row.member; })

// Calls `each`, which takes a Row and returns a Status, for every row. `tail` follows the columns: "FROM
// files WHERE batch = ?"; `args` are its parameters.
template <typename Row, typename... Columns, typename Each, typename... Args>
Status ForEachRow(Sqlite& db, const std::tuple<Columns...>& columns, std::string_view tail, Each&& each,
                  const Args&... args) {
  std::string sql = "SELECT ";
  std::apply([&](const auto&... column) { ((sql.append(column.name()) += ','), ...); }, columns);
  sql.back() = ' ';
  FOREBAY_ASSIGN(Statement statement, db.Prepare(sql.append(tail)));
  FOREBAY_TRY(statement.Bind(args...));
  while (true) {
    FOREBAY_ASSIGN(const bool found, statement.Step());
    if (!found) return Ok();
    Row row{};
    int index = 0;
    const bool read = std::apply(
        [&](const auto&... column) { return (column.Read(statement, index++, row) && ...); }, columns);
    if (!read)
      return db.Damaged("a row has a value of the wrong type, or a time outside the years 0000 to 9999");
    FOREBAY_TRY(each(std::move(row)));
  }
}

template <typename Row, typename... Columns, typename... Args>
Result<std::vector<Row>> LoadRows(Sqlite& db, const std::tuple<Columns...>& columns, std::string_view tail,
                                  const Args&... args) {
  std::vector<Row> rows;
  const auto append = [&](Row&& row) {
    rows.push_back(std::move(row));
    return Ok();
  };
  FOREBAY_TRY(ForEachRow<Row>(db, columns, tail, append, args...));
  return rows;
}

// The only row; nullopt if there is none.
template <typename Row, typename... Columns, typename... Args>
Result<std::optional<Row>> FindRow(Sqlite& db, const std::tuple<Columns...>& columns, std::string_view tail,
                                   const Args&... args) {
  FOREBAY_ASSIGN(std::vector<Row> rows, LoadRows<Row>(db, columns, tail, args...));
  FOREBAY_ASSERT(rows.size() <= 1);
  if (rows.empty()) return std::optional<Row>();
  return std::optional<Row>(std::move(rows.front()));
}

// Inserts `rows` into `table`, the columns of the list alone.
template <typename Rows, typename... Columns>
Status InsertRows(Sqlite& db, std::string_view table, const std::tuple<Columns...>& columns,
                  const Rows& rows) {
  std::string sql = "INSERT INTO ";
  sql.append(table) += " (";
  std::apply([&](const auto&... column) { ((sql.append(column.name()) += ','), ...); }, columns);
  sql.back() = ')';
  sql += " VALUES (";
  for (size_t i = 0; i < sizeof...(Columns); ++i) sql += "?,";
  sql.back() = ')';
  FOREBAY_ASSIGN(Statement insert, db.Prepare(sql));
  for (const auto& row : rows) {
    FOREBAY_TRY(
        std::apply([&](const auto&... column) { return insert.Run(column.ValueIn(row)...); }, columns));
  }
  return Ok();
}

}  // namespace forebay
