# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The elementwise ops in NumPy, each with how far from it a result may be."""

import math

import numpy as np
from tensors import FLOATS, INTS, LEAST, NUMPY, UNIT, WIDTH, as_dtype, cast, common, is_float, wide

# Computed in float64 from the operand. Each is (function, ULPs of f32 that Varve may be off).
_erf = np.vectorize(math.erf, otypes=[np.float64])


def _sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


FUNCTIONS = {
    "exp": (np.exp, 2.5),
    "exp2": (np.exp2, 1.1),
    "expm1": (np.expm1, 1.1),
    "log": (np.log, 1.1),
    "log1p": (np.log1p, 1.1),
    "log2": (np.log2, 1.1),
    "log10": (np.log10, 1.1),
    "rsqrt": (lambda x: 1 / np.sqrt(x), 3),
    "sin": (np.sin, 1.1),
    "cos": (np.cos, 1.1),
    "tan": (np.tan, 1.1),
    "asin": (np.arcsin, 1.1),
    "acos": (np.arccos, 1.1),
    "atan": (np.arctan, 1.1),
    "sinh": (np.sinh, 1.1),
    "cosh": (np.cosh, 1.1),
    "tanh": (np.tanh, 1.1),
    "asinh": (np.arcsinh, 1.1),
    "acosh": (np.arccosh, 1.1),
    "atanh": (np.arctanh, 1.1),
    "erf": (_erf, 9),
    "sigmoid": (_sigmoid, 8),
}
# Exact in float32, and rounded once: the same bits.
EXACT = {
    "neg": np.negative,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.rint,
    "trunc": np.trunc,
    "sign": np.sign,
    "relu": lambda x: np.maximum(x, x.dtype.type(0)),
    "not": np.invert,
}
UNARY = {**{op: FLOATS for op in FUNCTIONS}, "silu": FLOATS, "gelu": FLOATS, "sqrt": FLOATS, "floor": FLOATS, "ceil": FLOATS, "round": FLOATS, "trunc": FLOATS,
         "neg": FLOATS + INTS, "abs": FLOATS + INTS, "relu": FLOATS + INTS, "sign": FLOATS + INTS, "not": INTS + ("bool",)}  # fmt: skip
BINARY = {**{op: FLOATS + INTS for op in ("add", "sub", "mul", "div", "floor_divide", "remainder", "maximum", "minimum")},
          **{op: FLOATS for op in ("pow", "atan2", "copysign", "nextafter")}, **{op: INTS + ("bool",) for op in ("and", "or", "xor")},
          "shift_left": INTS, "shift_right": INTS}  # fmt: skip
# Whose result is the same in NumPy, bit for bit, on floats too.
SAME = {"neg", "abs", "sqrt", "floor", "ceil", "round", "trunc", "sign", "relu", "not", "add", "sub", "mul", "div", "maximum", "minimum", "and", "or", "xor",
        "shift_left", "shift_right", "copysign", "nextafter", "compare", "select"}  # fmt: skip


def unary(op, attributes, dtype, x):
    """The result, and how far from it one may be: None if not at all."""
    if op in EXACT:
        return as_dtype(EXACT[op](x), dtype) if is_float(dtype) else EXACT[op](x).astype(NUMPY[dtype]), None
    x = wide(x, dtype)
    unit = UNIT["f32"]
    if op == "silu":
        result = np.where(np.isneginf(x), np.nan, x * _sigmoid(x))
        # Where exp(-x) overflows in float32 the quotient is -0, or NaN of infinities.
        return result, 10 * unit * np.abs(result) + 1e-36 * np.abs(x)
    if op == "gelu":
        inner = _erf(x / math.sqrt(2)) if attributes["approximate"] == "none" else np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
        # 1 + erf(x) loses what is near -1.
        return x * 0.5 * (1 + inner), 16 * unit * np.abs(x)
    function, ulps = FUNCTIONS[op]
    result = function(x)
    return result, ulps * 2 * unit * np.abs(result) + 2 * LEAST["f32"] + (1.2e-38 if op in ("sigmoid", "rsqrt", "exp", "erf") else 0)


def _exact_float(function):
    def apply(dtype, a, b):
        return as_dtype(function(a.astype(np.float32), b.astype(np.float32)), dtype), None

    return apply


