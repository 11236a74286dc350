// Python's holders of contracts and tables.
#pragma once

#include <memory>
#include <string>

#include "contract/contract.h"

namespace forebay::python {

struct ContractHolder {
  std::shared_ptr<const Contract> contract;
  std::string path;  // empty: not read from a file
};

struct TableHolder {
  std::shared_ptr<const Table> table;
};

}  // namespace forebay::python
