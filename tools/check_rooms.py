"""Holds the rooms of src/ to the dependencies that CMakeLists.txt gives them: they point one way only.

  python3 tools/check_rooms.py      prints what is wrong; exit status 1 when anything is

A room may include its own headers, and those of the rooms that its `forebay_room(NAME DEPS ...)` names, directly or
through them. A room may only depend on rooms that stand above it in the list. src/cli may include every room.
"""
import re
import sys
from pathlib import Path

ROOM = re.compile(r"^forebay_room\((\w+)([^)]*)\)", re.MULTILINE)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
TOP = "cli"


def read_rooms(cmake_text):
    """The direct dependencies of each room, in the order of the list."""
    rooms = {}
    for name, arguments in ROOM.findall(cmake_text):
        words = arguments.split()
        dependencies = []
        if "DEPS" in words:
            for word in words[words.index("DEPS") + 1:]:
                if word == "LIBS":
                    break
                dependencies.append(word)
        rooms[name] = dependencies
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


def check_order(rooms):
    above = set()
    for name, dependencies in rooms.items():
        for dependency in dependencies:
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
    """What is wrong, one sentence each."""
    src = root / "src"
    rooms = read_rooms((root / "CMakeLists.txt").read_text())
    yield from check_order(rooms)
    for directory in sorted(entry for entry in src.iterdir() if entry.is_dir()):
        room = directory.name
        if room != TOP and room not in rooms:
            yield f"src/{room} is not a room of CMakeLists.txt"
            continue
        allowed = set(rooms) | {TOP} if room == TOP else reachable(rooms, room)
        for path in sorted(directory.rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield from check_file(path, src, room, allowed)


if __name__ == "__main__":
    found = list(check(Path(__file__).resolve().parent.parent))
    print("\n".join(found) or "The rooms' dependencies are as CMakeLists.txt says.")
    sys.exit(1 if found else 0)
