#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a small random Whisper, and what it makes of a spectrogram, in float32.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_whisper.py

whisper/config.json and model.safetensors as save_pretrained writes them; mel.npy; states.npy, the encoder's; ids.npy,
logits.npy and steps.npy as make.py.
"""

import shutil
from pathlib import Path

import torch
import transformers as hf
from make import fill, follow, save

FOLDER = Path(__file__).parent


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(9)
    config = hf.WhisperConfig(
        vocab_size=37, num_mel_bins=5, d_model=24, encoder_layers=2, decoder_layers=3, encoder_attention_heads=3,
        decoder_attention_heads=4, encoder_ffn_dim=20, decoder_ffn_dim=22, max_source_positions=11,
        max_target_positions=17, bos_token_id=None, eos_token_id=None, pad_token_id=None, decoder_start_token_id=0,
        suppress_tokens=None, begin_suppress_tokens=None,
    )  # fmt: skip
    model = fill(hf.WhisperForConditionalGeneration(config))
    model.config._attn_implementation = "eager"
    folder = FOLDER / "whisper"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "model.safetensors").chmod(0o644)
    mel, ids = torch.randn(1, 5, 22), torch.randint(37, (1, 16))

    def run(model, mel):
        states = model.model.encoder(mel)
        return states.last_hidden_state, *follow(
            lambda ids, **k: model(encoder_outputs=states, decoder_input_ids=ids, **k), ids
        )

    states, logits, steps = run(model, mel)
    _, exact, _ = run(model.double(), mel.double())
    print(f"whisper: {((logits - exact).abs().max() / exact.abs().max()).item():.2g} from float64")
    save(folder, mel=mel, states=states, ids=ids[0], logits=logits, steps=steps)


if __name__ == "__main__":
    main()
