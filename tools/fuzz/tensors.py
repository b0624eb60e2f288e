# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tensors in NumPy. bf16, which NumPy lacks, is float32 whose values are those of bf16."""

import numpy as np

FLOATS = ("f32", "f16", "bf16")
INTS = ("i8", "i32", "i64", "u8")
NUMBERS = FLOATS + INTS
BITS = INTS + ("bool",)
ALL = NUMBERS + ("bool",)
NUMPY = {"f32": np.float32, "f16": np.float16, "bf16": np.float32, "i8": np.int8, "i32": np.int32, "i64": np.int64, "u8": np.uint8, "bool": np.bool_}
WIDTH = {"i8": 8, "u8": 8, "i32": 32, "i64": 64}
# Half of the distance of neighbours near 1, the least number, and the greatest.
UNIT = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8}
LEAST = {"f32": 2.0**-149, "f16": 2.0**-24, "bf16": 2.0**-133}
GREATEST = {"f32": float(np.finfo(np.float32).max), "f16": 65504.0, "bf16": float.fromhex("0x1.fep127")}


def is_float(dtype):
    return dtype in FLOATS


def round_bf16(array):
    """float32 to the nearest bf16, halves to even; NaN stays one."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(array), np.float32(np.nan), rounded.view(np.float32)).reshape(np.shape(array)).astype(np.float32)


def as_dtype(array, dtype):
    """Floats, rounded to a float type; anything else as NumPy does."""
    with np.errstate(over="ignore", invalid="ignore"):
        if dtype == "bf16":
            return round_bf16(np.asarray(array, np.float32))
        return np.asarray(array).astype(NUMPY[dtype])


def to_bits(array, dtype):
    """As it is stored in a .npz: bf16 as its bits."""
    if dtype == "bf16":
        return (np.ascontiguousarray(array, np.float32).view(np.uint32) >> np.uint32(16)).astype(np.uint16).reshape(np.shape(array))
    return np.asarray(array, NUMPY[dtype])


def from_bits(array, dtype):
    if dtype == "bf16":
        return (np.ascontiguousarray(array).astype(np.uint32) << np.uint32(16)).view(np.float32).reshape(array.shape)
    return array.astype(NUMPY[dtype], copy=False)


def wide(array, dtype):
    """Floats as float64, integers as they are."""
    return array.astype(np.float64) if is_float(dtype) else array


def common(a, b):
    """The type that two are brought to, or None: as the library's `promote`."""
    if a == b:
        return a
    size = {"f32": 4, "f16": 2, "bf16": 2, "i8": 1, "i32": 4, "i64": 8, "u8": 1, "bool": 1}
    if size[a] == size[b] or (is_float(a) != is_float(b)) or "bool" in (a, b):
        return None
    return a if size[a] > size[b] else b


def cast(array, source, target):
    with np.errstate(all="ignore"):
        if source == target:
            return array
        if target == "bool":
            return array != 0
        if is_float(source) and target in INTS:
            low, high = -(2 ** (WIDTH[target] - 1)), 2 ** (WIDTH[target] - 1) - 1
            if target == "u8":
                low, high = 0, 255
            whole = np.trunc(np.nan_to_num(array.astype(np.float64), nan=0.0, posinf=1e300, neginf=-1e300))
            inside = np.where((whole > low) & (whole < high), whole, 0).astype(np.int64)
            return np.where(whole >= high, high, np.where(whole <= low, low, inside)).astype(NUMPY[target])
        if is_float(target):
            return as_dtype(array.astype(np.float32) if source not in FLOATS or target == "bf16" else array, target)
        return array.astype(NUMPY[target])
