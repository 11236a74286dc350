#include "cli/command_tree.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace forebay::cli {
namespace {

FlagFacts MetadataOf(const CLI::Option& option) {
  FlagFacts facts;
  if (option.get_positional()) facts.names.push_back(option.get_name(true));
  for (const std::string& name : option.get_lnames()) facts.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) facts.names.push_back("-" + name);
  if (option.get_items_expected_max() > 0) {
    facts.value = option.get_type_name();
    facts.default_value = option.get_default_str();
  }
  facts.description = option.get_description();
  facts.environment = option.get_envname();
  facts.required = option.get_required();
  return facts;
}

void Append(const CLI::App& app, const std::vector<std::string>& path, std::vector<CommandFacts>* commands) {
  CommandFacts facts;
  facts.path = path;
  facts.description = app.get_description();
  facts.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? facts.positionals : facts.flags).push_back(MetadataOf(*option));
  }
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : below) facts.subcommands.push_back(command->get_name());
  commands->push_back(std::move(facts));
  for (const CLI::App* command : below) {
    std::vector<std::string> longer = path;
    longer.push_back(command->get_name());
    Append(*command, longer, commands);
  }
}

}  // namespace

std::vector<std::string> FlagFacts::choices() const {
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

std::vector<CommandFacts> ReadCommands(const CLI::App& app) {
  std::vector<CommandFacts> commands;
  Append(app, {}, &commands);
  return commands;
}

}  // namespace forebay::cli
