# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Weights: what Varve is given of each row, and what that stands for in f32."""
import json
import struct

import numpy as np

from . import gguf_file
from .rows import folder_of, in_blocks


def to_bf16(values):
    bits = values.view("u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bf16(bits):
    return (bits.astype("u4") << 16).view("f4")


def safetensors(path):
    """(name, kind, values, shape) of each tensor, mapped."""
    data = np.memmap(path, "u1", "r")
    size = struct.unpack("<Q", data[:8].tobytes())[0]
    header = json.loads(data[8:8 + size].tobytes())
    header.pop("__metadata__", None)
    types = {"F32": ("f32", "f4"), "BF16": ("bf16", "u2")}
    for name, info in header.items():
        begin, end = info["data_offsets"]
        kind, numpy_type = types[info["dtype"]]
        yield name, kind, data[8 + size + begin:8 + size + end].view(numpy_type).reshape(info["shape"]), info["shape"]


def blocks_of(data, encoding):
    """(kind, bytes, shape) of blocks, as the C interface takes them: [rows, blocks in a row, bytes of a block]."""
    size = gguf_file.block_bytes(encoding)
    return "u8", data, (data.shape[0], data.shape[1] // size, size)


def stored(row):
    """(name, kind, values, shape) of each weight as Varve has it."""
    folder = folder_of(row)
    if row["kind"] == "product":
        weight = np.load(folder / "weight.npy")
        yield "weight", row["dtype"], to_bf16(weight) if row["dtype"] == "bf16" else weight, weight.shape
    elif row["kind"] == "llama":
        for name, kind, data in gguf_file.hugging_face(folder / "model.gguf"):
            if kind in ("f32", "bf16"):
                if kind != row["dtype"]:  # norms are f32 in GGUF
                    kind, data = row["dtype"], to_bf16(data)
                yield name, kind, data, data.shape
            else:
                yield name, *blocks_of(data, kind)
    else:
        blocks = np.load(folder / "blocks.npz") if in_blocks(row) else {}
        for name, kind, values, shape in safetensors(folder / "model.safetensors"):
            if name in blocks:
                yield name, *blocks_of(blocks[name], row["weights"])
            else:
                yield name, kind, values, shape


def decoded(row):
    """(name, values in f32) of each weight."""
    for name, kind, values, shape in stored(row):
        if kind == "u8":
            yield name, gguf_file.decoded(values.reshape(shape[0], -1), row["weights"])
        else:
            yield name, from_bf16(values).reshape(shape) if kind == "bf16" else values
