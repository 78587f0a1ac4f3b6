#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Is what docs/compliance.md names really there? Run from the root of the tree.

Every `file: name` must be a function (or a macro or table) that the file defines, and a test that the file
runs. A row that says "done" names its code and its test. Prints each breach as file:line: text; exit status
1 if there is one. A tree without the document has nothing to check.
"""

import functools
import pathlib
import re
import sys

DOCUMENT = pathlib.Path("docs/compliance.md")
REFERENCE = re.compile(r"`([\w./-]+\.(?:c|h|py)): (\w+)`")
STATUS = re.compile(r"done$|(?:partly|not done|later|decided|no test): \S")
LEVELS = {"MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY", "text"}


@functools.cache
def text_of(path):
    file = pathlib.Path(path)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def is_defined(path, text, name):
    if path.endswith(".py"):
        return re.search(rf"^def {name}\(", text, re.MULTILINE) is not None
    if path.startswith("tests/"):
        return (re.search(rf"^{name}\(", text, re.MULTILINE) is not None
                and re.search(rf"(?:TEST|unit_test\w*)\(\s*{name}\b", text) is not None)
    # this project writes a function's name at the start of its line
    return re.search(rf"^(?:[\w *]*\b)?{name}(?:\(|\[| = )|^#define {name}\b", text, re.MULTILINE) is not None


def check_references(line):
    for path, name in REFERENCE.findall(line):
        text = text_of(path)
        if text is None:
            yield f"{path} does not exist"
        elif not is_defined(path, text, name):
            yield f"{path} has no {name}" + (" that runs" if path.startswith("tests/") else "")


def check_row(cells):
    requirement, _, level, code, test, status = cells
    if level not in LEVELS:
        yield f"level {level!r} of {requirement!r}: one of {', '.join(sorted(LEVELS))}"
    if not STATUS.match(status):
        yield f"status {status!r}: done, or partly, not done, later, decided, no test: and why"
    for kind, cell in (("code", code), ("test", test)):
        if cell != "-" and not REFERENCE.search(cell):
            yield f"{kind} {cell!r}: `file: name`, or -"
        if status == "done" and cell == "-":
            yield f"{requirement!r} is done without {kind}"


def check(text):
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((number, what) for what in check_references(line))
        if not line.startswith("| ") or line.startswith("| Requirement |"):
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 6:
            yield from ((number, what) for what in check_row(cells))
        else:
            yield number, f"{len(cells)} columns; a row has 6"


def main():
    text = text_of(str(DOCUMENT))
    breaches = list(check(text)) if text is not None else []
    for number, what in breaches:
        print(f"{DOCUMENT}:{number}: {what}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
