#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Opens what Varve writes with the packages that define the formats, and compares it with what they wrote.

    pip install safetensors gguf numpy
    python3 check.py ../../../build/dev/bin
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
import safetensors

FOLDER = Path(__file__).parent
np.seterr(all="ignore")  # blocks of random bytes have scales of all kinds


def read_gguf(path):
    """Metadata as their bytes with their types, tensors likewise; what is the files' own is left out."""
    reader = gguf.GGUFReader(path)
    fields = {
        name: (field.types, [part.tobytes() for part in field.parts])
        for name, field in reader.fields.items()
        if not name.startswith(("GGUF.", "split."))
    }
    tensors = {t.name: (t.tensor_type, t.shape.tolist(), t.data.tobytes()) for t in reader.tensors}
    assert all(t.data_offset % reader.alignment == 0 for t in reader.tensors)
    return fields, tensors, int(reader.fields["GGUF.version"].parts[-1][0])


def read_safetensors(path):
    """As the package's own parser gives them; and once through its loader, which checks more."""
    with safetensors.safe_open(path, "np") as file:
        metadata, names = file.metadata(), set(file.keys())
    tensors = dict(safetensors.deserialize(path.read_bytes()))
    assert names == set(tensors)
    return metadata, {name: (t["dtype"], list(t["shape"]), bytes(t["data"])) for name, t in tensors.items()}


def read_sharded(folder):
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    tensors, metadata = {}, []
    for file in sorted(set(index["weight_map"].values())):
        own, part = read_safetensors(folder / file)
        assert {name for name, place in index["weight_map"].items() if place == file} == set(part)
        metadata.append(own)
        tensors |= part
    assert all(own == metadata[0] for own in metadata)
    assert index["metadata"]["total_size"] == sum(len(data) for _, _, data in tensors.values())
    return metadata[0], tensors


def read_split(folder):
    files = sorted(folder.glob("split-*.gguf"))
    metadata, tensors = {}, {}
    for i, path in enumerate(files):
        fields = gguf.GGUFReader(path).fields
        assert fields["split.no"].contents() == i and fields["split.count"].contents() == len(files)
        own, part, _ = read_gguf(path)
        tensors |= part
        metadata |= own
        assert fields["split.tensors.count"].contents() == 5
    return metadata, tensors, len(files)


def read_npz(path):
    with np.load(path) as arrays:
        return {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}


def check(name, found, wanted):
    assert found == wanted, name
    print(f"{name}: equal")


def check_quantized(out, run):
    """What `varve-run quantize` writes against gguf's own blocks, and as the floats that its reader makes of them."""
    before = gguf.GGUFReader(FOLDER / "weights.gguf")
    for encoding in ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4"):
        path, kind = out / f"{encoding}.gguf", gguf.GGMLQuantizationType[encoding]
        subprocess.run([run, "quantize", FOLDER / "weights.gguf", path, "--encoding", encoding.lower()], check=True, capture_output=True)
        after, made = gguf.GGUFReader(path), {}
        for tensor in after.tensors:
            floats = gguf.dequantize(tensor.data, tensor.tensor_type) if tensor.data.dtype.kind in "fu" else tensor.data
            made[tensor.name] = (tensor.tensor_type, tensor.shape.tolist(), tensor.data.tobytes(), floats.size)
        wanted = {}
        for tensor in before.tensors:
            data, dtype = tensor.data, tensor.tensor_type
            if dtype.name in ("F32", "F16", "BF16") and len(tensor.shape) >= 2 and tensor.shape[0] % 32 == 0:
                data = gguf.quantize(gguf.dequantize(data, dtype), kind)
                dtype = kind
            wanted[tensor.name] = (dtype, tensor.shape.tolist(), data.tobytes(), int(np.prod(tensor.shape)))
        fields = {name: field.contents() for name, field in before.fields.items() if name != "general.file_type"}
        found = {name: field.contents() for name, field in after.fields.items()}
        fields |= {"general.quantization_version": gguf.GGML_QUANT_VERSION, "GGUF.kv_count": found["GGUF.kv_count"]}
        check(f"quantized to {encoding}", (made, found), (wanted, fields))


with tempfile.TemporaryDirectory() as name:
    out = Path(name)
    run = subprocess.run([Path(sys.argv[1]) / "varve-weights-test", "[.write]"], env=os.environ | {"VARVE_WRITE_TO": name}, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stdout + run.stderr)
    for file in ("types.gguf", "aligned.gguf", "version-2.gguf", "nested.gguf"):
        check(file, read_gguf(out / file), read_gguf(FOLDER / file))
    check("types.safetensors", read_safetensors(out / "types.safetensors"), read_safetensors(FOLDER / "types.safetensors"))
    check("sharded", read_sharded(out / "sharded"), read_sharded(FOLDER / "sharded"))
    check("split", read_split(out), read_split(FOLDER))
    for file in ("arrays.npz", "large.npz"):
        check(file, read_npz(out / file), read_npz(FOLDER / "arrays.npz"))
    check_quantized(out, Path(sys.argv[1]) / "varve-run")
    print(f"gguf, safetensors {safetensors.__version__}, numpy {np.__version__}")
