#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Opens what Varve writes with the packages that define the formats, and compares it with what they wrote.

    pip install safetensors gguf numpy
    python3 check.py ../../../build/dev/bin/varve-weights-test
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


with tempfile.TemporaryDirectory() as name:
    out = Path(name)
    run = subprocess.run([sys.argv[1], "[.write]"], env=os.environ | {"VARVE_WRITE_TO": name}, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stdout + run.stderr)
    for file in ("types.gguf", "aligned.gguf", "version-2.gguf", "nested.gguf"):
        check(file, read_gguf(out / file), read_gguf(FOLDER / file))
    check("types.safetensors", read_safetensors(out / "types.safetensors"), read_safetensors(FOLDER / "types.safetensors"))
    check("sharded", read_sharded(out / "sharded"), read_sharded(FOLDER / "sharded"))
    check("split", read_split(out), read_split(FOLDER))
    for file in ("arrays.npz", "large.npz"):
        check(file, read_npz(out / file), read_npz(FOLDER / "arrays.npz"))
    print(f"gguf, safetensors {safetensors.__version__}, numpy {np.__version__}")
