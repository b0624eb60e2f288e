#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what transformers' DeepseekV3Attention makes of two sequences, at once and with its cache, in float32.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 golden_latent.py

latent/latent.safetensors has a latent of queries, biases, and YaRN's positions with mscale_all_dim, whose pairs are interleaved;
latent/latent-plain.safetensors has none of these. Of each NAME-input.npy, [2, 13, 22], and NAME-expected.npy, of which 8 positions were
computed at once and 5 one by one; they differ from all 13 at once by the number printed.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import DeepseekV3Config, DynamicCache
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3Attention, DeepseekV3RotaryEmbedding

FOLDER = Path(__file__).parent / "latent"
SIZES = dict(
    hidden_size=22, num_attention_heads=3, num_key_value_heads=3, num_hidden_layers=1, kv_lora_rank=9, qk_nope_head_dim=5,
    qk_rope_head_dim=6, v_head_dim=7, max_position_embeddings=32,
)  # fmt: skip
YARN = dict(
    rope_type="yarn", rope_theta=10000.0, factor=4.0, beta_fast=2.0, beta_slow=1.0, mscale=0.7, mscale_all_dim=0.9,
    original_max_position_embeddings=8,
)  # fmt: skip
CASES = {
    "latent": dict(q_lora_rank=11, attention_bias=True, rope_parameters=YARN),
    "latent-plain": dict(q_lora_rank=None, rope_interleave=False),
}
PROMPT, SEQ = 8, 13


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    for name, options in CASES.items():
        generator = torch.Generator().manual_seed(15)
        config = DeepseekV3Config(**SIZES, **options)
        config._attn_implementation = "eager"
        layer, rotary = DeepseekV3Attention(config, layer_idx=0).eval(), DeepseekV3RotaryEmbedding(config)
        for key, value in sorted(layer.named_parameters()):
            value.copy_(torch.randn(value.shape, generator=generator) * 0.5 + (1 if "norm" in key else 0))
        x = torch.randn(2, SEQ, 22, generator=generator)

        def run(begin, end, cache):
            mask = torch.full((SEQ, SEQ), float("-inf")).triu(1)[None, None, begin:end, :end]
            turns = rotary(x, torch.arange(begin, end)[None])
            return layer(x[:, begin:end], turns, mask, cache=cache)[0]

        cache = DynamicCache(config=config)
        parts = [run(0, PROMPT, cache)] + [run(i, i + 1, cache) for i in range(PROMPT, SEQ)]
        expected, whole = torch.cat(parts, 1), run(0, SEQ, None)
        print(f"{name}: {((expected - whole).abs().max() / whole.abs().max()).item():.2g} from all at once")
        save_file({k: v.contiguous() for k, v in layer.state_dict().items()}, FOLDER / f"{name}.safetensors")
        np.save(FOLDER / f"{name}-input.npy", x.numpy())
        np.save(FOLDER / f"{name}-expected.npy", expected.numpy())


if __name__ == "__main__":
    main()
