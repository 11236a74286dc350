"""Finds class names with two definitions in one namespace: the linker would mix the two up without a word (ODR).

  python3 tools/lint/check_classes.py   prints violations; exit status 1 when there are any

Nested classes, and those in unnamed namespaces, are not compared.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path

SOURCES = ("src", "python/core", "bench", "fuzz")
COMMENT = re.compile(r"//[^\n]*")
LITERAL = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
SCOPE = re.compile(r"\bnamespace\s*([\w:]*)\s*\{"
                   r"|\b(?:class|struct|enum class|enum)\s+(?:\[\[\w+\]\]\s*)?(\w+)\b(?!::)"
                   r"\s*(?:final\s*)?(?::[^{;()]*)?\{"
                   r"|\{|\}")


def class_names(text):
    """The qualified names of the classes that a source defines, except nested ones and those without linkage."""
    scopes = []  # the namespaces' names; None for any other block
    for match in SCOPE.finditer(LITERAL.sub("0", COMMENT.sub("", text))):
        namespace, name = match.groups()
        if namespace is not None:
            scopes.append(namespace)
        elif match[0] == "}":
            if scopes:
                scopes.pop()
        else:
            if name is not None and all(scopes):
                yield "::".join([*scopes, name])
            scopes.append(None)


def check(root):
    """Violations, one sentence each."""
    files = defaultdict(list)
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc"):
                for name in class_names(path.read_text()):
                    files[name].append(str(path.relative_to(root)))
    for name, places in sorted(files.items()):
        if len(places) > 1:
            yield f"{name} is defined more than once: {', '.join(places)}"


if __name__ == "__main__":
    found = list(check(Path(__file__).resolve().parents[2]))
    print("\n".join(found) or "Every class has one definition.")
    sys.exit(1 if found else 0)
