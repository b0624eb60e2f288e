#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes golden/: what Hugging Face's LlamaForCausalLM makes of this folder's weights, in float32 and in bfloat16.

    pip install torch numpy safetensors transformers
    python3 golden.py

README.md says what the files hold. The model of train.py is compared on the way.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import LlamaForCausalLM
from transformers import __version__ as transformers_version

import train

FOLDER = Path(__file__).parent
PROMPTS = {
    "beginning": b"In the beginning ",
    "one-byte": b"A",
    "odd-length": b"And it came to pass in those days, that the king of Babylon spake unto his se",
}
NEW_TOKENS = 64


@torch.no_grad()
def run(model, prompt):
    """Logits of all positions of the prompt, the greedy tokens, and the logits that each was taken from."""
    tokens = torch.tensor([list(prompt)])
    logits = model(tokens).logits[0].float()
    out = model.generate(
        tokens,
        attention_mask=torch.ones_like(tokens),
        do_sample=False,
        max_new_tokens=NEW_TOKENS,
        pad_token_id=0,
        output_logits=True,
        return_dict_in_generate=True,
    )
    greedy = out.sequences[0, len(prompt) :]
    return logits, greedy, torch.stack([step[0].float() for step in out.logits])


def main():
    torch.set_num_threads(1)
    folder = FOLDER / "golden"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

    ours = train.Llama(train.CONFIG)
    ours.load_state_dict({n: w.float() for n, w in load_file(FOLDER / "model.safetensors").items()})
    assert json.loads((FOLDER / "config.json").read_text()) == train.CONFIG

    index = {"torch": torch.__version__.split("+")[0], "transformers": transformers_version, "runs": []}
    in_f32 = {}
    for dtype, kind in (("f32", torch.float32), ("bf16", torch.bfloat16)):
        model = LlamaForCausalLM.from_pretrained(FOLDER, dtype=kind).eval()
        assert model.lm_head.weight.data_ptr() == model.model.embed_tokens.weight.data_ptr()
        for name, prompt in PROMPTS.items():
            logits, tokens, steps = run(model, prompt)
            if dtype == "f32":
                with torch.no_grad():
                    other, what = ours(torch.tensor([list(prompt)]))[0], "train.py's model"
                assert torch.allclose(other, logits, rtol=1e-4, atol=1e-4)
                in_f32[name] = logits
                np.save(folder / f"{name}-prompt.npy", np.array(list(prompt), dtype=np.int64))
            else:
                other, what = in_f32[name], "float32"
            print(f"{name}, {dtype}: differs from {what} by {(other - logits).abs().max().item():.2g} at most")
            np.save(folder / f"{name}-{dtype}-logits.npy", logits.numpy())
            np.save(folder / f"{name}-{dtype}-tokens.npy", tokens.numpy().astype(np.int64))
            np.save(folder / f"{name}-{dtype}-steps.npy", steps.numpy())
            best = steps.topk(2).values
            margin = (best[:, 0] - best[:, 1]).min().item()
            text = bytes(tokens.tolist()).decode(errors="replace")
            print(f"  {prompt.decode()}|{text!r}, smallest margin {margin:.3g}")
            index["runs"].append({"prompt": name, "dtype": dtype, "prompt_text": prompt.decode(), "greedy_text": text})
    (folder / "golden.json").write_text(json.dumps(index, indent=2) + "\n")


if __name__ == "__main__":
    assert len(PROMPTS["odd-length"]) == 77
    main()
