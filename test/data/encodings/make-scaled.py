# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes scaled.safetensors: weights as Hugging Face stores them in FP8 with scales and as GPTQ, and the floats that they are.

    pip install torch numpy safetensors
    python make-scaled.py

FP8, "<type>.<scale>": `weight` [N, K], `scale` and `expected` [N, K] f32 = f32(weight) * f32(scale), one product in f32.
    tensor, scalar      a scale of shape [1], of shape []
    row                 [N, 1]
    block               [ceil(N / 128), ceil(K / 128)], one for each 128 x 128, less at the edges (DeepSeek's weight_scale_inv,
                        which is multiplied with too)
    row-bf16, block-bf16, tensor-bf16    scales in bf16
    row-nan             every byte, NaN and infinities too; the others have those that are finite numbers, all of them
GPTQ, "gptq.<bits>-<group>[-order][-v2]": `qweight` i32 [K * bits / 32, N], `qzeros` i32 [K / group, N * bits / 32], `scales` f16
[K / group, N], `g_idx` i32 [K], and `expected` [N, K] f32: f32(scales[g, n]) * f32(q[k, n] - zero[g, n]), where g = g_idx[k]; the
difference is exact and the product is rounded once, to f32 (AutoGPTQ computes in f16).
    bits                2, 4, 8: the first value is in the lowest bits, along K in qweight and along N in qzeros
    group               32, 128, or all: one group of the whole K
    order               act-order: g_idx is permuted, each group has as many rows
    v2                  the checkpoint format "gptq_v2": zero = stored; without it "gptq": zero = stored + 1
