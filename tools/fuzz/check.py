# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs recipes by varve-fuzz-graphs, and says what is wrong with each."""

import json
import queue
import re
import subprocess
import threading
from pathlib import Path

import numpy as np
from recipe import json_of
from reference import evaluate
from sums import OPS as SUMS
from tensors import from_bits, is_float
from trace import Known, sized

PATIENCE = 120  # seconds without a word from the runner


class Finding:
    """`kind`: numbers, differ, error or crash; `node`: of the straight program, where numbers are wrong."""

    def __init__(self, kind, text, about="", node=None, operands=None):
        self.kind, self.text, self.about, self.node, self.operands = kind, text, about, node, operands

    def is_like(self, other):
        return self.kind == other.kind and self.about == other.about

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

    def findings(self, recipe, index, text, tensors, tracer, expected, result, outputs):
        found = []
        prefix = f"g{index}_"
        if recipe.fails:
            messages = {error["way"]: error["message"] for error in result["errors"]}
            for way in ("flat", "built", "flat, two threads", "built, two threads", "loaded, two threads"):
                wanted = recipe.fails[:1] if way.startswith("flat") else recipe.fails  # which has no layers
                if not all(part in messages.get(way, "") for part in wanted):
                    found.append(Finding("error", f"{way}: expects an error with {wanted}, but got '{messages.get(way, 'none')}'", "fails"))
            return found
        for error in result["errors"]:
            found.append(Finding("error", f"{error['way']}: {error['message']}", re.sub("[0-9]+", "", error["message"].split("error: ")[-1].split("but got")[0])[:60]))
        for differ in result["differ"]:
            found.append(Finding("differ", f"{differ['way']}: output {differ['output']}: {differ['detail']}", "ways"))
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
            for name, wanted in zip(node["out"], evaluate(node["op"], sized(node["attrs"], tracer.sizes), args, shapes)):
                problem = wanted.difference(known[name].data)
                if problem:
                    types = ", ".join(f"{dtype}{list(data.shape)}" for dtype, data in args)
                    found.append(Finding("numbers", f"{node['op']}({types}) {name}: {problem}", node["op"], node, operands))
        order = orders(tracer)
        for output, name in zip(recipe.outputs, expected):
            if prefix + "main_" + output in outputs:
                value = known[name]
                problem = distance(value, from_bits(outputs[prefix + "main_" + output], value.dtype), order[name])
                if problem:
                    found.append(Finding("differ", f"the graph and its straight program: output {output}: {problem}", "straight"))
        return found


# Sums of floats depend on their order, and that on what is computed with them. What follows may enlarge the difference.
SMOOTH = set("neg abs add sub mul maximum minimum select tanh sigmoid silu gelu relu erf sin cos atan cast softmax layer_norm rms_norm group_norm batch_norm rope "
             "attention linear matmul grouped_matmul conv conv_transpose max_pool avg_pool adaptive_max_pool adaptive_avg_pool resize causal_conv selective_scan "
             "reduce_sum reduce_mean reduce_max reduce_min cumsum copysign asinh gather take_along_axis scatter put_along_axis reshape transpose broadcast slice "
             "concat split pad flip identity rebind".split())  # fmt: skip
EXACT, NEAR, ANY = range(3)


def orders(tracer):
    """How near a value must be to that of another program that computes the same: the same bits, near, or anything."""
    order = {name: EXACT for name in tracer.known}
    for node in tracer.nodes:
        most = max((order[name] for name in node["in"]), default=EXACT)
        sums_ = node["op"] in SUMS and is_float(tracer.known[node["out"][0]].dtype)
        floats = all(is_float(tracer.known[name].dtype) for name in node["out"])
        # Norms divide by what may be small.
        # So may rounding to int8 make much of what is little.
        wild = most == NEAR and (node["op"] not in SMOOTH or not floats or "norm" in node["op"] or "int8" in node["attrs"])
        for name in node["out"]:
            order[name] = ANY if wild else max(most, NEAR if sums_ else EXACT)
    return order


def distance(expected, found, order):
    """What is wrong with elements that must be near, or None."""
    if order == ANY:
        return None
    a, b = (x.data if isinstance(x, Known) else x for x in (expected, found))
    if a.shape != b.shape:
        return f"shape {list(b.shape)} against {list(a.shape)}"
    if not is_float(expected.dtype):
        wrong = a != b
    else:
        a, b = a.astype(np.float64), b.astype(np.float64)
        with np.errstate(all="ignore"):
            wrong = ~((a == b) | (np.isnan(a) & np.isnan(b)))
            if order == NEAR:
                size = np.max(np.abs(a), initial=0, where=np.isfinite(a))
                near = 1e-3 if expected.dtype == "f32" else 6e-2
                wrong &= ~(np.abs(a - b) <= near * max(size, 1)) & np.isfinite(a) & np.isfinite(b)
    if not np.any(wrong):
        return None
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"{int(np.sum(wrong))} of {wrong.size} elements, first {list(at)}: {b[at]!r} against {a[at]!r}"
