# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ops that look elements up, write, order or move them, in NumPy: exact. And random numbers."""

import numpy as np
from tensors import INTS, NUMPY, UNIT, as_dtype, cast, common, is_float


def spatial(index, axis, rank):
    """An index array for one axis of many."""
    return index.reshape([-1 if a == axis else 1 for a in range(rank)])


def _added(current, update, dtype):
    if dtype == "bool":
        return update
    return as_dtype(current.astype(np.float32) + update.astype(np.float32), dtype) if is_float(dtype) else (current + update).astype(current.dtype)


def scatter(x, indices, updates, axis, reduction, dtype):
    result = x.copy()
    size, before = x.shape[axis], (slice(None),) * axis
    flat = updates.reshape(x.shape[:axis] + (-1,) + x.shape[axis + 1 :]) if updates.size else updates
    if updates.size:
        for n, i in enumerate(indices.reshape(-1)):
            into = before + (int(i) % size,)
            update = flat[before + (n,)]
            result[into] = _added(result[into], update, dtype) if reduction == "add" else update
    return result


def put_along_axis(x, indices, updates, axis, reduction, dtype):
    result = x.copy()
    if updates.size:
        for j in range(indices.shape[axis]):
            at = (slice(None),) * axis + (slice(j, j + 1),)
            where, update = indices[at].astype(np.int64) % x.shape[axis], updates[at]
            if reduction == "add":
                update = _added(np.take_along_axis(result, where, axis), update, dtype)
            np.put_along_axis(result, where, update, axis)
    return result


