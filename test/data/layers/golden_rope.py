#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what transformers makes of scaled rotary positions, and of a head that is rotated in part, in float32.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 golden_rope.py

rope/rotary-KIND.npy, [2, 2, 7, 12]: cosines and sines of positions 0 to 6, and of 32 to 38, where the training's length is 32.
rope/partial.safetensors, -input.npy, -expected.npy: StableLM's attention, which rotates 6 of a head's 12 elements.
"""

from pathlib import Path

import numpy as np
import torch
from golden import write
from torch import nn
from transformers import LlamaConfig, StableLmConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding
from transformers.models.stablelm.modeling_stablelm import StableLmAttention, StableLmRotaryEmbedding

FOLDER = Path(__file__).parent / "rope"
TRAINED = dict(original_max_position_embeddings=32)
KINDS = {
    "default": dict(rope_type="default"),
    "linear": dict(rope_type="linear", factor=2.5),
    "dynamic": dict(rope_type="dynamic", factor=3.0),
    "yarn": dict(rope_type="yarn", factor=4.0, beta_fast=2.0, beta_slow=1.0, **TRAINED),
    "yarn-mscale": dict(
        rope_type="yarn", factor=4.0, beta_fast=3.0, beta_slow=0.5, mscale=0.7, mscale_all_dim=0.9, truncate=False, **TRAINED
    ),
    "longrope": dict(
        rope_type="longrope", factor=4.0, short_factor=[1 + 0.125 * i for i in range(12)],
        long_factor=[1.5 + 0.5 * i for i in range(12)], **TRAINED,
    ),
    "llama3": dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, **TRAINED),
}  # fmt: skip


class Partial(nn.Module):
    def __init__(self):
        super().__init__()
        config = StableLmConfig(hidden_size=36, num_attention_heads=3, num_key_value_heads=1, partial_rotary_factor=0.5)
        config._attn_implementation = "eager"
        self.attention = StableLmAttention(config, layer_idx=0)
        self.rotary = StableLmRotaryEmbedding(config)

    def forward(self, x):
        seq = x.shape[1]
        mask = torch.full((seq, seq), float("-inf"), dtype=x.dtype).triu(1)[None, None]
        return self.attention(x, mask, position_embeddings=self.rotary(x, torch.arange(seq)[None]))[0]

    def state_dict(self):
        return {f"attention.{name}": value for name, value in self.attention.state_dict().items()}


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    for name, parameters in KINDS.items():
        length = 32 if name == "dynamic" else 128
        config = LlamaConfig(
            head_dim=24, max_position_embeddings=length, rope_parameters={"rope_theta": 10000.0, **parameters}
        )
        turns = []
        for past in 0, 32:
            cos, sin = LlamaRotaryEmbedding(config)(torch.zeros(1), torch.arange(past, past + 7)[None])
            turns.append(torch.stack([cos[0, :, :12], sin[0, :, :12]]))
        np.save(FOLDER / f"rotary-{name}.npy", torch.stack(turns).numpy())
    write("rope/partial", Partial(), (2, 11, 36), torch.Generator().manual_seed(12))


if __name__ == "__main__":
    main()