def _shift(left):
    def apply(dtype, a, b):
        width = WIDTH[dtype]
        inside = (b >= 0) & (b < width) if dtype != "u8" else b < width
        by = np.where(inside, b, 0).astype(a.dtype)
        if left:
            return np.where(inside, np.left_shift(a, by), 0).astype(a.dtype), None
        return np.where(inside, np.right_shift(a, by), np.where(a < 0, -1, 0)).astype(a.dtype), None

    return apply


def _nextafter(dtype, a, b):
    if dtype != "bf16":
        return np.nextafter(a, b), None
    up = np.broadcast_arrays(a, b)
    a, b = up[0].astype(np.float32), up[1].astype(np.float32)
    bits = (a.view(np.uint32) >> np.uint32(16)).astype(np.int64)
    away = ((b > a) & (a > 0)) | ((b < a) & (a < 0))
    moved = np.where(away, bits + 1, bits - 1)
    moved = np.where(a == 0, np.where(b > 0, 1, 0x8001), moved)
    result = (moved.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return np.where(np.isnan(a) | np.isnan(b), np.float32(np.nan), np.where(a == b, b, result)), None


def _floor_divide(dtype, a, b):
    if not is_float(dtype):
        return np.where(b == 0, 0, np.floor_divide(a, np.where(b == 0, 1, b))).astype(a.dtype), None
    result = np.floor_divide(wide(a, dtype), wide(b, dtype))
    return result, np.where(np.abs(result) < 2**20, 0, 4 * UNIT["f32"] * np.abs(result))


def _remainder(dtype, a, b):
    if not is_float(dtype):
        return np.where(b == 0, 0, np.remainder(a, np.where(b == 0, 1, b))).astype(a.dtype), None
    result = np.remainder(wide(a, dtype), wide(b, dtype))
    return result, 2 * UNIT["f32"] * np.abs(result)


def _div(dtype, a, b):
    if is_float(dtype):
        return _exact_float(np.divide)(dtype, a, b)
    return _floor_divide(dtype, a, b)


def _wide(function, ulps):
    def apply(dtype, a, b):
        result = function(wide(a, dtype), wide(b, dtype))
        return result, ulps * 2 * UNIT["f32"] * np.abs(result) + 2 * LEAST["f32"]

    return apply


def _arithmetic(function):
    floats = _exact_float(function)
    return lambda dtype, a, b: floats(dtype, a, b) if is_float(dtype) else (function(a, b).astype(a.dtype), None)


_BINARY = {
    "add": _arithmetic(np.add),
    "sub": _arithmetic(np.subtract),
    "mul": _arithmetic(np.multiply),
    "maximum": _arithmetic(np.maximum),
    "minimum": _arithmetic(np.minimum),
    "div": _div,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "pow": _wide(np.power, 1.1),
    "atan2": _wide(np.arctan2, 1.1),
    "copysign": lambda dtype, a, b: (np.copysign(a, b), None),
    "nextafter": _nextafter,
    "and": lambda dtype, a, b: (a & b, None),
    "or": lambda dtype, a, b: (a | b, None),
    "xor": lambda dtype, a, b: (a ^ b, None),
    "shift_left": _shift(True),
    "shift_right": _shift(False),
}
COMPARE = {"eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}


def promoted(a, b):
    dtype = common(a[0], b[0])
    return dtype, cast(a[1], a[0], dtype), cast(b[1], b[0], dtype)


def elementwise(op, attributes, args):
    """The result's dtype, the result and its tolerance; None for another op."""
    if op in UNARY:
        dtype, x = args[0]
        return dtype, *unary(op, attributes, dtype, x)
    if op in BINARY:
        dtype, a, b = promoted(*args)
        return dtype, *_BINARY[op](dtype, a, b)
    if op == "compare":
        dtype, a, b = promoted(*args)
        return "bool", COMPARE[attributes["predicate"]](a, b), None
    if op == "select":
        dtype, a, b = promoted(*args[1:])
        return dtype, np.where(args[0][1], a, b).astype(NUMPY[dtype]), None
    if op == "cast":
        (source, x), target = args[0], attributes["dtype"]
        result = cast(x, source, target)
        # Large integers are rounded to f32 and then to 16 bits.
        twice = source in ("i32", "i64") and target in ("f16", "bf16")
        return target, result, 2 * UNIT[target] * np.abs(result.astype(np.float64)) if twice else None
    return None
