// forebay contract diff: what changes for rows and readers when a contract follows another one, or those that
// a lake was landed with.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/common.h"
#include "commit/landed_contracts.h"
#include "contract/contract.h"
#include "contract/evolution.h"
#include "ledger/open_lake.h"
#include "report/json_writer.h"
#include "report/text_table.h"
#include "store/fs.h"

namespace forebay::cli {
namespace {

struct DiffFlags {
  std::vector<std::string> files;
  std::string lake;
  bool json = false;
};

struct Diff {
  std::optional<LandedContracts> before;  // nullopt: a lake without rows
  Contract after;
  std::vector<ContractChange> changes;
};

Result<Diff> CompareFiles(const std::string& before, const std::string& after) {
  Diff diff;
  FOREBAY_ASSIGN(const Contract old, ReadContract(before));
  FOREBAY_ASSIGN(diff.after, ReadContract(after));
  diff.before = AllLanded(old);
  diff.changes = CompareContracts(*diff.before, diff.after);
  return diff;
}

Result<Diff> CompareWithLakeAt(const std::string& lake, const std::string& after) {
  Diff diff;
  FOREBAY_ASSIGN(diff.after, ReadContract(after));
  FOREBAY_ASSIGN(const OpenedLake opened, OpenLakeForReading(PosixFs(), lake));
  FOREBAY_ASSIGN(diff.before, LoadLandedContracts(*opened.ledger));
  if (diff.before) {
    FOREBAY_ASSIGN(diff.changes, CompareWithLake(*diff.before, diff.after, *opened.ledger));
  }
  return diff;
}

Result<Diff> Compare(const DiffFlags& flags) {
  const size_t wanted = flags.lake.empty() ? 2 : 1;
  if (flags.files.size() != wanted) {
    return InvalidArgumentError(
        "`forebay contract diff` compares two files (OLD NEW), or one with a lake (--lake DIR NEW)");
  }
  return flags.lake.empty() ? CompareFiles(flags.files[0], flags.files[1])
                            : CompareWithLakeAt(flags.lake, flags.files[0]);
}

std::string Head(const DiffFlags& flags, const Diff& diff) {
  const std::string after = fmt::format("{}, version {}", flags.files.back(), diff.after.version);
  if (!diff.before) return fmt::format("{}: allowed, nothing was landed in {} yet\n", after, flags.lake);
  const std::string before = flags.lake.empty() ? flags.files.front() : "the contract of " + flags.lake;
  const size_t refused = ChangeTexts(diff.changes, false).size();
  const std::string verdict = refused == 0 ? "allowed" : fmt::format("{} of them refused", refused);
  return fmt::format("{}, after {}, version {}: {}, {}\n", after, before, diff.before->newest.version,
                     Counted(diff.changes.size(), "change"), verdict);
}

void PrintText(const DiffFlags& flags, const Diff& diff) {
  fmt::print("{}", Head(flags, diff));
  for (const std::string& text : ChangeTexts(diff.changes, false)) fmt::print("  refused  {}\n", text);
  for (const std::string& text : ChangeTexts(diff.changes, true)) fmt::print("  allowed  {}\n", text);
}

void PrintJson(const Diff& diff) {
  JsonWriter json;
  json.OpenObject()
      .Member("allowed", IsAllowed(diff.changes))
      .Member("from_version", diff.before ? std::optional(diff.before->newest.version) : std::nullopt)
      .Member("to_version", diff.after.version);
  json.Key("changes").OpenArray();
  for (const ContractChange& change : diff.changes) {
    json.OpenObject(JsonLayout::kOneLine)
        .Member("allowed", change.allowed)
        .Member("place", change.place)
        .Member("change", change.change)
        .Member("reason", change.reason)
        .Close();
  }
  json.Close().Close();
  fmt::print("{}\n", json.text());
}

}  // namespace

void AddContractDiff(CLI::App& contract, Command& selected) {
  auto flags = std::make_shared<DiffFlags>();
  CLI::App* const command = contract.add_subcommand(
      "diff",
      "Lists what changes for rows and readers under another contract, and whether a lake accepts it");
  command
      ->add_option("files", flags->files, "The contract of before, unless --lake is given, and the new one")
      ->required()
      ->type_name("[OLD] NEW");
  command->add_option("--lake", flags->lake, "Compare with the contracts that this lake was landed with")
      ->check(NotEmpty());
  command->add_flag("--json", flags->json, "Report as JSON");
  command->footer(
      "A landing with the new contract makes the same check. docs/contract.md explains the verdicts.\n"
      "Exit status: 0 allowed, 1 refused, 2 invalid usage, contract or lake.\n\n"
      "Examples:\n"
      "  forebay contract diff shop-1.odcs.yaml shop-2.odcs.yaml\n"
      "  forebay contract diff --lake lake shop-2.odcs.yaml");
  command->callback([flags, &selected] {
    selected = [flags] {
      const Result<Diff> diff = Compare(*flags);
      if (!diff.ok()) return Fail(diff.error());
      if (flags->json) {
        PrintJson(*diff);
      } else {
        PrintText(*flags, *diff);
      }
      return IsAllowed(diff->changes) ? 0 : 1;
    };
  });
}

}  // namespace forebay::cli