def order(x, axis, descending):
    """Stable; NaN is greatest."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(np.argsort(np.flip(x, axis), axis=axis, kind="stable"), axis)


def pad(x, low, high, mode, value):
    for axis in range(x.ndim):
        if not (low[axis] or high[axis]):
            continue
        size = x.shape[axis]
        index = np.arange(-low[axis], size + high[axis])
        if mode == "constant":
            shape = lambda count: x.shape[:axis] + (count,) + x.shape[axis + 1 :]
            x = np.concatenate((np.full(shape(low[axis]), value, x.dtype), x, np.full(shape(high[axis]), value, x.dtype)), axis)
        elif x.size:
            index = size - 1 - np.abs(size - 1 - np.abs(index)) if mode == "reflect" else index.clip(0, size - 1)
            x = np.take(x, index, axis)
        else:
            x = np.zeros(x.shape[:axis] + (len(index),) + x.shape[axis + 1 :], x.dtype)
    return x


def philox(key, stream, count):
    """The first words of Philox4x32-10."""
    key, stream = int(key) % 2**64, int(stream) % 2**64
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
    word = lambda x: np.full(len(blocks), x, dtype=np.uint64)
    c = [blocks & low, blocks >> high, word(stream & 0xFFFFFFFF), word(stream >> 32)]
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> high) ^ c[1] ^ np.uint64(k0), p1 & low, (p0 >> high) ^ c[3] ^ np.uint64(k1), p0 & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(c, axis=1).astype(np.uint32).reshape(-1)[:count]


def random(distribution, dtype, shape, key, stream):
    count = int(np.prod(shape))
    if distribution == "bits":
        return philox(key, stream, count).view(np.int32).reshape(shape), None
    if distribution == "uniform":
        bits = {"f32": 24, "f16": 11, "bf16": 8}[dtype]
        return as_dtype((philox(key, stream, count) >> np.uint32(32 - bits)).astype(np.float64) * 2.0**-bits, dtype).reshape(shape), None
    words = philox(key, stream, count + count % 2) >> np.uint32(8)
    a, b = words[0::2].astype(np.float64) * 2.0**-24 + 2.0**-24, words[1::2].astype(np.float64) * 2.0**-24
    radius = np.sqrt(-2 * np.log(a))
    data = np.stack((radius * np.cos(2 * np.pi * b), radius * np.sin(2 * np.pi * b)), axis=1).reshape(-1)[:count].reshape(shape)
    # The angle is rounded to float32.
    return data, 40 * UNIT["f32"] * np.maximum(np.abs(data), 1)


def _unpacked(op, a, args):
    x = args[0][1] if args else None
    dtype = args[0][0] if args else None
    rank = x.ndim if args else 0
    axis = a["axis"] % max(rank, 1) if "axis" in a and rank else 0
    if op == "gather":
        index = args[1][1].astype(np.int64)
        return [(dtype, np.take(x, index % max(x.shape[axis], 1), axis) if x.shape[axis] else np.zeros(x.shape[:axis] + index.shape + x.shape[axis + 1 :], x.dtype))]
    if op == "take_along_axis":
        index = args[1][1].astype(np.int64) % max(x.shape[axis], 1)
        return [(dtype, np.take_along_axis(x, index, axis) if index.size else np.zeros(index.shape, x.dtype))]
    if op in ("scatter", "put_along_axis"):
        dtype = common(dtype, args[2][0])
        x, updates = cast(x, args[0][0], dtype), cast(args[2][1], args[2][0], dtype)
        function = scatter if op == "scatter" else put_along_axis
        return [(dtype, function(x, args[1][1], updates, axis, a["reduction"], dtype))]
    if op == "sort":
        where = order(x, axis, a["descending"])
        return [(dtype, np.take_along_axis(x, where, axis)), ("i64", where.astype(np.int64))]
    if op == "top_k":
        where = np.take(order(x, axis, True), np.arange(a["k"]), axis)
        return [(dtype, np.take_along_axis(x, where, axis)), ("i64", where.astype(np.int64))]
    if op in ("argmax", "argmin"):
        where = getattr(np, op)(x, axis=axis).astype(np.int64)
        return [("i64", np.expand_dims(where, axis) if a["keep_dims"] else where)]
    if op == "iota":
        shape = a["shape"]
        values = spatial(np.arange(shape[a["axis"] % len(shape)]), a["axis"] % len(shape), len(shape))
        return [(a["dtype"], np.broadcast_to(as_dtype(values, a["dtype"]), shape).copy())]
    if op == "reshape":
        return [(dtype, x.reshape(a["shape"]))]
    if op == "transpose":
        return [(dtype, x.transpose(a["permutation"]))]
    if op == "broadcast":
        return [(dtype, np.broadcast_to(x, a["shape"]).copy())]
    if op == "slice":
        sizes = lambda v, n: v + n if v < 0 else v
        parts = [slice(sizes(b, n), n if e is None else sizes(e, n), s) for (b, e, s), n in zip(a["ranges"], x.shape)]
        return [(dtype, x[tuple(parts)])]
    if op == "concat":
        return [(dtype, np.concatenate([arg[1] for arg in args], axis))]
    if op == "split":
        return [(dtype, piece) for piece in np.split(x, np.cumsum(a["sizes"])[:-1], axis)]
    if op == "pad":
        return [(dtype, pad(x, a["low"], a["high"], a["mode"], args[1][1] if len(args) > 1 else None))]
    if op == "flip":
        axes = [axis % rank for axis in a["axes"]] or list(range(rank))
        return [(dtype, np.flip(x, axes) if axes else x)]
    if op in ("identity", "rebind", "dequantize"):
        return [(dtype, x)]
    if op == "dim":
        return [("i64", np.array(a["value"], np.int64))]
    if op == "constant":
        data = np.array([float(v) if is_float(a["dtype"]) else v for v in a["data"]])
        return [(a["dtype"], as_dtype(data, a["dtype"]).reshape(a["shape"]))]
    return None


OPS = ("gather take_along_axis scatter put_along_axis sort top_k argmax argmin iota reshape transpose broadcast slice concat split pad flip identity "
       "rebind dequantize dim constant").split()  # fmt: skip


def places(op, attributes, args):
    """The results, each its dtype and its elements; None for another op."""
    return _unpacked(op, attributes, args) if op in OPS else None


assert philox(0, 0, 4).tolist() == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]  # Random123's known answer for zeros
