#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what the small models here make of three texts at once, in float32.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_batch.py                                       # after the scripts that make the models

Of each NAME: NAME/batch-ids.npy, [3, prompt + steps]; batch-logits.npy, [3, prompt, vocab], and batch-steps.npy, [3, steps,
vocab], by transformers' own cache. Of T5: batch-source.npy, batch-mask.npy, where each text has another length, and
batch-states.npy, zeros where padding is; of Whisper: batch-mel.npy and batch-states.npy.
"""

from functools import partial

import torch
import transformers as hf
from make import FOLDER, PROMPT, STEPS, save

ROWS = 3
DECODERS = ["mistral", "qwen2", "qwen3", "gpt2", "mixtral", "mamba"]


def follow(model, ids, cache):
    whole = model(ids[:, :PROMPT], use_cache=True)
    steps, state = [], getattr(whole, cache)
    for i in range(PROMPT, ids.shape[1]):
        out = model(ids[:, i : i + 1], **{cache: state}, use_cache=True)
        state = getattr(out, cache)
        steps.append(out.logits[:, -1])
    return dict(logits=whole.logits, steps=torch.stack(steps, 1))


def saved(name, family):
    model = family.from_pretrained(FOLDER / name, dtype=torch.float32, attn_implementation="eager").eval()
    model.config._experts_implementation = "eager"
    return model


def write(name, **arrays):
    save(FOLDER / name, **{f"batch-{key}".replace("_", "-"): value for key, value in arrays.items()})


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(10)
    for name in DECODERS:
        ids = torch.randint(37, (ROWS, PROMPT + STEPS))
        cache = "cache" if name == "mamba" else "past_key_values"
        write(name, ids=ids, **follow(saved(name, hf.AutoModelForCausalLM), ids, cache))

    model = saved("t5", hf.T5ForConditionalGeneration)
    source, ids = torch.randint(1, 37, (ROWS, 13)), torch.randint(37, (ROWS, PROMPT + STEPS))
    mask = torch.arange(13) < torch.tensor([[9], [13], [4]])
    states = model.encoder(source, attention_mask=mask.long())
    rest = partial(model, None, mask.long(), encoder_outputs=states)
    made = follow(lambda ids, **k: rest(decoder_input_ids=ids, **k), ids, "past_key_values")
    write("t5", source=source, mask=mask, states=states.last_hidden_state * mask[:, :, None], ids=ids, **made)

    model = saved("whisper", hf.WhisperForConditionalGeneration)
    mel, ids = torch.randn(ROWS, 5, 22), torch.randint(37, (ROWS, PROMPT + STEPS))
    states = model.model.encoder(mel)
    made = follow(lambda ids, **k: model(encoder_outputs=states, decoder_input_ids=ids, **k), ids, "past_key_values")
    write("whisper", mel=mel, states=states.last_hidden_state, ids=ids, **made)

    ids = torch.randint(37, (ROWS, PROMPT + STEPS))
    write("deepseek", ids=ids, **follow(saved("deepseek", hf.AutoModelForCausalLM), ids, "past_key_values"))

    ids = torch.randint(37, (ROWS, PROMPT + STEPS))
    write("gemma3", ids=ids, **follow(saved("gemma3", hf.AutoModelForCausalLM), ids, "past_key_values"))


if __name__ == "__main__":
    main()
