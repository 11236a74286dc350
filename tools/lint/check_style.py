"""The rules of this repository that a program can check.

  python3 tools/lint/check_style.py   prints violations; exit status 1 when there are any

- A file has one subject: at most 400 lines. A function fits on a screen: at most 70 lines.
- Headers begin with a comment: their contract. No notes about unfinished work.
- Lock files name no registry, and no file names a path of one machine.
- Python has at most 120 columns; C++ is formatted by clang-format.

Raising a number for one file or function is allowed, with a reason: see LONGER.
"""
import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 70
COLUMNS = 120

# Path, or path:function -> (lines allowed, why).
LONGER = {}

CODE = {".cc", ".h", ".py", ".sh", ".cmake"}
SCRIPTS = {".ci/run", "Makefile", "tools/airflow", "tools/bench", "tools/bench_spark", "tools/broker", "tools/build",
           "tools/demo", "tools/lock", "tools/safeguards", "tools/setup", "tools/spark"}
# This file and its test have to name what they forbid.
ABOUT_THE_RULES = {"tools/lint/check_style.py", "tests/tools/test_repository.py"}

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~/-])/(work|root|home|Users)/\w")
LOCK_FILE = re.compile(r"(^|/)(requirements/[^/]*\.txt|package-lock\.json|[^/]*\.lock)$")
REGISTRY_SETTING = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host|<repositor|<pluginRepositor|<mirror")
URL = re.compile(r"https?://")
POM_URL = re.compile(r"https?://(?!maven\.apache\.org/(POM|xsd)/|www\.w3\.org/)")

# Words of Forebay's early years, and what replaced them. CHANGELOG.md and the decisions may describe history; the
# migration of version 2's ledger has to name its columns.
OLD_WORDS = {
    r"\w*Deeds|deeds": "operator actions, maintenance",
    r"\w*Mistakes?": "Diagnostic",
    r"kUsage|UsageError": "kInvalidArgument, kCorruption, kFailedPrecondition",
    r"kWorld|WorldError": "kUnavailable, kIoError",
    r"kAnotherLander|AnotherLanderError": "kLockHeld",
    r"kUnknownOutcome|UnknownOutcomeError": "kCommitStateUnknown",
    r"kStopped": "kCancelled",
    r"LandTelling|LookAtTopics|LookAndAdopt|LookAgain|LookFlags|AwaitNextLook|BrokersTold": "RefreshTopics, ...",
    r"first_look|second_look|last_look": "before, after, reconcile",
    r"Patience|Waiter|stop_patience": "RetryOptions, Retrier, stop_timeout",
    r"TakeIn|LeaveOffsets|CommitForLagTools|Hush|Speaker": "the verb of what it does",
    r"stopped_at_a_record_?|settings_say_how_much_|StopAtBatch|way_out": "failed_on_record, FailOnBatch, remedy, ...",
    r"PlainRules|kListed|Unseen|may_vanish|Conform\w*|Retyped": "FastPathRules, kCached, Placeholder, ...",
    r"\w*Tally|tally|RowFacts": "PartitionStats, RowMetadata",
    r"Explainer|WithoutRow|without_row|keys_twice": "GapClassifier, MissingOffsets, duplicate_keys",
    r"[Rr]elands?|[Rr]elanded|[Rr]elanding|Refill|Reread": "rebuild",
    r"kMost[A-Z]\w*|kLeast[A-Z]\w*|DirectoriesThatDescriptorsAllow": "kMax..., kMin..., MaxOpenDirectories",
    r"ContractBox|OneAtATime|Malform|shop_judge|upkeep": "ContractHolder, ExclusiveUse, Corrupt, maintenance",
    r"_see_to|_see_it_through|in_airflows_words|THE_ANSWER_IS_NO|tell_dates|ASIDE|_OF_NO_MEANING|last_words":
        "_supervise, _wait, translate_errors, EXIT_CHECK_FAILED, emit_dates, SIDE_CHANNEL, _IGNORED, last_log_line",
    r"(?!view)\w*Box|(MergeTallies|TallySink|[Tt]allies)|merge_aside|HandOverLog|kLook": "Holder, MergeStats, ...",
    r"DATES_TO_TELL|told_dates|remember_dates|STREAM_LOOK|LONGEST_BACKOFF|PauseWatch":
        "date events, record_dates, SAMPLE, ...",
    r"RefusedError|NotVerifiedError|StreamRefusedError": "PermanentError, VerificationError",
    r"leave_offsets|take_reports|TakeReports|heard_s_|give_up_s_|kLastWords":
        "commit_offsets, handle_reports, deadlines",
    r"MemoryGauge|SessionState|FetchSize": "MemoryBudget, PipelineStats, AdaptiveFetchPolicy",
    r"Take(Rows?|Rejects?|Tombstones|Manifest|Decoded|Snapshots|Message|EventTime|Twice|Lock|Staged)":
        "Accept..., Append...",
    r"LeaveDictionary|StandsAt|kAlwaysFine|FieldTakes|fast_path_members|value_decoder|schema_node":
        "the subject of the file",
    r"AuditRun|BatchFound|CountedRows|Spoken\w*|JudgePeriod|PeriodVerdict|AskBrokers|ProcessFacts"
    r"|kTwice\w*|kKeyTwice|kWrong(?!Type\b)[A-Z]\w+":
        "values of the audit, duplicates, mismatches",
    r"key_twice|twice_in_\w+|twice_across_\w+|offsets_without_row|rows_too_many|broker_asked":
        "duplicate_..., missing_offsets, ...",
    r"CommandFacts|FlagFacts|WhyUnsafeName|WhyNoTopicName|SaysSomething|PeekName|LeaveNothing"
    r"|CivilDate|CivilFromDays":
        "CommandHelp, ..., std::chrono::sys_days",
    r"Publisher|NewStagedFile|OpenStagedFile|ListTableFiles|BatchFileName|ParseBatchFileName": "TableStore, NewPlace",
    r"devbroker|devairflow|sparkpack": "dev.broker, dev.airflow, spark_archive",
}
OLD_WORD = re.compile("|".join(rf"(?P<g{i}>\b(?:{words})\b)" for i, words in enumerate(OLD_WORDS)))
MAY_NAME_OLD_WORDS = re.compile(r"^(CHANGELOG\.md|docs/decisions/.*|requirements/.*|docs/formats\.md"
                                r"|src/ledger/(schema\.h|older_ledgers\.h))$")

