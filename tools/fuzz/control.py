# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Branches, loops, scans, and layers that are called several times."""

from dims import Dim
from generate import Scope, Val
from makers import MAKERS
from tensors import FLOATS
from trace import Known, Tracer

OPS = list(MAKERS)


def _some_steps(g, most=4):
    for _ in range(g.r.randint(1, most)):
        if g.r.random() < 0.08 and _depth(g.scope) < 2:
            g.r.choice(CONTROL)(g)
        else:
            g.step(MAKERS, OPS)


def _depth(scope):
    return 0 if scope.parent is None else 1 + _depth(scope.parent)


class _Body:
    """Nodes are added to it while it is open."""

    def __init__(self, g, parameters=(), kind="body", env=None):
        self.g, self.scope = g, Scope(kind, g.scope, dict(g.scope.env) if env is None else env)
        for value, known in parameters:
            self.scope.values.append(value)
            self.scope.env[value.name] = known

    def __enter__(self):
        self.g.scope = self.scope
        return self.scope

    def __exit__(self, *_):
        self.g.scope = self.scope.parent


def _result_like(g, value, scope):
    """A value of that type that is made in the body, if there is one or it is easily made; else any of it."""
    found = [v for v in scope.values if v.is_like(value) and v.name != value.name]
    if found and g.r.random() < 0.8:
        return g.r.choice(found)
    if value.dtype in FLOATS and g.r.random() < 0.7:
        return g.add(g.r.choice(("tanh", "neg", "sigmoid", "abs", "relu")), [value], {}, [(value.dtype, value.dims)])[0]
    return value


def cond(g):
    flag = g.flag()
    with _Body(g) as first:
        _some_steps(g)
        results = g.r.sample(first.values, min(len(first.values), g.r.randint(1, 2))) or [g.some()]
    with _Body(g) as second:
        if g.r.random() < 0.7:
            _some_steps(g, 3)
        others = []
        for value in results:
            like = [v for v in second.visible() if v.is_like(value)]
            others.append(g.r.choice(like) if like and g.r.random() < 0.8 else g.make(value.dtype, value.dims))
    branches = {}
    for part, scope, names in (("then", first, results), ("else", second, others)):
        branches[part] = {"params": [], "nodes": scope.nodes, "results": [v.name for v in names]}
    g.add("cond", [flag], {}, [(v.dtype, v.dims) for v in results], **branches)


def _trip(g, number=0):
    value = Val(g.fresh("i"), "i64", [])
    return value, _exact(g, number)


def _exact(g, number):
    return Tracer(g.recipe.sizes, {}).constant(number, "i64")


def _inside(g, values):
    """Parameters that stand for values: what they are in the first trip is a sample."""
    return [(Val(g.fresh("c"), v.dtype, v.dims), _unsure(g.known(v))) for v in values]


def _unsure(known):
    return Known(known.name, known.dtype, known.dims, known.data, False)


def _until(g, trip):
    """A scalar bool: whether the trip's number is below some input."""
    limit = g.need("i64", [], {"low": 0, "high": 4})
    return g.add("compare", [trip, limit], {"predicate": "lt"}, [("bool", [])])[0]


def loop(g):
    carried = [g.some() for _ in range(g.r.randint(1, 3))]
    more, count = {}, g.r.choice((0, 1, 2, 3, 4))
    if g.r.random() < 0.3 and (small := [name for name, size in g.recipe.sizes.items() if size <= 5]):
        count = Dim.of(g.r.choice(small))
    elif g.r.random() < 0.3:
        exact = {"low": -1, "high": 4}
        more["limit"] = g.need(g.r.choice(("i32", "i64")), [], exact).name
    inside, trip = _inside(g, carried), _trip(g)
    kind = g.r.choice(("plain", "plain", "while", "more"))
    with _Body(g, [trip, *inside]) as body:
        _some_steps(g)
        results = [_result_like(g, value, body) for value, _ in inside]
        parameters = [v.name for v, _ in [trip, *inside]]
        definition = {"params": parameters, "results": [v.name for v in results]}
        if kind == "more":
            definition["more"] = _until(g, trip[0]).name
            definition["all_results"] = [*definition["results"], definition["more"]]
        definition["nodes"] = body.nodes
    if kind == "while":
        inside, trip = _inside(g, carried), _trip(g)
        with _Body(g, [trip, *inside]) as condition:
            flag = _until(g, trip[0])
            more["while"] = {"params": [v.name for v, _ in [trip, *inside]], "nodes": condition.nodes, "results": [flag.name]}
    g.add("loop", carried, {}, [(v.dtype, v.dims) for v in carried], count=count, body=definition, **more)


