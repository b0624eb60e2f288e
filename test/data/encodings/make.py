# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Writes blocks.npz: random blocks of each encoding, all bit patterns, and the floats that gguf-py (PyTorch for FP8) makes of
# them; and quantized.npz: floats, and the blocks that they make of those. What depends on the CPU there is left out: the sign
# of a minimum that is zero among zeros of both signs, and what a NaN carries. PyTorch 2.15 or later, which saturates f8e4m3.
#   pip install gguf numpy torch; python make.py
from pathlib import Path

import gguf
import numpy as np
import torch

np.seterr(all="ignore")
FOLDER = Path(__file__).parent
TYPES = ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "MXFP4", "NVFP4")
FP8 = {"f8e4m3": torch.float8_e4m3fn, "f8e5m2": torch.float8_e5m2}


def dequantize(blocks, name):
    return gguf.dequantize(blocks.reshape(len(blocks), -1), gguf.GGMLQuantizationType[name]).astype(np.float32)


def make_blocks():
    random = np.random.default_rng(7)
    arrays = {}
    for name in TYPES:
        elements, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
        blocks = random.integers(0, 256, (8, 1024 // elements, size), dtype=np.uint8)
        blocks[0, 0], blocks[0, 1] = 0, 255
        arrays[name.lower() + ".blocks"], arrays[name.lower()] = blocks, dequantize(blocks, name)
    for name, dtype in FP8.items():
        every = torch.arange(256, dtype=torch.uint8)
        arrays[name + ".blocks"] = every.numpy().reshape(256, 1)
        arrays[name] = every.view(dtype).float().numpy()
    np.savez(FOLDER / "blocks.npz", **arrays)
    return arrays


def decided(floats):
    """Without what depends on the CPU, see above."""
    groups = floats.reshape(-1, 32)
    zero = groups == 0
    mixed = (zero & np.signbit(groups)).any(1) & (zero & ~np.signbit(groups)).any(1) & (groups.min(1) == 0)
    groups[mixed[:, None] & zero] = 0
    groups[np.isnan(groups)] = np.nan
    return floats


def make_rows(random):
    """Rows of 256, each kind of them in turn."""
    normal = lambda count, low, high: random.standard_normal((count, 256)) * 10.0 ** random.uniform(low, high, (count, 1))
    ties = random.integers(-40, 41, (8, 256)) * 0.5 ** random.integers(0, 20, (8, 1))
    zeros = np.where(random.random((4, 256)) < 0.7, 0, -np.abs(random.standard_normal((4, 256))))
    zeros[0], zeros[1] = 0, -0.0
    near_powers = random.uniform(1 - 2e-7, 1 + 2e-7, (8, 256)) * 2.0 ** random.integers(-140, 127, (8, 1))
    special = random.standard_normal((8, 256))
    special[random.random(special.shape) < 0.01] = np.inf
    special[random.random(special.shape) < 0.01] = -np.inf
    special[random.random(special.shape) < 0.01] = np.nan
    parts = [normal(20, -30, 30), normal(8, -46, -36), normal(8, 30, 38), ties, zeros, near_powers, special]
    return np.concatenate(parts).astype(np.float32)


def make_ties(dtype):
    """All numbers of FP8, what is half between two, the floats beside each, and what is too large."""
    numbers = torch.arange(128, dtype=torch.uint8).view(dtype).double()
    numbers = np.append(numbers[numbers.isfinite()].numpy(), [480, 65536, 1e30])
    points = np.concatenate([numbers, (numbers[1:] + numbers[:-1]) / 2]).astype(np.float32)
    points = np.concatenate([np.nextafter(points, np.float32(-1)), points, np.nextafter(points, np.float32(np.inf))])
    points = np.append(points, [1e-45, 1e-40, np.inf, np.nan]).astype(np.float32)
    return np.concatenate([points, -points])


def make_quantized(blocks):
    random = np.random.default_rng(9)
    rows = decided(make_rows(random))
    half = decided(np.concatenate([rows[::3], random.standard_normal((8, 256))]).astype(np.float16))
    brain = decided(torch.from_numpy(rows[::3]).to(torch.bfloat16).float().numpy())
    floats = {"f32": rows, "f16": half.astype(np.float32), "bf16": brain}
    arrays = {"f32": rows, "f16": half, "bf16": (brain.view(np.uint32) >> 16).astype(np.uint16)}  # that stands for bf16
    for name in TYPES:
        for source, values in floats.items():
            try:
                made = gguf.quantize(values, gguf.GGMLQuantizationType[name])
            except NotImplementedError:
                continue
            arrays[f"{name.lower()}.{source}"] = made
        if f"{name.lower()}.f32" in arrays:  # what its own floats become, as far as they are finite
            again = blocks[name.lower()].reshape(-1, 32)
            again = again[np.isfinite(again).all(axis=1)]
            arrays[f"{name.lower()}.again"] = gguf.quantize(again, gguf.GGMLQuantizationType[name])
    for name, dtype in FP8.items():
        for source, values in floats.items():
            arrays[f"{name}.{source}"] = torch.from_numpy(values).to(dtype).view(torch.uint8).numpy()
        arrays[f"{name}.ties"] = make_ties(dtype)
        arrays[f"{name}.of-ties"] = torch.from_numpy(arrays[f"{name}.ties"]).to(dtype).view(torch.uint8).numpy()
        every = torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(torch.bfloat16).float()
        arrays[f"{name}.every-bf16"] = every.to(dtype).view(torch.uint8).numpy()
    np.savez(FOLDER / "quantized.npz", **arrays)


make_quantized(make_blocks())
