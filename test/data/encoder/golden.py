#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes one encoder block of BERT's kind with random weights, and what it makes of two inputs, in float32.

    pip install torch numpy safetensors
    python3 golden.py                 # with transformers installed, also compared with its BertLayer

    x = LayerNorm(x + attention(x, mask))
    x = LayerNorm(x + output(gelu(intermediate(x))))

Writes model.safetensors (key names of Hugging Face's BertLayer), config.json, and per input NAME in {2x17, 1x1}
NAME-input.npy [batch, sequence, 64], NAME-mask.npy [batch, 1, 1, sequence] (added to the scores: 0 where a key is
visible, the lowest float32 where it is padding) and NAME-expected.npy, shaped like the input. All float32.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

FOLDER = Path(__file__).parent
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 64,
    "intermediate_size": 128,
    "layer_norm_eps": 1e-12,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
    "torch_dtype": "float32",
}


def weights(generator):
    hidden, wide = CONFIG["hidden_size"], CONFIG["intermediate_size"]
    state = {}
    for name, rows, columns in (
        ("attention.self.query", hidden, hidden),
        ("attention.self.key", hidden, hidden),
        ("attention.self.value", hidden, hidden),
        ("attention.output.dense", hidden, hidden),
        ("intermediate.dense", wide, hidden),
        ("output.dense", hidden, wide),
    ):
        state[f"{name}.weight"] = torch.randn(rows, columns, generator=generator) * columns**-0.5
        state[f"{name}.bias"] = torch.randn(rows, generator=generator) * 0.1
    for name in ("attention.output.LayerNorm", "output.LayerNorm"):
        state[f"{name}.weight"] = 1 + torch.randn(hidden, generator=generator) * 0.1
        state[f"{name}.bias"] = torch.randn(hidden, generator=generator) * 0.1
    return state


def block(state, x, mask):
    heads = CONFIG["num_attention_heads"]

    def linear(name, x):
        return F.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])

    def norm(name, x):
        return F.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"], CONFIG["layer_norm_eps"])

    batch, length, hidden = x.shape
    q, k, v = (
        linear(f"attention.self.{n}", x).view(batch, length, heads, -1).transpose(1, 2) for n in ("query", "key", "value")
    )
    scores = q @ k.mT / math.sqrt(hidden // heads) + mask
    context = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, hidden)
    x = norm("attention.output.LayerNorm", x + linear("attention.output.dense", context))
    return norm("output.LayerNorm", x + linear("output.dense", F.gelu(linear("intermediate.dense", x))))


def compare_with_transformers(state, x, mask, expected):
    try:
        from transformers import BertConfig
        from transformers.models.bert.modeling_bert import BertLayer
    except ImportError:
        print("transformers is not installed: not compared")
        return
    layer = BertLayer(BertConfig(**CONFIG, attn_implementation="eager")).eval()
    layer.load_state_dict(state)
    out = layer(x, mask)
    out = out[0] if isinstance(out, tuple) else out
    print(f"largest difference from transformers: {(out - expected).abs().max().item():.2g}")
    assert torch.allclose(out, expected, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(768)
    state = weights(generator)
    save_file(dict(sorted(state.items())), FOLDER / "model.safetensors", metadata={"format": "pt"})
    (FOLDER / "model.safetensors").chmod(0o644)
    (FOLDER / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    for batch, length in ((2, 17), (1, 1)):
        x = torch.randn(batch, length, CONFIG["hidden_size"], generator=generator)
        mask = torch.zeros(batch, 1, 1, length)
        if batch > 1:
            mask[1, ..., 11:] = torch.finfo(torch.float32).min  # the second sequence has 11 tokens, the rest is padding
        expected = block(state, x, mask)
        exact = block({n: w.double() for n, w in state.items()}, x.double(), mask.double())
        print(f"{batch}x{length}: {(expected - exact).abs().max().item():.2g} from float64")
        compare_with_transformers(state, x, mask, expected)
        for name, value in (("input", x), ("mask", mask), ("expected", expected)):
            np.save(FOLDER / f"{batch}x{length}-{name}.npy", value.numpy())


if __name__ == "__main__":
    main()
