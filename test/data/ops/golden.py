#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes cases.json and cases.bin: small inputs of each op and what PyTorch makes of them. README.md has the format.

    pip install torch numpy
    python3 golden.py

Each case is also computed in float64 from the same inputs, and the script ends if PyTorch's own result in the case's
dtype is not well within the tolerance that the case records: a tolerance that PyTorch fails is not one to test with.
"""

import zlib

import numpy as np
import torch
import torch.nn.functional as F

import functions
import places
from writer import (
    ARITHMETIC,
    ATTENTION,
    DTYPES,
    EXACT,
    FLOATS,
    FUNCTION,
    INTS,
    SUM,
    generator,
    inf,
    integers,
    literal,
    nan,
    normal,
    tensor,
    uniform,
    values,
    writer,
)


def binary():
    functions = {
        "add": torch.add,
        "sub": torch.sub,
        "mul": torch.mul,
        "div": lambda a, b: torch.div(a, b) if a.is_floating_point() else torch.div(a, b, rounding_mode="floor"),
        "maximum": torch.maximum,
        "minimum": torch.minimum,
    }
    shapes = {
        "f32": [([7, 33], [7, 33]), ([2, 7, 33], [33]), ([7, 1], [1, 33]), ([3, 1, 5], [1, 4, 5])],
        "f16": [([7, 17], [7, 17])],
        "bf16": [([65], [65]), ([5, 17], [5, 1])],
        "i8": [([33], [33])],
        "i32": [([7, 17], [7, 17])],
        "i64": [([17], [3, 1])],
        "u8": [([33], [33])],
    }
    for op, function in functions.items():
        for dtype, pairs in shapes.items():
            for left, right in pairs:
                lhs, rhs = values(left, dtype), values(right, dtype)
                if op == "sub" and dtype == "u8":
                    lhs = lhs + 100
                if op == "div":
                    rhs = rhs.where(rhs.abs() > 0.2, torch.ones_like(rhs)) if dtype != "u8" else rhs + 1
                    lhs = lhs * 7
                variant = f"{dtype}/{'x'.join(map(str, left))}-{'x'.join(map(str, right))}"
                tolerance = EXACT if op in ("maximum", "minimum") else ARITHMETIC
                writer.case(op, variant, function, {"lhs": lhs, "rhs": rhs}, tolerance)

    def both(op, variant, function, lhs, rhs, tolerance=EXACT):
        writer.case(op, variant, function, {"lhs": lhs, "rhs": rhs}, tolerance)

    both("add", "f32/scalar-scalar", torch.add, tensor(1.5), tensor(2.25))
    both("add", "f32/scalar-17", torch.add, tensor(1.5), normal([17], "f32"), ARITHMETIC)
    both("add", "f32/1-1", torch.add, tensor([1.5]), tensor([-4.0]))
    both("add", "f32/empty", torch.add, normal([0, 5], "f32"), normal([1, 5], "f32"))
    both("mul", "f32/empty-by-broadcast", torch.mul, normal([3, 1], "f32"), normal([3, 0], "f32"))
    both("maximum", "i32/empty", torch.maximum, values([0], "i32"), values([0], "i32"))
    both("add", "i8/wraps", torch.add, tensor([127, -128, 100], "i8"), tensor([1, -1, 100], "i8"))
    both("sub", "u8/wraps", torch.sub, tensor([0, 5, 255], "u8"), tensor([1, 6, 255], "u8"))
    both("mul", "i32/wraps", torch.mul, tensor([65536, 2**31 - 1], "i32"), tensor([65537, 2], "i32"))
    both("div", "i32/rounds-down", functions["div"], tensor([7, -7, 7, -7, 0, -6], "i32"), tensor([2, 2, -2, -2, 3, 3], "i32"))
    for dtype in INTS:
        by_zero = {"lhs": tensor([7, 0, 100], dtype), "rhs": tensor([0, 0, 9], dtype)}
        literal("div", f"{dtype}/by-zero", by_zero, tensor([0, 0, 11], dtype))
    both("div", "f32/by-zero", torch.div, tensor([1.0, -1.0, 0.0, inf]), tensor([0.0, 0.0, 0.0, inf]))
    special = tensor([nan, 1.0, nan, inf, -inf]), tensor([1.0, nan, nan, 2.0, 2.0])
    both("maximum", "f32/nan-wins", torch.maximum, *special)
    both("minimum", "f32/nan-wins", torch.minimum, *special)
    for dtype in FLOATS:
        both("pow", f"{dtype}/7x17-7x17", torch.pow, uniform([7, 17], dtype, 0.2, 4), uniform([7, 17], dtype, -2, 2), FUNCTION)
    both("pow", "f32/33-scalar", torch.pow, uniform([33], "f32", 0.2, 4), tensor(2.5), FUNCTION)
    both("pow", "f32/negative-base", torch.pow, tensor([-2.0, -2.0, -0.5, 0.0]), tensor([2.0, 3.0, -2.0, 0.0]), FUNCTION)
    for op in ("and", "or", "xor"):
        function = getattr(torch, f"logical_{op}")
        both(op, "bool/7x5-5", function, values([7, 5], "bool"), values([5], "bool"))
        both(op, "bool/all", function, tensor([[False], [True]], "bool"), tensor([False, True], "bool"))


def unary():
    anything = lambda s, d: normal(s, d, 2.0)
    ops = {  # function, inputs, tolerance, and more float32 inputs worth a case
        "neg": (torch.neg, anything, EXACT, [0.0, inf]),
        "abs": (torch.abs, anything, EXACT, [-0.0, -inf]),
        "exp": (torch.exp, anything, FUNCTION, [-inf, inf, nan, -200.0, 200.0, 88.0, -87.0, 0.0]),
        "log": (torch.log, lambda s, d: uniform(s, d, 0.05, 20), FUNCTION, [0.0, 1.0, inf, nan, -1.0, 1e-30, 1e30]),
        "sqrt": (torch.sqrt, lambda s, d: uniform(s, d, 0, 20), ARITHMETIC, [0.0, 1.0, inf, -1.0, 1e-30]),
        "rsqrt": (torch.rsqrt, lambda s, d: uniform(s, d, 0.05, 20), FUNCTION, [1.0, inf, 1e-12, 1e12]),
        "sin": (torch.sin, lambda s, d: normal(s, d, 5.0), FUNCTION, None),
        "cos": (torch.cos, lambda s, d: normal(s, d, 5.0), FUNCTION, None),
        "tanh": (torch.tanh, anything, FUNCTION, [-inf, inf, nan, -50.0, 50.0, 1e-4, 0.0]),
        "erf": (torch.erf, anything, FUNCTION, [-inf, inf, nan, -9.0, 9.0, 1e-4, 0.0]),
        "sigmoid": (torch.sigmoid, anything, FUNCTION, [-inf, inf, nan, -100.0, 100.0, 0.0]),
        "silu": (F.silu, anything, FUNCTION, [-80.0, 100.0, nan, 0.0]),
        "relu": (F.relu, anything, EXACT, [-inf, inf, nan, 0.0]),
        "floor": (torch.floor, anything, EXACT, [-1.5, 1.5, -0.5, 0.5, 2.0, -2.0, 1e10, inf]),
        "ceil": (torch.ceil, anything, EXACT, [-1.5, 1.5, -0.5, 0.5, 2.0, -2.0, 1e10, inf]),
        "round": (torch.round, anything, EXACT, [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, 8388609.0, inf]),
    }
    shapes = {"f32": [7, 33], "f16": [65], "bf16": [3, 1, 17]}
    for op, (function, make, tolerance, more) in ops.items():
        for dtype, shape in shapes.items():
            variant = f"{dtype}/{'x'.join(map(str, shape))}"
            writer.case(op, variant, function, {"input": make(shape, dtype)}, tolerance)
        if more:
            # exp(200) and its like are finite in float64: no check.
            writer.case(op, "f32/special", function, {"input": tensor(more)}, tolerance, check=False)
    for form in ("none", "tanh"):
        for dtype, shape in shapes.items():
            variant = f"{dtype}/{form}/{'x'.join(map(str, shape))}"
            gelu = lambda x: F.gelu(x, approximate=form)
            # Far to the left the result is a difference of nearly equal numbers.
            loose = {d: (r, max(a, 3e-6)) for d, (r, a) in FUNCTION.items()}
            writer.case("gelu", variant, gelu, {"input": normal(shape, dtype, 2.0)}, loose, {"approximate": form})
        special = {"input": tensor([-30.0, 30.0, nan, 0.0])}
        writer.case("gelu", f"f32/{form}/special", gelu, special, loose, {"approximate": form})
    far = uniform([33], "f32", -3000, 3000)  # as rotary embeddings of long sequences need it
    writer.case("sin", "f32/far-from-zero", torch.sin, {"input": far}, {"f32": (1e-5, 1e-5)})
    writer.case("cos", "f32/far-from-zero", torch.cos, {"input": far}, {"f32": (1e-5, 1e-5)})
    writer.case("exp", "f32/empty", torch.exp, {"input": normal([3, 0], "f32")}, FUNCTION)
    writer.case("exp", "f32/scalar", torch.exp, {"input": tensor(1.0)}, FUNCTION)
    for dtype in ("i8", "i32", "i64"):
        writer.case("neg", f"{dtype}/17", torch.neg, {"input": values([17], dtype)}, EXACT)
        writer.case("abs", f"{dtype}/17", torch.abs, {"input": values([17], dtype)}, EXACT)
        writer.case("relu", f"{dtype}/17", torch.relu, {"input": values([17], dtype)}, EXACT)
    writer.case("neg", "u8/wraps", torch.neg, {"input": tensor([0, 1, 255], "u8")}, EXACT)
    writer.case("not", "bool/7x5", torch.logical_not, {"input": values([7, 5], "bool")}, EXACT)
    writer.case("not", "bool/empty", torch.logical_not, {"input": values([0], "bool")}, EXACT)


def compare_and_select():
    shapes = {
        "f32": ([7, 33], [33]),
        "f16": ([17], [17]),
        "bf16": ([5, 1], [1, 7]),
        "i8": ([33], [33]),
        "i32": ([7, 9], [7, 9]),
        "i64": ([5, 7], []),
        "u8": ([33], [1]),
    }
    special = tensor([nan, 1.0, nan, inf, -0.0, 2.0]), tensor([1.0, nan, nan, inf, 0.0, -inf])
    for predicate in ("eq", "ne", "lt", "le", "gt", "ge"):
        function, attributes = getattr(torch, predicate), {"predicate": predicate}
        for dtype, (left, right) in shapes.items():
            if predicate in ("ne", "gt", "ge") and dtype not in ("f32", "i32", "u8"):
                continue
            lhs, rhs = values(left, dtype, -3, 3), values(right, dtype, -3, 3)
            if dtype == "u8":
                lhs, rhs = integers(left, "u8", 100, 200), tensor([150], "u8")  # a signed comparison gets these wrong
            if dtype in FLOATS:
                lhs, rhs = lhs.round(), rhs.round()  # so that some are equal
            writer.case("compare", f"{dtype}/{predicate}", function, {"lhs": lhs, "rhs": rhs}, EXACT, attributes)
        inputs = dict(zip(("lhs", "rhs"), special))
        writer.case("compare", f"f32/{predicate}/special", function, inputs, EXACT, attributes)
    both = {"lhs": values([7], "bool"), "rhs": values([7], "bool")}
    writer.case("compare", "bool/eq", torch.eq, both, EXACT, {"predicate": "eq"})

    def select(variant, condition, lhs, rhs):
        writer.case("select", variant, torch.where, {"condition": condition, "on_true": lhs, "on_false": rhs}, EXACT)

    for dtype in (*FLOATS, *INTS, "bool"):
        select(f"{dtype}/7x9", values([7, 9], "bool"), values([7, 9], dtype), values([7, 9], dtype))
    select("f32/broadcast", values([7, 1], "bool"), values([1, 9], "f32"), values([], "f32"))
    select("f32/condition-row", values([33], "bool"), values([7, 33], "f32"), values([7, 33], "f32"))
    select("f32/nan-not-taken", tensor([True, False], "bool"), tensor([1.0, nan]), tensor([nan, 2.0]))
    select("f32/empty", values([0], "bool"), values([0], "f32"), values([0], "f32"))


def cast():
    def one(variant, source, to, check=True):
        function = lambda x: x.to(DTYPES[to])
        writer.case("cast", variant, function, {"input": source}, EXACT, {"dtype": to}, check=False)

    for source in DTYPES:
        for to in DTYPES:
            if source == to:
                continue
            low = 0 if "u8" in (source, to) else -127
            high = 127 if "i8" in (source, to) else 255 if "u8" in (source, to) else 2000
            low = low if high != 2000 else -2000
            if source in FLOATS:
                data = uniform([33], source, low + 0.5, high - 0.5)
                data[0], data[1], data[2] = 0.0, 0.75, low and -0.75
            elif source == "bool":
                data = values([33], "bool")
            else:
                data = integers([33], source, low, high)
                data[0] = 0
            one(f"{source}-to-{to}", data, to)
    # Ties to even, subnormals, overflow, not-a-number.
    one("f32-to-bf16/rounding", tensor([1.00390625, 1.01171875, 1 / 3, -1 / 3, 3e38, 3.4e38, 1e-40, inf, -inf, nan, -0.0]), "bf16")
    one("f32-to-f16/rounding", tensor([1.00048828125, 1.00146484375, 65504.0, 65519.0, 65520.0, 6e-8, 2e-8, 1e-6, inf, nan, -0.0]), "f16")
    one("f16-to-f32/subnormal", tensor([6e-8, 1e-6, 6e-5, -6e-8, 65504.0, inf, nan], "f16"), "f32")
    one("i32-to-f32/rounding", tensor([2**24 + 1, 2**24 + 3, 2**31 - 1, -(2**31)], "i32"), "f32")
    one("i64-to-i32/negative", tensor([-1, -(2**31), 2**31 - 1], "i64"), "i32")
    one("f32-to-bool/special", tensor([0.0, -0.0, 1e-30, nan, inf]), "bool")
    one("f32-to-i32/scalar", tensor(-3.99), "i32")

    def into(variant, source, to, expected):
        literal("cast", variant, {"input": source}, tensor(expected, to), {"dtype": to})

    wild = [nan, inf, -inf, 1e20, -1e20, -1.5, 300.7]
    for dtype in FLOATS:
        source = tensor(wild, dtype)
        into(f"{dtype}-to-i8/saturates", source, "i8", [0, 127, -128, 127, -128, -1, 127])
        into(f"{dtype}-to-u8/saturates", source, "u8", [0, 255, 0, 255, 0, 0, 255])
        large = (2**31 - 1, -(2**31))
        into(f"{dtype}-to-i32/saturates", source, "i32", [0, *large, *large, -1, 300])
        large = (2**63 - 1, -(2**63))
        into(f"{dtype}-to-i64/saturates", source, "i64", [0, *large, *large, -1, 300])
    into("f32-to-i32/at-the-edge", tensor([2147483648.0, 2147483520.0, -2147483648.0]), "i32", [2**31 - 1, 2147483520, -(2**31)])
    into("i32-to-i8/low-bits", tensor([300, -300, 128, 255, 256], "i32"), "i8", [44, -44, -128, -1, 0])
    into("i32-to-u8/low-bits", tensor([300, -300, -1, 255, 256], "i32"), "u8", [44, 212, 255, 255, 0])
    into("i64-to-i32/low-bits", tensor([2**32 + 5, -(2**33), 2**31], "i64"), "i32", [5, 0, -(2**31)])
    into("i8-to-u8/low-bits", tensor([-1, -128, 5], "i8"), "u8", [255, 128, 5])
    into("u8-to-i8/low-bits", tensor([255, 128, 5], "u8"), "i8", [-1, -128, 5])
    one("f32-to-i8/empty", normal([0, 3], "f32"), "i8")


def matmul_and_linear():
    shapes = [
        ([1, 1], [1, 1]),
        ([7, 33], [33, 17]),
        ([1, 65], [65, 33]),
        ([33, 65], [65, 1]),
        ([65, 17], [17, 65]),
        ([3, 7, 17], [3, 17, 33]),
        ([3, 7, 17], [17, 33]),
        ([2, 1, 7, 17], [3, 17, 5]),
        ([1, 5, 7], [4, 7, 3]),
    ]
    for dtype in FLOATS:
        for left, right in shapes[:5] if dtype == "f16" else [*shapes, ([64, 256], [256, 96])]:
            variant = f"{dtype}/{'x'.join(map(str, left))}-{'x'.join(map(str, right))}"
            lhs, rhs = normal(left, dtype), normal(right, dtype, left[-1] ** -0.5)
            writer.case("matmul", variant, torch.matmul, {"lhs": lhs, "rhs": rhs}, SUM)
    for left, right, what in (
        ([7, 0], [0, 5], "inner"),
        ([0, 7], [7, 5], "rows"),
        ([7, 3], [3, 0], "columns"),
        ([0, 2, 3], [0, 3, 4], "batch"),
    ):
        writer.case("matmul", f"f32/empty-{what}", torch.matmul, {"lhs": normal(left, "f32"), "rhs": normal(right, "f32")}, SUM)

    for dtype in FLOATS:
        for shape, out in (([7, 33], 17), ([2, 5, 65], 33), ([1, 17], 1), ([33], 7))[: 4 if dtype == "f32" else 2]:
            for bias in (False, True):
                variant = f"{dtype}/{'x'.join(map(str, shape))}-{out}{'-bias' if bias else ''}"
                inputs = {"input": normal(shape, dtype), "weight": normal([out, shape[-1]], dtype, shape[-1] ** -0.5)}
                if bias:
                    inputs["bias"] = normal([out], dtype)
                writer.case("linear", variant, F.linear, inputs, SUM)
    empty = {"input": normal([0, 7], "f32"), "weight": normal([5, 7], "f32"), "bias": normal([5], "f32")}
    writer.case("linear", "f32/empty", F.linear, empty, SUM)


def gather():
    def one(dtype, index, shape, count, axis, note=""):
        def take(x, i):
            at = axis % x.ndim
            return x.index_select(at, i.flatten().long()).reshape(x.shape[:at] + i.shape + x.shape[at + 1 :])

        variant = f"{dtype}-{index}/{'x'.join(map(str, shape))}-{'x'.join(map(str, count)) or 'scalar'}-axis{axis}{note}"
        inputs = {"input": values(shape, dtype), "indices": integers(count, index, 0, max(shape[axis] - 1, 0))}
        writer.case("gather", variant, take, inputs, EXACT, {"axis": axis})

    for index in ("i32", "i64"):
        for dtype in FLOATS:
            one(dtype, index, [33, 17], [2, 7], 0)
        one("f32", index, [5, 33, 3], [7], 1)
        one("bf16", index, [5, 9], [2, 3], 1)
        one("i32", index, [17], [5], 0)
        one("f32", index, [7, 5], [], 0)
        one("f32", index, [7, 5], [0], 0)
    one("i64", "i64", [2, 3, 4], [3], 2)
    one("f32", "i64", [2, 3, 4], [3], -2)
    one("bool", "i32", [7, 5], [4], 1)
    one("u8", "i64", [1, 65], [3], 0)
    one("f32", "i64", [5, 0], [3], 0)


def reduce():
    def function(kind, given, keep):
        def apply(x):
            axes = [a % x.ndim for a in given] or list(range(x.ndim))
            if kind == "sum":
                return x.sum(axes, keepdim=keep, dtype=x.dtype)
            if kind == "mean":
                return x.mean(axes, keepdim=keep)
            if kind == "prod":  # PyTorch multiplies float16 in float16: here it is rounded once, at the end
                wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
                for axis in sorted(axes, reverse=True):
                    wide = wide.prod(axis, keepdim=keep, dtype=wide.dtype)
                return wide.to(x.dtype)
            return getattr(x, "a" + kind)(axes, keepdim=keep)

        return apply

    def one(kind, dtype, shape, axes, keep=False, data=None, note=""):
        if data is None:
            data = values(shape, dtype)
            if kind == "prod":
                data = uniform(shape, dtype, 0.7, 1.4) if dtype in FLOATS else integers(shape, dtype, 1, 2)
        variant = f"{dtype}/{'x'.join(map(str, shape)) or 'scalar'}-axes{'_'.join(map(str, axes))}{'-keep' if keep else ''}{note}"
        tolerance = EXACT if kind in ("max", "min") else SUM
        attributes = {"axes": list(axes), "keep_dims": keep}
        writer.case(f"reduce_{kind}", variant, function(kind, axes, keep), {"input": data}, tolerance, attributes)

    for kind in ("sum", "mean", "max", "min", "prod"):
        one(kind, "f32", [7, 33], [1])
        one(kind, "f32", [7, 33], [0])
        one(kind, "f32", [3, 5, 17], [0, 2], True)
        one(kind, "f32", [3, 5, 7], [0, 1, 2])
        one(kind, "f16", [7, 65], [1], True)
        one(kind, "bf16", [5, 65], [1])
        one(kind, "f32", [1, 1], [0])
        one(kind, "f32", [0, 5], [1])
        if kind != "mean":
            one(kind, "i32", [7, 9], [1])
            one(kind, "i64", [3, 5, 7], [1], True)
    for kind in ("max", "min"):
        one(kind, "i8", [7, 17], [0])
        one(kind, "u8", [33], [0], data=integers([33], "u8", 100, 220))
        one(kind, "f32", [2, 3], [1], data=tensor([[1.0, nan, 2.0], [-inf, -1.0, -inf]]), note="-special")
        one(kind, "f32", [3, 5, 7], [])
        one(kind, "f32", [3, 5, 7], [-1, 0])
        no_elements = {"input": values([2, 0], "f32")}, tensor([inf if kind == "min" else -inf] * 2), {"axes": [1], "keep_dims": False}
        literal(f"reduce_{kind}", "f32/no-elements", *no_elements)
        edge = 2**31 - 1 if kind == "min" else -(2**31)
        no_elements = {"input": values([2, 0], "i32")}, tensor([edge] * 2, "i32"), {"axes": [1], "keep_dims": False}
        literal(f"reduce_{kind}", "i32/no-elements", *no_elements)
    one("sum", "f32", [3, 5, 7], [])
    one("sum", "f32", [3, 5, 7], [-1, 0])
    one("prod", "f32", [2, 0], [1])
    one("prod", "i32", [2, 0], [1])
    one("mean", "f32", [2, 0], [1])
    one("sum", "i8", [3], [0], data=tensor([100, 100, 100], "i8"), note="-wraps")
    one("prod", "i32", [3], [0], data=tensor([65536, 65536, 3], "i32"), note="-wraps")
    one("sum", "f32", [0], [0])
    one("sum", "f32", [3, 0, 2], [1])
    one("sum", "i32", [2, 0], [1], True)
    one("sum", "bf16", [1, 1025], [1])  # adding in bfloat16 would be far off
    one("mean", "bf16", [1025, 2], [0])

    def arg(x, axis, keep):
        i = np.argmax(x.double().numpy() if x.is_floating_point() else x.numpy(), axis=axis)  # the first of equals
        i = torch.from_numpy(np.asarray(i, dtype=np.int64))
        return i.unsqueeze(axis) if keep else i

    def argmax(dtype, shape, axis, keep=False, data=None, note=""):
        data = values(shape, dtype) if data is None else data
        variant = f"{dtype}/{'x'.join(map(str, shape))}-axis{axis}{'-keep' if keep else ''}{note}"
        attributes = {"axis": axis, "keep_dims": keep}
        writer.case("argmax", variant, lambda x: arg(x, axis, keep), {"input": data}, EXACT, attributes)

    for dtype in FLOATS:
        argmax(dtype, [7, 33], 1)
    argmax("f32", [7, 33], 0)
    argmax("f32", [3, 5, 7], 1, True)
    argmax("i32", [5, 17], 1)
    argmax("i64", [65], 0)
    argmax("f32", [5], 0, data=tensor([1.0, 3.0, 2.0, 3.0, 3.0]), note="-equals")
    argmax("f32", [2, 2], 1, data=tensor([[-inf, -inf], [-5.0, -4.0]]), note="-negative")
    argmax("f32", [2, 4], 1, data=tensor([[1.0, nan, inf, nan], [nan, 1.0, 2.0, 3.0]]), note="-nan")
    argmax("f32", [3, 5, 7], -2)
    argmax("u8", [3], 0, data=tensor([100, 200, 50], "u8"), note="-unsigned")
    argmax("f32", [4, 1], 1)
    argmax("f32", [0, 3], 1)


def softmax():
    def one(dtype, shape, axis, data=None, note=""):
        data = values(shape, dtype) if data is None else data
        variant = f"{dtype}/{'x'.join(map(str, shape))}-axis{axis}{note}"
        tolerance = FUNCTION | {"f16": (4e-3, 1e-5), "bf16": (1.6e-2, 1e-5)}
        writer.case("softmax", variant, lambda x: F.softmax(x, axis), {"input": data}, tolerance, {"axis": axis})

    for dtype in FLOATS:
        one(dtype, [7, 33], 1)
        one(dtype, [5, 17], 0)
        one(dtype, [2, 3, 65], 2)
    one("f32", [3, 7, 5], 1)
    one("f32", [1], 0)
    one("f32", [4, 1], 1)
    one("f32", [0, 5], 1)
    one("f32", [3, 257], 1)
    one("f32", [3, 7, 5], -2)
    one("f32", [2, 3], 1, tensor([[-inf, -inf, -inf], [1.0, 2.0, -inf]]), "-all-masked")
    one("f32", [2, 3], 1, tensor([[1000.0, 1001.0, 999.0], [-1000.0, -1000.0, -1000.0]]), "-large")
    one("f32", [2, 4], 1, tensor([[0.0, -inf, 1.0, -inf], [-inf, -inf, 5.0, -inf]]), "-masked")


def norms():
    for dtype in FLOATS:
        for shape in ([7, 33], [2, 5, 64], [1, 1, 17], [65])[: 4 if dtype == "f32" else 2]:
            size, variant = shape[-1:], f"{dtype}/{'x'.join(map(str, shape))}"
            data = normal(shape, dtype, 2.0) + 0.5
            weight, bias = normal(size, dtype, 0.2) + 1, normal(size, dtype)
            layer = lambda x, w=None, b=None: F.layer_norm(x, size, w, b, 1e-5)
            writer.case("layer_norm", variant, layer, {"input": data, "weight": weight, "bias": bias}, SUM, {"epsilon": 1e-5})
            rms = lambda x, w=None: F.rms_norm(x, size, w, 1e-6)
            writer.case("rms_norm", variant, rms, {"input": data, "weight": weight}, SUM, {"epsilon": 1e-6})
    data, weight, bias = normal([3, 17], "f32"), normal([17], "f32"), normal([17], "f32")
    layer = lambda x, w=None, b=None: F.layer_norm(x, x.shape[-1:], w, b, 1e-12)
    writer.case("layer_norm", "f32/no-bias", layer, {"input": data, "weight": weight}, SUM, {"epsilon": 1e-12})
    loose = {"f32": (1e-4, 1e-4)}
    far = {"input": data + 100, "weight": weight, "bias": bias}  # E[x^2] - E[x]^2 is far off here
    writer.case("layer_norm", "f32/large-mean", layer, far, loose, {"epsilon": 1e-12})
    constant = {"input": torch.full([2, 17], 3.0), "weight": weight, "bias": bias}
    writer.case("layer_norm", "f32/constant", layer, constant, SUM, {"epsilon": 1e-12})
    writer.case("layer_norm", "f32/empty", layer, {"input": data[:0], "weight": weight, "bias": bias}, SUM, {"epsilon": 1e-12})
    rms = lambda e: lambda x, w=None: F.rms_norm(x, x.shape[-1:], w, e)
    writer.case("rms_norm", "f32/small", rms(1e-5), {"input": data * 1e-3, "weight": weight}, SUM, {"epsilon": 1e-5})
    writer.case("rms_norm", "f32/empty", rms(1e-5), {"input": data[:0], "weight": weight}, SUM, {"epsilon": 1e-5})


def rope():
    def function(pairing):
        def apply(x, cos, sin):
            wide = torch.promote_types(x.dtype, torch.float32)
            cos, sin = cos.to(wide)[..., :, None, :], sin.to(wide)[..., :, None, :]
            if pairing == "half":
                a, b = x.to(wide).chunk(2, dim=-1)
                out = torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)
            else:
                a, b = x.to(wide)[..., 0::2], x.to(wide)[..., 1::2]
                out = torch.stack((a * cos - b * sin, b * cos + a * sin), dim=-1).flatten(-2)
            return out.to(x.dtype)

        return apply

    def one(pairing, dtype, shape, table, start=(0,)):
        """One start: tables of one sequence; as many as the batch: tables for each."""
        frequencies = 1.0 / 10000 ** (torch.arange(0, shape[3], 2).double() / shape[3])
        positions = torch.tensor(start, dtype=torch.float64)[:, None] + torch.arange(shape[1])
        angles = positions[..., None] * frequencies
        angles = angles[0] if len(start) == 1 else angles
        inputs = {"input": normal(shape, dtype), "cos": angles.cos().to(DTYPES[table]), "sin": angles.sin().to(DTYPES[table])}
        tables = f"-{table}-tables" if table != dtype else ""
        tables += "-of-each" if len(start) > 1 else ""
        writer.case("rope", f"{dtype}/{pairing}/{'x'.join(map(str, shape))}{tables}", function(pairing), inputs, FUNCTION, {"pairing": pairing})

    for pairing in ("half", "interleaved"):
        one(pairing, "f32", [2, 7, 3, 8], "f32")
        one(pairing, "f32", [1, 33, 2, 32], "f32")
        one(pairing, "f32", [1, 1, 1, 2], "f32", start=(5,))
        one(pairing, "f32", [2, 5, 1, 34], "f32")
        one(pairing, "f32", [3, 5, 2, 8], "f32", start=(0, 7, 100))
        one(pairing, "f32", [1, 0, 2, 8], "f32")
        one(pairing, "f16", [2, 7, 3, 16], "f16")
        one(pairing, "f16", [1, 5, 2, 8], "f32")
        one(pairing, "bf16", [2, 7, 3, 16], "bf16")
        one(pairing, "bf16", [2, 7, 3, 16], "f32")
        one(pairing, "bf16", [1, 1, 4, 64], "f32", start=(300,))
        one(pairing, "bf16", [2, 3, 1, 8], "f32", start=(4, 9))


def attention():
    def one(variant, dtype, q, kv, causal=False, window=None, scale=None, mask=None, value_size=None):
        """q is [B, T, H, D], kv is [B, S, Hkv, D]; values have that shape too, or Dv instead of D."""
        (_, t, heads, size), (_, s, kv_heads, _) = q, kv
        inputs = {"query": normal(q, dtype), "key": normal(kv, dtype), "value": normal([*kv[:3], value_size or size], dtype)}
        if mask is not None:
            inputs["mask"] = mask
        attributes = {}
        if causal:
            attributes["causal"] = True
        if window is not None:
            attributes["window"] = window
        if scale is not None:
            attributes["scale"] = scale

        def apply(query, key, value, mask=None):
            i, j = torch.arange(t)[:, None] + s - t, torch.arange(s)[None, :]
            visible = torch.ones(t, s, dtype=torch.bool)
            if causal:
                visible &= j <= i
            if window is not None:
                visible &= i - j < window
            added = torch.zeros(t, s, dtype=query.dtype).masked_fill(~visible, -inf)
            if mask is not None and mask.dtype == torch.bool:
                added = added.masked_fill(~mask, -inf)
            elif mask is not None:
                added = added + mask
            key, value = (x.repeat_interleave(heads // kv_heads, dim=2) for x in (key, value))
            unseen = (added == -inf).all(-1, keepdim=True)  # of a query that sees no key the result is zero
            added = added.masked_fill(unseen, 0)
            query, key, value = (x.transpose(1, 2) for x in (query, key, value))
            out = F.scaled_dot_product_attention(query, key, value, attn_mask=added, scale=scale)
            return out.masked_fill(unseen, 0).transpose(1, 2).contiguous()

        writer.case("attention", f"{dtype}/{variant}", apply, inputs, ATTENTION, attributes)

    def float_mask(shape, dtype, blocked=0.3):
        mask = normal(shape, dtype)
        mask[torch.rand(shape, generator=generator) < blocked] = -inf
        mask[..., 0] = 0.5  # every query sees something
        return mask

    def bool_mask(shape):
        mask = values(shape, "bool")
        mask[..., 0] = True
        return mask

    for dtype in FLOATS:
        one("plain", dtype, [2, 7, 3, 16], [2, 7, 3, 16])
        one("cross", dtype, [1, 5, 2, 8], [1, 17, 2, 8])
        one("causal", dtype, [2, 17, 2, 16], [2, 17, 2, 16], causal=True)
        one("causal-offset", dtype, [1, 5, 2, 16], [1, 33, 2, 16], causal=True)
        one("causal-one-query", dtype, [2, 1, 4, 16], [2, 33, 2, 16], causal=True)
        one("grouped", dtype, [1, 7, 6, 32], [1, 7, 2, 32], causal=True)
        one("multi-query", dtype, [1, 7, 4, 8], [1, 9, 1, 8])
        one("window", dtype, [1, 33, 2, 8], [1, 33, 2, 8], causal=True, window=5)
        one("mask", dtype, [2, 7, 3, 8], [2, 9, 3, 8], mask=float_mask([2, 3, 7, 9], dtype))
        one("bool-mask", dtype, [2, 7, 2, 8], [2, 9, 2, 8], mask=bool_mask([2, 1, 7, 9]))
    one("window-offset-grouped", "f32", [2, 3, 4, 8], [2, 17, 2, 8], causal=True, window=4)
    one("window-1", "f32", [1, 7, 1, 8], [1, 7, 1, 8], causal=True, window=1)
    one("window-wider-than-keys", "f32", [1, 7, 1, 8], [1, 7, 1, 8], causal=True, window=100)
    one("scale", "f32", [1, 7, 2, 8], [1, 7, 2, 8], scale=0.5)
    one("scale-causal", "bf16", [1, 7, 2, 8], [1, 7, 2, 8], causal=True, scale=1.0)
    one("mask-one-batch", "f32", [2, 5, 3, 8], [2, 7, 3, 8], mask=float_mask([1, 3, 5, 7], "f32"))
    one("mask-one-head", "f32", [2, 5, 3, 8], [2, 7, 3, 8], mask=float_mask([2, 1, 5, 7], "f32"))
    one("mask-one-of-both", "f32", [2, 5, 3, 8], [2, 7, 3, 8], mask=float_mask([1, 1, 5, 7], "f32"))
    one("mask-grouped", "f32", [2, 5, 4, 8], [2, 7, 2, 8], mask=float_mask([2, 4, 5, 7], "f32"))
    one("mask-causal", "f32", [1, 5, 2, 8], [1, 7, 2, 8], causal=True, mask=float_mask([1, 1, 5, 7], "f32"))
    one("bool-mask-full", "f32", [2, 5, 2, 8], [2, 7, 2, 8], mask=bool_mask([2, 2, 5, 7]))
    one("bool-mask-causal-grouped", "f32", [1, 5, 4, 8], [1, 7, 2, 8], causal=True, mask=bool_mask([1, 1, 5, 7]))
    one("causal-more-queries-than-keys", "f32", [1, 7, 2, 8], [1, 4, 2, 8], causal=True)
    one("causal-more-queries-than-keys", "bf16", [1, 7, 2, 8], [1, 4, 2, 8], causal=True)
    nothing = bool_mask([2, 1, 5, 7])
    nothing[0, 0, 2] = nothing[1, 0, 4] = False
    one("bool-mask-sees-nothing", "f32", [2, 5, 2, 8], [2, 7, 2, 8], mask=nothing)
    one("window-without-causal", "f32", [1, 9, 2, 8], [1, 9, 2, 8], window=3)
    one("values-wider", "f32", [1, 5, 2, 8], [1, 7, 2, 8], value_size=24)
    one("values-narrower-grouped", "bf16", [2, 5, 4, 16], [2, 7, 2, 16], causal=True, value_size=7)
    one("large-scores", "f32", [1, 5, 2, 8], [1, 7, 2, 8], scale=60.0)
    one("single", "f32", [1, 1, 1, 1], [1, 1, 1, 1])
    one("odd", "f32", [1, 17, 3, 33], [1, 65, 3, 33])
    one("long", "f32", [1, 65, 1, 64], [1, 130, 1, 64], causal=True)
    one("empty-queries", "f32", [1, 0, 2, 8], [1, 7, 2, 8])
    one("empty-batch", "f32", [0, 3, 2, 8], [0, 7, 2, 8], causal=True)


def shapes():
    def one(op, variant, function, data, attributes):
        inputs = {"input": data} if isinstance(data, torch.Tensor) else dict(data)
        writer.case(op, variant, function, inputs, EXACT, attributes, check=False)

    def reshape(dtype, source, to):
        variant = f"{dtype}/{'x'.join(map(str, source)) or 'scalar'}-{'x'.join(map(str, to)) or 'scalar'}"
        one("reshape", variant, lambda x: x.reshape(to), values(source, dtype), {"shape": to})

    for dtype, source, to in (
        ("f32", [7, 6], [2, 21]),
        ("f32", [2, 3, 5], [30]),
        ("bf16", [17], [1, 17, 1]),
        ("i64", [1], []),
        ("f32", [], [1, 1]),
        ("bool", [4, 3], [3, 4]),
        ("f32", [4, 6], [3, -1, 2]),
        ("f32", [0, 5], [7, 0]),
    ):
        reshape(dtype, source, to)

    def transpose(dtype, shape, order):
        variant = f"{dtype}/{'x'.join(map(str, shape))}-{'_'.join(map(str, order))}"
        one("transpose", variant, lambda x: x.permute(order).contiguous(), values(shape, dtype), {"permutation": order})

    for dtype, shape, order in (
        ("f32", [7, 33], [1, 0]),
        ("f32", [2, 3, 5, 7], [0, 2, 1, 3]),
        ("f32", [2, 3, 5], [2, 0, 1]),
        ("f16", [7, 9], [1, 0]),
        ("bf16", [33, 17], [1, 0]),
        ("i8", [65, 3], [1, 0]),
        ("i64", [1, 7], [1, 0]),
        ("bool", [5, 3], [1, 0]),
        ("f32", [0, 3], [1, 0]),
        ("f32", [5], [0]),
    ):
        transpose(dtype, shape, order)

    def broadcast(dtype, source, to):
        variant = f"{dtype}/{'x'.join(map(str, source)) or 'scalar'}-{'x'.join(map(str, to))}"
        one("broadcast", variant, lambda x: x.expand(to).contiguous(), values(source, dtype), {"shape": to})

    for dtype, source, to in (
        ("f32", [33], [7, 33]),
        ("f32", [7, 1], [7, 17]),
        ("f32", [], [3, 5]),
        ("bf16", [1, 5, 1], [2, 3, 5, 7]),
        ("i32", [1], [9]),
        ("bool", [3, 1], [3, 4]),
        ("f32", [1, 3], [0, 3]),
    ):
        broadcast(dtype, source, to)

    def cut(dtype, shape, starts, ends, steps, note):
        index = tuple(slice(a, b, c) for a, b, c in zip(starts, ends, steps))
        attributes = {"starts": starts, "ends": ends, "steps": steps}
        variant = f"{dtype}/{'x'.join(map(str, shape))}-{note}"
        one("slice", variant, lambda x: x[index].contiguous(), values(shape, dtype), attributes)

    cut("f32", [7, 33], [1, 2], [6, 30], [1, 1], "inside")
    cut("f32", [7, 33], [0, 1], [7, 33], [2, 3], "step")
    cut("f32", [17], [-5], [17], [1], "negative-start")
    cut("f32", [17, 5], [-10, 0], [-2, 5], [3, 1], "negative-both")
    cut("f32", [5, 7], [2, 0], [2, 7], [1, 1], "empty")
    cut("f32", [1, 1], [0, 0], [1, 1], [1, 1], "all")
    cut("bf16", [3, 65], [0, 33], [3, 65], [1, 1], "half")
    cut("f16", [9], [0], [9], [4], "step")
    cut("i8", [33], [1], [32], [2], "step")
    cut("i64", [4, 5], [3, 4], [4, 5], [1, 1], "corner")
    cut("bool", [9], [-9], [8], [3], "negative-start")

    def concat(dtype, parts, axis):
        inputs = {f"input{i}": values(s, dtype) for i, s in enumerate(parts)}
        variant = f"{dtype}/{'-'.join('x'.join(map(str, s)) for s in parts)}-axis{axis}"
        one("concat", variant, lambda *x: torch.cat(x, axis), inputs, {"axis": axis})

    for dtype, parts, axis in (
        ("f32", [[3, 5], [4, 5]], 0),
        ("f32", [[7, 1], [7, 33], [7, 3]], 1),
        ("f32", [[2, 3, 5], [2, 1, 5]], 1),
        ("f32", [[5]], 0),
        ("f32", [[0, 3], [2, 3], [0, 3]], 0),
        ("f32", [[2, 3], [2, 4]], -1),
        ("bf16", [[2, 17], [2, 16]], 1),
        ("f16", [[7], [1]], 0),
        ("i32", [[2, 2], [2, 3]], 1),
        ("i8", [[3], [4]], 0),
        ("bool", [[3, 1], [3, 2]], 1),
    ):
        concat(dtype, parts, axis)

    def split(dtype, shape, sizes, axis):
        variant = f"{dtype}/{'x'.join(map(str, shape))}-{'_'.join(map(str, sizes))}-axis{axis}"
        cut_up = lambda x: [p.contiguous() for p in x.split(sizes, axis)]
        one("split", variant, cut_up, values(shape, dtype), {"axis": axis, "sizes": sizes})

    for dtype, shape, sizes, axis in (
        ("f32", [7, 33], [16, 16, 1], 1),
        ("f32", [6, 5], [2, 2, 2], 0),
        ("f32", [2, 7, 3], [3, 4], 1),
        ("f32", [5], [5], 0),
        ("f32", [3, 4], [0, 4], 1),
        ("f32", [3, 4], [1, 3], -1),
        ("bf16", [3, 34], [17, 17], 1),
        ("f16", [9], [4, 5], 0),
        ("i64", [2, 6], [1, 2, 3], 1),
        ("u8", [7], [3, 4], 0),
    ):
        split(dtype, shape, sizes, axis)

    def iota(dtype, shape, axis):
        def make():
            view = [1] * len(shape)
            view[axis] = shape[axis]
            return torch.arange(shape[axis]).to(DTYPES[dtype]).reshape(view).expand(shape).contiguous()

        variant = f"{dtype}/{'x'.join(map(str, shape))}-axis{axis}"
        one("iota", variant, make, {}, {"dtype": dtype, "shape": shape, "axis": axis})

    for dtype, shape, axis in (
        ("i32", [17], 0),
        ("i64", [3, 5], 1),
        ("i64", [3, 5], 0),
        ("f32", [2, 3, 4], 1),
        ("f16", [33], 0),
        ("bf16", [65], 0),
        ("i8", [7], 0),
        ("u8", [7], 0),
        ("i32", [1], 0),
        ("i32", [0, 3], 1),
    ):
        iota(dtype, shape, axis)


def family_name(family):
    return family.__name__ if family.__module__ == "__main__" else f"{family.__module__}.{family.__name__}"


def main():
    torch.set_num_threads(1)
    for family in (
        binary,
        unary,
        compare_and_select,
        cast,
        matmul_and_linear,
        gather,
        reduce,
        softmax,
        norms,
        rope,
        attention,
        shapes,
        functions.unary,
        functions.binary,
        functions.bits,
        places.pad_and_flip,
        places.along_axis,
        places.cumulative,
        places.sort,
        places.random,
    ):
        before = len(writer.cases)
        generator.manual_seed(zlib.crc32(family_name(family).encode()))  # so that one family's change leaves the others
        family()
        print(f"{family_name(family)}: {len(writer.cases) - before}")
    writer.write()
    print(f"{len(writer.cases)} cases, {len(writer.blob)} bytes")


if __name__ == "__main__":
    main()
