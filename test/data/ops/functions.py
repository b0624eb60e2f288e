# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of the elementwise functions of the array API standard that golden.py does not have, and of integers' bits."""

import numpy as np
import torch

from writer import ARITHMETIC, EXACT, FLOATS, INTS, inf, integers, literal, nan, normal, tensor, uniform, values, writer

SHAPES = {"f32": [7, 33], "f16": [65], "bf16": [3, 1, 17]}


def variant(dtype, *shapes):
    return f"{dtype}/" + "-".join("x".join(map(str, shape)) or "scalar" for shape in shapes)


def unary():
    anything = lambda s, d: normal(s, d, 2.0)
    between = lambda low, high: lambda s, d: uniform(s, d, low, high)
    ops = {  # function, inputs, and more float32 inputs worth a case
        "exp2": (torch.exp2, anything, [-inf, inf, nan, -200.0, 200.0, 127.0, -140.0, 0.0, 3.0]),
        "expm1": (torch.expm1, anything, [-inf, inf, nan, -200.0, 200.0, 1e-10, -1e-7, 0.0, -0.0]),
        "log1p": (torch.log1p, between(-0.9, 20), [-1.0, -2.0, inf, nan, 1e-10, -1e-7, 0.0, 1e30]),
        "log2": (torch.log2, between(0.05, 20), [0.0, 1.0, 8.0, inf, nan, -1.0, 1e-40, 1e30]),
        "log10": (torch.log10, between(0.05, 20), [0.0, 1.0, 1000.0, inf, nan, -1.0, 1e-40, 1e30]),
        "tan": (torch.tan, between(-1.4, 1.4), [0.0, 1.0, 3.0, -4.0, inf, nan, 1e5]),
        "asin": (torch.asin, between(-1, 1), [-1.0, 1.0, 1.5, nan, 1e-10, 0.0]),
        "acos": (torch.acos, between(-1, 1), [-1.0, 1.0, 1.5, nan, 0.9999999, 0.0]),
        "atan": (torch.atan, anything, [-inf, inf, nan, 1e-10, 1e10, 0.0, -1.0]),
        "sinh": (torch.sinh, anything, [-inf, inf, nan, 1e-10, 88.0, -200.0, 0.0]),
        "cosh": (torch.cosh, anything, [-inf, inf, nan, 1e-10, 88.0, -200.0, 0.0]),
        "asinh": (torch.asinh, anything, [-inf, inf, nan, 1e-10, 1e30, -1e-40, 0.0]),
        "acosh": (torch.acosh, between(1, 9), [1.0, 0.5, -2.0, inf, nan, 1.0000001, 1e30]),
        "atanh": (torch.atanh, between(-0.95, 0.95), [-1.0, 1.0, 1.5, nan, 1e-10, 0.0]),
        "trunc": (torch.trunc, anything, [-1.5, 1.5, -0.5, 0.5, 2.0, -2.0, 1e10, inf, nan]),
    }
    for op, (function, make, special) in ops.items():
        tolerance = EXACT if op == "trunc" else ARITHMETIC
        for dtype, shape in SHAPES.items():
            writer.case(op, variant(dtype, shape), function, {"input": make(shape, dtype)}, tolerance)
        writer.case(op, "f32/special", function, {"input": tensor(special)}, tolerance, check=False)
    writer.case("tan", "f32/empty", torch.tan, {"input": normal([3, 0], "f32")}, EXACT)
    for op in ("sin", "cos", "tan"):  # beyond what fits in a quotient
        far = {"input": tensor([1e9, 2e9, 1e12, -1e20, 3e38, 1e38])}
        exact = getattr(torch, op)(far["input"].double()).float()
        writer.case(op, "f32/very-far-from-zero", lambda _: exact, far, ARITHMETIC, check=False)
    for dtype in (*FLOATS, "i8", "i32", "i64", "u8"):
        data = values([17], dtype, -2, 2)
        writer.case("sign", f"{dtype}/17", torch.sign, {"input": data}, EXACT)
    literal("sign", "f32/special", {"input": tensor([nan, inf, -inf, 0.0])}, tensor([nan, 1.0, -1.0, 0.0]))


