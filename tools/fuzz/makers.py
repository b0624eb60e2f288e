# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One function for each op of the dialect that computes: adds it with operands that fit, or gives nothing."""

import numpy as np
from dims import Dim, broadcast, product
from elementwise import BINARY, COMPARE, UNARY
from tensors import ALL, BITS, FLOATS, INTS, NUMBERS, common

INDEX = ("i32", "i64")


def _unary(op):
    def maker(g):
        x = g.some(UNARY[op])
        attributes = {"approximate": g.r.choice(("none", "tanh"))} if op == "gelu" else {}
        return x and g.add(op, [x], attributes, [(x.dtype, x.dims)])

    return maker


def _partner(g, x, dtypes=None, dtype=None):
    """A value that broadcasts with x."""
    fits = lambda v: common(v.dtype, x.dtype) is not None and broadcast(v.dims, x.dims) is not None and g.size(broadcast(v.dims, x.dims)) <= 5000
    y = g.pick(dtypes or (x.dtype,), where=fits) if g.r.random() < 0.6 else None
    if y is None:
        dims = [dim if g.r.random() < 0.8 else Dim.of(1) for dim in x.dims[g.r.choice((0, 0, 0, g.r.randint(0, x.rank))) :]]
        y = g.need(dtype or x.dtype, dims)
    return y


def _binary(op):
    def maker(g):
        x = g.some(BINARY[op])
        y = _partner(g, x, BINARY[op] if g.r.random() < 0.15 else None)
        if g.r.random() < 0.5:
            x, y = y, x
        return g.add(op, [x, y], {}, [(common(x.dtype, y.dtype), broadcast(x.dims, y.dims))])

    return maker


def compare(g):
    x = g.some()
    y = _partner(g, x)
    return g.add("compare", [x, y], {"predicate": g.r.choice(list(COMPARE))}, [("bool", broadcast(x.dims, y.dims))])


def select(g):
    x = g.some()
    y = _partner(g, x)
    dims = broadcast(x.dims, y.dims)
    fits = lambda v: broadcast(v.dims, dims) is not None and g.size(broadcast(v.dims, dims)) <= 5000
    p = g.pick(("bool",), where=fits) or g.need("bool", [dim if g.r.random() < 0.7 else Dim.of(1) for dim in dims])
    return g.add("select", [p, x, y], {}, [(x.dtype, broadcast(p.dims, dims))])


def cast(g):
    x = g.some()
    dtype = g.r.choice([d for d in ALL if d != x.dtype])
    return g.add("cast", [x], {"dtype": dtype}, [(dtype, x.dims)])


# ---- products


MULTIPLIED = ("q4_0", "q8_0")  # encodings with kernels that round the other operand to int8, a block's length at a time


def linear(g):
    attributes = {}
    x = g.some(FLOATS, 1, 4, lambda v: v.dims[-1].static) or g.make(g.r.choice(FLOATS), [*g.shape(0, 3), Dim.of(g.r.choice((1, 3, 8, 33, 64)))])
    if g.scope.kind == "root" and x.dtype == "f32" and x.dims[-1].size % 32 == 0 and x.dims[-1].size and g.r.random() < 0.6:
        w = _encoded(g, [Dim.of(g.r.choice((1, 3, 16, 33))), x.dims[-1]])
        if g.recipe.inputs[-1].encoding in MULTIPLIED:
            attributes = {"int8": ENCODINGS[g.recipe.inputs[-1].encoding]}
    else:
        rows = g.entry()
        if g.size([*x.dims[:-1], rows]) > 8000:
            return None
        w = g.need(x.dtype, [rows, x.dims[-1]])
    return g.add("linear", [x, w], attributes, [(x.dtype, [*x.dims[:-1], w.dims[0]])])


