// The application's subcommands and flags as plain values, read from the parser itself, so that --help and
// the completions agree.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace forebay::cli {

struct FlagInfo {
  std::vector<std::string> names;  // "--lake", "-h"
  std::string value;               // "DIR", "earliest|latest|TIMESTAMP"; empty for a switch
  std::string description;

  // The literal words of `value`: "earliest", "latest".
  std::vector<std::string> choices() const;
};

struct CommandInfo {
  std::vector<std::string> path;  // {"quarantine", "list"}; empty for the application
  std::string description;
  std::vector<FlagInfo> flags;
  std::vector<FlagInfo> positionals;     // `names` holds the one name
  std::vector<std::string> subcommands;  // names of those below
};

// What is wrong with a command line that `app` could not parse: the unknown argument, with the one that it
// probably misspells, or the parser's own words; and the command whose help tells more.
std::string UsageProblem(const CLI::App& app, const CLI::ParseError& error);

// The application first; each command precedes its subcommands.
std::vector<CommandInfo> ReadCommands(const CLI::App& app);

}  // namespace forebay::cli
