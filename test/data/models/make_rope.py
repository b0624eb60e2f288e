#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small random decoders whose rotary positions are scaled, as make.py writes its models.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_rope.py

The training's length is 8: the prompt of 9 and what follows it go beyond it.
"""

import shutil

import torch
import transformers as hf
from make import DECODER, FOLDER, PROMPT, STEPS, fill, follow, save

TRAINED = dict(original_max_position_embeddings=8)
MODELS = {
    "llama-llama3": (hf.LlamaConfig, hf.LlamaForCausalLM, dict(
        rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, **TRAINED)),
    "llama-yarn": (hf.LlamaConfig, hf.LlamaForCausalLM, dict(rope_type="yarn", factor=3.0, beta_fast=1.5, beta_slow=0.2, **TRAINED)),
    "qwen3-yarn": (hf.Qwen3Config, hf.Qwen3ForCausalLM, dict(rope_type="yarn", factor=3.0, beta_fast=1.5, beta_slow=0.2, **TRAINED)),
}  # fmt: skip


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(10)
    for name, (config, model, parameters) in MODELS.items():
        model = fill(model(config(**DECODER, rope_parameters={"rope_theta": 10000.0, **parameters})))
        model.config._attn_implementation = "eager"
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
