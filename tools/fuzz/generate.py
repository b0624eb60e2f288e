# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random recipes. Every shape is one that Varve can prove, every datum one that its op takes; what is taken for equal is equal as an
expression of names. Values are computed as they are made, so that branches and counts of trips are known."""

import random

import numpy as np
from dims import Dim
from recipe import Input, Recipe
from tensors import ALL, FLOATS, INTS, as_dtype, is_float
from trace import Inexact, Known, Tracer

SIZES = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 7, 8, 9, 16, 17, 33)


class Val:
    """`spec` says what its elements are, where an op asks for more than a type: it was made so."""

    def __init__(self, name, dtype, dims, spec=None):
        self.name, self.dtype, self.dims, self.spec = name, dtype, list(dims), spec

    def is_like(self, other):
        return self.dtype == other.dtype and self.dims == other.dims

    @property
    def rank(self):
        return len(self.dims)


class Scope:
    """Where nodes are added: the graph, a body that sees what is around it, or a layer that sees its parameters alone."""

    def __init__(self, kind, parent, env):
        self.kind, self.parent, self.env = kind, parent, env
        self.values, self.nodes, self.added = [], [], []

    def visible(self):
        return self.values + (self.parent.visible() if self.kind == "body" else [])

    @property
    def in_layer(self):
        return self.kind == "layer" or (self.parent is not None and self.parent.in_layer)


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.n = np.random.default_rng(seed)
        names = ["n", "m", "seq"][: self.r.randint(0, 3)]
        self.recipe = Recipe({name: self.r.choice(SIZES) for name in names})
        self.layers, self.count = self.recipe.layers, 0
        self.scope = self.root = Scope("root", None, {})
        self.most = self.r.choice((200, 2000, 20000))  # elements of an input

    # ---- data

    def fresh(self, prefix="x"):
        self.count += 1
        return f"{prefix}{self.count}"

    def size(self, dims):
        total = 1
        for dim in dims:
            total *= Dim.of(dim).at(self.recipe.sizes)
        return total

    def at(self, dim):
        return Dim.of(dim).at(self.recipe.sizes)

    def data(self, dtype, dims, spec):
        shape = [self.at(dim) for dim in dims]
        if spec and "partition" in spec:
            rest, sizes = self.at(spec["partition"]), []
            for _ in range(shape[0] - 1):
                sizes.append(self.r.randint(0, rest))
                rest -= sizes[-1]
            sizes.append(rest)
            self.r.shuffle(sizes)
            return np.array(sizes, np.int64).astype(as_dtype(0, dtype).dtype)
        if spec:
            low, high = spec["low"], spec["high"]
            if is_float(dtype):
                return as_dtype(self.n.uniform(low, high, shape), dtype)
            return as_dtype(self.n.integers(low, high, shape, endpoint=True), dtype)
        if dtype == "bool":
            return np.asarray(self.n.random(shape) < 0.5)
        if dtype in INTS:
            info = np.iinfo(as_dtype(0, dtype).dtype)
            low, high = self.r.choice(((-9, 9), (0, 3), (info.min, info.max), (-100, 100)))
            return self.n.integers(max(low, info.min), min(high, info.max), shape, endpoint=True).astype(info.dtype)
        data = self.n.standard_normal(shape) * self.r.choice((0.5, 2, 2, 20))
        if self.r.random() < 0.1 and data.size:
            special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-7, 3e38, 1.0, -1.0, 0.5, 1.5, 2.5]
            for _ in range(self.r.randint(1, 5)):
                data.flat[self.r.randrange(data.size)] = self.r.choice(special)
        elif self.r.random() < 0.2:
            data = np.round(data)  # equal elements, whole numbers
        with np.errstate(over="ignore"):
            return as_dtype(data, dtype)

    def entry(self, small=False):
        """A random dimension."""
        if self.recipe.sizes and self.r.random() < 0.4:
            dim = Dim.of(self.r.choice(list(self.recipe.sizes)))
            kind = self.r.random()
            if kind < 0.08:
                dim = dim + self.r.randint(1, 3)
            elif kind < 0.14:
                dim = dim * self.r.randint(2, 3)
            elif kind < 0.18:
                dim = dim + Dim.of(self.r.choice(list(self.recipe.sizes)))
            return dim
        return Dim.of(self.r.choice((1, 2, 3, 4, 5, 7) if small else SIZES))

    def shape(self, low=0, high=5):
        rank = self.r.choice([r for r in (0, 1, 1, 2, 2, 2, 3, 3, 4, 5) if low <= r <= high])
        dims = [self.entry(rank > 2) for _ in range(rank)]
        while self.size(dims) > self.most:
            dims[self.r.randrange(rank)] = Dim.of(self.r.randint(1, 3))
        return dims

    # ---- values

    def make_input(self, dtype, dims, spec=None, kind="input", encoding=None):
        if kind == "input" and not spec and is_float(dtype) and all(dim.static for dim in dims) and self.r.random() < 0.15:
            kind = "weight"
        given = Input(self.fresh("w" if kind == "weight" else "x"), dtype, list(dims), self.data(dtype, dims, spec), kind, encoding)
        self.recipe.inputs.append(given)
        self.root.env[given.name] = Known(given.name, dtype, given.dims, given.data, not encoding)
        value = Val(given.name, dtype, dims, spec)
        if not encoding:  # blocks are taken by few ops
            self.root.values.append(value)
        return value

    def make(self, dtype, dims, spec=None):
        """A new value where nodes are being added: an input; in a layer, a parameter."""
        scope = self.scope
        bodies = []
        while scope.kind == "body":
            bodies.append(scope)
            scope = scope.parent
        if scope.kind == "root":
            value = self.make_input(dtype, dims, spec)
            known = self.root.env[value.name]
        else:
            outer, self.scope = self.scope, scope.parent
            argument = self.need(dtype, dims, spec)
            known = self.scope.env[argument.name]
            self.scope = outer
            value = Val(self.fresh("p"), dtype, dims, spec)
            scope.added.append((value, argument))
            scope.values.append(value)
            scope.env[value.name] = known
        for body in bodies:
            body.env[value.name] = known
        return value

    def pick(self, dtypes=ALL, low=0, high=5, where=None):
        found = [v for v in self.scope.visible() if v.dtype in dtypes and low <= v.rank <= high and (where is None or where(v))]
        if not found:
            return None
        # Rather what was made last, so that ops follow each other.
        recent = [v for v in self.scope.values[-4:] if v in found]
        return self.r.choice(recent) if recent and self.r.random() < 0.5 else self.r.choice(found)

    def some(self, dtypes=ALL, low=0, high=5, where=None, chance=0.85):
        """A value that is there, or a new one."""
        value = self.pick(dtypes, low, high, where) if self.r.random() < chance else None
        if value is None and where is None:
            value = self.make(self.r.choice(dtypes), self.shape(low, high))
        return value

    def need(self, dtype, dims, spec=None, chance=0.6):
        """A value of that type, and so made if `spec` asks for it."""
        dims = [Dim.of(dim) for dim in dims]
        found = [v for v in self.scope.visible() if v.dtype == dtype and v.dims == dims and (spec is None or v.spec == spec)]
        return self.r.choice(found) if found and self.r.random() < chance else self.make(dtype, dims, spec)

    def known(self, value):
        return self.scope.env[value.name]

    def add(self, op, operands, attributes, results, **more):
        """A node; `results` are the types of its results. Gives their values."""
        outputs = [Val(self.fresh("y"), dtype, dims) for dtype, dims in results]
        node = {"op": op, "in": [v.name for v in operands], "attrs": attributes, "out": [v.name for v in outputs], "dims": [v.dims for v in outputs], **more}
        node["dtypes"] = [v.dtype for v in outputs]
        tracer = Tracer(self.recipe.sizes, self.layers)
        for value, known in zip(outputs, tracer.step(node, self.scope.env)):
            assert known.dtype == value.dtype, (op, known.dtype, value.dtype)
            known.dims = value.dims
            self.scope.env[value.name] = known
        self.scope.nodes.append(node)
        self.scope.values += outputs
        return outputs

    # ---- recipes

    def axis(self, rank):
        axis = self.r.randrange(rank)
        return axis, axis - rank if self.r.random() < 0.3 else axis

    def flag(self):
        """A scalar bool that NumPy knows exactly."""
        exact = lambda v: v.rank == 0 and self.known(v).exact
        value = self.pick(("bool",), 0, 0, exact) if self.r.random() < 0.5 else None
        return value or self.make("bool", [])

    def generate(self):
        from control import CONTROL, faulty
        from makers import MAKERS

        ops = list(MAKERS)
        for _ in range(self.r.randint(1, 3)):
            self.make_input(self.r.choice(ALL if self.r.random() < 0.4 else FLOATS), self.shape())
        for _ in range(self.r.choice((1, 2, 4, 6, 8, 12))):
            if self.r.random() < 0.14:
                self.r.choice(CONTROL)(self)
            else:
                self.step(MAKERS, ops)
        self.finish()
        if self.r.random() < 0.03:
            self.recipe.outputs += faulty(self)
            self.recipe.nodes = self.root.nodes
        bind_names(self.recipe)
        return self.recipe

    def step(self, makers, ops):
        """Adds one op: the first that finds operands."""
        for _ in range(20):
            if makers[self.r.choice(ops)](self):
                return

    def finish(self):
        used = {name for node in self.root.nodes for name in node["in"]}
        made = [name for node in self.root.nodes for name in node["out"]]
        outputs = [name for name in made if name not in used] or made[-1:]
        others = [v.name for v in self.root.values if v.name not in outputs]
        for _ in range(self.r.choice((0, 0, 1, 2))):
            if others:
                outputs.append(self.r.choice(others))
        self.recipe.nodes, self.recipe.outputs = self.root.nodes, outputs[:8] or [self.root.values[0].name]


def recipe_of(seed):
    """The graph of a seed; one whose control flow would not be sure is made anew."""
    for attempt in range(100):
        try:
            return Generator(seed + attempt * 10**12).generate()
        except Inexact:
            continue
    raise AssertionError(f"no graph of seed {seed} is sure")


def bind_names(recipe):
    """Names that no input has by themselves get a number."""
    bound = {dim.name for given in recipe.inputs if given.kind == "input" for dim in given.dims}
    bound |= {given.name for given in recipe.inputs if given.kind == "dim"}
    for name in sorted(set(recipe.sizes) - bound):
        recipe.inputs.append(Input(name, "i64", [], np.array(recipe.sizes[name], np.int64), "dim"))
