# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of ops that give elements other places: padding, flipping, looking up, writing, sorting; and of running sums."""

import itertools

import numpy as np
import torch

from writer import DTYPES, EXACT, FLOATS, SUM, inf, integers, nan, normal, tensor, uniform, values, writer


def text_of(shape):
    return "x".join(map(str, shape)) or "scalar"


def pad_and_flip():
    def pad(dtype, shape, low, high, mode="constant"):
        def apply(x, value=None):
            for axis in range(x.ndim):
                index = torch.arange(-low[axis], x.shape[axis] + high[axis])
                last = x.shape[axis] - 1
                if mode == "constant":
                    def some(count):
                        return value.expand(*x.shape[:axis], count, *x.shape[axis + 1 :])

                    x = torch.cat((some(low[axis]), x, some(high[axis])), axis)
                elif mode == "reflect":
                    x = x.index_select(axis, last - (last - index.abs()).abs())
                elif x.numel():
                    x = x.index_select(axis, index.clamp(0, last))
            return x

        inputs = {"input": values(shape, dtype)}
        if mode == "constant":
            inputs["value"] = values([], dtype)
        elif dtype == "f32" and len(shape) == 3:  # as PyTorch has it
            widths = [n for pair in reversed(list(zip(low, high))) for n in pair]
            if not any(widths[4:]):
                theirs = torch.nn.functional.pad(inputs["input"], widths[:4] if widths[2] or widths[3] else widths[:2], mode=mode)
                assert torch.equal(theirs, apply(inputs["input"]))
        attributes = {"low": low, "high": high} | ({} if mode == "constant" else {"mode": mode})
        variant = f"{dtype}/{mode}/{text_of(shape)}-{text_of(low)}-{text_of(high)}"
        writer.case("pad", variant, apply, inputs, EXACT, attributes, check=False)

    pad("f32", [7, 33], [1, 2], [3, 0])
    pad("f32", [5], [0], [17])
    pad("f32", [0, 3], [2, 0], [0, 1])
    pad("f32", [], [], [])
    pad("f16", [3, 17], [0, 1], [0, 0])
    pad("bf16", [2, 3, 5], [1, 0, 1], [0, 2, 1])
    pad("i64", [3, 4], [1, 1], [1, 1])
    pad("u8", [9], [1], [8])
    pad("bool", [3, 3], [1, 0], [0, 2])
    pad("f32", [2, 5, 7], [0, 2, 3], [0, 1, 6], "reflect")
    pad("f32", [2, 5, 7], [0, 0, 4], [0, 0, 1], "reflect")
    pad("bf16", [2, 33], [0, 16], [0, 16], "reflect")
    pad("i32", [3, 4], [2, 3], [2, 3], "reflect")
    pad("f32", [0, 4], [0, 2], [0, 1], "reflect")
    pad("f32", [2, 3, 4], [0, 1, 5], [0, 2, 9], "replicate")
    pad("f16", [1, 7], [2, 0], [3, 9], "replicate")
    pad("i8", [3], [4], [4], "replicate")

    def flip(dtype, shape, axes):
        apply = lambda x: x.flip([a % x.ndim for a in axes] or list(range(x.ndim)))
        variant = f"{dtype}/{text_of(shape)}-axes{'_'.join(map(str, axes))}"
        writer.case("flip", variant, apply, {"input": values(shape, dtype)}, EXACT, {"axes": axes}, check=False)

    flip("f32", [7, 33], [1])
    flip("f32", [7, 33], [0])
    flip("f32", [2, 3, 5], [])
    flip("f32", [2, 3, 5], [0, -1])
    flip("bf16", [65], [0])
    flip("i8", [3, 7], [-2])
    flip("bool", [4, 3], [1])
    flip("f32", [0, 3], [1])


