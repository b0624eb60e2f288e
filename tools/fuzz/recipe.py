# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Recipes: what a graph is made of, and how it is told to varve-fuzz-graphs."""

import numpy as np
from dims import Dim
from tensors import to_bits
from trace import Known, Tracer


class Input:
    """`kind` is input, weight or dim: a number that gives a name its size."""

    def __init__(self, name, dtype, dims, data, kind="input", encoding=None):
        self.name, self.dtype, self.dims, self.data, self.kind, self.encoding = name, dtype, dims, data, kind, encoding


class Recipe:
    def __init__(self, sizes):
        self.sizes = sizes
        self.inputs, self.nodes, self.layers, self.outputs = [], [], {}, []
        self.fails = None  # the parts of the error that there must be, if there must be one

    def trace(self):
        """Runs it: the tracer, and the values by their names in the recipe."""
        tracer = Tracer(self.sizes, self.layers)
        env = {}
        for given in self.inputs:
            env[given.name] = tracer.known[given.name] = Known(given.name, given.dtype, given.dims, given.data, not given.encoding)
        tracer.run(self.nodes, env)
        return tracer, env


def walk(nodes, layers=None):
    """All nodes, those in bodies too; and those of layers, if given."""
    for node in nodes:
        yield node
        for part in ("then", "else", "body", "while"):
            if part in node:
                yield from walk(node[part]["nodes"])
    for definition in (layers or {}).values():
        yield from walk(definition["nodes"])


def told(value):
    """As JSON has it."""
    if isinstance(value, Dim):
        return value.json()
    if isinstance(value, dict):
        return {key: told(entry) for key, entry in value.items() if key not in ("of", "dims", "dtypes")}
    if isinstance(value, (list, tuple)):
        return [told(entry) for entry in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    return value


def json_of(recipe):
    """What varve-fuzz-graphs reads, the tensors, the trace, and what outputs are called in it."""
    tracer, env = recipe.trace()
    calls = []
    for node in walk(recipe.nodes, recipe.layers):
        if node["op"] == "layer":
            node["call"] = len(calls)
            if node.get("faulty"):
                recipe.fails = ["expects indices into dimension", f"'layers.{len(calls)}'"]
            calls.append(node["layer"])
    outputs = [name for node in tracer.nodes for name in node["out"]]
    given = {i.name for i in recipe.inputs if i.kind != "dim"}
    outputs += sorted({env[name].name for name in recipe.outputs} & given)
    inputs = []
    for i in recipe.inputs:
        entry = {"name": i.name, "dtype": i.dtype, "dims": told(i.dims), "kind": i.kind}
        inputs.append(entry | ({"encoding": i.encoding} if i.encoding else {}))
    text = {
        "inputs": inputs,
        "flat": {"nodes": told(tracer.nodes), "outputs": outputs},
        "main": {"nodes": told(recipe.nodes), "outputs": recipe.outputs, "layers": told(recipe.layers), "calls": calls},
    }
    tensors = {i.name: to_bits(i.data, i.dtype) for i in recipe.inputs}
    # What each output of the graph is in the straight program.
    return text, tensors, tracer, [env[name].name for name in recipe.outputs]
