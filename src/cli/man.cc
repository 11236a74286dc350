#include <cstdio>
#include <map>
#include <string>

#include "cli/command_tree.h"
#include "cli/commands.h"

namespace forebay::cli {
namespace {

// Escapes text for roff, so that none of it is a request or an escape.
std::string Roff(const std::string& text) {
  std::string escaped;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
    line_begins = c == '\n';
  }
  return escaped;
}

std::string FullName(const CommandFacts& command) {
  std::string name = "forebay";
  for (const std::string& word : command.path) name += " " + word;
  return name;
}

void AppendFlag(const FlagFacts& flag, std::string* page) {
  *page += ".TP\n";
  std::string names;
  for (const std::string& name : flag.names)
    names += (names.empty() ? "" : ", ") + ("\\fB" + Roff(name) + "\\fR");
  *page += names;
  if (!flag.value.empty()) *page += " \\fI" + Roff(flag.value) + "\\fR";
  *page += "\n" + Roff(flag.description);
  if (flag.required) *page += "\n(Required.)";
  if (!flag.default_value.empty()) *page += "\n(Default: " + Roff(flag.default_value) + ".)";
  if (!flag.environment.empty()) *page += "\n(Environment: " + Roff(flag.environment) + ".)";
  *page += "\n";
}

// Appends the text below --help's flags, line by line: examples keep their line breaks.
void AppendFooter(const std::string& footer, std::string* page) {
  if (!footer.empty()) *page += ".PP\n.nf\n" + Roff(footer) + "\n.fi\n";
}

void AppendCommand(const CommandFacts& command, std::string* page) {
  std::string synopsis = FullName(command);
  for (const FlagFacts& positional : command.positionals) synopsis += " " + positional.names.front();
  *page += ".SS \"" + Roff(synopsis) + "\"\n" + Roff(command.description) + ".\n";
  for (const FlagFacts& positional : command.positionals) AppendFlag(positional, page);
  for (const FlagFacts& flag : command.flags) AppendFlag(flag, page);
  AppendFooter(command.footer, page);
}

std::string ManPage(const CLI::App& app) {
  const std::vector<CommandFacts> commands = ReadCommands(app);
  std::string page = ".TH FOREBAY 1 \"\" \"Forebay " FOREBAY_VERSION
                     "\" \"User Commands\"\n.SH NAME\nforebay \\- " +
                     Roff("lands Kafka topics as date-partitioned Parquet, exactly once") +
                     "\n.SH SYNOPSIS\n.B forebay\n.I COMMAND\n[\\fIFLAG\\fR ...]\n.SH DESCRIPTION\n" +
                     Roff(commands.front().description) + "\n";
  for (const FlagFacts& flag : commands.front().flags) AppendFlag(flag, &page);
  AppendFooter(commands.front().footer, &page);
  page += ".SH COMMANDS\n";
  std::map<std::string, std::string> variables;
  for (const CommandFacts& command : commands) {
    if (command.path.empty()) continue;
    AppendCommand(command, &page);
    for (const FlagFacts& flag : command.flags) {
      if (!flag.environment.empty()) variables[flag.environment] = flag.names.front();
    }
  }
  page += ".SH ENVIRONMENT\nA flag beats its variable.\n";
  for (const auto& [variable, flag] : variables) {
    page += ".TP\n\\fB" + Roff(variable) + "\\fR\nAs " + Roff(flag) + ".\n";
  }
  return page;
}

}  // namespace

void AddMan(CLI::App& app, Command& selected) {
  CLI::App* const command = app.add_subcommand("man", "Prints this program's manual page");
  command->footer("Example:\n  forebay man | man -l -");
  command->callback([&app, &selected] {
    selected = [&app] {
      std::fputs(ManPage(app).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace forebay::cli