def along_axis():
    def indices_of(shape, size, dtype):
        return integers(shape, dtype, -size, max(size - 1, 0))

    def take(dtype, index, shape, count, axis):
        at = axis % len(shape)
        places = [*shape[:at], count, *shape[at + 1 :]]
        inputs = {"input": values(shape, dtype), "indices": indices_of(places, shape[at], index)}
        apply = lambda x, i: torch.take_along_dim(x, i.long() % max(x.shape[at], 1), at)
        writer.case("take_along_axis", f"{dtype}-{index}/{text_of(shape)}-{count}-axis{axis}", apply, inputs, EXACT, {"axis": axis})

    take("f32", "i64", [7, 33], 5, 1)
    take("f32", "i32", [7, 33], 9, 0)
    take("f32", "i64", [2, 5, 3], 7, -2)
    take("bf16", "i64", [17], 4, 0)
    take("f16", "i32", [3, 9], 9, 1)
    take("i32", "i32", [5, 7], 1, 1)
    take("bool", "i64", [4, 6], 3, 0)
    take("f32", "i64", [3, 5], 0, 1)
    take("u8", "i64", [0, 5], 2, 1)

    def put(op, dtype, index, shape, count, axis, reduction="none", unique=False):
        """`count` is a number for put_along_axis, the shape of indices for scatter."""
        at = axis % len(shape)
        if op == "scatter":
            places, updates = count, [*shape[:at], *count, *shape[at + 1 :]]
        else:
            places = updates = [*shape[:at], count, *shape[at + 1 :]]
        inputs = {"input": values(shape, dtype), "indices": indices_of(places, shape[at], index), "updates": values(updates, dtype)}

        def apply(x, i, u):
            x = x.clone()
            for place in itertools.product(*map(range, u.shape)):  # in row-major order
                where = place[at : at + i.ndim] if op == "scatter" else place
                rest = place[at + i.ndim :] if op == "scatter" else place[at + 1 :]
                into = (*place[:at], int(i[where]), *rest)
                x[into] = x[into] + u[place] if reduction == "add" else u[place]
            return x

        attributes = {"axis": axis} | ({"reduction": "add"} if reduction == "add" else {})
        counted = text_of(count) if op == "scatter" else count
        variant = f"{dtype}-{index}/{reduction}/{text_of(shape)}-{counted}-axis{axis}"
        writer.case(op, variant, apply, inputs, EXACT, attributes, check=False)

    put("scatter", "f32", "i64", [7, 33], [3], 0)
    put("scatter", "f32", "i64", [5, 3], [2, 7], 0, "add")
    put("scatter", "f32", "i32", [2, 9, 3], [4], 1)
    put("scatter", "bf16", "i64", [5, 3], [17], 0, "add")
    put("scatter", "f16", "i64", [3, 5], [], -1)
    put("scatter", "i8", "i64", [9], [33], 0, "add")
    put("scatter", "u8", "i32", [4, 4], [3], -1, "add")
    put("scatter", "bool", "i64", [6, 2], [3], 0)
    put("scatter", "i64", "i64", [3, 4], [0], 0)
    put("scatter", "f32", "i64", [5, 0], [3], 0)
    put("put_along_axis", "f32", "i64", [7, 9], 3, 1)
    put("put_along_axis", "f32", "i32", [3, 5, 2], 9, 1, "add")
    put("put_along_axis", "bf16", "i64", [17], 5, 0)
    put("put_along_axis", "i32", "i64", [4, 3], 6, -2, "add")
    put("put_along_axis", "f32", "i64", [3, 5], 0, 1)


