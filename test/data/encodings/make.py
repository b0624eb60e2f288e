# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Writes blocks.npz: random blocks of each encoding, all bit patterns, and the floats that gguf-py (PyTorch for FP8) makes of
# them. pip install gguf torch; python make.py
from pathlib import Path

import gguf
import numpy as np
import torch

TYPES = ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "MXFP4", "NVFP4")
random = np.random.default_rng(7)
arrays = {}
for name in TYPES:
    kind = gguf.GGMLQuantizationType[name]
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (8, 1024 // elements, size), dtype=np.uint8)
    blocks[0, 0], blocks[0, 1] = 0, 255
    with np.errstate(all="ignore"):
        floats = gguf.dequantize(blocks.reshape(8, -1), kind).astype(np.float32)
    arrays[name.lower() + ".blocks"], arrays[name.lower()] = blocks, floats
for name, dtype in (("f8e4m3", torch.float8_e4m3fn), ("f8e5m2", torch.float8_e5m2)):
    every = torch.arange(256, dtype=torch.uint8)
    arrays[name + ".blocks"] = every.numpy().reshape(256, 1)
    arrays[name] = every.view(dtype).float().numpy()
np.savez(Path(__file__).parent / "blocks.npz", **arrays)
