#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/scenario_flags.h"
#include "contract/contract.h"
#include "scenario/scenario.h"

namespace forebay::cli {
namespace {

constexpr uint64_t kRecordsPerBlock = 8192;

struct GenerateFlags {
  std::string contract;
  std::string table;
  uint64_t records = 0;
  uint64_t from = 0;
  ScenarioText scenario;
};

enum class Written { kAll, kReaderGone };

// Writes to stdout. A reader that closes the pipe early (`| head`) is not an error.
Result<Written> WriteOut(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE) return Written::kReaderGone;
      return IoError(std::string("cannot write to stdout: ") + std::strerror(errno));
    }
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return Written::kAll;
}

Result<ShopScenario> OpenScenario(const GenerateFlags& flags) {
  FOREBAY_ASSIGN(const Contract contract, ReadContract(flags.contract));
  const Table* table = contract.FindTable(flags.table);
  if (table == nullptr) {
    return InvalidArgumentError(flags.contract + " has no table '" + flags.table +
                                "'; see `forebay contract check`");
  }
  FOREBAY_TRY(ShopScenario::CheckTable(*table));
  uint64_t end = 0;
  if (__builtin_add_overflow(flags.from, flags.records, &end) || end > (uint64_t{1} << 48)) {
    return InvalidArgumentError("--from and --records together reach beyond 2^48; give smaller ones");
  }
  const uint64_t clicks = flags.table == ShopScenario::kOrders ? ShopScenario::ClicksForOrders(end) : end;
  FOREBAY_ASSIGN(const ScenarioOptions options, ReadScenarioText(flags.scenario, clicks));
  return ShopScenario::Create(options);
}

Status Generate(const GenerateFlags& flags) {
  FOREBAY_ASSIGN(const ShopScenario scenario, OpenScenario(flags));
  RecordBlock block;
  std::string lines;
  const uint64_t end = flags.from + flags.records;
  for (uint64_t from = flags.from; from < end && !StopRequested(); from += kRecordsPerBlock) {
    block.Clear();
    lines.clear();
    FOREBAY_TRY(scenario.Generate(flags.table, from, std::min(end, from + kRecordsPerBlock), &block));
    for (size_t i = 0; i < block.size(); ++i) lines.append(block.at(i).value).push_back('\n');
    FOREBAY_ASSIGN(const Written written, WriteOut(lines));
    if (written == Written::kReaderGone) return Ok();
  }
  return Ok();
}

}  // namespace

void AddGenerate(CLI::App& app, Command& selected) {
  CLI::App* command =
      app.add_subcommand("generate", "Prints the shop scenario's records as JSON Lines, without Kafka");
  auto flags = std::make_shared<GenerateFlags>();
  AddContractFlag(*command, flags->contract);
  command->add_option("--table", flags->table, "clicks or orders")->required();
  command->add_option("--records", flags->records, "How many records")
      ->required()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--from", flags->from, "The sequence of the first one; any range can be made by itself")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  AddScenarioFlags(*command, flags->scenario);
  command->footer(
      "Example:\n"
      "  forebay generate --contract contracts/shop.odcs.yaml --table orders --records 3 --seed 7 | jq .\n\n"
      "With --event-span, the span holds the records 0 to FROM + RECORDS.");
  command->callback([&selected, flags] {
    selected = [flags] {
      InstallStopSignals();
      const Status status = Generate(*flags);
      return status.ok() ? 0 : Fail(status.error());
    };
  });
}

}  // namespace forebay::cli
