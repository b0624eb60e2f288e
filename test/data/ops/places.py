# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of ops that give elements other places: padding, flipping."""

import torch

from writer import EXACT, values, writer


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
