// Python's holder of a contract: every object made from a contract shares ownership of it.
#pragma once

#include <memory>
#include <string>

#include "contract/contract.h"

namespace forebay::python {

struct ContractHolder {
  std::shared_ptr<const Contract> contract;
  std::string path;  // empty: not read from a file
};

struct TableBox {
  std::shared_ptr<const Contract> contract;
  const Table* table;
};

}  // namespace forebay::python
