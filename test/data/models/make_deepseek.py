#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a small random DeepSeek V3 of transformers, and what it makes of a text: the files are told in make.py.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_deepseek.py

The first of its three layers is dense; its experts stand in groups; its positions are YaRN's.
"""

import shutil

import torch
import transformers as hf
from make import FOLDER, PROMPT, STEPS, fill, follow, save

CONFIG = dict(
    vocab_size=37, hidden_size=22, intermediate_size=19, moe_intermediate_size=9, num_hidden_layers=3, num_attention_heads=3,
    num_key_value_heads=3, n_shared_experts=2, n_routed_experts=8, routed_scaling_factor=1.7, kv_lora_rank=10, q_lora_rank=11,
    qk_nope_head_dim=5, qk_rope_head_dim=6, v_head_dim=7, n_group=4, topk_group=2, num_experts_per_tok=3,
    first_k_dense_replace=1, norm_topk_prob=True, max_position_embeddings=32, bos_token_id=None, eos_token_id=None,
    pad_token_id=None,
    rope_parameters=dict(
        rope_type="yarn", rope_theta=10000.0, factor=4.0, beta_fast=2.0, beta_slow=1.0, mscale=0.7, mscale_all_dim=0.9,
        original_max_position_embeddings=8,
    ),
)  # fmt: skip


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(9)
    model = fill(hf.DeepseekV3ForCausalLM(hf.DeepseekV3Config(**CONFIG)))
    for name, value in model.named_buffers():
        if name.endswith("e_score_correction_bias"):
            value.copy_(torch.randn(value.shape) * 0.3)
    model.config._attn_implementation = "eager"
    model.config._experts_implementation = "eager"
    folder = FOLDER / "deepseek"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "model.safetensors").chmod(0o644)
    ids = torch.randint(37, (1, PROMPT + STEPS))
    logits, steps = follow(model, ids)
    exact, _ = follow(model.double(), ids)
    print(f"deepseek: {((logits - exact).abs().max() / exact.abs().max()).item():.2g} from float64")
    save(folder, ids=ids[0], logits=logits, steps=steps)


if __name__ == "__main__":
    main()