Zeros are from 0 (v2) or 1 (v1) on. In v1 none is 2^bits, which readers disagree on: AutoGPTQ's qlinear_cuda.py computes with it,
others take it as 0 (AutoGPTQ's pull request 484), and GPTQModel's conversion to v2 carries into the neighbour.

Sources: https://github.com/deepseek-ai/DeepSeek-V3/blob/main/inference/kernel.py (weight_dequant),
https://github.com/AutoGPTQ/AutoGPTQ/blob/main/auto_gptq/nn_modules/qlinear/qlinear_cuda_old.py (pack, forward), qlinear_cuda.py (g_idx),
https://github.com/ModelCloud/GPTQModel/blob/main/gptqmodel/utils/model.py (convert_gptq_v1_to_v2_format_module).
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

FOLDER = Path(__file__).parent
random = np.random.default_rng(11)
tensors = {}


def add(case, **parts):
    for name, part in parts.items():
        tensors[f"{case}.{name}"] = part.contiguous()


# ---- FP8

BLOCK = 128
SHAPES = {  # of the weight, of its scale
    "tensor": ((17, 23), (1,)),
    "scalar": ((17, 23), ()),
    "row": ((17, 23), (17, 1)),
    "block": ((130, 200), (2, 2)),
}


def of_elements(scale, shape):
    """The scale of each element."""
    if scale.ndim < 2 or scale.shape[1] == 1:
        return scale.expand(shape)
    return scale.repeat_interleave(BLOCK, 0)[: shape[0]].repeat_interleave(BLOCK, 1)[:, : shape[1]]


def make_fp8(kind, dtype):
    every = torch.arange(256, dtype=torch.uint8)
    finite = every[every.view(dtype).float().isfinite()]

    def case(name, scales, numbers, scale_type=torch.float32):
        shape, scale_shape = SHAPES[scales]
        again = random.permutation(np.resize(numbers.numpy(), np.prod(shape))).reshape(shape)  # each at least once
        weight = torch.from_numpy(again).view(dtype)
        scale = torch.from_numpy(np.asarray(random.lognormal(-5, 2, scale_shape), np.float32)).to(scale_type)
        add(f"{kind}.{name}", weight=weight, scale=scale, expected=weight.float() * of_elements(scale.float(), shape))

    for scales in SHAPES:
        case(scales, scales, finite)
    for scales in ("tensor", "row", "block"):
        case(f"{scales}-bf16", scales, finite, torch.bfloat16)
    case("row-nan", "row", every)


# ---- GPTQ


def packed(values, bits, axis):
    """Values of so many bits, neighbours along the axis, in i32."""
    values = np.moveaxis(values.astype(np.uint32), axis, -1)
    parts = values.reshape(*values.shape[:-1], -1, 32 // bits) << np.arange(0, 32, bits, dtype=np.uint32)
    return np.moveaxis(np.bitwise_or.reduce(parts, -1), -1, axis).astype(np.int32)


def make_gptq(bits, group, n, k, order, v2):
    groups = k // group
    g_idx = np.arange(k) // group
    if order:
        g_idx = random.permutation(g_idx)
    q = random.integers(0, 2**bits, (k, n))
    zero = random.integers(0 if v2 else 1, 2**bits, (groups, n))
    stored = zero if v2 else zero - 1
    scales = random.lognormal(-5, 1, (groups, n)).astype(np.float16)
    expected = scales.astype(np.float32)[g_idx] * (q - zero[g_idx]).astype(np.float32)
    name = f"gptq.{bits}-{'all' if group == k else group}" + ("-order" if order else "") + ("-v2" if v2 else "")
    arrays = {
        "qweight": packed(q, bits, 0),
        "qzeros": packed(stored, bits, 1),
        "scales": scales,
        "g_idx": g_idx.astype(np.int32),
        "expected": expected.T,
    }
    add(name, **{part: torch.from_numpy(np.ascontiguousarray(array)) for part, array in arrays.items()})


def unpacked(packed, bits, axis):
    """As AutoGPTQ and GPTQModel unpack: shifts and masks in torch."""
    wide = packed.unsqueeze(axis + 1).expand(*packed.shape[: axis + 1], 32 // bits, *packed.shape[axis + 1 :])
    shifts = torch.arange(0, 32, bits, dtype=torch.int32).reshape((-1, 1) if axis == 0 else (1, 1, -1))
    return torch.bitwise_right_shift(wide, shifts).bitwise_and(2**bits - 1).flatten(axis, axis + 1)


def check_gptq(case):
    """The stored tensors once more, read as those libraries do."""
    part = lambda name: tensors[f"{case}.{name}"]
    bits = int(case.removeprefix("gptq.")[0])
    weight, zeros, g_idx = unpacked(part("qweight"), bits, 0), unpacked(part("qzeros"), bits, 1), part("g_idx").long()
    zeros = zeros if case.endswith("-v2") else zeros + 1
    floats = part("scales").float()[g_idx] * (weight - zeros[g_idx]).float()
    assert torch.equal(floats.T, part("expected")), case


for kind, dtype in (("f8e4m3", torch.float8_e4m3fn), ("f8e5m2", torch.float8_e5m2)):
    make_fp8(kind, dtype)
for bits, n in ((4, 24), (8, 12), (2, 48)):  # whole i32 of zeros, no multiple of 32 columns in all of them
    for group, k in ((32, 96), (128, 256), (64, 64)):
        for v2 in (False, True):
            make_gptq(bits, group, n, k, False, v2)
            if group != k:
                make_gptq(bits, group, n, k, True, v2)

cases = sorted({name.rsplit(".", 1)[0] for name in tensors})
for case in cases:
    if case.startswith("gptq"):
        check_gptq(case)
save_file(tensors, FOLDER / "scaled.safetensors")
read = load_file(FOLDER / "scaled.safetensors")
same = lambda a, b: a.dtype == b.dtype and a.shape == b.shape and a.reshape(-1).view(torch.uint8).equal(b.reshape(-1).view(torch.uint8))
assert all(same(read[name], tensor) for name, tensor in tensors.items())
print("\n".join(cases), f"\n{len(cases)} cases, {(FOLDER / 'scaled.safetensors').stat().st_size} bytes")