def cumulative():
    def one(op, dtype, shape, axis, data=None):
        if data is None:
            data = uniform(shape, dtype, 0.7, 1.4) if op == "cumprod" and dtype in FLOATS else values(shape, dtype, -2, 2)

        def apply(x):  # floats are joined in float32 and rounded once each
            if not x.is_floating_point():
                return getattr(torch, op)(x, axis, dtype=x.dtype)
            return getattr(torch, op)(x.float() if x.dtype != torch.float64 else x, axis).to(x.dtype)

        writer.case(op, f"{dtype}/{text_of(shape)}-axis{axis}", apply, {"input": data}, SUM, {"axis": axis})

    for op in ("cumsum", "cumprod"):
        one(op, "f32", [7, 33], 1)
        one(op, "f32", [7, 33], 0)
        one(op, "f32", [2, 5, 3], -2)
        one(op, "f16", [3, 17], 1)
        one(op, "bf16", [17, 3], 0)
        one(op, "i32", [5, 9], 1)
        one(op, "i64", [17], 0)
        one(op, "u8", [33], 0)
        one(op, "i8", [33], 0, integers([33], "i8", 1, 7))
        one(op, "f32", [1], 0)
        one(op, "f32", [0, 5], 0)
        one(op, "f32", [3, 0], 0)
    one("cumsum", "bf16", [1025], 0, uniform([1025], "bf16", 0, 1))


def sort():
    def order(x, axis, descending):
        result = torch.sort(x, dim=axis, descending=descending, stable=True)
        return [result.values, result.indices]

    def one(dtype, shape, axis, descending, data=None, note=""):
        data = values(shape, dtype) if data is None else data
        variant = f"{dtype}/{text_of(shape)}-axis{axis}{'-descending' if descending else ''}{note}"
        attributes = {"axis": axis, "descending": descending}
        writer.case("sort", variant, lambda x: order(x, axis, descending), {"input": data}, EXACT, attributes)

    def top(dtype, shape, k, axis, data=None, note=""):
        data = values(shape, dtype) if data is None else data
        apply = lambda x: [v.narrow(axis, 0, k).contiguous() for v in order(x, axis, True)]
        variant = f"{dtype}/{text_of(shape)}-{k}-axis{axis}{note}"
        writer.case("top_k", variant, apply, {"input": data}, EXACT, {"axis": axis, "k": k})

    special = tensor([[1.0, nan, -inf, 0.0, inf, -0.0, nan, -1.0], [0.0, -0.0, 0.0, 5.0, -5.0, 5.0, 1e-40, -1e-40]])
    for descending in (False, True):
        one("f32", [7, 33], 1, descending)
        one("f32", [7, 5], 0, descending)
        one("f32", [2, 9, 3], -2, descending)
        one("f16", [65], 0, descending)
        one("bf16", [3, 17], 1, descending)
        one("i8", [33], 0, descending)
        one("i32", [5, 64], 1, descending)
        one("i64", [17], 0, descending, tensor([2**40 * ((i * 7) % 5 - 2) + i % 2 for i in range(17)], "i64"))
        one("u8", [33], 0, descending, integers([33], "u8", 0, 255))
        one("f32", [2, 8], 1, descending, special, "-special")
        one("f32", [3, 1], 1, descending)
        one("f32", [2, 2], 1, descending)
        one("f32", [0, 5], 1, descending)
        one("f32", [5, 0], 1, descending)
    one("f32", [300], 0, False)
    for dtype in FLOATS:
        top(dtype, [7, 33], 5, 1)
    top("f32", [9, 4], 2, 0)
    top("f32", [2, 9, 3], 9, -2)
    top("i32", [3, 17], 17, 1)
    top("i32", [3], 2, 0, tensor([-(2**31), 2**31 - 1, -(2**31)], "i32"), "-least")
    top("i64", [33], 4, 0)
    top("u8", [33], 3, 0, integers([33], "u8", 0, 255))
    top("i8", [3, 5], 0, 1)
    top("f32", [2, 8], 8, 1, special, "-special")
    top("f32", [2, 130], 70, 1)
    top("f32", [0, 5], 2, 1)

    def least(x, axis, keep):
        i = torch.from_numpy(np.asarray(np.argmin(x.float().numpy() if x.is_floating_point() else x.numpy(), axis=axis), dtype=np.int64))
        return i.unsqueeze(axis) if keep else i

    def argmin(dtype, shape, axis, keep=False, data=None, note=""):
        data = values(shape, dtype) if data is None else data
        variant = f"{dtype}/{text_of(shape)}-axis{axis}{'-keep' if keep else ''}{note}"
        writer.case("argmin", variant, lambda x: least(x, axis, keep), {"input": data}, EXACT, {"axis": axis, "keep_dims": keep})

    for dtype in FLOATS:
        argmin(dtype, [7, 33], 1)
    argmin("f32", [3, 5, 7], 1, True)
    argmin("u8", [3], 0, data=tensor([100, 200, 50], "u8"))
    argmin("i64", [65], 0)
    argmin("f32", [2, 4], 1, data=tensor([[1.0, nan, -inf, nan], [inf, inf, inf, inf]]), note="-special")


