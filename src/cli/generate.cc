#include "cli/commands.h"

namespace forebay::cli {

void AddGenerate(CLI::App&, Command&) {}

}  // namespace forebay::cli
