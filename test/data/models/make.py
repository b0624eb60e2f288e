#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small random models of transformers, and what they make of a prompt and of tokens after it, in float32.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make.py

Of each decoder NAME: NAME/config.json and NAME/model.safetensors as save_pretrained writes them; NAME/ids.npy, the prompt
and then the tokens that are given one by one; NAME/logits.npy, those of the prompt's positions, all at once;
NAME/steps.npy, those of each token after it, by transformers' own cache. Differs from float64 by the number printed.
Of BERT: ids, types and mask, and the encoder's last hidden states and pooled output.
"""

import shutil
from pathlib import Path

import numpy as np
import torch
import transformers as hf

FOLDER = Path(__file__).parent
PROMPT, STEPS = 9, 7
DECODER = dict(
    vocab_size=37, hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
    num_key_value_heads=1, head_dim=10, max_position_embeddings=24, bos_token_id=None, eos_token_id=None,
    pad_token_id=None,
)  # fmt: skip
MODELS = {
    "mistral": lambda: hf.MistralForCausalLM(hf.MistralConfig(**DECODER, sliding_window=5)),
    "qwen2": lambda: hf.Qwen2ForCausalLM(hf.Qwen2Config(**{**DECODER, "num_attention_heads": 4, "num_key_value_heads": 2})),
    "qwen3": lambda: hf.Qwen3ForCausalLM(hf.Qwen3Config(**DECODER, rope_theta=1e6, tie_word_embeddings=True)),
    "gpt2": lambda: hf.GPT2LMHeadModel(
        hf.GPT2Config(vocab_size=37, n_positions=24, n_embd=24, n_layer=2, n_head=3, n_inner=20, bos_token_id=None, eos_token_id=None)
    ),
}


def fill(model):
    """Values of a size that keeps attention soft; none that hides a mistake, as a norm's 1 or a bias's 0 would."""
    generator = torch.Generator().manual_seed(9)
    for name, value in sorted(model.named_parameters()):
        value.copy_(torch.randn(value.shape, generator=generator) * 0.3 + (1 if "norm" in name or "ln_" in name else 0))
    return model.eval()


def save(folder, **arrays):
    for name, value in arrays.items():
        np.save(folder / f"{name}.npy", value.numpy())


def follow(model, ids):
    whole = model(ids[:, :PROMPT], use_cache=True)
    steps, cache = [], whole.past_key_values
    for i in range(PROMPT, ids.shape[1]):
        out = model(ids[:, i : i + 1], past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        steps.append(out.logits[0, 0])
    return whole.logits[0], torch.stack(steps)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(9)
    for name, build in MODELS.items():
        model = fill(build())
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

    config = hf.BertConfig(
        vocab_size=37, hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=24, pad_token_id=0,
    )  # fmt: skip
    model = fill(hf.BertModel(config))
    model.config._attn_implementation = "eager"
    folder = FOLDER / "bert"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    ids, types = torch.randint(1, 37, (2, 11)), torch.randint(2, (2, 11))
    mask = torch.ones(2, 11, dtype=torch.int64)
    mask[1, 7:] = 0
    out = model(ids, token_type_ids=types, attention_mask=mask)
    save(folder, ids=ids, types=types, mask=mask.bool(), hidden=out.last_hidden_state, pooled=out.pooler_output)


if __name__ == "__main__":
    main()
