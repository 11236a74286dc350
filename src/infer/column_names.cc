#include "infer/column_names.h"

#include <set>

#include "contract/columns.h"
#include "contract/diagnostics.h"
#include "contract/names.h"

namespace forebay::infer {
namespace {

// `named` are the same fields with the columns that the contract's reader would give them. They may still
// differ only in case, which SQL ignores.
void Adopt(const std::vector<Field>& named, std::vector<ProposedField>& fields) {
  std::set<std::string> taken;
  for (size_t i = 0; i < fields.size(); ++i) {
    std::string column = named[i].column;
    while (!taken.insert(LowerCase(column)).second) column += '_';
    fields[i].field.column = column;
    Adopt(named[i].fields, fields[i].fields);
  }
}

}  // namespace

void NameColumns(const std::string& table_name, std::vector<ProposedField>& fields) {
  Table table;
  table.name = table_name;
  table.fields = WithMembers(fields);
  Diagnostics known;  // the contract will have a physicalName for each
  AssignColumns(table, known);
  Adopt(table.fields, fields);
}

}  // namespace forebay::infer
