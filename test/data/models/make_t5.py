#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small random T5 models, of the first version and of 1.1, and what they make of two texts, in float32.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_t5.py

Of each NAME: NAME/config.json and NAME/model.safetensors as save_pretrained writes them (of 1.1, as its published files are:
with a head of its own); NAME/source.npy, a text of 13 tokens, and mask.npy, where the last 4 of them are padding;
states.npy and masked-states.npy, the encoder's of it, without and with the mask; ids.npy, logits.npy and steps.npy as make.py,
of the decoder without the mask, and masked-logits.npy, masked-steps.npy with it.
"""

import json
import shutil
from functools import partial
from pathlib import Path

import torch
import transformers as hf
from make import fill, follow, save
from safetensors.torch import save_file

FOLDER = Path(__file__).parent
T5 = dict(
    vocab_size=37, d_model=20, d_kv=7, d_ff=18, num_layers=2, num_decoder_layers=3, num_heads=3,
    relative_attention_num_buckets=8, relative_attention_max_distance=11, n_positions=19, bos_token_id=None,
    eos_token_id=None, pad_token_id=0, decoder_start_token_id=0,
)  # fmt: skip
MODELS = {
    "t5": dict(feed_forward_proj="relu"),
    "t5-v1_1": dict(feed_forward_proj="gated-gelu", tie_word_embeddings=False),
}


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(9)
    for name, options in MODELS.items():
        model = hf.T5ForConditionalGeneration(hf.T5Config(**T5, **options))
        own_head = not options.get("tie_word_embeddings", True)
        if own_head:
            model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.clone())
        model = fill(model)
        for key, value in model.named_parameters():
            if "SelfAttention.relative" in key:
                value.mul_(5)
            if "Attention.q." in key:
                value.mul_(0.3)  # scores are not scaled
        model.config._attn_implementation = "eager"
        folder = FOLDER / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        if own_head:
            state = {k: v.contiguous() for k, v in model.state_dict().items() if "embed_tokens" not in k}
            save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
            config = json.loads((folder / "config.json").read_text())
            config["tie_word_embeddings"] = False
            config.pop("scale_decoder_outputs", None)
            (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        (folder / "model.safetensors").chmod(0o644)
        source, ids = torch.randint(1, 37, (1, 13)), torch.randint(37, (1, 16))
        mask = torch.ones(1, 13, dtype=torch.int64)
        mask[0, 9:] = 0
        save(folder, source=source, mask=mask.bool(), ids=ids[0])
        for prefix, seen in {"": torch.ones_like(mask), "masked-": mask}.items():

            def run(model):
                states = model.encoder(source, attention_mask=seen)
                rest = partial(model, None, seen, encoder_outputs=states)
                return states.last_hidden_state, *follow(lambda ids, **k: rest(decoder_input_ids=ids, **k), ids)

            states, logits, steps = run(model.float())
            _, exact, _ = run(model.double())
            print(f"{name}: {((logits - exact).abs().max() / exact.abs().max()).item():.2g} from float64")
            save(folder, **{prefix + "states": states, prefix + "logits": logits, prefix + "steps": steps})


if __name__ == "__main__":
    main()
