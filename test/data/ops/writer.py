# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What golden.py and the files of its families share: the writer of cases, tolerances, and inputs."""

import json
import zlib
from pathlib import Path

import torch

FOLDER = Path(__file__).parent
DTYPES = {
    "f32": torch.float32,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "i8": torch.int8,
    "i32": torch.int32,
    "i64": torch.int64,
    "u8": torch.uint8,
    "bool": torch.bool,
}
NAMES = {t: n for n, t in DTYPES.items()}
FLOATS = ("f32", "f16", "bf16")
INTS = ("i8", "i32", "i64", "u8")

# (rtol, atol) by how much rounding a result has behind it.
EXACT = {n: (0.0, 0.0) for n in DTYPES}
ARITHMETIC = EXACT | {"f32": (1e-6, 1e-7), "f16": (1e-3, 1e-6), "bf16": (8e-3, 1e-6)}  # one rounding
FUNCTION = EXACT | {"f32": (1e-5, 1e-6), "f16": (2e-3, 1e-5), "bf16": (1e-2, 1e-5)}  # exp, erf and their like
SUM = EXACT | {"f32": (1e-5, 1e-5), "f16": (4e-3, 2e-3), "bf16": (1.6e-2, 1.6e-2)}  # dot products, norms
ATTENTION = EXACT | {"f32": (1e-5, 1e-5), "f16": (1e-2, 4e-3), "bf16": (2e-2, 2e-2)}


class Writer:
    def __init__(self):
        self.cases, self.blob, self.names = [], bytearray(), set()

    def tensor(self, name, value):
        value = value.detach().contiguous()
        raw = value.reshape(-1).view(torch.uint8).numpy().tobytes() if value.numel() else b""
        self.blob += bytes(-len(self.blob) % 16)
        entry = {"name": name} if name else {}
        entry |= {
            "dtype": NAMES[value.dtype],
            "shape": list(value.shape),
            "offset": len(self.blob),
            "bytes": len(raw),
        }
        self.blob += raw
        return entry

    def case(self, op, variant, function, inputs, tolerance, attributes=None, check=True):
        """`inputs` maps operand names to tensors, in the op's order; `function` takes them in that order."""
        name = f"{op}/{variant}"
        assert name not in self.names, name
        self.names.add(name)
        outputs = function(*inputs.values())
        outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        rtol, atol = tolerance[NAMES[outputs[0].dtype]]
        if check:
            exact = function(*(v.double() if v.is_floating_point() else v for v in inputs.values()))
            exact = list(exact) if isinstance(exact, (tuple, list)) else [exact]
            for ours, theirs in zip(outputs, exact, strict=True):
                if ours.is_floating_point():
                    # Half of the tolerance is left to whoever is tested.
                    unit = torch.finfo(ours.dtype).eps / 2
                    close = torch.isclose(ours.double(), theirs, rtol=max(rtol / 2, unit), atol=atol / 2, equal_nan=True)
                    assert close.all(), (name, (ours.double() - theirs).abs().max().item())
                else:
                    assert torch.equal(ours, theirs.to(ours.dtype)), name
        self.cases.append(
            {
                "name": name,
                "op": op,
                "attributes": attributes or {},
                "inputs": [self.tensor(n, v) for n, v in inputs.items()],
                "outputs": [self.tensor(None, v) for v in outputs],
                "rtol": rtol,
                "atol": atol,
            }
        )

    def write(self):
        head = {"version": 1, "torch": torch.__version__.split("+")[0], "blob": "cases.bin", "blob_bytes": len(self.blob)}
        head["blob_crc32"] = zlib.crc32(self.blob)
        lines = ",\n".join("  " + json.dumps(c) for c in self.cases)
        text = json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
        json.loads(text)
        (FOLDER / "cases.json").write_text(text)
        (FOLDER / "cases.bin").write_bytes(self.blob)


writer = Writer()


def literal(op, variant, inputs, expected, attributes=None):
    """A case whose result is the dialect's own rule, where PyTorch has none or another."""
    writer.case(op, variant, lambda *_: expected, inputs, EXACT, attributes, check=False)


generator = torch.Generator().manual_seed(20)


def normal(shape, dtype, scale=1.0):
    return (torch.randn(shape, generator=generator) * scale).to(DTYPES[dtype])


def uniform(shape, dtype, low, high):
    return (torch.rand(shape, generator=generator) * (high - low) + low).to(DTYPES[dtype])


def integers(shape, dtype, low, high):
    return torch.randint(low, high + 1, tuple(shape), generator=generator).to(DTYPES[dtype])


def values(shape, dtype, low=-9, high=9):
    """Something of that dtype with nothing special about it."""
    if dtype in FLOATS:
        return normal(shape, dtype, 2.0)
    if dtype == "bool":
        return integers(shape, dtype, 0, 1)
    return integers(shape, dtype, 0 if dtype == "u8" else low, high)


def tensor(data, dtype="f32"):
    return torch.tensor(data, dtype=DTYPES[dtype])


nan, inf = float("nan"), float("inf")
