#include "cli/commands.h"

namespace forebay::cli {

void AddTopics(CLI::App&, Command&) {}

}  // namespace forebay::cli
