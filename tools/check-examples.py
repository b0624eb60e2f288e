#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs every example of the dialect's reference through varve-opt, and checks that neither examples nor tests are missing.

    check-examples.py varve-opt docs/reference [test/dialect]

An example that is no whole module is the body of a graph: its free operands become arguments, of the types that its ops name.
Each op, type and attribute has one example. Each page has tests `<page>.mlir` and `<page>-invalid.mlir` (types and attributes
share `types`); each op is named in the first, and each constraint Cn of an op, or of ops with the same constraints, has a
negative test `@<op>_cn_...`.
"""
import pathlib
import re
import subprocess
import sys


def split_types(text):
    """The types of a list, split at the commas that are outside of any brackets."""
    parts, depth, part = [], 0, ""
    for previous, char in zip(" " + text, text):
        depth += char in "(<[{"
        depth -= char in ")]}" or (char == ">" and previous != "-")
        if char == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += char
    return parts + [part.strip()] if part.strip() else parts


def operand_types(text):
    """What follows the last colon: `(a, b) -> c`, `a, b`, `a to b`."""
    types = re.split(r"\s:\s", text)[-1].strip()
    if not types.startswith("("):
        return split_types(types.split(" to ")[0])
    depth = 0
    for at, char in enumerate(types):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return split_types(types[1:at])
    return []


def wrap(example):
    """A graph with the example as its body."""
    if re.search(r"^\s*varve\.(graph|mesh|weight)\b", example, re.M):
        return example
    defined, free = set(), {}
    for line in example.splitlines():
        made, _, rest = line.partition(" = varve.") if " = varve." in line else ("", "", line)
        operands = re.findall(r"%\w+", re.split(r"\s:\s", rest)[0])
        for operand, type in zip(operands, operand_types(rest)):
            if operand not in defined:
                free.setdefault(operand, type)
        defined.update(re.findall(r"%\w+", made))
    arguments = [f"{name}: {type}" for name, type in free.items()]
    # Names of dimensions that stand in no argument alone are given by scalars.
    names = {name for dims in re.findall(r"#varve\.dims<([^>]*)>", example) for name in re.findall(r"[A-Za-z_][\w.]*", dims)}
    arguments += [f'%dim_{name}: tensor<i64> {{varve.dim = "{name}"}}' for name in sorted(names)]
    return f"varve.graph @example({', '.join(arguments)}) {{\n{example}  varve.output\n}}\n"


def main():
    opt, reference = sys.argv[1], pathlib.Path(sys.argv[2])
    tests = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    errors, count, constraints = [], 0, {}

    def test(name):
        found = list(tests.rglob(name))
        if len(found) != 1:
            errors.append(f"expects a test {name} below {tests}, but got {len(found)}")
            return ""
        return found[0].read_text()

    for page in sorted(reference.glob("*.md")):
        if page.name in ("README.md", "dialect.md"):  # indices
            continue
        stem = "types" if page.stem == "attributes" else page.stem
        valid, invalid = (test(f"{stem}.mlir"), test(f"{stem}-invalid.mlir")) if tests else ("", "")
        for section in re.split(r"^### ", page.read_text(), flags=re.M)[1:]:
            name = section.split()[0].strip("`")
            blocks = re.findall(r"\*\*Example\*\*\n```mlir\n(.*?)```", section, re.S)
            if len(blocks) != 1:
                errors.append(f"{page.name}: {name}: expects one example, but got {len(blocks)}")
            for block in blocks:
                count += 1
                module = wrap(block)
                if name.startswith("varve.") and not re.search(re.escape(name) + r"(?![\w.])", block):
                    errors.append(f"{page.name}: {name}: expects an example that uses it, but got\n{module}")
                run = subprocess.run([opt, "-"], input=module, capture_output=True, text=True)
                if run.returncode:
                    errors.append(f"{page.name}: {name}: {run.stderr}\n{module}")
            if tests and name.startswith("varve."):
                if not re.search(r"^ *(%.* = )?" + re.escape(name) + r"(?![\w.])", valid, re.M):
                    errors.append(f"{stem}.mlir: expects a test of {name}, but got none")
                rules = re.search(r"\*\*Constraints\*\*\n(.*?)(\n\n|$)", section, re.S)
                if rules:
                    constraints.setdefault((stem, rules.group(1)), []).append((name.split(".")[-1], invalid))
    for (stem, rules), ops in constraints.items():
        for number in re.findall(r"^- C(\d+):", rules, re.M):
            if not any(re.search(rf"@{op}_c{number}_", invalid) for op, invalid in ops):
                errors.append(f"{stem}-invalid.mlir: expects a test @{ops[0][0]}_c{number}_.., but got none")
    print("\n".join(errors + [f"{count} examples, {len(errors)} errors"]))
    return 1 if errors or not count else 0


sys.exit(main())
