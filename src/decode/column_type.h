// The type of a file's column as text, to compare the files of a table with each other. Pure function,
// thread-safe.
#pragma once

#include <string>

namespace arrow {
class DataType;
}

namespace forebay {

// The text depends on what a reader finds in the file, not on the layout in memory: strings of any layout,
// and dictionaries of them, are "string", and a timestamp of any zone is "timestamp[us, UTC]".
std::string ColumnType(const arrow::DataType& type);

}  // namespace forebay
