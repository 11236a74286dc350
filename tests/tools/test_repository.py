"""The repository keeps its own rules, and each rule can be broken: a check that can't fail checks nothing."""
import shutil
import subprocess

import pytest

from lint import check_classes, check_rooms, check_style
from support.paths import ROOT

FORMAT = "not as clang-format has it"
CMAKE = """
forebay_room(base LIBS fmt::fmt)
forebay_room(testlake DEPS base)
forebay_room(contract DEPS base TEST_DEPS testlake LIBS yaml-cpp)
forebay_room(land DEPS contract)
"""


def tree(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def rooms_tree(root, cmake=CMAKE, **files):
    sources = {"src/base/a.h": "", "src/contract/b.h": '#include "base/a.h"\n',
               "src/land/c.cc": '#include "base/a.h"\n#include "contract/b.h"\n', "src/land/e.h": "",
               "src/testlake/t.h": "", "src/contract/b_test.cc": '#include "testlake/t.h"\n',
               "src/cli/d.cc": '#include "land/e.h"\n'}
    return tree(root, {"CMakeLists.txt": cmake, **sources, **files})


def style_tree(root, **files):
    subprocess.run(["git", "init", "-q", root], check=True)
    shutil.copy(ROOT / ".clang-format", root)
    return tree(root, {name.replace("__", "/"): text for name, text in files.items()})


def style(root, name, text, longer=None):
    return list(check_style.check(style_tree(root, **{name: text}), longer or {}))


def test_the_rooms_depend_on_each_other_one_way():
    assert list(check_rooms.check(ROOT)) == []


def test_every_class_has_one_definition():
    assert list(check_classes.check(ROOT)) == []


def test_the_rules_of_style_are_kept():
    assert list(check_style.check(ROOT)) == []


# --- Each rule can be broken --------------------------------------------------------------------------------------

def test_a_tree_that_keeps_the_rules_passes(tmp_path):
    assert list(check_rooms.check(rooms_tree(tmp_path))) == []


@pytest.mark.parametrize("name, text, words", [
    ("src/base/x.h", '\n#include "contract/b.h"\n', "src/base/x.h:2: room base may not include contract/b.h"),
    ("src/contract/x.cc", '#include "land/e.h"\n', "room contract may not include land/e.h"),
    ("src/land/x.cc", '#include "cli/d.cc"\n', "room land may not include cli/d.cc"),
    ("src/land/x.cc", '#include "nowhere.h"\n', '"nowhere.h" is not a file of src/'),
    ("src/attic/x.cc", "", "src/attic is not a room"),
    ("src/contract/x.cc", '#include "testlake/t.h"\n', "room contract may not include testlake/t.h"),
])
def test_an_include_in_the_wrong_direction_is_found(tmp_path, name, text, words):
    found = list(check_rooms.check(rooms_tree(tmp_path, **{name: text})))
    assert len(found) == 1 and words in found[0]


def test_a_dependency_that_points_downwards_is_found(tmp_path):
    cmake = CMAKE.replace("base LIBS", "base DEPS land LIBS")
    found = list(check_rooms.check(rooms_tree(tmp_path, cmake)))
    assert found == ["CMakeLists.txt: room base depends on land, which does not stand above it"]


def test_a_class_with_two_definitions_is_found(tmp_path):
    tree(tmp_path, {"src/a/x.h": "namespace forebay {\nstruct Row {\n  int a;\n};\n}\n",
                    "src/b/y.cc": "namespace forebay {\nnamespace {\nclass Row {};\n}\nclass Table : public Row {\n"
                                  "  class Row {};\n};\nclass Impl::Row {};\n}\n",
                    "src/b/z.h": "namespace forebay::kafka {\nclass Row final : public Base {};\n}\n"})
    assert list(check_classes.check(tmp_path)) == []
    tree(tmp_path, {"bench/w.cc": "namespace forebay {\nenum class Row { kA };\n}\n"})
    assert list(check_classes.check(tmp_path)) == ["forebay::Row is defined more than once: src/a/x.h, bench/w.cc"]


def cpp_function(lines):
    return "int F() {\n" + "  G();\n" * (lines - 2) + "}\n"


@pytest.mark.parametrize("name, text, words", [
    ("a.cc", cpp_function(71), "a.cc:1: F has 71 lines"),
    ("a.cc", "class A {\n public:\n  int F() {\n" + "    G();\n" * 69 + "  }\n};\n", "F has 71 lines"),
    ("a.cc", "TEST(A, B) {\n" + "  G();\n" * 69 + "}\n", "TEST has 71 lines"),
    ("a.py", "def f():\n" + "    pass\n" * 70, "f has 71 lines"),
    ("tools__setup", "#!/usr/bin/env bash\nf() {\n" + "  true\n" * 69 + "}\n", "f has 71 lines"),
    ("a.cc", "int F(int a,\n      int b) {\n" + "  G();\n" * 68 + "}\n", "F has 71 lines"),
    ("a.cc", "int a;\n" * 401, "a.cc: 401 lines"),
    ("a.py", "x = 1\n" * 401, "a.py: 401 lines"),
    ("a.py", "x = '" + "x" * 120 + "'\n", "a line has at most 120"),
    ("a.py", "# TODO: later\n", "unfinished work"),
    ("a.h", "#pragma once\n", "a header begins with a comment"),
    ("a.h", "// Something.\n", "no #pragma once"),
    ("a.cc", "int  a;\n", FORMAT),
    ("notes.md", "see /home/me/notes\n", "a path of one machine"),
    ("a.py", "raise WorldError\n", "WorldError is a word of the past; instead: kUnavailable, kIoError"),
    ("notes.md", "run `forebay lake reland`\n", "reland is a word of the past; instead: rebuild"),
    ("requirements__x.txt", "x @ https://example.org/x.whl\n", "names where packages come from"),
    ("requirements__x.txt", "--index-url pypi.example.org\n", "names where packages come from"),
    ("a__pom.xml", "<url>https://example.org/maven</url>\n", "names where artifacts come from"),
    ("a__pom.xml", "<repositories></repositories>\n", "names where packages come from"),
])
def test_each_rule_of_style_can_be_broken(tmp_path, name, text, words):
    found = [problem for problem in style(tmp_path, name, text) if FORMAT in words or FORMAT not in problem]
    assert len(found) == 1 and words in found[0]


@pytest.mark.parametrize("name, text", [
    ("a.cc", cpp_function(70)),
    ("a.cc", "namespace a {\nclass A {\n public:\n" + "  void F() {}\n" * 90 + "};\n\n}  // namespace a\n"),
    ("a.cc", "constexpr int kA[90] = {\n" + "    1,\n" * 90 + "};\n"),
    ("a.cc", "enum class E {\n" + "  kA,\n" * 90 + "};\n"),
    ("a.cc", 'const char* a = R"(' + "\n{" * 90 + "\n}" * 90 + '\n)";\n'),
    ("a.cc", "int F() {\n" + "  G();\n" * 40 + "}\n\nint H() {\n" + "  G();\n" * 40 + "}\n"),
    ("a__pom.xml", '<project xmlns="http://maven.apache.org/POM/4.0.0">\n'),
    ("a.md", "see ${HOME}/work/x, ~/root/y and a/home/z\n"),
])
def test_what_keeps_the_rules_is_left_alone(tmp_path, name, text):
    assert [problem for problem in style(tmp_path, name, text) if FORMAT not in problem] == []


def test_longer_is_allowed_with_a_reason_and_only_while_it_is_needed(tmp_path):
    assert style(tmp_path, "a.cc", cpp_function(80), {"a.cc:F": (80, "a table of cases")}) == []
    assert len(style(tmp_path, "a.cc", cpp_function(81), {"a.cc:F": (80, "a table of cases")})) == 1
    found = style(tmp_path, "a.cc", cpp_function(10), {"a.cc:F": (80, "a table of cases")})
    assert len(found) == 1 and "no longer needs" in found[0]