def matmul(g):
    x = g.some(FLOATS, 2, 4)
    batch = g.r.choice(([], x.dims[:-2], [dim if g.r.random() < 0.7 else Dim.of(1) for dim in x.dims[:-2]]))
    y = g.need(x.dtype, [*batch, x.dims[-1], g.entry()])
    if g.r.random() < 0.3:
        x, y = g.need(x.dtype, [*batch, g.entry(), x.dims[-2]]), x
    dims = [*broadcast(x.dims[:-2], y.dims[:-2]), x.dims[-2], y.dims[-1]]
    return None if g.size(dims) > 8000 else g.add("matmul", [x, y], {}, [(x.dtype, dims)])


def grouped_matmul(g):
    x = g.some(FLOATS, 2, 2)
    groups, out = g.r.choice((1, 2, 3, 5)), g.entry(True)
    w = g.need(x.dtype, [groups, out, x.dims[1]])
    sizes = g.make(g.r.choice(INDEX), [Dim.of(groups)], {"partition": x.dims[0]})
    return g.add("grouped_matmul", [x, w, sizes], {}, [(x.dtype, [x.dims[0], out])])


ENCODINGS = {"q4_0": 32, "q4_1": 32, "q5_0": 32, "q5_1": 32, "q8_0": 32, "mxfp4": 32, "f8e4m3": 1, "f8e5m2": 1}  # floats can be made these


def _encoded(g, dims):
    names = [name for name, block in ENCODINGS.items() if dims[-1].size % block == 0 and dims[-1].size]
    return g.make_input("f32", dims, {"low": -2.0, "high": 2.0}, "weight", g.r.choice(names))


def dequantize(g):
    if g.scope.kind != "root":
        return None
    w = _encoded(g, [Dim.of(g.r.choice((1, 2, 5))), Dim.of(g.r.choice((32, 64, 96, 256)))])
    if g.r.random() < 0.4:
        rows = w.dims[0].size
        i = g.make(g.r.choice(INDEX), g.shape(0, 2), {"low": -rows, "high": rows - 1})
        if g.size(i.dims) > 40:
            return None
        return g.add("gather", [w, i], {"axis": 0}, [("f32", [*i.dims, w.dims[1]])])
    return g.add("dequantize", [w], {}, [("f32", w.dims)])


# ---- places


def _indices(g, dims, size):
    return g.need(g.r.choice(INDEX), dims, {"low": -size, "high": size - 1})


def _indexed(g, dtypes=ALL, low=1, high=4):
    """A value, an axis of it with elements, the axis as an attribute."""
    x = g.some(dtypes, low, high)
    at, axis = g.axis(x.rank)
    return (x, at, axis) if g.at(x.dims[at]) > 0 else None


def gather(g):
    found = _indexed(g)
    if not found:
        return None
    x, at, axis = found
    i = _indices(g, g.shape(0, 2), g.at(x.dims[at]))
    dims = x.dims[:at] + i.dims + x.dims[at + 1 :]
    return g.add("gather", [x, i], {"axis": axis}, [(x.dtype, dims)]) if g.size(dims) <= 8000 else None


def take_along_axis(g):
    found = _indexed(g)
    if not found:
        return None
    x, at, axis = found
    dims = x.dims[:at] + [g.entry(True)] + x.dims[at + 1 :]
    if g.size(dims) > 8000:
        return None
    i = _indices(g, dims, g.at(x.dims[at]))
    return g.add("take_along_axis", [x, i], {"axis": axis}, [(x.dtype, dims)])


def _reduction(g, x):
    return "add" if x.dtype != "bool" and g.r.random() < 0.5 else "none"


def scatter(g):
    found = _indexed(g)
    if not found:
        return None
    x, at, axis = found
    i = _indices(g, g.shape(0, 2), g.at(x.dims[at]))
    dims = x.dims[:at] + i.dims + x.dims[at + 1 :]
    if g.size(dims) > 3000 or len(dims) > 5:
        return None
    updates = g.need(x.dtype, dims)
    return g.add("scatter", [x, i, updates], {"axis": axis, "reduction": _reduction(g, x)}, [(x.dtype, x.dims)])


