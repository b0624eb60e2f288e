#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes attention to another sequence, by PyTorch, and T5's bias of relative positions, by transformers, in float32.

    pip install torch numpy safetensors transformers
    python3 golden_cross.py

`cross` is torch.nn.MultiheadAttention with kdim and vdim, and a mask; `cross-grouped` has fewer heads of key and value, by
torch's scaled_dot_product_attention, and a scale. Of each NAME.safetensors, under the names of the layer here, and -x, -context,
-mask, -expected. `relative` and `relative-past` are one bias: of both directions, and of what is before the query.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from transformers import T5Config
from transformers.models.t5.modeling_t5 import T5Attention

FOLDER = Path(__file__).parent / "cross"


def write(name, state, **arrays):
    save_file({k: v.contiguous() for k, v in state.items()}, FOLDER / f"{name}.safetensors")
    for key, value in arrays.items():
        np.save(FOLDER / f"{name}-{key}.npy", value.numpy())


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(11)
    layer = nn.MultiheadAttention(15, 3, kdim=11, vdim=11, batch_first=True).eval()
    for value in layer.parameters():
        value.copy_(torch.randn(value.shape) * 0.5)
    x, context = torch.randn(2, 7, 15), torch.randn(2, 13, 11)
    mask = torch.ones(2, 13, dtype=torch.bool)
    mask[1, 9:] = False
    own = layer.state_dict()
    state = {"o_proj.weight": own["out_proj.weight"], "o_proj.bias": own["out_proj.bias"]}
    for part, bias in zip("qkv", own["in_proj_bias"].chunk(3)):
        state |= {f"{part}_proj.weight": own[f"{part}_proj_weight"], f"{part}_proj.bias": bias}
    expected = layer(x, context, context, key_padding_mask=~mask, need_weights=False)[0]
    write("cross", state, x=x, context=context, mask=mask, expected=expected)

    sizes = {"q": (24, 13), "k": (12, 9), "v": (12, 9), "o": (13, 24)}
    state = {f"{part}_proj.weight": torch.randn(size) * 0.5 for part, size in sizes.items()}
    x, context, mask = torch.randn(2, 5, 13), torch.randn(2, 11, 9), torch.randn(1, 4, 5, 11)
    q, k, v = (
        (value @ state[f"{part}_proj.weight"].T).view(2, -1, heads, 6).transpose(1, 2)
        for part, value, heads in [("q", x, 4), ("k", context, 2), ("v", context, 2)]
    )
    out = nn.functional.scaled_dot_product_attention(q, k, v, mask, scale=0.7, enable_gqa=True)
    expected = out.transpose(1, 2).reshape(2, 5, 24) @ state["o_proj.weight"].T
    write("cross-grouped", state, x=x, context=context, mask=mask, expected=expected)

    for name, decoder, queries, keys, past in [("relative", False, 301, 301, 0), ("relative-past", True, 3, 303, 300)]:
        layer = T5Attention(T5Config(d_model=8, num_heads=1, is_decoder=decoder), True, layer_idx=0)
        layer.relative_attention_bias.weight.copy_(torch.arange(32.0)[:, None] + 0.5)
        bias = layer.compute_bias(queries, keys, past_seen_tokens=past)
        rows = bias if decoder else bias[:, :, [0, 150, 300]]
        write(name, {"weight": layer.relative_attention_bias.weight}, expected=rows)


if __name__ == "__main__":
    main()
