#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The house's own rules, on the files named on standard input, seen from the working directory.

Prints each breach as file:line: text; exit status 1 if there is one.
"""

import pathlib
import re
import sys

SPDX = "SPDX-License-Identifier: "
LICENCE = "BSD-3-Clause"
LICENCE_OF = {"ike": "GPL-2.0-or-later"}  # it runs inside charon
LINES_MAX = 600
COLUMNS_MAX = 120  # clang-format holds code to 100; comments have some room

# Which folders a folder may include from, besides itself. Folders that are not named here may include all.
MAY_INCLUDE = {
    "lib": set(),
    "dataplane": {"lib"},
    "control": {"lib", "dataplane"},
    "mobile": {"lib"},
    "ctl": {"lib"},
    "ike": {"lib"},
}

# Workers look live tables up without locks, so one file alone may write them.
PUBLISHER = "control/publish.c"
LIVE_WRITE = re.compile(
    r"\b(?:rte_hash_(?:add|del)\w*|rte_lpm_(?:add|delete)\w*)\b"
    r"|\batomic_(?:store|exchange|compare_exchange|fetch)\w*\s*\([^;]*?\b(?:next_hops|settings)\b")
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def blank_out(match):
    """The same number of lines, nothing on them."""
    return re.sub(r"[^\n]", " ", match.group(0))


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_includes(path, text):
    folder = path.split("/")[0]
    for match in INCLUDE.finditer(text):
        target = match.group(1)
        line = line_of(text, match.start(1))
        if "/" not in target or target.startswith("."):
            yield line, f'include "{target}" from the root: "folder/{pathlib.PurePath(target).name}"'
        elif folder in MAY_INCLUDE and (other := target.split("/")[0]) != folder:
            if other not in MAY_INCLUDE[folder]:
                yield line, f"{folder}/ may not include from {other}/"


def check_live_tables(path, code):
    if path == PUBLISHER or path.split("/")[0] not in MAY_INCLUDE:
        return
    for match in LIVE_WRITE.finditer(code):
        what = match.group(0).split("(")[0].strip()
        yield line_of(code, match.start()), f"{what}: only {PUBLISHER} writes live tables"


def check_comments(text):
    for match in COMMENT_OR_TEXT.finditer(text):
        if match.group(0).startswith("//"):
            yield line_of(text, match.start()), "comments are written /* */"


def check_c(path, text):
    code = COMMENT_OR_TEXT.sub(blank_out, text)
    yield from check_includes(path, text)
    yield from check_live_tables(path, code)
    yield from check_comments(text)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line.expandtabs(8)) > COLUMNS_MAX:
            yield number, f"longer than {COLUMNS_MAX} columns"


def is_source(path, text):
    return pathlib.PurePath(path).suffix in {".c", ".h", ".cc", ".py", ".sh"} or text.startswith("#!")


def check_spdx(path, text):
    """In the first line, or the one after #!."""
    wanted = SPDX + LICENCE_OF.get(path.split("/")[0], LICENCE)
    if is_source(path, text) and wanted not in "\n".join(text.split("\n")[:2]):
        yield 1, f"lacks {wanted}"


def check_length(path, text):
    count = text.count("\n")
    if is_source(path, text) and count > LINES_MAX:
        yield LINES_MAX + 1, f"{count} lines; a file has {LINES_MAX} at most: split it"


def check_space(text):
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield number, "white space at the end of the line"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end of the file"


def check(path):
    data = pathlib.Path(path).read_bytes()
    if b"\0" in data or path.startswith("tests/fuzz/corpus/"):
        return
    try:
        text = data.decode()
    except UnicodeDecodeError:
        yield 1, "neither UTF-8 text nor a binary file"
        return
    yield from check_spdx(path, text)
    yield from check_length(path, text)
    yield from check_space(text)
    if pathlib.PurePath(path).suffix in {".c", ".h"}:
        yield from check_c(path, text)


def main():
    breaches = 0
    for path in sys.stdin.read().splitlines():
        for line, text in check(path):
            print(f"{path}:{line}: {text}")
            breaches += 1
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