def binary():
    shapes = {
        "f32": [([7, 33], [7, 33]), ([2, 7, 33], [33]), ([7, 1], [1, 33])],
        "f16": [([7, 17], [7, 17])],
        "bf16": [([5, 17], [5, 1])],
        "i8": [([33], [33])],
        "i32": [([7, 17], [7, 17])],
        "i64": [([17], [3, 1])],
        "u8": [([33], [33])],
    }

    def numpy(function):  # NumPy and PyTorch agree but for quotients of large numbers, which PyTorch computes in float32
        return lambda a, b: torch.from_numpy(np.asarray(function(a.numpy(), b.numpy())))

    for op in ("floor_divide", "remainder"):
        for dtype, pairs in shapes.items():
            for left, right in pairs:
                lhs, rhs = values(left, dtype) * 7, values(right, dtype)
                rhs = rhs.where(rhs.abs() > 0.2, torch.ones_like(rhs)) if dtype != "u8" else rhs + 1
                inputs = {"lhs": lhs, "rhs": rhs}
                if dtype in FLOATS:  # exactly
                    wide = getattr(np, op)(lhs.double().numpy(), rhs.double().numpy())
                    exact = torch.from_numpy(np.asarray(wide)).to(lhs.dtype)
                    writer.case(op, variant(dtype, left, right), lambda *_: exact, inputs, EXACT, check=False)
                else:
                    writer.case(op, variant(dtype, left, right), numpy(getattr(np, op)), inputs, EXACT)
        for dtype in INTS:
            by_zero = {"lhs": tensor([7, 0, 100], dtype), "rhs": tensor([0, 0, 9], dtype)}
            literal(op, f"{dtype}/by-zero", by_zero, tensor([0, 0, 11 if op == "floor_divide" else 1], dtype))
        least = {"lhs": tensor([-128, -128, 127], "i8"), "rhs": tensor([-1, 1, -128], "i8")}
        literal(op, "i8/least", least, tensor([-128, -128, -1] if op == "floor_divide" else [0, 0, -1], "i8"))
        writer.case(op, "f32/empty", getattr(torch, op), {"lhs": normal([0, 5], "f32"), "rhs": normal([1, 5], "f32")}, EXACT)
    lhs = [7.0, -7.0, 7.0, -7.0, 1.0, -1.0, 1.0, inf, nan, 3e38, 3.0, -3.0, 0.0]
    rhs = [2.0, 2.0, -2.0, -2.0, 0.0, 0.0, nan, 2.0, 2.0, 1e-45, inf, inf, 5.0]
    special = {"lhs": tensor(lhs), "rhs": tensor(rhs)}
    literal("floor_divide", "f32/special", special, tensor([3.0, -4.0, -4.0, 3.0, inf, -inf, nan, nan, nan, inf, 0.0, -1.0, 0.0]))
    rest = torch.from_numpy(np.remainder(special["lhs"].numpy(), special["rhs"].numpy()))
    literal("remainder", "f32/special", special, rest)
    lhs, rhs = uniform([33], "f32", -1e30, 1e30), uniform([33], "f32", 1e-20, 1)
    literal("remainder", "f32/far", {"lhs": lhs, "rhs": rhs}, torch.remainder(lhs.double(), rhs.double()).float())

    points = tensor([0.0, -0.0, 0.0, -0.0, 1.0, -1.0, inf, inf, -inf, 1.0, nan]), tensor([1.0, 1.0, -1.0, -0.0, 0.0, 0.0, inf, -inf, 1.0, inf, 1.0])
    for dtype, pairs in shapes.items():
        if dtype not in FLOATS:
            continue
        for left, right in pairs:
            inputs = {"lhs": normal(left, dtype), "rhs": normal(right, dtype)}
            writer.case("atan2", variant(dtype, left, right), torch.atan2, inputs, ARITHMETIC)
            writer.case("copysign", variant(dtype, left, right), torch.copysign, inputs, EXACT)
    for op in ("atan2", "copysign"):
        writer.case(op, "f32/special", getattr(torch, op), dict(zip(("lhs", "rhs"), points)), ARITHMETIC, check=False)
    # The next number of float16 is NumPy's; of bfloat16 the next bits.
    for dtype in ("f32", "f16"):
        lhs, rhs = normal([7, 17], dtype), normal([7, 17], dtype)
        inputs = {"lhs": lhs, "rhs": rhs}
        literal("nextafter", variant(dtype, [7, 17], [7, 17]), inputs, numpy(np.nextafter)(lhs, rhs))
        edge = {"lhs": tensor([0.0, 0.0, 1.0, -1.0, inf, nan, 2.0], dtype), "rhs": tensor([1.0, -1.0, 1.0, 0.0, 0.0, 1.0, nan], dtype)}
        literal("nextafter", f"{dtype}/special", edge, numpy(np.nextafter)(edge["lhs"], edge["rhs"]))
    lhs, rhs = tensor([1.0, -1.0, 0.0, 2.0, 1.0], "bf16"), tensor([2.0, 0.0, -1.0, 2.0, 0.0], "bf16")
    expected = tensor([1.0078125, -0.99609375, -9.183549615799121e-41, 2.0, 0.99609375], "bf16")
    literal("nextafter", "bf16/some", {"lhs": lhs, "rhs": rhs}, expected)
    inputs = {"lhs": tensor([-2.0, -2.0, -1.0, -inf, -inf, 0.0, 2.0]), "rhs": tensor([0.5, inf, -inf, 0.5, -3.0, -1.0, 0.0])}
    writer.case("pow", "f32/special", torch.pow, inputs, ARITHMETIC, check=False)
    inputs = {"lhs": uniform([65], "f32", 0.01, 90), "rhs": uniform([65], "f32", -18, 18)}
    writer.case("pow", "f32/large", torch.pow, inputs, ARITHMETIC)


