#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the examples of the reference, and checks that each writes what it says.

    check-reference.py build/dev/bin/varve-examples docs/examples

What an example writes stands as comments right after the statement with a `print` or `std::cout`; each has one at least. Numbers
may differ in their last digits, and a line `...` stands for any lines.
"""
import importlib
import pathlib
import re
import subprocess
import sys

same = importlib.import_module("check-tutorial").same


def expected_of(file):
    """What the file's examples say that they write, and those that say nothing."""
    lines, silent, statement, output, name = [], [], "", False, None
    for line in file.read_text().splitlines():
        text = line.strip()
        if mark := re.fullmatch(r"  // (\w+)", line):
            name, count, statement, output = mark.group(1), len(lines), "", False
        elif line == "  }" and name:
            if len(lines) == count:
                silent.append(name)
            name = None
        elif name and text.startswith("//"):
            if output:
                lines.append(text[2:].removeprefix(" "))
        elif name:
            text = re.sub(r"\s+// .*", "", text)
            statement += text
            output = text.endswith(";") and bool(re.search(r"\bprint\(|std::cout", statement))
            if re.search(r"[;{}]$", text):
                statement = ""
    return lines, silent


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    run = subprocess.run([program], capture_output=True, text=True)
    written = dict(re.findall(r"^== (\S+)\n(.*?)(?=^== |\Z)", run.stdout, re.M | re.S))
    errors = [run.stderr] if run.returncode else []
    for file in sorted(folder.glob("*/*.cpp")):
        name = str(file.relative_to(folder).with_suffix(""))
        expected, silent = expected_of(file)
        errors += [f"{file}: expects comments with what example {example} writes, but got none" for example in silent]
        if name not in written:
            errors.append(f"{folder}/CMakeLists.txt: expects {name} in its list, but got none")
        elif not same(expected, written[name].splitlines()):
            errors.append(f"{file}: expects its examples to write what they say, but got\n{written[name]}")
    print("\n".join(errors + [f"{len(written)} files of examples, {len(errors)} errors"]))
    return 1 if errors or not written else 0


sys.exit(main())
