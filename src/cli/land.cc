#include "cli/commands.h"

namespace forebay::cli {

void AddLand(CLI::App&, Command&) {}

}  // namespace forebay::cli