def put_along_axis(g):
    found = _indexed(g)
    if not found:
        return None
    x, at, axis = found
    dims = x.dims[:at] + [g.entry(True)] + x.dims[at + 1 :]
    if g.size(dims) > 3000:
        return None
    i, updates = _indices(g, dims, g.at(x.dims[at])), g.need(x.dtype, dims)
    return g.add("put_along_axis", [x, i, updates], {"axis": axis, "reduction": _reduction(g, x)}, [(x.dtype, x.dims)])


def iota(g):
    dims = g.shape(1, 4)
    return g.add("iota", [], {"shape": dims, "dtype": (dtype := g.r.choice(NUMBERS)), "axis": g.axis(len(dims))[1]}, [(dtype, dims)])


def _along(op, dtypes=NUMBERS):
    def maker(g):
        x = g.some(dtypes, 1)
        return g.add(op, [x], {"axis": g.axis(x.rank)[1]}, [(x.dtype, x.dims)])

    return maker


def sort(g):
    x = g.some(NUMBERS, 1)
    return g.add("sort", [x], {"axis": g.axis(x.rank)[1], "descending": g.r.random() < 0.5}, [(x.dtype, x.dims), ("i64", x.dims)])


def top_k(g):
    x = g.some(NUMBERS, 1)
    at, axis = g.axis(x.rank)
    k = g.r.randint(0, g.at(x.dims[at]))
    dims = x.dims[:at] + [Dim.of(k)] + x.dims[at + 1 :]
    return g.add("top_k", [x], {"axis": axis, "k": k}, [(x.dtype, dims), ("i64", dims)])


def _reduce(op, dtypes):
    def maker(g):
        x = g.some(dtypes)
        axes = g.r.sample(range(x.rank), g.r.randint(0, x.rank))
        keep = g.r.random() < 0.4
        gone = axes or range(x.rank)
        dims = [Dim.of(1) if i in gone else dim for i, dim in enumerate(x.dims) if keep or i not in gone]
        axes = [axis - x.rank if g.r.random() < 0.3 else axis for axis in axes]
        return g.add(op, [x], {"axes": axes, "keep_dims": keep}, [(x.dtype, dims)])

    return maker


def _arg(op):
    def maker(g):
        found = _indexed(g, NUMBERS, 1, 5)
        if not found:
            return None
        x, at, axis = found
        keep = g.r.random() < 0.4
        dims = x.dims[:at] + ([Dim.of(1)] if keep else []) + x.dims[at + 1 :]
        return g.add(op, [x], {"axis": axis, "keep_dims": keep}, [("i64", dims)])

    return maker


# ---- norms and attention

EPSILON = (1e-5, 1e-3, 1e-6)


def layer_norm(g):
    x = g.some(FLOATS, 1)
    parameters = [g.need(x.dtype, [x.dims[-1]]) for _ in range(g.r.choice((1, 2)))]
    return g.add("layer_norm", [x, *parameters], {"epsilon": g.r.choice(EPSILON)}, [(x.dtype, x.dims)])


def rms_norm(g):
    x = g.some(FLOATS, 1)
    return g.add("rms_norm", [x, g.need(x.dtype, [x.dims[-1]])], {"epsilon": g.r.choice(EPSILON)}, [(x.dtype, x.dims)])


def _image(g, low=3):
    """[batch, channels, spatial..] with a known number of channels."""
    x = g.pick(FLOATS, low, 5, lambda v: v.dims[1].static) if g.r.random() < 0.7 else None
    if x is None:
        spatial = [g.entry(True) if g.r.random() < 0.4 else Dim.of(g.r.choice((1, 4, 5, 7, 9))) for _ in range(g.r.randint(max(low - 2, 0), 3))]
        dims = [g.entry(True), Dim.of(g.r.choice((1, 2, 3, 4, 6))), *spatial]
        x = g.make(g.r.choice(FLOATS), dims) if g.size(dims) <= g.most else None
    return x


