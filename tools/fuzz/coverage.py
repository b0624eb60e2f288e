# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every op of the dialect is made by a random graph, or stands here with the reason why not."""

import subprocess

from control import CONTROL
from makers import MAKERS

EXCEPTIONS = {
    "graph": "is the graph",
    "output": "ends every graph and body",
    "layer": "the layers of recipes",
    "weight": "inputs of kind weight",
    "use": "inputs of kind weight",
    "mesh": "says where a model runs, and this machine has one device",
    "print": "gives no value",
    "buffer.load": "state is not of one run: test/unit/graph, test/run/buffers.mlir",
    "buffer.store": "state is not of one run",
}


def check_ops(runner):
    """What is wrong, a line each."""
    names = lambda option: [name.removeprefix("varve.") for name in subprocess.run([str(runner), option], capture_output=True, text=True, check=True).stdout.split()]
    made = set(MAKERS) | {"cond", "loop"}
    assert {function.__name__ for function in CONTROL} >= {"cond", "loop", "scan", "layers"}
    problems = []
    for op in names("--ops"):
        if op not in made and op not in EXCEPTIONS:
            problems.append(f"fuzz-graphs: error: expects a maker of varve.{op} in tools/fuzz/makers.py, or a reason in coverage.py why there is none")
        if op in made and op in EXCEPTIONS:
            problems.append(f"fuzz-graphs: error: expects varve.{op} among the makers or the exceptions, but got both")
    recorded = set(names("--recorded-ops"))
    problems += [f"fuzz-graphs: error: expects a function for '{op}' in tools/fuzz/Ops.cpp" for op in sorted(made - {"cond", "loop"} - recorded)]
    return problems
