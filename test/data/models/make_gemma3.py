#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small random Gemma 3 of transformers, and what they make of a text: the files are told in make.py.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_gemma3.py

`gemma3` has a window of 5, of which the prompt sees more, in the first layers of each three, scaled positions in the others, and
capped logits; `gemma3-bf16` is it in bfloat16, with a config.json as older versions wrote it.
"""

import json
import shutil

import torch
import transformers as hf
from make import DECODER, FOLDER, PROMPT, STEPS, fill, follow, save

OWN = dict(
    hidden_size=27, num_hidden_layers=4, query_pre_attn_scalar=7, sliding_window=5, final_logit_softcapping=4.0, tie_word_embeddings=True,
    layer_types=["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
    rope_parameters={
        "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 50000.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 700.0},
    },
)  # fmt: skip
OLD = dict(
    rope_theta=50000.0, rope_local_base_freq=700.0, rope_scaling={"rope_type": "linear", "factor": 4.0}, sliding_window_pattern=3,
    torch_dtype="bfloat16",
)  # fmt: skip


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(12)
    ids = torch.randint(37, (1, PROMPT + STEPS))
    for name, dtype in [("gemma3", torch.float32), ("gemma3-bf16", torch.bfloat16)]:
        model = fill(hf.Gemma3ForCausalLM(hf.Gemma3TextConfig(**{**DECODER, **OWN})))
        for key, value in model.named_parameters():
            if "norm" in key:
                value.sub_(1)  # it is stored less 1
        model = model.to(dtype)
        model.config._attn_implementation = "eager"
        folder = FOLDER / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        (folder / "model.safetensors").chmod(0o644)
        if dtype == torch.bfloat16:
            config = json.loads((folder / "config.json").read_text())
            for key in ("rope_parameters", "layer_types", "dtype"):
                del config[key]
            (folder / "config.json").write_text(json.dumps({**config, **OLD}, indent=2) + "\n")
        logits, steps = follow(model, ids)
        exact, _ = follow(model.double(), ids)
        print(f"{name}: {((logits - exact).abs().max() / exact.abs().max()).item():.2g} from float64")
        save(folder, ids=ids[0], logits=logits.float(), steps=steps.float())


if __name__ == "__main__":
    main()