def scan(g):
    x = g.some(low=1, high=4, where=lambda v: min(g.at(dim) for dim in v.dims) <= 5) or g.make("f32", [Dim.of(3), Dim.of(5)])
    at = g.r.choice([i for i, dim in enumerate(x.dims) if g.at(dim) <= 5] or [None])
    if at is None:
        return
    count = x.dims[at]
    scanned = [x]
    if g.r.random() < 0.4:
        y = g.pick(where=lambda v: v.rank > at and v.dims[at] == count)
        scanned += [y] if y else []
    carried = [g.some() for _ in range(g.r.randint(0, 2))]
    inside, trip = _inside(g, carried), _trip(g)
    slices = []
    for value in scanned:
        known = g.known(value)
        data = known.data.take(0, at) if known.data.shape[at] else known.data.sum(at).astype(known.data.dtype)
        dims = [dim for i, dim in enumerate(value.dims) if i != at]
        slices.append((Val(g.fresh("s"), value.dtype, dims), Known("", value.dtype, dims, data, False)))
    with _Body(g, [trip, *inside, *slices]) as body:
        _some_steps(g)
        results = [_result_like(g, value, body) for value, _ in inside]
        pieces = g.r.sample(body.values, min(len(body.values), g.r.randint(1, 2)))
        stack_axis = g.r.randint(0, min(v.rank for v in pieces))
        if any(v.rank > 4 for v in pieces):
            return
    definition = {"params": [v.name for v, _ in [trip, *inside, *slices]], "nodes": body.nodes, "results": [v.name for v in results + pieces]}
    types = [(v.dtype, v.dims) for v in carried] + [(v.dtype, [*v.dims[:stack_axis], count, *v.dims[stack_axis:]]) for v in pieces]
    g.add("scan", [*carried, *scanned], {}, types, carried=len(carried), axis=at, stack_axis=stack_axis, count=count, body=definition)


def layers(g):
    """A layer and two or three calls of it, each on the other's results where types allow."""
    first = [g.some() for _ in range(g.r.randint(1, 2))]
    parameters = [(Val(g.fresh("p"), v.dtype, v.dims, v.spec), _unsure(g.known(v))) for v in first]
    with _Body(g, parameters, "layer", {}) as body:
        _some_steps(g, 5)
        made = [v for v in body.values if v.name in {name for node in body.nodes for name in node["out"]}]
        results = g.r.sample(made, min(len(made), g.r.randint(1, 2)))
        alike = [v for v in made if v.is_like(parameters[0][0])]
        if alike and g.r.random() < 0.7:
            results[0] = alike[-1]
    arguments = first + [argument for _, argument in body.added]
    types = [(v.dtype, v.dims) for v in results]
    name = g.fresh("L")
    signature = [v for v, _ in parameters] + [v for v, _ in body.added]
    g.layers[name] = {"params": [v.name for v in signature], "nodes": body.nodes, "results": [v.name for v in results]}
    if not results:
        del g.layers[name]
        return
    last = g.add("layer", arguments, {}, types, layer=name)
    for _ in range(g.r.randint(1, 2)):
        arguments = [g.need(v.dtype, v.dims, v.spec) for v in signature]
        if last[0].is_like(signature[0]) and signature[0].spec is None:
            arguments[0] = last[0]
        last = g.add("layer", arguments, {}, types, layer=name)


def faulty(g):
    """A layer that looks up, called with indices of which one lies outside: an error that names the layer."""
    x = g.pick(low=1, high=3, where=lambda v: all(g.at(dim) > 0 for dim in v.dims)) or g.make("f32", [Dim.of(3), Dim.of(5)])
    at = g.r.randrange(x.rank)
    size = g.at(x.dims[at])
    name, p, q = g.fresh("L"), g.fresh("p"), g.fresh("p")
    dims = [*x.dims[:at], Dim.of(4), *x.dims[at + 1 :]]
    y = g.fresh("y")
    node = {"op": "gather", "in": [p, q], "attrs": {"axis": at}, "out": [y], "dims": [dims], "dtypes": [x.dtype]}
    g.layers[name] = {"params": [p, q], "nodes": [node], "results": [y]}
    good, bad = (g.make("i64", [Dim.of(4)], {"low": -size, "high": size - 1, "which": which}) for which in ("good", "bad"))
    wrong = next(i for i in g.recipe.inputs if i.name == bad.name)
    wrong.data[g.r.randrange(4)] = g.r.choice((size, -size - 1, size + 1000, 2**40, -(2**62)))
    outputs = [g.add("layer", [x, index], {}, [(x.dtype, dims)], layer=name)[0].name for index in (good, bad)]
    g.root.nodes[-1]["faulty"] = True
    return outputs


CONTROL = [cond, loop, scan, layers, layers]
