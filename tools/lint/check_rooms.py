"""Holds the rooms of src/ to the dependencies that CMakeLists.txt gives them: they point one way only.

  python3 tools/lint/check_rooms.py   prints violations; exit status 1 when there are any

A room may include its own headers, and those of the rooms that its `forebay_room(NAME DEPS ...)` names, directly or
through them; its tests (*_test.cc, testing.h) those of TEST_DEPS, too. A room may only depend on rooms that stand above
it in the list. src/cli may include every room.
"""
import re
import sys
from pathlib import Path

ROOM = re.compile(r"^ *forebay_room\((\w+)([^)]*)\)", re.MULTILINE)
SECTIONS = {"DEPS", "TEST_DEPS", "LIBS"}
TEST_FILE = re.compile(r"_test\.cc$|^testing\.h$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
TOP = "cli"


def read_rooms(cmake_text, section="DEPS"):
    """The rooms that each room names in this section, in the order of the list."""
    rooms = {}
    for name, arguments in ROOM.findall(cmake_text):
        rooms[name] = []
        current = None
        for word in arguments.split():
            if word in SECTIONS:
                current = word
            elif current == section:
                rooms[name].append(word)
    return rooms


def reachable(rooms, name):
    """The rooms that `name` may include; what is not in the list has no dependencies."""
    seen = set()
    waiting = [name]
    while waiting:
        room = waiting.pop()
        if room not in seen:
            seen.add(room)
            waiting.extend(rooms.get(room, []))
    return seen


def check_order(rooms, test_rooms):
    above = set()
    for name, dependencies in rooms.items():
        for dependency in [*dependencies, *test_rooms[name]]:
            if dependency not in above:
                yield f"CMakeLists.txt: room {name} depends on {dependency}, which does not stand above it"
        above.add(name)


def check_file(path, src, room, allowed):
    text = path.read_text()
    for match in INCLUDE.finditer(text):
        line = text[:match.start()].count("\n") + 1
        where = f"src/{path.relative_to(src)}:{line}"
        target = match[1]
        if not (src / target).is_file():
            yield f'{where}: "{target}" is not a file of src/ (includes are relative to src/)'
        elif target.split("/")[0] not in allowed:
            dependencies = ", ".join(sorted(allowed - {room})) or "none"
            yield f"{where}: room {room} may not include {target}; its dependencies: {dependencies}"


def check(root):
    """Violations, one sentence each."""
    src = root / "src"
    rooms = read_rooms((root / "CMakeLists.txt").read_text())
    test_rooms = read_rooms((root / "CMakeLists.txt").read_text(), "TEST_DEPS")
    yield from check_order(rooms, test_rooms)
    for directory in sorted(entry for entry in src.iterdir() if entry.is_dir()):
        room = directory.name
        if room != TOP and room not in rooms:
            yield f"src/{room} is not a room of CMakeLists.txt"
            continue
        allowed = set(rooms) | {TOP} if room == TOP else reachable(rooms, room)
        for path in sorted(directory.rglob("*")):
            if path.suffix in (".h", ".cc"):
                tested = allowed.union(*(reachable(rooms, name) for name in test_rooms.get(room, ())))
                yield from check_file(path, src, room, tested if TEST_FILE.search(path.name) else allowed)


if __name__ == "__main__":
    found = list(check(Path(__file__).resolve().parents[2]))
    print("\n".join(found) or "The rooms' dependencies follow CMakeLists.txt.")
    sys.exit(1 if found else 0)
