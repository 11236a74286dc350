// Whether a contract may follow those that a lake was landed with: what changes for rows and readers, and the
// verdict on each change. Pure functions, thread-safe.
//
// Readers take all files of a table as one, so that a change is allowed if the rows of before and those from
// now on can be read together, and keep their meaning. docs/contract.md lists the changes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"

namespace forebay {

// One change. As a sentence: "PLACE: CHANGE; REASON", without a full stop.
struct ContractChange {
  std::string place;   // "events.who.age", "events.tags[]", "events"; empty: the contract
  std::string change;  // "type changed from a string to a date"
  std::string reason;  // why it is allowed or refused, and what to do
  bool allowed = true;
  bool operator==(const ContractChange&) const = default;
};

// The tables with rows, by name: their forms in the contracts that rows of them were landed with, the newest
// first.
using LandedForms = std::map<std::string, std::vector<Table>>;

// What was landed before.
struct LandedContracts {
  Contract newest;
  LandedForms tables;                         // nothing binds the other tables of `newest`
  std::map<std::string, std::string> topics;  // of which something was landed -> its table
};

// As if all tables of the contract had rows.
LandedContracts AllLanded(const Contract& contract);

// All changes, those of the contract as a whole first, then by table in the order of `after`.
std::vector<ContractChange> CompareContracts(const LandedContracts& before, const Contract& after);

bool IsAllowed(const std::vector<ContractChange>& changes);

// "events.note: type changed from a string to a date; ...", for each change of this verdict.
std::vector<std::string> ChangeTexts(const std::vector<ContractChange>& changes, bool allowed);

// kInvalidArgument with one line for each refused change.
Status CheckChanges(const std::vector<ContractChange>& changes, const Contract& before,
                    const Contract& after);

}  // namespace forebay
