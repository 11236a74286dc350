#include "cli/command_tree.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string_view>

#include "contract/diagnostics.h"

namespace forebay::cli {
namespace {

FlagInfo MetadataOf(const CLI::Option& option) {
  FlagInfo info;
  if (option.get_positional()) info.names.push_back(option.get_name(true));
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  if (option.get_items_expected_max() > 0) info.value = option.get_type_name();
  info.description = option.get_description();
  return info;
}

void Append(const CLI::App& app, const std::vector<std::string>& path, std::vector<CommandInfo>* commands) {
  CommandInfo info;
  info.path = path;
  info.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? info.positionals : info.flags).push_back(MetadataOf(*option));
  }
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : below) info.subcommands.push_back(command->get_name());
  commands->push_back(std::move(info));
  for (const CLI::App* command : below) {
    std::vector<std::string> longer = path;
    longer.push_back(command->get_name());
    Append(*command, longer, commands);
  }
}

}  // namespace

std::vector<std::string> FlagInfo::choices() const {
  std::vector<std::string> words;
  if (value.find('|') == std::string::npos) return words;
  std::istringstream parts(value);
  for (std::string word; std::getline(parts, word, '|');) {
    const bool literal = std::all_of(word.begin(), word.end(), [](unsigned char c) {
      return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '-';
    });
    if (literal) words.push_back(word);
  }
  return words;
}

std::string UsageProblem(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string path = app.get_name();
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += " " + command->get_name();
  }
  const std::string help = " (see `" + path + " --help`)";
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return error.what() + help;
  const std::string argument = unknown.front().substr(0, unknown.front().find('='));
  CommandInfo known;
  for (const CLI::Option* option : command->get_options()) known.flags.push_back(MetadataOf(*option));
  std::vector<std::string> names;
  if (argument.starts_with('-')) {
    for (const FlagInfo& flag : known.flags) names.insert(names.end(), flag.names.begin(), flag.names.end());
  } else {
    for (const CLI::App* below : command->get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(below->get_name());
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view nearest = NearestName(argument, candidates);
  std::string problem = "unknown argument '" + argument + "'";
  if (!nearest.empty()) problem += "; did you mean '" + std::string(nearest) + "'?";
  return problem + help;
}

std::vector<CommandInfo> ReadCommands(const CLI::App& app) {
  std::vector<CommandInfo> commands;
  Append(app, {}, &commands);
  return commands;
}

}  // namespace forebay::cli
