#include "cli/commands.h"

namespace forebay::cli {

void AddQuarantine(CLI::App&, Command&) {}

}  // namespace forebay::cli
