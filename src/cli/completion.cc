#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/command_tree.h"
#include "cli/commands.h"

namespace forebay::cli {
namespace {

std::string Path(const CommandInfo& command) {
  std::string path;
  for (const std::string& word : command.path) path += "/" + word;
  return path;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Quotes text for any shell.
std::string ShellQuoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

// Bash completion of a flag's value; empty for a switch.
std::string BashValue(const FlagInfo& flag) {
  if (flag.value.empty()) return "";
  if (const auto choices = flag.choices(); !choices.empty()) return "-W " + ShellQuoted(Joined(choices));
  if (flag.value == "DIR") return "-d";
  return flag.value == "FILE" ? "-f" : "-W ''";
}

std::string Bash(const std::vector<CommandInfo>& commands) {
  std::string steps, values, words;
  for (const CommandInfo& command : commands) {
    const std::string path = Path(command);
    if (!path.empty()) steps += fmt::format("      {0}) path={0} ;;\n", path);
    std::string offered = Joined(command.subcommands);
    for (const FlagInfo& flag : command.flags) {
      offered += " " + Joined(flag.names);
      const std::string value = BashValue(flag);
      if (value.empty()) continue;
      for (const std::string& name : flag.names) {
        values +=
            fmt::format("    {}:{}) COMPREPLY=($(compgen {} -- \"$cur\")); return ;;\n", path, name, value);
      }
    }
    std::string reply = fmt::format("compgen -W {} -- \"$cur\"", ShellQuoted(offered));
    for (const FlagInfo& positional : command.positionals) {
      reply += fmt::format("; [[ $cur == -* ]] || compgen {} -- \"$cur\"", BashValue(positional));
    }
    words += fmt::format("    {}) COMPREPLY=($({})) ;;\n", path.empty() ? "''" : path, reply);
  }
  return fmt::format(R"bash(# bash completion for forebay: source <(forebay completion bash)
_forebay() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} path= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/${{COMP_WORDS[i]}}" in
{}    esac
  done
  case "$path:$prev" in
{}  esac
  case "$path" in
{}  esac
}}
complete -o filenames -F _forebay forebay
)bash",
                     steps, values, words);
}

std::string Zsh(const std::vector<CommandInfo>& commands) {
  return "#compdef forebay\n# zsh completion for forebay: source <(forebay completion zsh)\n"
         "autoload -U +X compinit bashcompinit && compinit -u && bashcompinit\n" +
         Bash(commands);
}

std::string Fish(const std::vector<CommandInfo>& commands) {
  std::string text =
      "# fish completion for forebay: forebay completion fish | source\ncomplete -c forebay -f\n";
  for (const CommandInfo& command : commands) {
    std::string here = command.path.empty() ? "__fish_use_subcommand" : "";
    for (const std::string& word : command.path) {
      here += (here.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
    }
    const std::string line = "complete -c forebay -n " + ShellQuoted(here);
    for (const CommandInfo& below : commands) {
      if (below.path.size() != command.path.size() + 1) continue;
      if (!std::equal(command.path.begin(), command.path.end(), below.path.begin())) continue;
      text += fmt::format("{} -a {} -d {}\n", line, below.path.back(), ShellQuoted(below.description));
    }
    for (const FlagInfo& flag : command.flags) {
      text += line;
      for (const std::string& name : flag.names) {
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!flag.value.empty()) text += flag.value == "FILE" || flag.value == "DIR" ? " -r -F" : " -x";
      if (const auto choices = flag.choices(); !choices.empty())
        text += " -a " + ShellQuoted(Joined(choices));
      text += " -d " + ShellQuoted(flag.description) + "\n";
    }
    for (const FlagInfo& positional : command.positionals) {
      if (positional.value == "FILE") text += line + " -F\n";
      if (const auto choices = positional.choices(); !choices.empty()) {
        text += line + " -a " + ShellQuoted(Joined(choices)) + "\n";
      }
    }
  }
  return text;
}

}  // namespace

void AddCompletion(CLI::App& app, Command& selected) {
  auto shell = std::make_shared<std::string>();
  CLI::App* const command = app.add_subcommand("completion", "Prints a shell completion script");
  command->add_option("SHELL", *shell, "The shell")
      ->required()
      ->type_name("bash|zsh|fish")
      ->check([](const std::string& name) {
        const bool known = name == "bash" || name == "zsh" || name == "fish";
        return known ? std::string() : "'" + name + "' is not bash, zsh or fish";
      });
  command->footer("Example:\n  source <(forebay completion bash)");
  command->callback([&app, shell, &selected] {
    selected = [&app, shell] {
      const std::vector<CommandInfo> commands = ReadCommands(app);
      const std::string script = *shell == "bash"  ? Bash(commands)
                                 : *shell == "zsh" ? Zsh(commands)
                                                   : Fish(commands);
      std::fputs(script.c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace forebay::cli