def group_norm(g):
    x = _image(g, 2)
    if x is None or not x.dims[1].static or x.dims[1].size == 0:
        return None
    channels = x.dims[1].size
    groups = g.r.choice([d for d in range(1, channels + 1) if channels % d == 0])
    parameters = [g.need(x.dtype, [x.dims[1]]) for _ in range(2)] if g.r.random() < 0.6 else []
    return g.add("group_norm", [x, *parameters], {"groups": groups, "epsilon": g.r.choice(EPSILON)}, [(x.dtype, x.dims)])


def batch_norm(g):
    x = g.some(FLOATS, 2)
    mean = g.need(x.dtype, [x.dims[1]])
    variance = g.need(x.dtype, [x.dims[1]], {"low": 0.2, "high": 3})
    parameters = [g.need(x.dtype, [x.dims[1]]) for _ in range(2)] if g.r.random() < 0.6 else []
    return g.add("batch_norm", [x, mean, variance, *parameters], {"epsilon": g.r.choice(EPSILON)}, [(x.dtype, x.dims)])


def rope(g):
    dtype = g.r.choice(FLOATS)
    even = lambda v: v.dims[3].static and v.dims[3].size % 2 == 0
    x = g.pick(FLOATS, 4, 4, even) or g.make(dtype, [g.entry(True), g.entry(True), g.entry(True), Dim.of(g.r.choice((2, 4, 6, 16)))])
    dims = [x.dims[1], Dim.of(x.dims[3].size // 2)]
    if g.r.random() < 0.3:
        dims.insert(0, x.dims[0])
    kind = g.r.choice(("f32", x.dtype))
    tables = [g.need(kind, dims, {"low": -1, "high": 1}) for _ in range(2)]
    return g.add("rope", [x, *tables], {"pairing": g.r.choice(("half", "interleaved"))}, [(x.dtype, x.dims)])


def attention(g):
    fits = lambda v: v.dims[2].static and v.dims[2].size > 0
    q = g.pick(FLOATS, 4, 4, fits) or g.make(g.r.choice(FLOATS), [g.entry(True), g.entry(True), Dim.of(g.r.choice((1, 2, 4))), Dim.of(g.r.choice((1, 3, 8)))])
    heads = q.dims[2].size
    kv = Dim.of(g.r.choice([h for h in range(1, heads + 1) if heads % h == 0]))
    places = g.r.choice((q.dims[1], q.dims[1] + g.entry(True), g.entry(True)))
    if g.size([q.dims[0], q.dims[1], heads, places]) > 20000:
        return None
    k = g.need(q.dtype, [q.dims[0], places, kv, q.dims[3]])
    v = g.need(q.dtype, [q.dims[0], places, kv, g.r.choice((q.dims[3], Dim.of(5)))])
    operands, attributes = [q, k, v], {}
    if g.r.random() < 0.4:
        first = [g.r.choice((dim, Dim.of(1))) for dim in (q.dims[0], Dim.of(heads))]
        operands.append(g.need(g.r.choice(("bool", q.dtype)), [*first, q.dims[1], places]))
        attributes["mask"] = True
    for name in ("sinks", "slopes"):
        if g.r.random() < 0.25:
            operands.append(g.need(g.r.choice(("f32", q.dtype)), [q.dims[2]]))
            attributes[name] = True
    if g.r.random() < 0.4:
        attributes["causal"] = True
    if g.r.random() < 0.3:
        attributes["window"] = g.r.randint(1, 4)
    if g.r.random() < 0.3:
        attributes["scale"] = g.r.choice((0.3, 1.0))
    if g.r.random() < 0.25:
        attributes["soft_cap"] = g.r.choice((0.5, 2.0, 30.0))
    return g.add("attention", operands, attributes, [(q.dtype, [*q.dims[:3], v.dims[3]])])


# ---- windows


def _windows(g, x, strides=3):
    rank = x.rank - 2
    numbers = lambda low, high: [g.r.randint(low, high) for _ in range(rank)]
    sizes = [g.at(dim) for dim in x.dims[2:]]
    kernel, dilations = numbers(1, 3), numbers(1, 2) if g.r.random() < 0.3 else [1] * rank
    begin = numbers(0, 2) if g.r.random() < 0.5 else [0] * rank
    return rank, sizes, kernel, numbers(1, strides), dilations, begin


def _slid(x, kernel, strides, dilations, begin, end, ceil=False):
    dims = []
    for dim, k, s, d, b, e in zip(x.dims[2:], kernel, strides, dilations, begin, end):
        beyond = e - (d * (k - 1) + 1)
        if ceil:
            beyond = min(beyond + s - 1, -1)
        dims.append((dim + b + beyond) // s + 1)
    return dims


def conv(g):
    x = _image(g)
    if x is None or x.dims[1].size == 0:
        return None
    rank, sizes, kernel, strides, dilations, begin = _windows(g, x)
    end = [g.r.randint(0, 2) for _ in range(rank)] if g.r.random() < 0.3 else begin
    if any(n + b + e < d * (k - 1) + 1 for n, b, e, d, k in zip(sizes, begin, end, dilations, kernel)):
        return None
    channels = x.dims[1].size
    groups = g.r.choice([d for d in range(1, channels + 1) if channels % d == 0])
    out = groups * g.r.randint(1, 3)
    operands = [x, g.need(x.dtype, [out, channels // groups, *kernel])]
    if g.r.random() < 0.5:
        operands.append(g.need(x.dtype, [out]))
    attributes = {"strides": strides, "padding_begin": begin, "padding_end": end, "dilations": dilations, "groups": groups}
    dims = [x.dims[0], Dim.of(out), *_slid(x, kernel, strides, dilations, begin, end)]
    return g.add("conv", operands, attributes, [(x.dtype, dims)])


def conv_transpose(g):
    x = _image(g)
    if x is None or x.dims[1].size == 0:
        return None
    rank, sizes, kernel, strides, dilations, begin = _windows(g, x)
    extra = [g.r.randint(0, max(s, d) - 1) for s, d in zip(strides, dilations)]
    # What is cut lies inside, and no more than that is known of a name.
    begin = [min(b, d * (k - 1)) for b, d, k in zip(begin, dilations, kernel)]
    if any(n == 0 for n in sizes):
        return None
    dims = [(dim - 1) * s - 2 * b + d * (k - 1) + e + 1 for dim, s, b, d, k, e in zip(x.dims[2:], strides, begin, dilations, kernel, extra)]
    if any(g.at(dim) < 0 for dim in dims) or g.size([x.dims[0], *dims]) > 5000:
        return None
    channels = x.dims[1].size
    groups = g.r.choice([d for d in range(1, channels + 1) if channels % d == 0])
    out = g.r.randint(1, 3)
    operands = [x, g.need(x.dtype, [channels, out, *kernel])]
    if g.r.random() < 0.5:
        operands.append(g.need(x.dtype, [out * groups]))
    attributes = {"strides": strides, "padding_begin": begin, "output_padding": extra, "dilations": dilations, "groups": groups}
    return g.add("conv_transpose", operands, attributes, [(x.dtype, [x.dims[0], Dim.of(out * groups), *dims])])


def _pool(op):
    def maker(g):
        x = g.pick(FLOATS, 3, 5) if g.r.random() < 0.6 else _image(g)
        if x is None:
            return None
        rank, sizes, kernel, strides, dilations, padding = _windows(g, x)
        if op == "avg_pool":
            dilations = [1] * rank
        padding = [min(p, (d * (k - 1) + 1) // 2) for p, d, k in zip(padding, dilations, kernel)]
        if any(n + 2 * p < d * (k - 1) + 1 for n, p, d, k in zip(sizes, padding, dilations, kernel)):
            return None
        ceil = g.r.random() < 0.3
        attributes = {"kernel": kernel, "strides": strides, "padding": padding, "ceil_mode": ceil}
        attributes |= {"dilations": dilations} if op == "max_pool" else {"count_include_pad": g.r.random() < 0.5}
        return g.add(op, [x], attributes, [(x.dtype, [*x.dims[:2], *_slid(x, kernel, strides, dilations, padding, padding, ceil)])])

    return maker


def _adaptive(op):
    def maker(g):
        x = g.pick(FLOATS, 3, 5) if g.r.random() < 0.6 else _image(g)
        if x is None or any(g.at(dim) == 0 for dim in x.dims[2:]):
            return None
        size = [g.r.choice((1, 1, 2, 3, 5)) for _ in x.dims[2:]]
        return g.add(op, [x], {"size": size}, [(x.dtype, [*x.dims[:2], *map(Dim.of, size)])])

    return maker


def resize(g):
    x = g.pick(FLOATS, 3, 5) if g.r.random() < 0.6 else _image(g)
    if x is None or any(g.at(dim) == 0 for dim in x.dims[2:]):
        return None
    mode = g.r.choice(("nearest", "nearest_exact", "linear", "cubic"))
    attributes = {"mode": mode, "align_corners": mode in ("linear", "cubic") and g.r.random() < 0.4}
    if g.r.random() < 0.5:
        dims = [g.entry(True) for _ in x.dims[2:]]
        attributes["sizes"] = dims
    else:
        fractions = [g.r.choice(((1, 2), (2, 1), (3, 2), (3, 1), (1, 1), (5, 4))) for _ in x.dims[2:]]
        dims = [dim * a // b for dim, (a, b) in zip(x.dims[2:], fractions)]
        attributes["scales"] = [a / b for a, b in fractions]
    dims = [*x.dims[:2], *dims]
    return g.add("resize", [x], attributes, [(x.dtype, dims)]) if g.size(dims) <= 5000 else None


# ---- sequences


def causal_conv(g):
    x = g.some(FLOATS, 3, 3)
    kernel = g.r.randint(1, 4)
    operands = [x, g.need(x.dtype, [x.dims[2], kernel]), g.need(x.dtype, [x.dims[0], kernel - 1, x.dims[2]])]
    return g.add("causal_conv", operands, {}, [(x.dtype, x.dims), (x.dtype, operands[2].dims)])


def selective_scan(g):
    x = g.some(FLOATS, 3, 3)
    n = g.entry(True)
    if g.size([*x.dims, n]) > 8000:
        return None
    rate = {"low": 0.0, "high": 1.0}
    operands = [x, g.need(g.r.choice(FLOATS), x.dims, rate), g.need(g.r.choice(FLOATS), [x.dims[2], n], {"low": -2.0, "high": 0.1})]
    operands += [g.need(x.dtype, [x.dims[0], x.dims[1], n]) for _ in range(2)]
    operands.append(g.need("f32", [x.dims[0], x.dims[2], n]))
    return g.add("selective_scan", operands, {}, [(x.dtype, x.dims), ("f32", operands[5].dims)])


# ---- shapes


def reshape(g):
    x = g.some()
    dims = list(x.dims)
    for _ in range(g.r.randint(1, 3)):  # join two, cut a known one, add or drop a 1
        kind = g.r.randrange(4)
        at = g.r.randrange(len(dims)) if dims else 0
        if kind == 0 and len(dims) > 1 and at + 1 < len(dims):
            dims[at : at + 2] = [dims[at] * dims[at + 1]]
        elif kind == 1 and dims and dims[at].static and dims[at].size > 1:
            factor = g.r.choice([d for d in range(1, dims[at].size + 1) if dims[at].size % d == 0])
            dims[at : at + 1] = [Dim.of(factor), Dim.of(dims[at].size // factor)]
        elif kind == 2:
            dims.insert(g.r.randint(0, len(dims)), Dim.of(1))
        elif dims and dims[at] == 1:
            del dims[at]
    if len(dims) > 5:
        return None
    told = list(dims)
    # One may be told as what remains, where it can be found by division.
    known = [i for i, dim in enumerate(dims) if all(d.static and d.size > 0 for j, d in enumerate(dims) if j != i)]
    if known and g.r.random() < 0.2:
        told[g.r.choice(known)] = Dim.of(-1)
    return g.add("reshape", [x], {"shape": told}, [(x.dtype, dims)])


def transpose(g):
    x = g.some()
    order = g.r.sample(range(x.rank), x.rank)
    return g.add("transpose", [x], {"permutation": order}, [(x.dtype, [x.dims[i] for i in order])])


def broadcast_(g):
    x = g.some()
    dims = [g.entry(True) for _ in range(g.r.randint(0, 5 - x.rank))] + [g.entry(True) if dim == 1 else dim for dim in x.dims]
    return g.add("broadcast", [x], {"shape": dims}, [(x.dtype, dims)]) if g.size(dims) <= 5000 else None


def _range(g, dim):
    """Beginning, end and step, and the size of what they take."""
    size = g.at(dim)
    begin = g.r.choice((0, g.r.randint(0, size)))
    end = g.r.choice((size, g.r.randint(begin, size)))
    step = g.r.choice((1, 1, 1, 2, 3))
    told = []
    for place in (begin, end):
        kind = g.r.random()
        if place == size and kind < 0.6:
            told.append(dim)
        elif place < size and kind < 0.3:
            told.append(Dim.of(place - size))
        else:
            told.append(Dim.of(place))
    real = [dim + t if t.static and t.size < 0 else t for t in told]
    return [told[0], told[1], step], (real[1] - real[0] + (step - 1)) // step


def slice_(g):
    x = g.some()
    ranges, dims = [], []
    for dim in x.dims:
        if g.r.random() < 0.4:
            ranges.append([Dim.of(0), dim, 1])
            dims.append(dim)
        else:
            entry, size = _range(g, dim)
            ranges.append(entry)
            dims.append(size)
    return g.add("slice", [x], {"ranges": ranges}, [(x.dtype, dims)])


def concat(g):
    x = g.some(low=1)
    at, axis = g.axis(x.rank)
    others = []
    for _ in range(g.r.randint(0, 2)):
        same = lambda v: v.rank == x.rank and all(a == b for i, (a, b) in enumerate(zip(v.dims, x.dims)) if i != at)
        others.append(g.pick((x.dtype,), where=same) or g.need(x.dtype, x.dims[:at] + [g.entry(True)] + x.dims[at + 1 :]))
    parts = [x, *others]
    g.r.shuffle(parts)
    dims = x.dims[:at] + [sum((p.dims[at] for p in parts), Dim.of(0))] + x.dims[at + 1 :]
    return g.add("concat", parts, {"axis": axis}, [(x.dtype, dims)])


def split(g):
    x = g.some(low=1)
    at, axis = g.axis(x.rank)
    dim = x.dims[at]
    if not dim.static:  # a name is cut where the expression has a sum
        sizes = [Dim({product: c}) for product, c in dim.terms.items()]
        if any(c < 0 for c in dim.terms.values()):
            sizes = [dim]
    else:
        sizes, rest = [], dim.size
        for _ in range(g.r.randint(0, 3)):
            sizes.append(Dim.of(g.r.randint(0, rest)))
            rest -= sizes[-1].size
        sizes.append(Dim.of(rest))
    results = [(x.dtype, x.dims[:at] + [size] + x.dims[at + 1 :]) for size in sizes]
    return g.add("split", [x], {"axis": axis, "sizes": sizes}, results)


def pad(g):
    x = g.some()
    mode = g.r.choice(("constant", "constant", "reflect", "replicate"))
    low, high = [], []
    for dim in x.dims:
        size = g.at(dim)
        most = {"constant": 4, "reflect": min(size - 1, 4), "replicate": 4 if size else 0}[mode]
        for sides in (low, high):
            sides.append(Dim.of(g.r.randint(0, max(most, 0)) if g.r.random() < 0.6 else 0))
    if mode == "constant" and x.rank and g.recipe.sizes and g.r.random() < 0.2:
        low[0] = Dim.of(g.r.choice(list(g.recipe.sizes)))
    dims = [a + dim + b for a, dim, b in zip(low, x.dims, high)]
    if g.size(dims) > 8000:
        return None
    operands = [x, g.need(x.dtype, [])] if mode == "constant" else [x]
    return g.add("pad", operands, {"low": low, "high": high, "mode": mode}, [(x.dtype, dims)])


def flip(g):
    x = g.some()
    axes = [a - x.rank if g.r.random() < 0.3 else a for a in g.r.sample(range(x.rank), g.r.randint(0, x.rank))]
    return g.add("flip", [x], {"axes": axes}, [(x.dtype, x.dims)])


# ---- what is made of nothing


def random(g):
    dims, distribution = g.shape(), g.r.choice(("bits", "uniform", "normal"))
    dtype = "i32" if distribution == "bits" else g.r.choice(FLOATS)
    operands = [g.need("i64", []) for _ in range(2)]
    return g.add("random", operands, {"shape": dims, "dtype": dtype, "distribution": distribution}, [(dtype, dims)])


def constant(g):
    dtype, shape = g.r.choice(ALL), [g.r.choice((0, 1, 2, 3, 5)) for _ in range(g.r.choice((0, 0, 1, 2)))]
    data = g.data(dtype, shape, None)
    if g.r.random() < 0.3 and data.size:
        data[...] = data.flat[0]
    attributes = {"dtype": dtype, "shape": shape, "data": data.reshape(-1).tolist()}
    return g.add("constant", [], attributes, [(dtype, [Dim.of(n) for n in shape])])


def dim(g):
    if not g.recipe.sizes:
        return None
    value = g.entry()
    return g.add("dim", [], {"value": value}, [("i64", [])])


def identity(g):
    x = g.some()
    return g.add("identity", [x], {"tag": g.r.choice(("", "tap"))}, [(x.dtype, x.dims)])


def rebind(g):
    x = g.some(low=1)
    dims = list(x.dims)
    for i, entry in enumerate(dims):
        same = [Dim.of(name) for name, size in g.recipe.sizes.items() if size == g.at(entry)] + [Dim.of(g.at(entry))]
        if g.r.random() < 0.5:
            dims[i] = g.r.choice(same)
    return g.add("rebind", [x], {"shape": dims}, [(x.dtype, dims)])


MAKERS = {
    **{op: _unary(op) for op in UNARY},
    **{op: _binary(op) for op in BINARY},
    **{op: _along(op) for op in ("cumsum", "cumprod")},
    "softmax": _along("softmax", FLOATS),
    **{op: _reduce(op, NUMBERS) for op in ("reduce_sum", "reduce_max", "reduce_min", "reduce_prod")},
    "reduce_mean": _reduce("reduce_mean", FLOATS),
    "argmax": _arg("argmax"),
    "argmin": _arg("argmin"),
    **{op: _pool(op) for op in ("max_pool", "avg_pool")},
    **{op: _adaptive(op) for op in ("adaptive_max_pool", "adaptive_avg_pool")},
    **{f.__name__.rstrip("_"): f for f in (compare, select, cast, linear, matmul, grouped_matmul, dequantize, gather, take_along_axis, scatter, put_along_axis,
       iota, sort, top_k, layer_norm, rms_norm, group_norm, batch_norm, rope, attention, conv, conv_transpose, resize, causal_conv, selective_scan, reshape,
       transpose, broadcast_, slice_, concat, split, pad, flip, random, constant, dim, identity, rebind)},
}  # fmt: skip