# Phrases of the project's former dialect, in any case.
OLD_PHRASE = re.compile(r"lander is at work|somebody else|on purpose|landed again|made again|at a glance|stands here"
                        r"|a second time|put it back from a backup|what is told|as it has to be"
                        r"|gives? up offsets|from under us|same member twice|the contract wants", re.IGNORECASE)

RAW_STRING = re.compile(r'R"(\w*)\((.*?)\)\1"', re.DOTALL)
# At the start of a block that is not a function's.
NOT_A_FUNCTION = re.compile(r"^\s*(template\b.*|typedef\b.*)?(namespace|class|struct|union|enum|extern)\b"
                            r"(?!.*\)\s*(const|noexcept|->.*)?\s*\{)")
FUNCTION_NAME = re.compile(r"([\w~:]+|operator\S+)\s*\(")


def tracked_files(root):
    """Those that git knows, and those that it would take."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return sorted(name for name in set(names) if (root / name).is_file())


def is_code(name):
    return Path(name).suffix in CODE or name in SCRIPTS


# --- Functions ---------------------------------------------------------------------------------------------------

def cpp_functions(text):
    """(name, first line, last line) of functions in clang-formatted C++: blocks that close at column 0 or 2."""
    lines = RAW_STRING.sub(lambda match: 'R"()"' + "\n" * match[0].count("\n"), text).split("\n")
    for end, line in enumerate(lines):
        match = re.match(r"^( {0,2})\}\)?;?$", line)
        if not match or len(match[1]) == 1:
            continue
        indent = match[1]
        begin = end - 1
        while begin > 0 and not re.match(rf"^{indent}[^\s#}})]", lines[begin]):
            begin -= 1
        opening = " ".join(lines[begin:begin + 2])
        is_data = opening.partition("{")[0].rstrip().endswith("=")
        if not is_data and not NOT_A_FUNCTION.match(opening):
            name = FUNCTION_NAME.search(lines[begin])
            yield name[1] if name else lines[begin].strip(), begin + 1, end + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno


def shell_functions(text):
    lines = text.split("\n")
    for begin, line in enumerate(lines):
        match = re.match(r"^(\w+)\(\) \{$", line)
        if match:
            yield match[1], begin + 1, lines.index("}", begin) + 1


def functions(name, text):
    if name.endswith((".cc", ".h")):
        return cpp_functions(text)
    if name.endswith(".py") or text.startswith("#!/usr/bin/env python3"):
        return python_functions(text)
    if text.startswith("#!/usr/bin/env bash"):
        return shell_functions(text)
    return ()


# --- Rules -------------------------------------------------------------------------------------------------------

def check_lengths(name, text, longer, used):
    def allowed(key, default):
        if key in longer:
            used.add(key)
        return longer.get(key, (default, ""))[0]

    lines = text.count("\n")
    if lines > FILE_LINES and lines > allowed(name, FILE_LINES):
        yield f"{name}: {lines} lines; a file has at most {FILE_LINES} (split it by subject)"
    for function, begin, end in functions(name, text):
        size = end - begin + 1
        if size > FUNCTION_LINES and size > allowed(f"{name}:{function}", FUNCTION_LINES):
            yield f"{name}:{begin}: {function} has {size} lines; a function has at most {FUNCTION_LINES}"


def check_lines(name, text):
    for number, line in enumerate(text.split("\n"), 1):
        if name.endswith(".py") and len(line) > COLUMNS:
            yield f"{name}:{number}: {len(line)} columns; a line has at most {COLUMNS}"
        if name in ABOUT_THE_RULES:
            continue
        if is_code(name) and UNFINISHED.search(line):
            yield f"{name}:{number}: a note about unfinished work; finish it, or leave it out"
        if not MAY_NAME_OLD_WORDS.match(name) and (old := OLD_WORD.search(line)):
            instead = list(OLD_WORDS.values())[int(old.lastgroup[1:])]
            yield f"{name}:{number}: {old[0]} is a word of the past; instead: {instead}"
        if not MAY_NAME_OLD_WORDS.match(name) and name not in ABOUT_THE_RULES and (old := OLD_PHRASE.search(line)):
            yield f"{name}:{number}: '{old[0]}' is a phrase of the past; use the field's standard terms"
        if MACHINE_PATH.search(line):
            yield f"{name}:{number}: a path of one machine: {line.strip()[:80]}"
        if REGISTRY_SETTING.search(line) or LOCK_FILE.search(name) and URL.search(line):
            yield f"{name}:{number}: names where packages come from; that belongs in the machine's settings"
        if name.endswith("pom.xml") and POM_URL.search(line):
            yield f"{name}:{number}: names where artifacts come from; that belongs in the machine's settings"


def check_header(name, text):
    if name.endswith(".h"):
        if not text.startswith("//"):
            yield f"{name}: a header begins with a comment that states its purpose"
        if "#pragma once" not in text:
            yield f"{name}: no #pragma once"


def check_format(root, names):
    sources = [name for name in names if name.endswith((".cc", ".h"))]
    if not sources:
        return
    formatter = shutil.which("clang-format-14")
    if formatter is None:
        yield "clang-format-14 is not installed; run `make setup`"
        return
    result = subprocess.run([formatter, "--dry-run", *sources], cwd=root, capture_output=True, text=True)
    warnings = [line for line in result.stderr.splitlines() if "-Wclang-format-violations" in line]
    for name in sorted({line.split(":")[0] for line in warnings}):
        yield f"{name}: not as clang-format has it (`make fmt`)"


def check(root, longer=None):
    """Violations, one sentence each."""
    longer = LONGER if longer is None else longer
    used = set()
    names = tracked_files(root)
    for name in names:
        try:
            text = (root / name).read_text()
        except UnicodeDecodeError:
            continue
        if is_code(name):
            yield from check_lengths(name, text, longer, used)
        yield from check_header(name, text)
        yield from check_lines(name, text)
    yield from check_format(root, names)
    for key in sorted(set(longer) - used):
        yield f"tools/lint/check_style.py: {key} no longer needs more lines than others; take it out of LONGER"


if __name__ == "__main__":
    found = list(check(Path(__file__).resolve().parents[2]))
    print("\n".join(found) or "The repository's rules are kept.")
    sys.exit(1 if found else 0)
