# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is compared: each row is a model, its numbers and a shape."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WORK = ROOT / "build/peers"
PEERS = ["pytorch", "torch.compile", "onnxruntime", "openvino", "llama.cpp", "iree", "max"]
# Largest difference from the reference, relative to its largest value. The reference is PyTorch in f32 on the very weights
# that Varve has: rounded to bf16, or decoded from their blocks. `again` is of engines that quantise those once more.
TOLERANCE = {"f32": 1e-4, "bf16": 5e-2, "q8_0": 5e-2, "q4_0": 8e-2, "q4_k": 8e-2, "again": 0.3}
# The longest text of a decoder's row, and how many tokens are decoded from its context on.
LONGEST, DECODED = 640, 128


def product(dtype, m, k, n):
    return {"name": f"{dtype} {m}×{k}×{n}", "kind": "product", "dtype": dtype, "weights": dtype, "m": m, "k": k, "n": n}


def model(kind, name, weights, batch, seq):
    of = "" if weights == "f32" else f" {weights}"
    size = f"{batch}×{seq}" if kind == "bert" else str(batch)
    return {"name": f"{name}{of} {size}", "kind": kind, "model": name, "dtype": "bf16" if weights == "bf16" else "f32",
            "weights": weights, "batch": batch, "seq": seq}


def decoder(weights, step, count):
    return {"name": f"llama-1.1b {weights} {step} {count}", "kind": "llama", "model": "llama-1.1b", "step": step,
            "dtype": "bf16" if weights == "bf16" else "f32", "weights": weights, "batch": 1, "seq": count,
            "tokens": count if step == "prefill" else 1}


def rows():
    sizes = [(1024, 1024, 1024), (512, 2048, 5632), (128, 768, 3072), (32, 2048, 2048), (200, 384, 1536),
             (77, 519, 1031), (1, 4096, 4096)]
    found = [product(dtype, *size) for dtype in ("f32", "bf16") for size in sizes]
    minilm, base = [(1, 16), (1, 128), (8, 128)], [(1, 16), (1, 128), (1, 512), (8, 128)]
    for weights in ("f32", "bf16", "q8_0"):
        found += [model("bert", "minilm", weights, *shape) for shape in minilm]
        found += [model("bert", "bert-base", weights, *shape) for shape in base]
    found += [model("vision", "resnet50", "f32", 1, 1), model("vision", "vit-b16", "f32", 1, 1)]
    for weights in ("f32", "bf16", "q8_0", "q4_0", "q4_k"):
        found += [decoder(weights, "prefill", 512), decoder(weights, "decode", 16), decoder(weights, "decode", 512)]
    return found


def file_name(text):
    return text.replace(" ", "-").replace("×", "x")


def folder_of(row):
    """Where its executable and its weights are: models of several shapes share them."""
    name = row["name"] if row["kind"] == "product" else f"{row['model']}-{row['weights']}"
    return WORK / "data" / file_name(name)


def file_of(row, suffix):
    """A file of this row alone."""
    return folder_of(row) / f"{file_name(row['name'])}{suffix}"


def in_blocks(row):
    return row["weights"] not in ("f32", "bf16")


def is_large(row):
    """Whether its engines are held in memory one beside Varve at a time."""
    return row["kind"] == "llama"
