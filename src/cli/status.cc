#include "cli/commands.h"

namespace forebay::cli {

void AddStatus(CLI::App&, Command&) {}

}  // namespace forebay::cli
