#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that a tutorial says what is in its programs, and what they print.

    check-tutorial.py docs/tutorial.md build/dev/bin

The files lie in the folder of the page's name. Every C++ and Python block stands in one of them, line by line, but for an
indent. A command of an `sh` block that begins with `../../build/dev/bin/` is run in that folder, with the programs of the folder
given; the `text` or `mlir` block that follows is all it prints. Numbers with a point may differ in their last digits, as they do
between machines; a line `...` stands for any lines. Every .cpp file of the folder has a block, and its program is run.
"""
import math
import pathlib
import re
import subprocess
import sys

PREFIX = "../../build/dev/bin/"
NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")


def blocks(page):
    """Language, lines and first line's number of each fenced block."""
    found, current = [], None
    for number, line in enumerate(page.splitlines(), 1):
        if not line.startswith("```"):
            if current:
                current[1].append(line)
        elif current:
            found.append(current)
            current = None
        else:
            current = (line[3:].strip(), [], number + 1)
    return found


def stands_in(lines, text):
    """True if the lines follow each other in the text, all with the same further indent."""
    theirs = text.splitlines()
    for start in range(len(theirs) - len(lines) + 1):
        indent = len(theirs[start]) - len(theirs[start].lstrip()) - (len(lines[0]) - len(lines[0].lstrip()))
        if indent >= 0 and all(
            (" " * indent + ours if ours else "") == other for ours, other in zip(lines, theirs[start:])
        ):
            return True
    return False


def same_line(expected, got):
    """Equal but for the last digits of numbers; columns of numbers may be wider or narrower then."""
    if expected == got:
        return True
    if NUMBER.sub("#", expected).split() != NUMBER.sub("#", got).split():
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(got))
    return all(math.isclose(float(a), float(b), rel_tol=1e-3, abs_tol=1e-5) for a, b in pairs)


def same(expected, got):
    """The lines are equal, "..." standing for any number of them."""
    if not expected or not got:
        return not got and all(line == "..." for line in expected)
    if expected[0] == "...":
        return any(same(expected[1:], got[i:]) for i in range(len(got) + 1))
    return same_line(expected[0], got[0]) and same(expected[1:], got[1:])


def main():
    page, programs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    folder, errors, output, shown, run = page.with_suffix(""), [], None, set(), set()
    for language, lines, number in blocks(page.read_text()):
        where = f"{page.name}:{number}"
        if language in ("cpp", "python"):
            pattern = "*.py" if language == "python" else "*.[ch]*"
            files = [file for file in sorted(folder.glob(pattern)) if stands_in(lines, file.read_text())]
            if not files:
                errors.append(f"{where}: expects a block that stands in a file of {folder.name}/, but got\n" + "\n".join(lines))
            shown.update(file.name for file in files)
        elif language == "sh":
            for line in lines:
                if not line.startswith(PREFIX):
                    continue
                program, *arguments = line.removeprefix(PREFIX).split()
                done = subprocess.run([programs / program, *arguments], cwd=folder, capture_output=True, text=True)
                output = done.stdout + done.stderr
                run.add(program)
                if done.returncode:
                    errors.append(f"{where}: expects '{line}' to end with status 0, but got {done.returncode}\n{output}")
        elif language in ("text", "mlir"):
            if output is None:
                errors.append(f"{where}: expects an output block to follow a command")
            elif not same(lines, output.rstrip("\n").split("\n")):
                errors.append(f"{where}: expects what the command before prints, but got\n{output}")
            output = None
        else:
            errors.append(f"{where}: expects a block of cpp, python, sh, text or mlir, but got '{language}'")
    for file in sorted(folder.glob("*.cpp")):
        if file.name not in shown:
            errors.append(f"{page.name}: expects a block of {file.name}, but got none")
        if f"tutorial-{file.stem}" not in run:
            errors.append(f"{page.name}: expects tutorial-{file.stem} to be run, but it is not")
    print("\n".join(errors + [f"{len(run)} programs, {len(errors)} errors"]))
    return 1 if errors or not run else 0


if __name__ == "__main__":
    sys.exit(main())
