#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes kinds of attention that transformers' models have, with random weights, and what they make of an input, in attention/.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_attention.py

Of each NAME: NAME.safetensors, under the names of the layer here, NAME-x.npy, NAME-expected.npy in float32, NAME-bf16.npy the same
computed in bfloat16. `gpt-oss` and `gpt-oss-window` have sinks, `gemma2` capped scores, `bloom` ALiBi over heads that are no power
of two.
"""

from pathlib import Path

import numpy as np
import torch
import transformers as hf
from safetensors.torch import save_file
from transformers.models.bloom.modeling_bloom import BloomAttention, build_alibi_tensor
from transformers.models.gemma2.modeling_gemma2 import Gemma2Attention, Gemma2RotaryEmbedding
from transformers.models.gpt_oss.modeling_gpt_oss import GptOssAttention, GptOssRotaryEmbedding

FOLDER = Path(__file__).parent / "attention"
LENGTH = 21
GROUPED = dict(hidden_size=19, head_dim=10, max_position_embeddings=32, rope_parameters={"rope_type": "default", "rope_theta": 10000.0})


def seen(window, dtype):
    i, j = torch.arange(LENGTH)[:, None], torch.arange(LENGTH)[None]
    shown = (j <= i) & (i - j < window)
    return torch.where(shown, 0.0, torch.finfo(dtype).min).to(dtype)[None, None]


def fill(layer):
    for value in layer.parameters():
        value.copy_(torch.randn(value.shape) * 0.4)
    return layer.eval()


def write(name, layer, run, state):
    x = torch.randn(1, LENGTH, state["q_proj.weight"].shape[1]).bfloat16().float()
    save_file({key: value.contiguous() for key, value in state.items()}, FOLDER / f"{name}.safetensors")
    np.save(FOLDER / f"{name}-x.npy", x.numpy())
    np.save(FOLDER / f"{name}-expected.npy", run(layer, x).numpy())
    np.save(FOLDER / f"{name}-bf16.npy", run(layer.bfloat16(), x.bfloat16()).float().numpy())


def rotated(rotary, window):
    def run(layer, x):
        return layer(x, rotary(x, torch.arange(LENGTH)[None]), seen(window, x.dtype))[0]

    return run


def bloom(layer, x):
    alibi = build_alibi_tensor(torch.ones(1, LENGTH, dtype=torch.int64), layer.num_heads, x.dtype)
    return layer(x, torch.zeros_like(x), alibi, seen(LENGTH, x.dtype))[0]


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(21)
    FOLDER.mkdir(exist_ok=True)
    for name, window in [("gpt-oss", LENGTH), ("gpt-oss-window", 5)]:
        config = hf.GptOssConfig(**GROUPED, num_attention_heads=6, num_key_value_heads=2, attention_bias=True, sliding_window=window)
        config._attn_implementation = "eager"
        layer = fill(GptOssAttention(config, 0))
        write(name, layer, rotated(GptOssRotaryEmbedding(config), window), dict(layer.state_dict()))
    config = hf.Gemma2Config(
        **{**GROUPED, "hidden_size": 20}, num_attention_heads=4, num_key_value_heads=2, query_pre_attn_scalar=3, attn_logit_softcapping=2.5, sliding_window=6
    )
    config._attn_implementation = "eager"
    layer = fill(Gemma2Attention(config, 0))
    write("gemma2", layer, rotated(Gemma2RotaryEmbedding(config), 6), dict(layer.state_dict()))

    layer = fill(BloomAttention(hf.BloomConfig(hidden_size=35, n_head=5, hidden_dropout=0.0, attention_dropout=0.0), 0))
    own = layer.state_dict()
    state = {"o_proj.weight": own["dense.weight"], "o_proj.bias": own["dense.bias"]}
    for part, weight, bias in zip(
        "qkv", own["query_key_value.weight"].view(5, 3, 7, 35).unbind(1), own["query_key_value.bias"].view(5, 3, 7).unbind(1)
    ):
        state |= {f"{part}_proj.weight": weight.reshape(35, 35), f"{part}_proj.bias": bias.reshape(35)}
    write("bloom", layer, bloom, state)


if __name__ == "__main__":
    main()
