// The application's subcommands and flags as plain values, read from the parser itself, so that --help, the
// man page and the completions agree.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace forebay::cli {

struct FlagFacts {
  std::vector<std::string> names;  // "--lake", "-h"
  std::string value;               // "DIR", "earliest|latest|TIMESTAMP"; empty for a switch
  std::string description;
  std::string environment;    // the variable it can be read from; may be empty
  std::string default_value;  // may be empty
  bool required = false;

  // The literal words of `value`: "earliest", "latest".
  std::vector<std::string> choices() const;
};

struct CommandFacts {
  std::vector<std::string> path;  // {"quarantine", "list"}; empty for the application
  std::string description;
  std::string footer;
  std::vector<FlagFacts> flags;
  std::vector<FlagFacts> positionals;    // `names` holds the one name
  std::vector<std::string> subcommands;  // names of those below
};

// The application first; each command precedes its subcommands.
std::vector<CommandFacts> ReadCommands(const CLI::App& app);

}  // namespace forebay::cli
