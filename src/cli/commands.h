// The subcommands: each Add* function declares its flags on the application and stores the command to run in
// `selected`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace forebay::cli {

// The chosen subcommand's work; returns the process exit status.
using Command = std::function<int()>;

void AddContract(CLI::App& app, Command& selected);
void AddContractDiff(CLI::App& contract, Command& selected);   // below `contract`
void AddContractInfer(CLI::App& contract, Command& selected);  // the same
void AddTopics(CLI::App& app, Command& selected);
void AddGenerate(CLI::App& app, Command& selected);
void AddProduce(CLI::App& app, Command& selected);
void AddLand(CLI::App& app, Command& selected);
void AddVerify(CLI::App& app, Command& selected);
void AddStatus(CLI::App& app, Command& selected);
void AddQuarantine(CLI::App& app, Command& selected);
void AddLake(CLI::App& app, Command& selected);
void AddUi(CLI::App& app, Command& selected);
// Describes the whole application, so it is called last.
void AddCompletion(CLI::App& app, Command& selected);

}  // namespace forebay::cli
