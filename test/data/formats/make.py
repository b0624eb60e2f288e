#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small weight files with the packages that define the formats: what readers must read.

    pip install safetensors gguf numpy
    python3 make.py

types.safetensors, sharded/     every element type, odd sizes, sizes of 0, rank 0, metadata; Hugging Face's index
types.gguf                      every type of metadata, arrays of each, nested arrays, every type of tensor
version-2.gguf, aligned.gguf    an older version; general.alignment = 64
split-0000N-of-00003.gguf       one checkpoint in three files
big-endian.gguf                 what is refused
weights.gguf                    what is quantised: floats with and without whole blocks, of every rank, and what are no floats
arrays.npz, compressed.npz      numpy.savez, numpy.savez_compressed (what is refused)
tensors.json                    for each file, each tensor: type, shape and CRC-32 of its bytes; varve's names of types

Blocks of quantised tensors are random bytes: every bit pattern is one that a reader must hand on.
"""

import json
import struct
import zlib
from pathlib import Path

import gguf
import numpy as np
import safetensors
from gguf import GGMLQuantizationType as Q
from gguf import GGUFValueType as V

FOLDER = Path(__file__).parent
random = np.random.default_rng(5)
expected = {}


def note(file, name, kind, shape, data):
    expected.setdefault(file, {})[name] = {"type": kind, "shape": list(shape), "crc": zlib.crc32(data)}


# ---- safetensors

SAFETENSORS = {  # the package's names, varve's names, bytes
    "float32": ("f32", 4),
    "float16": ("f16", 2),
    "bfloat16": ("bf16", 2),
    "int8": ("i8", 1),
    "int32": ("i32", 4),
    "int64": ("i64", 8),
    "uint8": ("u8", 1),
    "bool": ("bool", 1),
    "float8_e4m3fn": ("f8e4m3", 1),
    "float8_e5m2": ("f8e5m2", 1),
}


def save_safetensors(file, tensors, metadata):
    kept = {name: np.frombuffer(data, np.uint8) for name, (_, _, data) in tensors.items()}
    specs = {
        name: safetensors.TensorSpec(dtype=dtype, shape=list(shape), data_ptr=kept[name].ctypes.data, data_len=len(data))
        for name, (dtype, shape, data) in tensors.items()
    }
    (FOLDER / file).write_bytes(safetensors.serialize(specs, metadata))


def make_safetensors():
    tensors = {}
    for dtype, (kind, size) in SAFETENSORS.items():
        fp8 = dtype.startswith("float8")
        for shape in ((3, 5), (7,), (2, 0, 4)) + (() if fp8 else ((),)):
            count = int(np.prod(shape))
            data = random.integers(0, 2 if dtype == "bool" else 256, count * size, np.uint8).tobytes()
            name = f"{kind}.{'x'.join(map(str, shape)) or 'scalar'}"
            tensors[name] = (dtype, shape, data)
            note("types.safetensors", name, kind, shape, data)
    save_safetensors("types.safetensors", tensors, {"format": "pt", "empty": "", "text": 'é "quoted"\n'})

    (FOLDER / "sharded").mkdir(exist_ok=True)
    weights = {f"layers.{i}.weight": random.standard_normal((4, 8), np.float32).tobytes() for i in range(5)}
    files = {name: f"model-0000{1 + (i > 2)}-of-00002.safetensors" for i, name in enumerate(weights)}
    for file in sorted(set(files.values())):
        part = {name: ("float32", (4, 8), data) for name, data in weights.items() if files[name] == file}
        save_safetensors(f"sharded/{file}", part, {"format": "pt"})
    total = sum(map(len, weights.values()))
    index = {"metadata": {"total_size": total}, "weight_map": files}
    (FOLDER / "sharded/model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    for name, data in weights.items():
        note("sharded/model.safetensors.index.json", name, "f32", (4, 8), data)


# ---- GGUF

SCALARS = {
    V.UINT8: (0, 200),
    V.INT8: (-128, 127),
    V.UINT16: (0, 65535),
    V.INT16: (-32768, 1),
    V.UINT32: (0, 4294967295),
    V.INT32: (-2147483648, 2),
    V.FLOAT32: (0.5, -1.25),
    V.BOOL: (True, False),
    V.STRING: ("text é", ""),
    V.UINT64: (0, 18446744073709551615),
    V.INT64: (-9223372036854775808, 3),
    V.FLOAT64: (0.1, -1e300),
}
TENSORS = {  # ggml's types, varve's names
    Q.F32: "f32",
    Q.F16: "f16",
    Q.BF16: "bf16",
    Q.I8: "i8",
    Q.I32: "i32",
    Q.I64: "i64",
    Q.Q4_0: "q4_0",
    Q.Q4_1: "q4_1",
    Q.Q5_0: "q5_0",
    Q.Q5_1: "q5_1",
    Q.Q8_0: "q8_0",
    Q.Q4_K: "q4_k",
    Q.Q5_K: "q5_k",
    Q.Q6_K: "q6_k",
    Q.MXFP4: "mxfp4",
    Q.NVFP4: "nvfp4",
}


def add_tensor(writer, file, name, dtype, shape):
    """`shape` counts elements, the last axis being the one that is contiguous."""
    elements, size = gguf.GGML_QUANT_SIZES[dtype]
    row = shape[-1:] or (1,)
    assert row[0] % elements == 0
    count = int(np.prod(shape)) // elements * size
    data = random.integers(0, 256, count, np.uint8)
    if dtype == Q.F32:  # numbers, so that those who look see no noise
        data = random.standard_normal(int(np.prod(shape)), np.float32).view(np.uint8)
    as_bytes = shape[:-1] + (row[0] // elements * size,) if shape else ()
    if shape:
        writer.add_tensor(name, data.reshape(as_bytes), raw_dtype=dtype)
    else:
        writer.add_tensor(name, data.view(np.float32).reshape(()), raw_dtype=dtype)
    note(file, name, TENSORS[dtype], shape, data.tobytes())


def write(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make_gguf():
    writer = gguf.GGUFWriter(FOLDER / "types.gguf", "llama")
    for kind, values in SCALARS.items():
        name = kind.name.lower()
        for i, value in enumerate(values):
            writer.add_key_value(f"one.{name}.{i}", value, kind)
        writer.add_key_value(f"many.{name}", list(values), V.ARRAY, kind)
    writer.add_key_value("many.long", list(range(1000)), V.ARRAY, V.INT32)
    for dtype, kind in TENSORS.items():
        elements = gguf.GGML_QUANT_SIZES[dtype][0]
        for shape in ((3, 2 * elements), (elements,), (2, 1, 3, elements)):
            add_tensor(writer, "types.gguf", f"{kind}.{'x'.join(map(str, shape))}", dtype, shape)
    add_tensor(writer, "types.gguf", "f32.scalar", Q.F32, ())
    add_tensor(writer, "types.gguf", "f32.odd", Q.F32, (5, 7))
    add_tensor(writer, "types.gguf", "i8.odd", Q.I8, (3,))
    write(writer)

    writer = gguf.GGUFWriter(FOLDER / "aligned.gguf", "llama")
    writer.add_custom_alignment(64)
    for i in range(3):
        add_tensor(writer, "aligned.gguf", f"tensor.{i}", Q.F16, (3, i + 1))
    write(writer)

    # The writer has no versions, and both are laid out alike; nor has it arrays of arrays, so one is put in.
    plain = (FOLDER / "aligned.gguf").read_bytes()
    (FOLDER / "version-2.gguf").write_bytes(plain[:4] + struct.pack("<I", 2) + plain[8:])
    expected["version-2.gguf"] = expected["aligned.gguf"]

    nested = b"".join(struct.pack("<IQ2i", V.INT32, 2, i, i + 1) for i in range(2))
    header = b"GGUF" + struct.pack("<IQQ", 3, 0, 2)
    for key, value in (
        ("nested", struct.pack("<IIQ", V.ARRAY, V.ARRAY, 2) + nested),
        ("none", struct.pack("<IIQ", V.ARRAY, V.STRING, 0)),
    ):
        header += struct.pack("<Q", len(key)) + key.encode() + value
    (FOLDER / "nested.gguf").write_bytes(header)
    expected["nested.gguf"] = {}

    writer = gguf.GGUFWriter(FOLDER / "split.gguf", "llama", split_max_tensors=2)
    writer.add_uint32("llama.block_count", 5)
    for i in range(5):
        add_tensor(writer, "split-00001-of-00003.gguf", f"blk.{i}.weight", Q.Q8_0, (2, 32))
    write(writer)

    writer = gguf.GGUFWriter(FOLDER / "big-endian.gguf", "llama", endianess=gguf.GGUFEndian.BIG)
    writer.add_tensor("x", np.zeros(2, np.float32))
    write(writer)


def make_weights():
    writer = gguf.GGUFWriter(FOLDER / "weights.gguf", "llama")
    writer.add_custom_alignment(64)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_array("tokens", ["a", "b"])
    for name, kind, shape in (
        ("blk.0.weight", np.float32, (3, 64)),
        ("blk.1.weight", np.float16, (2, 32)),
        ("blk.2.experts", np.float32, (2, 3, 32)),
        ("blk.2.narrow", np.float32, (4, 20)),
        ("norm.weight", np.float32, (64,)),
        ("scale", np.float32, ()),
    ):
        values = random.standard_normal(shape, np.float32).astype(kind)
        writer.add_tensor(name, np.asarray(values))
        note("weights.gguf", name, NUMPY[kind], shape, values.tobytes())
    values = gguf.quantize(random.standard_normal((2, 64), np.float32), Q.BF16)
    writer.add_tensor("blk.3.weight", values, raw_dtype=Q.BF16)
    note("weights.gguf", "blk.3.weight", "bf16", (2, 64), values.tobytes())
    add_tensor(writer, "weights.gguf", "ids", Q.I32, (2, 32))
    add_tensor(writer, "weights.gguf", "blocks", Q.Q8_0, (2, 32))
    write(writer)


# ---- NumPy

NUMPY = {np.float32: "f32", np.float16: "f16", np.int8: "i8", np.int32: "i32", np.int64: "i64", np.uint8: "u8", np.bool_: "bool"}


def make_npz():
    arrays = {}
    for dtype, kind in NUMPY.items():
        for shape in ((3, 5), (), (2, 0)):
            array = random.integers(0, 2, shape).astype(dtype)
            name = f"{kind}.{'x'.join(map(str, shape)) or 'scalar'}"
            arrays[name] = array
            note("arrays.npz", name, kind, shape, array.tobytes())
    np.savez(FOLDER / "arrays.npz", **arrays)
    np.savez_compressed(FOLDER / "compressed.npz", x=arrays["f32.3x5"])


make_safetensors()
make_gguf()
make_npz()
make_weights()
(FOLDER / "tensors.json").write_text(json.dumps(expected, indent=1) + "\n")
total = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
print(f"{total} bytes; safetensors {safetensors.__version__}, numpy {np.__version__}")
