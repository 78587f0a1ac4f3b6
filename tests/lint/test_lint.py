# SPDX-License-Identifier: BSD-3-Clause
"""Each rule of devtools/lint catches a bad sample and lets a good one pass."""

import json
import os
import pathlib
import subprocess

import pytest

LINT = pathlib.Path(__file__).resolve().parents[2] / "devtools/lint"
SPDX_C = "/* SPDX-License-Identifier: BSD-3-Clause */\n"
SPDX_SH = "#!/usr/bin/env bash\n# SPDX-License-Identifier: BSD-3-Clause\n"
GOOD = SPDX_C + '#include "lib/a.h"\n\nint\na(void)\n{\n\treturn 1;\n}\n'
GOOD_HEADER = SPDX_C + "#ifndef LIB_A_H\n#define LIB_A_H\n\nint a(void);\n\n#endif\n"
ROW = "| What it asks | 3.1 | MUST | %s | %s | %s |\n"


def lint(tree, step, files, **environment):
    """What `lint STEP` says about a tree of these files: its exit status and its lines."""
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    result = subprocess.run([LINT, step], env=os.environ | {"LINT_ROOT": str(tree)} | environment,
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


# step, file, its text, line of the problem, a word of the message
BAD = [
    ("format", "lib/a.c", SPDX_C + "int a(void) { return 1; }\n", 2, "not formatted"),
    ("house", "lib/a.c", "int a;\n", 1, "SPDX"),
    ("house", "devtools/x", "#!/bin/sh\ntrue\n", 1, "SPDX"),
    ("house", "tests/x.py", "x = 1\n", 1, "SPDX"),
    ("house", "ike/a.c", SPDX_C, 1, "GPL-2.0-or-later"),
    ("house", "docs/a.md", "good\nbad \n", 2, "white space"),
    ("house", "docs/a.md", "no end", 1, "no newline"),
    ("house", "lib/a.c", SPDX_C + '#include "dataplane/a.h"\n', 2, "lib/ may not include from dataplane/"),
    ("house", "lib/a.h", SPDX_C + '#include "control/a.h"\n', 2, "lib/ may not include from control/"),
    ("house", "lib/a.h", SPDX_C + '#include "mobile/a.h"\n', 2, "lib/ may not include from mobile/"),
    ("house", "dataplane/a.c", SPDX_C + '#  include "control/a.h"\n', 2, "dataplane/ may not"),
    ("house", "dataplane/a.c", SPDX_C + '#include "mobile/a.h"\n', 2, "dataplane/ may not"),
    ("house", "mobile/a.c", SPDX_C + '#include "dataplane/a.h"\n', 2, "mobile/ may not"),
    ("house", "ctl/a.c", SPDX_C + '#include "control/a.h"\n', 2, "ctl/ may not"),
    ("house", "ike/a.c", SPDX_C.replace("BSD-3-Clause", "GPL-2.0-or-later") + '#include "control/a.h"\n', 2,
     "ike/ may not"),
    ("house", "control/a.c", SPDX_C + '#include "ctl/a.h"\n', 2, "control/ may not"),
    ("house", "control/a.c", SPDX_C + '#include "a.h"\n', 2, "from the root"),
    ("house", "lib/a.c", SPDX_C + '#include "../control/a.h"\n', 2, "from the root"),
    ("house", "control/a.c", SPDX_C + "\nint x = rte_hash_add_key_data(h, k, d);\n", 3, "rte_hash_add_key_data"),
    ("house", "control/a.c", SPDX_C + "int x = rte_hash_del_key(h, k);\n", 2, "rte_hash_del_key"),
    ("house", "dataplane/a.c", SPDX_C + "int x = rte_lpm_add(l, 1, 2, 3);\n", 2, "rte_lpm_add"),
    ("house", "control/a.c", SPDX_C + "int x = rte_lpm_delete_all(l);\n", 2, "rte_lpm_delete_all"),
    ("house", "control/a.c", SPDX_C + "int (*f)(void) = rte_lpm_add;\n", 2, "rte_lpm_add"),
    ("house", "control/a.c", SPDX_C + "atomic_store_explicit(\n\t&t->next_hops[i], 1, o);\n", 2, "live tables"),
    ("house", "control/a.c", SPDX_C + "x = atomic_exchange(&t->settings, s);\n", 2, "live tables"),
    ("house", "lib/a.c", SPDX_C + "// no\n", 2, "comments"),
    ("house", "lib/a.c", SPDX_C + "/* " + 120 * "x" + " */\n", 2, "columns"),
    ("house", "lib/a.c", SPDX_C + 600 * "\n", 601, "split"),
    ("compliance", "docs/compliance.md", ROW % ("`lib/a.c: a`", "-", "not done: no"), 1, "lib/a.c does not exist"),
    ("compliance", "docs/compliance.md", "\n" + ROW % ("`docs/compliance.py: a`", "-", "no test: a"), 2, "not exist"),
    ("compliance", "docs/compliance.md", ROW % ("-", "-", "done"), 1, "done without code"),
    ("compliance", "docs/compliance.md", ROW % ("-", "-", "perhaps"), 1, "status 'perhaps'"),
    ("compliance", "docs/compliance.md", ROW % ("-", "a_test", "later: yes"), 1, "test 'a_test'"),
    ("compliance", "docs/compliance.md", "| a | 1 | MUST | - | done |\n", 1, "5 columns"),
    ("headers", "lib/a.h", SPDX_C + "uint32_t a(void);\n", 2, "uint32_t"),
    ("shell", "devtools/x", SPDX_SH + "rm $1\n", 3, "SC2086"),
    ("shell", "devtools/x.sh", SPDX_SH + "rm $1\n", 3, "SC2086"),
    ("spelling", "docs/a.md", "they rec" "ieve it\n", 1, "receive"),
    ("cppcheck", "lib/a.c", SPDX_C + "int a(void);\nint\na(void)\n{\n\tint x[2] = {0};\n\treturn x[2];\n}\n", 7,
     "arrayIndexOutOfBounds"),
]


@pytest.mark.parametrize("step, name, text, line, word", BAD, ids=lambda value: str(value)[:24])
def test_bad_sample_is_found_with_its_line(tmp_path, step, name, text, line, word):
    status, out = lint(tmp_path, step, {name: text})
    assert status == 1
    assert any(entry.startswith(f"{name}:{line}:") and word in entry for entry in out.splitlines()), out


@pytest.mark.parametrize("step", ["format", "house", "compliance", "headers", "shell", "spelling", "cppcheck"])
def test_good_tree_passes(tmp_path, step):
    status, out = lint(tmp_path, step, {"lib/a.c": GOOD, "lib/a.h": GOOD_HEADER, "devtools/x": SPDX_SH + "true\n"})
    assert (status, out) == (0, "")


UNIT_TEST = "void\na_is_one(void **state)\n{\n}\n"
RUNS = "\t\tcmocka_unit_test(\n\t\t\ta_is_one),\n"


@pytest.mark.parametrize("test, status", [(UNIT_TEST + RUNS, 0), (UNIT_TEST, 1), (RUNS, 1)])
def test_compliance_asks_for_tests_that_run(tmp_path, test, status):
    row = ROW % ("`lib/a.c: a`", "`tests/unit/a_test.c: a_is_one`", "done")
    files = {"docs/compliance.md": row, "lib/a.c": GOOD, "tests/unit/a_test.c": test}
    assert lint(tmp_path, "compliance", files)[0] == status


def test_compliance_asks_for_functions_that_are_defined(tmp_path):
    row = ROW % ("`lib/a.c: %s`", "-", "later: soon")
    files = {"docs/compliance.md": row % "a" + row % "b", "lib/a.c": GOOD + "/* b() */\n"}
    assert lint(tmp_path, "compliance", files) == (1, "docs/compliance.md:2: lib/a.c has no b\n")


@pytest.mark.parametrize("name, text", [
    ("control/publish.c", "int x = rte_hash_add_key_data(h, k, d);\natomic_store(&t->settings, s);\n"),
    ("tests/unit/dataplane/a_test.c", "int x = rte_lpm_add(l, 1, 2, 3);\n"),
    ("control/a.c", "/* rte_hash_add_key() is publish.c's */\nchar *x = \"rte_lpm_add\";\n"),
    ("control/a.c", "char *x = \"http://example.org\"; /* see // here */\n"),
    ("control/a.c", "atomic_store(&stop, true);\nf(t->settings);\n"),
    ("dataplane/a.c", "x = atomic_load_explicit(&t->next_hops[i], o);\n"),
    ("tests/unit/lib/a_test.c", '#include "control/a.h"\n'),
])
def test_what_only_looks_like_a_breach_passes(tmp_path, name, text):
    assert lint(tmp_path, "house", {name: SPDX_C + text}) == (0, "")


@pytest.mark.parametrize("bug, word", [("return n - n;", "both sides of operator are equivalent"),
                                       ("n = 1;\n\treturn 2;", "Value stored to 'n' is never read")])
def test_tidy_finds_a_bug(tmp_path, bug, word):
    source = SPDX_C + f"int a(int n);\nint\na(int n)\n{{\n\t{bug}\n}}\n"
    build = tmp_path / "build"
    build.mkdir()
    (build / "build.ninja").write_text("")
    (build / "compile_commands.json").write_text(json.dumps([
        {"directory": str(build), "command": "cc -c ../lib/a.c", "file": "../lib/a.c"}]))
    status, out = lint(tmp_path, "tidy", {"lib/a.c": source}, HOMEPORT_BUILD=str(build))
    assert status == 1
    assert f"lib/a.c:6: {word}" in out


def test_unknown_step_is_a_usage_error(tmp_path):
    assert lint(tmp_path, "polish", {})[0] == 2
