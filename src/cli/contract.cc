#include "cli/commands.h"

namespace forebay::cli {

void AddContract(CLI::App&, Command&) {}

}  // namespace forebay::cli
