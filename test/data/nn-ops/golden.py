#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes cases.json and cases.bin: small inputs of convolutions, pooling, norms over channels, resampling, grouped products and
scans, and what PyTorch makes of them. The format is that of ../ops/README.md, and so is most of the script.

    pip install torch numpy
    python3 golden.py
"""

import sys
import zlib
from pathlib import Path

import torch
import torch.nn.functional as F

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "ops"))
import golden as base  # noqa: E402
import writer as output  # noqa: E402
from golden import ATTENTION, DTYPES, EXACT, FLOATS, FUNCTION, SUM, integers, nan, normal, tensor, uniform, writer  # noqa: E402

output.FOLDER = FOLDER
x = "x".join


def text(shape):
    return x(map(str, shape))


def pads(rank, padding, end=None):
    """As `F.pad` takes it: the last axis first."""
    begin = padding or [0] * rank
    end = end or begin
    return [v for a in range(rank - 1, -1, -1) for v in (begin[a], end[a])]


def conv():
    functions = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}

    def one(note, dtype, shape, out, kernel, strides=None, padding=None, end=None, dilations=None, groups=1, bias=True):
        rank = len(kernel)
        weight = normal([out, shape[1] // groups, *kernel], dtype, 0.5)
        inputs = {"input": normal(shape, dtype), "weight": weight}
        if bias:
            inputs["bias"] = normal([out], dtype)
        attributes = {}
        if strides:
            attributes["strides"] = strides
        if padding:
            attributes["padding_begin"] = padding
        if padding or end:
            attributes["padding_end"] = end or padding
        if dilations:
            attributes["dilations"] = dilations
        if groups != 1:
            attributes["groups"] = groups

        def apply(data, weight, bias=None):
            data = F.pad(data, pads(rank, padding, end))
            return functions[rank](data, weight, bias, strides or 1, 0, dilations or 1, groups)

        writer.case("conv", f"{dtype}/{rank}d/{note}", apply, inputs, SUM, attributes)

    for dtype in FLOATS:
        one("plain", dtype, [2, 3, 17], 5, [4], bias=False)
        one("same", dtype, [2, 3, 7, 9], 5, [3, 3], padding=[1, 1])
        one("strided", dtype, [2, 4, 11, 13], 5, [3, 3], [2, 2], [1, 1])
        one("grouped", dtype, [2, 4, 7, 9], 6, [3, 3], groups=2, padding=[1, 1])
        one("plain", dtype, [2, 3, 5, 6, 7], 4, [3, 2, 3])
    one("strided", "f32", [2, 3, 17], 5, [3], [2], [1])
    one("dilated", "f32", [3, 2, 19], 4, [3], [3], [2], dilations=[4])
    one("depthwise", "f32", [2, 5, 17], 5, [4], padding=[3], end=[0], groups=5)
    one("point", "f32", [2, 7, 33], 5, [1])
    one("point-strided", "f32", [2, 7, 33], 5, [1], [3])
    one("whole", "f32", [2, 3, 5], 4, [5])
    one("long", "f32", [1, 3, 130], 2, [9], padding=[4])
    one("long-strided", "f32", [1, 3, 131], 2, [10], [5], [2])
    one("point", "f32", [2, 7, 5, 9], 4, [1, 1])
    one("point-strided", "f32", [2, 7, 9, 11], 4, [1, 1], [2, 2], bias=False)
    one("point-padded", "f32", [2, 3, 5, 7], 4, [1, 1], padding=[1, 2])
    one("row", "f32", [2, 3, 7, 11], 4, [1, 3], padding=[0, 1])
    one("column", "f32", [2, 3, 7, 11], 4, [3, 1], padding=[1, 0])
    one("strided-one-axis", "f32", [2, 3, 7, 11], 4, [3, 3], [1, 2], [1, 1])
    one("strided-other-axis", "f32", [2, 3, 9, 11], 4, [3, 2], [3, 1], [1, 0])
    one("stride-over-kernel", "f32", [2, 3, 13, 17], 4, [2, 2], [4, 5])
    one("dilated", "f32", [2, 3, 11, 13], 4, [3, 3], padding=[2, 2], dilations=[2, 2])
    one("dilated-strided", "f32", [2, 3, 13, 17], 4, [3, 2], [2, 3], [2, 1], dilations=[2, 3])
    one("uneven-padding", "f32", [2, 3, 7, 9], 4, [3, 3], padding=[2, 0], end=[1, 3])
    one("depthwise", "f32", [2, 8, 9, 11], 8, [3, 3], [2, 2], [1, 1], groups=8)
    one("depthwise-twice", "f32", [1, 3, 7, 9], 6, [3, 3], groups=3)
    one("whole", "f32", [2, 3, 5, 7], 4, [5, 7])
    one("single", "f32", [1, 1, 1, 1], 1, [1, 1])
    one("rest", "f32", [2, 3, 8, 10], 4, [3, 3], [2, 2])  # of which the last row and column are not read
    one("patches", "f32", [1, 3, 16, 24], 10, [8, 8], [8, 8])
    one("wide", "f32", [1, 2, 5, 67], 3, [3, 3], padding=[1, 1])
    one("stem", "bf16", [1, 3, 17, 19], 8, [7, 7], [2, 2], [3, 3], bias=False)
    one("empty-batch", "f32", [0, 3, 7, 9], 4, [3, 3])
    one("strided", "f32", [1, 3, 7, 6, 9], 4, [3, 3, 3], [2, 2, 2], [1, 1, 1])
    one("point", "f32", [2, 3, 4, 5, 6], 4, [1, 1, 1])
    one("grouped-dilated", "f32", [1, 4, 7, 6, 5], 4, [2, 2, 2], dilations=[2, 1, 3], groups=2)


def conv_transpose():
    functions = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}

    def one(note, dtype, shape, out, kernel, strides=None, padding=None, end=None, extra=None, dilations=None, groups=1, bias=True):
        rank = len(kernel)
        weight = normal([shape[1], out // groups, *kernel], dtype, 0.5)
        inputs = {"input": normal(shape, dtype), "weight": weight}
        if bias:
            inputs["bias"] = normal([out], dtype)
        attributes = {}
        for name, value in (
            ("strides", strides),
            ("padding_begin", padding),
            ("padding_end", end or padding),
            ("output_padding", extra),
            ("dilations", dilations),
        ):
            if value:
                attributes[name] = value
        if groups != 1:
            attributes["groups"] = groups

        def apply(data, weight, bias=None):
            most = [max(b, e) for b, e in zip(padding or [0] * rank, end or padding or [0] * rank)]
            # PyTorch's own in f16 and bf16 rounds on the way.
            dtype, data, weight, bias = data.dtype, *(None if v is None else v.to(torch.promote_types(v.dtype, torch.float32)) for v in (data, weight, bias))
            # What is padded unevenly is cut from a result without padding.
            even = not end
            result = functions[rank](data, weight, bias, strides or 1, most if even else 0, extra or 0, groups, dilations or 1)
            if not even:
                for axis in range(rank):
                    size = result.shape[axis + 2]
                    result = result.narrow(axis + 2, padding[axis], size - padding[axis] - end[axis])
            return result.contiguous().to(dtype)

        writer.case("conv_transpose", f"{dtype}/{rank}d/{note}", apply, inputs, SUM, attributes)

    for dtype in FLOATS:
        one("plain", dtype, [2, 3, 7, 9], 5, [3, 3])
        one("strided", dtype, [2, 4, 5, 7], 6, [3, 3], [2, 2], [1, 1], extra=[1, 1])
        one("strided", dtype, [2, 3, 13], 5, [4], [2], [1], bias=False)
    one("plain", "f32", [2, 3, 13], 5, [3])
    one("dilated", "f32", [2, 3, 13], 5, [3], [1], [2], dilations=[4])
    one("dilated-strided", "f32", [2, 3, 13], 5, [3], [2], [2], dilations=[3], extra=[2])
    one("stride-over-kernel", "f32", [2, 3, 7], 5, [2], [5])
    one("deeply-cut", "f32", [2, 3, 13], 5, [2], [3], [6])
    one("grouped", "f32", [2, 4, 13], 6, [5], [3], [2], groups=2)
    one("point", "f32", [2, 3, 5, 7], 4, [1, 1])
    one("side-by-side", "f32", [1, 3, 5, 7], 4, [2, 2], [2, 2])
    one("strides-differ", "f32", [2, 3, 5, 7], 4, [3, 4], [1, 3], [1, 0])
    one("uneven-padding", "f32", [2, 3, 5, 7], 4, [3, 3], [2, 1], [0, 1], end=[2, 0])
    one("depthwise", "f32", [2, 5, 7, 9], 5, [4, 4], [2, 2], [1, 1], groups=5)
    one("dilated", "f32", [2, 3, 5, 7], 4, [3, 2], [2, 1], [2, 1], dilations=[2, 3])
    one("single", "f32", [1, 1, 1, 1], 1, [1, 1])
    one("empty-batch", "f32", [0, 3, 5, 7], 4, [3, 3], [2, 2])
    one("strided", "f32", [1, 3, 4, 5, 3], 2, [3, 2, 3], [2, 2, 1], [1, 0, 1], extra=[1, 0, 0])


def pool():
    most = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
    mean = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}

    def attributes_of(kernel, strides, padding, ceil):
        attributes = {"kernel": kernel}
        if strides:
            attributes["strides"] = strides
        if padding:
            attributes |= {"padding_begin": padding, "padding_end": padding}
        return attributes | ({"ceil_mode": True} if ceil else {})

    def maximum(note, dtype, data, kernel, strides=None, padding=None, dilations=None, ceil=False):
        data = normal(data, dtype) if isinstance(data, list) else data
        attributes = attributes_of(kernel, strides, padding, ceil) | ({"dilations": dilations} if dilations else {})
        apply = lambda v: most[len(kernel)](v, kernel, strides or 1, padding or 0, dilations or 1, ceil)
        writer.case("max_pool", f"{dtype}/{len(kernel)}d/{note}", apply, {"input": data}, EXACT, attributes)

    def average(note, dtype, data, kernel, strides=None, padding=None, ceil=False, include=True, divisor=None):
        attributes = attributes_of(kernel, strides, padding, ceil) | ({"count_include_pad": True} if include else {})
        attributes |= {"divisor_override": divisor} if divisor else {}
        more = [divisor] if divisor else []
        apply = lambda v: mean[len(kernel)](v, kernel, strides or 1, padding or 0, ceil, include, *more)
        writer.case("avg_pool", f"{dtype}/{len(kernel)}d/{note}", apply, {"input": normal(data, dtype)}, SUM, attributes)

    for each in (maximum, average):
        for dtype in FLOATS:
            each("stem", dtype, [2, 3, 11, 13], [3, 3], [2, 2], [1, 1])
            each("side-by-side", dtype, [2, 5, 9, 7], [2, 3], [2, 3])
            each("plain", dtype, [2, 5, 17], [4])
        each("strided", "f32", [2, 5, 17], [3], [2], [1])
        each("long", "f32", [1, 3, 130], [5], [1], [2])
        each("stride-over-kernel", "f32", [2, 3, 17, 19], [2, 2], [3, 5])
        each("ceil", "f32", [2, 3, 7, 10], [3, 3], [2, 2], ceil=True)
        each("ceil-padded", "f32", [2, 3, 8, 11], [3, 2], [2, 3], [1, 1], ceil=True)
        each("ceil-in-padding", "f32", [2, 3, 5, 9], [2, 2], [2, 4], [1, 1], ceil=True)  # the last window would begin there
        each("ceil-point", "f32", [2, 3, 7], [1], [3], ceil=True)
        each("whole", "f32", [2, 3, 5, 7], [5, 7])
        each("single", "f32", [1, 1, 1, 1], [1, 1])
        each("empty-batch", "f32", [0, 3, 7, 9], [3, 3])
        each("strided", "f32", [2, 3, 7, 5, 9], [3, 2, 3], [2, 1, 2], [1, 1, 1])
        each("ceil", "f32", [1, 3, 6, 5, 8], [3, 2, 3], [2, 2, 2], ceil=True)
    maximum("dilated", "f32", [2, 3, 11, 13], [3, 2], [2, 1], [1, 1], [2, 3])
    special = tensor([[[nan, 1, 2, float("-inf"), float("-inf"), float("inf"), 0]]])
    maximum("special", "f32", special, [2])
    average("without-padding", "f32", [2, 3, 7, 9], [3, 3], [2, 2], [1, 1], include=False)
    average("without-padding-ceil", "f32", [2, 3, 8, 10], [3, 3], [2, 2], [1, 1], ceil=True, include=False)
    average("without-padding", "bf16", [2, 3, 17], [4], [3], [2], include=False)
    average("divisor", "f32", [2, 3, 7, 9], [3, 2], [2, 2], [1, 1], divisor=5)
    average("divisor", "f32", [2, 3, 6, 5, 8], [3, 2, 3], [2, 2, 2], ceil=True, include=False, divisor=-7)


def adaptive_pool():
    functions = {
        "adaptive_max_pool": (EXACT, {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}),
        "adaptive_avg_pool": (SUM, {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}),
    }
    for op, (tolerance, by_rank) in functions.items():

        def one(dtype, shape, size):
            apply = lambda v: by_rank[len(size)](v, size)
            inputs = {"input": normal(shape, dtype)}
            writer.case(op, f"{dtype}/{text(shape)}-{text(size)}", apply, inputs, tolerance, {"size": size})

        for dtype in FLOATS:
            one(dtype, [2, 3, 7, 9], [1, 1])
            one(dtype, [2, 3, 11, 13], [4, 5])
        one("f32", [2, 3, 17], [1])
        one("f32", [2, 3, 17], [5])
        one("f32", [2, 3, 3], [7])  # windows that are used again
        one("f32", [2, 3, 12, 15], [4, 5])
        one("f32", [2, 3, 5, 7], [5, 7])
        one("f32", [1, 2, 5, 7, 4], [3, 2, 4])
        one("f32", [1, 2, 5, 7, 9], [1, 1, 1])
        one("f32", [0, 2, 5, 7], [3, 2])


def norms():
    loose = {d: (max(r, 2e-5), max(a, 2e-5)) for d, (r, a) in SUM.items()}

    def group(note, dtype, shape, groups, count=2, epsilon=1e-5, offset=0.0):
        channels = shape[1]
        inputs = {"input": normal(shape, dtype, 2.0) + offset}
        inputs |= dict(list({"weight": normal([channels], dtype, 0.2) + 1, "bias": normal([channels], dtype)}.items())[:count])
        apply = lambda v, w=None, b=None: F.group_norm(v, groups, w, b, epsilon)
        variant = f"{dtype}/{text(shape)}-{groups}{note}"
        writer.case("group_norm", variant, apply, inputs, loose, {"groups": groups, "epsilon": epsilon})

    for dtype in FLOATS:
        group("", dtype, [2, 6, 5, 7], 3, offset=0.5)
        group("", dtype, [3, 4, 17], 1)
    group("", "f32", [2, 6, 5, 7], 6)  # an instance norm
    group("-plain", "f32", [2, 6, 5, 7], 6, count=0)
    group("-no-bias", "f32", [2, 6, 33], 2, count=1)
    group("", "f32", [5, 8], 4)
    group("", "f32", [2, 4, 3, 5, 6], 2)
    group("-large-mean", "f32", [2, 4, 9], 2, offset=50.0)
    group("-empty", "f32", [0, 4, 9], 2)

    def batch(note, dtype, shape, count=2, epsilon=1e-5):
        channels = shape[1]
        inputs = {"input": normal(shape, dtype, 2.0), "mean": normal([channels], dtype)}
        inputs["variance"] = uniform([channels], dtype, 0.2, 2)
        inputs |= dict(list({"weight": normal([channels], dtype, 0.2) + 1, "bias": normal([channels], dtype)}.items())[:count])
        apply = lambda v, m, s, w=None, b=None: F.batch_norm(v, m, s, w, b, False, 0.0, epsilon)
        writer.case("batch_norm", f"{dtype}/{text(shape)}{note}", apply, inputs, loose, {"epsilon": epsilon})

    for dtype in FLOATS:
        batch("", dtype, [2, 6, 5, 7])
        batch("", dtype, [7, 33])
    batch("-plain", "f32", [2, 6, 17], count=0)
    batch("-no-bias", "f32", [2, 6, 17], count=1)
    batch("", "f32", [2, 3, 4, 5, 6], epsilon=1e-3)
    batch("-empty", "f32", [0, 4, 9])


def resize():
    near = {"f32": (1e-5, 1e-5), "f16": (2e-3, 1e-3), "bf16": (1e-2, 8e-3)}
    modes = {"linear": {1: "linear", 2: "bilinear", 3: "trilinear"}, "cubic": {2: "bicubic"}}

    def one(mode, dtype, shape, sizes=None, scales=None, align=False, antialias=False):
        rank = len(shape) - 2
        theirs = mode.replace("_", "-") if mode.startswith("nearest") else modes[mode][rank]
        options = {"align_corners": align} if theirs in ("linear", "bilinear", "trilinear", "bicubic") else {}
        options |= {"antialias": True} if antialias else {}
        apply = lambda v: F.interpolate(v, size=sizes, scale_factor=scales, mode=theirs, **options)
        attributes = {"mode": mode} | ({"sizes": sizes} if sizes else {"scales": scales})
        attributes |= ({"align_corners": True} if align else {}) | ({"antialias": True} if antialias else {})
        note = text(sizes) if sizes else "by-" + text(scales)
        variant = f"{dtype}/{mode}/{text(shape)}-{note}{'-corners' if align else ''}{'-antialias' if antialias else ''}"
        tolerance = EXACT if mode.startswith("nearest") else near
        writer.case("resize", variant, apply, {"input": normal(shape, dtype)}, tolerance, attributes)

    for dtype in FLOATS:
        for mode in ("nearest", "nearest_exact", "linear", "cubic"):
            one(mode, dtype, [2, 3, 5, 7], scales=[2.0, 2.0])
            one(mode, dtype, [2, 3, 9, 11], sizes=[7, 17])
    for align in (False, True):
        one("linear", "f32", [2, 3, 9], sizes=[17], align=align)
        one("linear", "f32", [2, 3, 9], scales=[1.5], align=align)
        one("linear", "f32", [1, 2, 3, 5, 7], sizes=[5, 4, 9], align=align)
        one("linear", "f32", [2, 3, 5, 7], sizes=[1, 1], align=align)
        one("linear", "f32", [2, 3, 11, 13], scales=[0.5, 2.25], align=align)
        one("cubic", "f32", [2, 3, 7, 9], sizes=[4, 5], align=align)
        one("cubic", "f32", [2, 3, 3, 2], sizes=[7, 5], align=align)
        one("cubic", "f32", [1, 2, 7, 9], scales=[1.75, 0.5], align=align)
    one("linear", "f32", [2, 3, 1, 1], sizes=[5, 7])
    one("linear", "f32", [1, 2, 3, 5, 7], scales=[2.0, 1.5, 1.0])
    for mode in ("nearest", "nearest_exact"):
        one(mode, "f32", [2, 3, 9], sizes=[17])
        one(mode, "f32", [2, 3, 17], scales=[0.5])
        one(mode, "f32", [1, 2, 3, 5, 7], scales=[2.0, 3.0, 1.0])
    one("nearest", "f32", [0, 3, 5, 7], scales=[2.0, 2.0])
    for mode in ("linear", "cubic"):
        for align in (False, True):
            one(mode, "f32", [2, 3, 17, 13], sizes=[5, 4], align=align, antialias=True)
            one(mode, "f32", [2, 3, 5, 23], sizes=[11, 3], align=align, antialias=True)
            one(mode, "f32", [1, 2, 7, 9], scales=[0.375, 1.75], align=align, antialias=True)
        one(mode, "f32", [2, 3, 9, 8], sizes=[1, 1], antialias=True)
        one(mode, "f32", [2, 3, 1, 3], sizes=[4, 2], antialias=True)


def grouped_matmul():
    def one(note, dtype, rows, width, out, sizes, index="i64"):
        inputs = {"input": normal([rows, width], dtype), "weight": normal([len(sizes), out, width], dtype, 0.3)}
        inputs["sizes"] = torch.tensor(sizes, dtype=DTYPES[index])

        def apply(data, weight, _):
            parts = data.split(sizes)
            return torch.cat([part @ matrix.T for part, matrix in zip(parts, weight)])

        writer.case("grouped_matmul", f"{dtype}/{note}", apply, inputs, SUM)

    for dtype in FLOATS:
        one("uneven", dtype, 13, 17, 7, [5, 0, 8])
        one("one-group", dtype, 5, 33, 9, [5])
    one("i32", "f32", 11, 8, 5, [3, 4, 0, 4], "i32")
    one("some-empty", "f32", 7, 19, 16, [0, 0, 7, 0])
    one("each-its-own", "f32", 4, 64, 33, [1, 1, 1, 1])
    one("empty", "f32", 0, 8, 5, [0, 0, 0])


def scans():
    def causal(note, dtype, batch, seq, channels, kernel):
        inputs = {"input": normal([batch, seq, channels], dtype), "weight": normal([channels, kernel], dtype)}
        inputs["state"] = normal([batch, kernel - 1, channels], dtype)

        def apply(data, weight, state):
            whole = torch.cat([state, data], 1)
            result = F.conv1d(whole.transpose(1, 2), weight[:, None], groups=channels).transpose(1, 2)
            return result.contiguous(), whole[:, whole.shape[1] - kernel + 1 :].contiguous()

        writer.case("causal_conv", f"{dtype}/{note}", apply, inputs, SUM)

    for dtype in FLOATS:
        causal("plain", dtype, 2, 7, 33, 4)
        causal("decode", dtype, 2, 1, 17, 4)
    causal("two", "f32", 1, 5, 8, 3)
    causal("one", "f32", 2, 5, 9, 1)
    causal("short", "f32", 3, 2, 5, 5)

    def scan(note, dtype, batch, seq, channels, n, wide_a=True):
        inputs = {"input": normal([batch, seq, channels], dtype), "delta": uniform([batch, seq, channels], dtype, 0.01, 1)}
        inputs["a"] = -uniform([channels, n], "f32" if wide_a else dtype, 0.1, 2)
        inputs["b"], inputs["c"] = normal([batch, seq, n], dtype), normal([batch, seq, n], dtype)
        inputs["state"] = normal([batch, channels, n], "f32")

        def apply(data, delta, a, b, c, state):
            to, wide = data.dtype, torch.promote_types(data.dtype, torch.float32)
            data, delta, a, b, c, state = (v.to(wide) for v in (data, delta, a, b, c, state))
            results = []
            for t in range(seq):
                decay = torch.exp(delta[:, t, :, None] * a)
                state = decay * state + delta[:, t, :, None] * b[:, t, None, :] * data[:, t, :, None]
                results.append((state * c[:, t, None, :]).sum(-1))
            return torch.stack(results, 1).to(to), state

        writer.case("selective_scan", f"{dtype}/{note}", apply, inputs, ATTENTION)

    for dtype in FLOATS:
        scan("plain", dtype, 2, 7, 9, 16)
        scan("decode", dtype, 3, 1, 17, 4)
    scan("odd", "f32", 1, 33, 5, 7)
    scan("narrow-a", "bf16", 2, 5, 3, 8, wide_a=False)
    scan("one-state", "f32", 2, 5, 9, 1)


def main():
    torch.set_num_threads(1)
    for family in (conv, conv_transpose, pool, adaptive_pool, norms, resize, grouped_matmul, scans):
        before, size = len(writer.cases), len(writer.blob)
        base.generator.manual_seed(zlib.crc32(family.__name__.encode()))
        family()
        print(f"{family.__name__}: {len(writer.cases) - before} cases, {len(writer.blob) - size} bytes")
    # The tests take the cases of an op one behind the other.
    order = list(dict.fromkeys(case["op"] for case in writer.cases))
    writer.cases.sort(key=lambda case: order.index(case["op"]))
    writer.write()
    print(f"{len(writer.cases)} cases, {len(writer.blob)} bytes")


if __name__ == "__main__":
    main()
