# SPDX-License-Identifier: BSD-3-Clause
"""Writes Python values in libconfig's syntax: dict is a group, list is a list, tuple is an array."""

import os


def value(item, indent=0):
    """One value as libconfig reads it."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, (int, float)):
        return str(item)
    if isinstance(item, str):
        return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(item, tuple):
        return "[ " + ", ".join(value(member) for member in item) + " ]"
    inner = "\t" * (indent + 1)
    outer = "\t" * indent
    if isinstance(item, list):
        if not item:
            return "( )"
        return "(\n" + ",\n".join(inner + value(member, indent + 1) for member in item) + "\n" + outer + ")"
    return "{\n" + settings(item, indent + 1) + outer + "}"


def settings(group, indent=0):
    """The settings of a group, one a line."""
    return "".join("\t" * indent + f"{name} = {value(member, indent)};\n" for name, member in group.items())


def write(path, group, template=None):
    """Writes a configuration file that nobody else can read: the settings of `group`, then the text of the file
    `template`, without its settings of one line that `group` has as well."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(settings(group))
        if template is not None:
            lines = template.read_text(encoding="utf-8").splitlines(keepends=True)
            file.writelines(line for line in lines if line.partition(" = ")[0] not in group)
