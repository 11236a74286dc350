#include "cli/commands.h"

namespace forebay::cli {

void AddVerify(CLI::App&, Command&) {}

}  // namespace forebay::cli
