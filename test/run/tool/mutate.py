#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs varve-run on damaged copies of a file: mutate.py FILE --cuts N --changes N -- OPTION...

Each run must end with status 0, or with status 1 and one message of varve-run's own. The damage is the same every time."""

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("file", type=Path)
parser.add_argument("--cuts", type=int, default=0)
parser.add_argument("--changes", type=int, default=0)
split = sys.argv.index("--")
parser.add_argument("--timeout", type=float, default=100, help="seconds for each run")
parser.add_argument("--keep", type=Path, help="a folder for copies that did not end well")
arguments, options = parser.parse_args(sys.argv[1:split]), sys.argv[split + 1 :]

whole = arguments.file.read_bytes()
rng = random.Random(arguments.file.name)
variants = [("cut to %d bytes" % size, whole[:size]) for size in sorted(rng.sample(range(len(whole)), arguments.cuts))]
for _ in range(arguments.changes):
    changed = bytearray(whole)
    places = [rng.randrange(len(whole)) for _ in range(rng.choice([1, 1, 2, 8]))]
    for place in places:
        changed[place] = rng.choice([0, 0xFF, 0x7F, changed[place] ^ (1 << rng.randrange(8)), rng.randrange(256)])
    variants.append(("bytes %s changed" % places, bytes(changed)))

bad = 0
with tempfile.TemporaryDirectory() as folder:
    damaged = Path(folder) / arguments.file.name
    for what, data in variants:
        damaged.write_bytes(data)
        try:
            done = subprocess.run(["varve-run", damaged, *options], capture_output=True, timeout=arguments.timeout)
        except subprocess.TimeoutExpired:
            done = subprocess.CompletedProcess([], -1, b"", b"it did not end\n")
        errors = done.stderr.decode(errors="replace")
        clean = done.returncode == 0 or (
            done.returncode == 1 and errors.startswith("varve-run: error: ") and errors.count("varve-run: error: ") == 1
        )
        if done.returncode == 1:
            clean = clean and arguments.file.name in errors and not done.stdout
        if not clean:
            bad += 1
            if arguments.keep:
                (arguments.keep / f"{bad}-{arguments.file.name}").write_bytes(data)
            print(f"{arguments.file.name}, {what}: exit status {done.returncode}\n{errors}")
sys.exit(bad != 0)
