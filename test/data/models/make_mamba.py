#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a small random Mamba of transformers, and what it makes of a text: the files are told in make.py.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_mamba.py
"""

import shutil

import torch
import transformers as hf
from make import FOLDER, PROMPT, STEPS, fill, save

CONFIG = dict(
    vocab_size=37, hidden_size=26, state_size=5, num_hidden_layers=3, expand=2, conv_kernel=3, time_step_rank=3,
    use_bias=True, bos_token_id=None, eos_token_id=None, pad_token_id=None,
)  # fmt: skip


def follow(model, ids):
    whole = model(ids[:, :PROMPT], use_cache=True)
    steps, cache = [], whole.cache
    for i in range(PROMPT, ids.shape[1]):
        out = model(ids[:, i : i + 1], cache=cache, use_cache=True)
        cache = out.cache
        steps.append(out.logits[0, 0])
    return whole.logits[0], torch.stack(steps)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(9)
    model = fill(hf.MambaForCausalLM(hf.MambaConfig(**CONFIG)))
    folder = FOLDER / "mamba"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "model.safetensors").chmod(0o644)
    ids = torch.randint(37, (1, PROMPT + STEPS))
    logits, steps = follow(model, ids)
    whole = model(ids).logits[0, PROMPT:]
    print(f"mamba: steps {((steps - whole).abs().max() / whole.abs().max()).item():.2g} from the whole at once")
    save(folder, ids=ids[0], logits=logits, steps=steps)


if __name__ == "__main__":
    main()