def bits():
    for op in ("and", "or", "xor"):
        function = getattr(torch, f"bitwise_{op}")
        for dtype in INTS:
            lhs, rhs = integers([3, 17], dtype, -128, 127), integers([17], dtype, -128, 127)
            writer.case(op, f"{dtype}/3x17-17", function, {"lhs": lhs, "rhs": rhs}, EXACT)
    for dtype in INTS:
        writer.case("not", f"{dtype}/17", torch.bitwise_not, {"input": integers([17], dtype, -128, 127)}, EXACT)
        width = {"i8": 8, "i32": 32, "i64": 64, "u8": 8}[dtype]
        by = [0, 1, width - 1, width, 100, 3] + ([] if dtype == "u8" else [-1, -128])
        data = ([5, 255, 77, 200, 255, 128] if dtype == "u8" else [5, -1, 77, -100, 100, -128, -7, 7])[: len(by)]

        def shifted(function):
            low, high = (0, 255) if dtype == "u8" else (-(2 ** (width - 1)), 2 ** (width - 1) - 1)
            wrap = lambda x: (x - low) % 2**width + low
            return tensor([wrap(function(x, s if 0 <= s < width else width)) for x, s in zip(data, by)], dtype)

        inputs = {"lhs": tensor(data, dtype), "rhs": tensor(by, dtype)}
        literal("shift_left", f"{dtype}/amounts", inputs, shifted(lambda x, s: x << s))
        literal("shift_right", f"{dtype}/amounts", inputs, shifted(lambda x, s: x >> s))
    many = {"lhs": integers([5, 33], "i32", -1000, 1000), "rhs": integers([33], "i32", 0, 7)}
    writer.case("shift_left", "i32/5x33-33", torch.bitwise_left_shift, many, EXACT)
    writer.case("shift_right", "i32/5x33-33", torch.bitwise_right_shift, many, EXACT)
