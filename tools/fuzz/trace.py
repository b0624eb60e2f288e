# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a recipe with NumPy and writes down what ran: a straight program, without branches, loops and layers, that must give the
same bits. Every value of it is an output, so that each op can be compared with NumPy on the very operands that Varve gave it."""

import numpy as np
from dims import Dim
from elementwise import SAME
from places import OPS as PLACES
from reference import evaluate
from tensors import is_float


class Known:
    """A value while a recipe runs: its name in the straight program, type and elements. `exact`: NumPy has the same elements as Varve,
    so that it may decide a branch."""

    def __init__(self, name, dtype, dims, data, exact):
        self.name, self.dtype, self.dims, self.data, self.exact = name, dtype, dims, data, exact


def sized(value, sizes):
    """Attributes, with numbers for dimensions."""
    if isinstance(value, Dim):
        return value.at(sizes)
    if isinstance(value, (list, tuple)):
        return [sized(entry, sizes) for entry in value]
    if isinstance(value, dict):
        return {key: sized(entry, sizes) for key, entry in value.items()}
    return value


class Inexact(Exception):
    """A number of trips, or whether there is one more, depends on a sum of floats: Varve's may be another."""


class Tracer:
    def __init__(self, sizes, layers):
        self.sizes, self.layers = sizes, layers
        self.nodes, self.known = [], {}  # what ran; all values of it by name
        self.count = 0
        self.ops = []  # those that ran, and those that hold others

    def emit(self, op, operands, attributes, dims, node=None):
        shapes = [sized(entry, self.sizes) for entry in dims]
        args = [(value.dtype, value.data) for value in operands]
        results = evaluate(op, sized(attributes, self.sizes), args, shapes)
        exact = all(value.exact for value in operands)
        values = []
        for result, entry, shape in zip(results, dims, shapes):
            data = result.data()
            assert list(data.shape) == shape, (op, attributes, [(a[0], a[1].shape) for a in args], data.shape, shape)
            same = result.bound is None and (op in SAME or op in PLACES or op in ("reduce_max", "reduce_min", "cast") or not is_float(result.dtype))
            values.append(Known(f"v{self.count}", result.dtype, entry, data, exact and same))
            self.count += 1
        for value in values:
            self.known[value.name] = value
        self.ops.append(op)
        self.nodes.append({"op": op, "in": [v.name for v in operands], "attrs": attributes, "out": [v.name for v in values], "dims": dims, "of": node})
        return values

    def constant(self, data, dtype):
        data = np.asarray(data)
        attributes = {"dtype": dtype, "shape": list(data.shape), "data": data.reshape(-1).tolist()}
        return self.emit("constant", [], attributes, [[Dim.of(n) for n in data.shape]])[0]

    def run(self, nodes, env):
        for node in nodes:
            values = self.step(node, env)
            for name, value in zip(node["out"], values):
                env[name] = value
        return env

    def body(self, definition, env, arguments, results="results"):
        inner = dict(env)
        inner.update(zip(definition["params"], arguments))
        self.run(definition["nodes"], inner)
        return [inner[name] for name in definition[results]]

    def step(self, node, env):
        op = node["op"]
        operands = [env[name] for name in node["in"]]
        if op in ("layer", "cond", "loop", "scan"):
            self.ops.append(op)
        if op == "layer":
            return self.body(self.layers[node["layer"]], {}, operands)
        if op == "cond":
            if not operands[0].exact:
                raise Inexact
            return self.body(node["then" if operands[0].data else "else"], env, [])
        if op == "loop":
            return self.loop(node, env, operands)
        if op == "scan":
            return self.scan(node, env, operands)
        return self.emit(op, operands, node["attrs"], node["dims"], node)

    def trips(self, node, env):
        if "limit" in node:
            if not env[node["limit"]].exact:
                raise Inexact
            return max(int(env[node["limit"]].data), 0)
        return sized(node["count"], self.sizes)

    def loop(self, node, env, state):
        for trip in range(self.trips(node, env)):
            number = self.constant(np.int64(trip), "i64")
            if "while" in node:
                flag = self.body(node["while"], env, [number, *state])[0]
                if not flag.exact:
                    raise Inexact
                if not flag.data:
                    break
            body = node["body"]
            state = self.body(body, env, [number, *state], "all_results" if "more" in body else "results")
            if "more" in body:
                flag = state.pop()
                if not flag.exact:
                    raise Inexact
                if not flag.data:
                    break
        return state

    def scan(self, node, env, operands):
        state, scanned = operands[: node["carried"]], operands[node["carried"] :]
        axis, stack_axis, count = node["axis"], node["stack_axis"], node["count"]
        pieces = [[] for _ in node["dims"][node["carried"] :]]
        for trip in range(sized(count, self.sizes)):
            number = self.constant(np.int64(trip), "i64")
            slices = []
            for value in scanned:
                ranges = [[0, None, 1] for _ in value.dims]
                ranges[axis] = [trip, trip + 1, 1]
                ranges = [[Dim.of(b), dim if e is None else Dim.of(e), s] for (b, e, s), dim in zip(ranges, value.dims)]
                at = axis % len(value.dims)
                one = [Dim.of(1) if i == at else dim for i, dim in enumerate(value.dims)]
                rest = [dim for i, dim in enumerate(value.dims) if i != at]
                part = self.emit("slice", [value], {"ranges": ranges}, [one])[0]
                slices.append(self.emit("reshape", [part], {"shape": rest}, [rest])[0])
            results = self.body(node["body"], env, [number, *state, *slices])
            state = results[: node["carried"]]
            for list_, piece in zip(pieces, results[node["carried"] :]):
                list_.append(piece)
        stacked = []
        for list_, dims, dtype in zip(pieces, node["dims"][node["carried"] :], node["dtypes"][node["carried"] :]):
            at = stack_axis % len(dims)
            if not list_:
                zero = self.constant(np.zeros([], bool) if dtype == "bool" else np.zeros([]), dtype)
                stacked.append(self.emit("broadcast", [zero], {"shape": dims}, [dims])[0])
                continue
            one = [Dim.of(1) if i == at else dim for i, dim in enumerate(dims)]
            parts = [self.emit("reshape", [piece], {"shape": one}, [one])[0] for piece in list_]
            whole = [Dim.of(len(parts)) if i == at else dim for i, dim in enumerate(dims)]
            value = self.emit("concat", parts, {"axis": at}, [whole])[0]
            stacked.append(self.emit("rebind", [value], {"shape": dims}, [dims])[0])
        return [*state, *stacked]
