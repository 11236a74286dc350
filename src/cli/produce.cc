#include "cli/commands.h"

namespace forebay::cli {

void AddProduce(CLI::App&, Command&) {}

}  // namespace forebay::cli
