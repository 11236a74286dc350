// How Python holds contracts: whatever is made of one keeps it.
#pragma once

#include <memory>
#include <string>

#include "contract/contract.h"

namespace forebay::python {

struct ContractHolder {
  std::shared_ptr<const Contract> contract;
  std::string path;  // empty: it was not read from a file
};

struct TableBox {
  std::shared_ptr<const Contract> contract;
  const Table* table;
};

}  // namespace forebay::python