def random():
    def philox(key, stream, count):
        """The first words of Philox4x32-10 as the reference implementation of Random123 has them: uint32."""
        blocks = np.arange((count + 3) // 4, dtype=np.uint64)
        low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
        word = lambda x: np.full(len(blocks), x, dtype=np.uint64)
        c = [blocks & low, blocks >> high, word(stream & 0xFFFFFFFF), word(stream >> 32 & 0xFFFFFFFF)]
        k0, k1 = key & 0xFFFFFFFF, key >> 32 & 0xFFFFFFFF
        for _ in range(10):
            p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
            c = [(p1 >> high) ^ c[1] ^ np.uint64(k0), p1 & low, (p0 >> high) ^ c[3] ^ np.uint64(k1), p0 & low]
            k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
        return np.stack(c, axis=1).astype(np.uint32).reshape(-1)[:count]

    # Random123's known answer for zeros (kat_vectors).
    assert philox(0, 0, 4).tolist() == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]

    def one(distribution, dtype, shape, key, stream):
        count = int(np.prod(shape))
        words = philox(key, stream, count + 1)  # a pair has two
        if distribution == "bits":
            data = words[:count].view(np.int32)
        elif distribution == "uniform":
            bits = {"f32": 24, "f16": 11, "bf16": 8}[dtype]
            data = (words[:count] >> np.uint32(32 - bits)).astype(np.float64) * 2.0**-bits
        else:
            words = philox(key, stream, count + count % 2) >> np.uint32(8)
            a, b = words[0::2].astype(np.float64) * 2.0**-24 + 2.0**-24, words[1::2].astype(np.float64) * 2.0**-24
            radius = np.sqrt(-2 * np.log(a))
            data = np.stack((radius * np.cos(2 * np.pi * b), radius * np.sin(2 * np.pi * b)), axis=1).reshape(-1)[:count]
        data = torch.from_numpy(data.copy()).to(DTYPES[dtype]).reshape(shape)
        inputs = {"key": tensor(key, "i64"), "stream": tensor(stream, "i64")}
        attributes = {"shape": shape, "dtype": dtype, "distribution": distribution}
        tolerance = SUM | {"f16": (2e-3, 1e-3), "bf16": (1.6e-2, 1e-3)} if distribution == "normal" else EXACT
        variant = f"{distribution}/{dtype}/{text_of(shape)}-{key % 1000}-{stream % 1000}"
        writer.case("random", variant, lambda *_: data, inputs, tolerance, attributes, check=False)

    one("bits", "i32", [7, 9], 0, 0)
    one("bits", "i32", [33], -1, 2**40 + 5)
    one("bits", "i32", [], 42, 1)
    one("bits", "i32", [0, 3], 42, 1)
    for dtype in FLOATS:
        one("uniform", dtype, [3, 17], 1234567890123456789, 3)
        one("normal", dtype, [5, 13], -77, 4)
    one("uniform", "f32", [2, 3, 5], 1, 0)
    one("normal", "f32", [1025], 2024, -1)
