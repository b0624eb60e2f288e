#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a small random Mixtral and a Qwen 3 MoE of transformers, and what they make of a text: the files are told in make.py.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_mixtral.py
"""

import shutil

import torch
import transformers as hf
from make import DECODER, FOLDER, PROMPT, STEPS, fill, follow, save

MODELS = {
    "mixtral": lambda: hf.MixtralForCausalLM(hf.MixtralConfig(**DECODER, num_local_experts=5, num_experts_per_tok=2, sliding_window=6)),
    "qwen3-moe": lambda: hf.Qwen3MoeForCausalLM(
        hf.Qwen3MoeConfig(**DECODER, moe_intermediate_size=9, num_experts=6, num_experts_per_tok=3, norm_topk_prob=True)
    ),
}


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(9)
    for name, build in MODELS.items():
        model = fill(build())
        model.config._attn_implementation = "eager"
        model.config._experts_implementation = "eager"
        folder = FOLDER / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        (folder / "model.safetensors").chmod(0o644)
        ids = torch.randint(37, (1, PROMPT + STEPS))
        logits, steps = follow(model, ids)
        exact, _ = follow(model.double(), ids)
        print(f"{name}: {((logits - exact).abs().max() / exact.abs().max()).item():.2g} from float64")
        save(folder, ids=ids[0], logits=logits, steps=steps)


if __name__ == "__main__":
    main()
