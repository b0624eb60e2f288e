# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs recipes by varve-fuzz-graphs, and says what is wrong with each."""

import json
import queue
import subprocess
import threading
from pathlib import Path

import numpy as np
from recipe import json_of
from reference import evaluate
from tensors import from_bits
from trace import Known, sized

PATIENCE = 120  # seconds without a word from the runner


class Finding:
    """`kind`: numbers, differ, error or crash; `node`: of the straight program, where numbers are wrong."""

    def __init__(self, kind, text, node=None, operands=None):
        self.kind, self.text, self.node, self.operands = kind, text, node, operands

    def is_like(self, other):
        same = lambda finding: finding.text.split(":")[0] if finding.kind == "error" else finding.node["op"] if finding.node else ""
        return self.kind == other.kind and same(self) == same(other)

    def __str__(self):
        return f"{self.kind}: {self.text}"


class Runner:
    def __init__(self, program, folder, together=1, text_every=1):
        self.program, self.folder = str(program), Path(folder)
        self.together, self.text_every = together, text_every
        self.folder.mkdir(parents=True, exist_ok=True)

    def check(self, recipes):
        """A list of findings for each recipe. What ends the runner is found by running each for itself."""
        told = [json_of(recipe) for recipe in recipes]
        problem = self.run(told, self.together)
        if problem and len(recipes) > 1:
            if self.together > 1 or len(recipes) > 4:  # halves, so that a crash costs few runs
                middle = len(recipes) // 2
                return self.check(recipes[:middle]) + self.check(recipes[middle:])
            return [self.check([recipe])[0] for recipe in recipes]
        if problem:
            return [[Finding("crash", problem)]]
        results = json.loads((self.folder / "results.json").read_text())
        with np.load(self.folder / "outputs.npz") as archive:
            outputs = {name: archive[name] for name in archive.files}
        return [self.findings(recipe, i, *told[i], results[i], outputs) for i, recipe in enumerate(recipes)]

    def text(self):
        """The graph that was checked last by itself, as Varve prints it."""
        path = self.folder / "main.mlir"
        return path.read_text() if path.exists() else "(it could not be built)"

    def run(self, told, together):
        tensors = {f"g{i}_{name}": array for i, entry in enumerate(told) for name, array in entry[1].items()}
        (self.folder / "batch.json").write_text(json.dumps([entry[0] for entry in told]))
        np.savez(self.folder / "inputs.npz", **tensors)
        for name in ("results.json", "outputs.npz", "main.mlir"):
            (self.folder / name).unlink(missing_ok=True)
        command = [self.program, str(self.folder), str(together), str(self.text_every)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines, said = queue.Queue(), []

        def read():
            for line in process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        complaints = threading.Thread(target=lambda: said.append(process.stderr.read()), daemon=True)
        complaints.start()
        last = "start"
        while True:
            try:
                line = lines.get(timeout=PATIENCE)
            except queue.Empty:
                process.kill()
                process.wait()
                return f"no progress for {PATIENCE} s: {last}"
            if line is None:
                break
            last = line.strip()
        process.wait()
        complaints.join()
        if process.returncode:
            return f"exit status {process.returncode} at '{last}'\n{said[0][-2000:]}"
        return None

    def findings(self, recipe, index, text, tensors, tracer, result, outputs):
        found = []
        prefix = f"g{index}_"
        if recipe.fails:
            ways = {error["way"] for error in result["errors"]}
            for error in result["errors"]:
                if not all(part in error["message"] for part in recipe.fails) and error["way"] not in ("flat", "flat, two threads"):
                    found.append(Finding("error", f"{error['way']}: expects {recipe.fails} in '{error['message']}'"))
            for way in ("flat", "built", "built, two threads", "loaded, two threads"):
                if way not in ways:
                    found.append(Finding("error", f"{way}: expects an error with {recipe.fails}, but got none"))
            return found
        for error in result["errors"]:
            found.append(Finding("error", f"{error['way']}: {error['message']}"))
        for differ in result["differ"]:
            found.append(Finding("differ", f"{differ['way']}: output {differ['output']}: {differ['detail']}"))
        if any(error["way"] in ("flat build", "build", "compile", "flat") for error in result["errors"]):
            return found
        known = {}
        for name, value in tracer.known.items():
            if prefix + name in outputs:
                dtype = "f32" if outputs[prefix + name].dtype == np.float32 and value.dtype != "bf16" else value.dtype
                known[name] = Known(name, value.dtype, value.dims, from_bits(outputs[prefix + name], dtype), True)
            else:
                known[name] = value
        for node in tracer.nodes:
            operands = [known[name] for name in node["in"]]
            args = [(value.dtype, value.data) for value in operands]
            shapes = [sized(entry, tracer.sizes) for entry in node["dims"]]
            for name, expected in zip(node["out"], evaluate(node["op"], sized(node["attrs"], tracer.sizes), args, shapes)):
                problem = expected.difference(known[name].data)
                if problem:
                    types = ", ".join(f"{dtype}{list(data.shape)}" for dtype, data in args)
                    found.append(Finding("numbers", f"{node['op']}({types}) {name}: {problem}", node, operands))
        return found
