#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/common.h"

namespace {

int Run(int argc, char** argv) {
  using namespace forebay::cli;  // NOLINT: one function
  CLI::App app(
      "Forebay lands Kafka topics as date-partitioned Parquet, exactly once for every reader, and proves "
      "that nothing is missing.",
      "forebay");
  app.set_version_flag("--version", FOREBAY_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  Command selected;
  AddContract(app, selected);
  AddTopics(app, selected);
  AddGenerate(app, selected);
  AddProduce(app, selected);
  AddLand(app, selected);
  AddVerify(app, selected);
  AddStatus(app, selected);
  AddQuarantine(app, selected);
  AddLake(app, selected);
  AddUi(app, selected);
  AddCompletion(app, selected);
  app.footer(
      "DURATION: 250ms, 90s, 5m, 2h or 1d; seconds without a unit. SIZE: 64MiB, 512MB or 1GB; bytes without "
      "a\n"
      "unit.\n"
      "Exit status: 0 success, 1 check failed, 2 invalid usage, contract or lake, 3 broker or disk failure,\n"
      "4 lake locked by another process, 5 interrupted before the work was complete.\n"
      "`forebay COMMAND --help` has an example of each command.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "forebay: %s\n", UsageProblem(app, error).c_str());
    return 2;
  }
  SetUpLogging();
  return selected();
}

}  // namespace

int main(int argc, char** argv) {
  using forebay::cli::StatusAfterOutput;
  forebay::cli::OccupyStandardDescriptors();
  try {
    return StatusAfterOutput(Run(argc, argv));
  } catch (const std::exception& error) {
    if (std::ferror(stdout) != 0) return StatusAfterOutput(3);  // fmt::print throws
    std::fprintf(stderr, "forebay: internal error, please report this bug: %s\n", error.what());
    return 3;
  }
}
