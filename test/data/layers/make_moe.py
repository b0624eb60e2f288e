#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small mixtures of experts of transformers with random weights, and what they make of an input of odd sizes, in float32.

    pip install torch numpy safetensors transformers            # made with transformers 5.24
    python3 make_moe.py

Of each block NAME: moe/NAME.safetensors (its state_dict), moe/NAME-input.npy and moe/NAME-expected.npy. GPT-OSS stores its
experts' matrices [in, out], gate and up alternating; here they are as Varve's layer has them.
"""

from pathlib import Path

import numpy as np
import torch
import transformers as hf
from safetensors.torch import save_file
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3MoE
from transformers.models.gpt_oss.modeling_gpt_oss import GptOssMLP
from transformers.models.mixtral.modeling_mixtral import MixtralSparseMoeBlock
from transformers.models.qwen2_moe.modeling_qwen2_moe import Qwen2MoeSparseMoeBlock
from transformers.models.qwen3_moe.modeling_qwen3_moe import Qwen3MoeSparseMoeBlock

FOLDER = Path(__file__).parent / "moe"
DIM, HIDDEN = 13, 9
BLOCKS = {
    "mixtral": lambda: MixtralSparseMoeBlock(
        hf.MixtralConfig(hidden_size=DIM, intermediate_size=HIDDEN, num_local_experts=5, num_experts_per_tok=2)
    ),
    "qwen3": lambda: Qwen3MoeSparseMoeBlock(
        hf.Qwen3MoeConfig(hidden_size=DIM, moe_intermediate_size=HIDDEN, num_experts=7, num_experts_per_tok=3, norm_topk_prob=False)
    ),
    "qwen2": lambda: Qwen2MoeSparseMoeBlock(
        hf.Qwen2MoeConfig(
            hidden_size=DIM, moe_intermediate_size=HIDDEN, shared_expert_intermediate_size=11, num_experts=6,
            num_experts_per_tok=2, norm_topk_prob=True,
        )
    ),
    "deepseek": lambda: DeepseekV3MoE(
        hf.DeepseekV3Config(
            hidden_size=DIM, moe_intermediate_size=HIDDEN, n_routed_experts=12, num_experts_per_tok=3, n_group=4,
            topk_group=2, n_shared_experts=2, routed_scaling_factor=2.5, norm_topk_prob=True,
        )
    ),
    "gptoss": lambda: GptOssMLP(
        hf.GptOssConfig(hidden_size=DIM, intermediate_size=HIDDEN, num_local_experts=5, num_experts_per_tok=2)
    ),
}  # fmt: skip


def state_of(block, name):
    state = {key: value.float().contiguous().clone() for key, value in block.state_dict().items()}
    if name != "gptoss":
        return state
    for key in ("experts.gate_up_proj", "experts.gate_up_proj_bias"):
        state[key] = torch.cat([state[key][..., ::2], state[key][..., 1::2]], -1)
    for key in ("experts.gate_up_proj", "experts.down_proj"):
        state[key] = state[key].transpose(1, 2).contiguous()
    return {key.replace("router.", "gate."): value for key, value in state.items()}


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for name, build in BLOCKS.items():
        generator = torch.Generator().manual_seed(7)
        block = build().eval()
        for key, value in sorted(block.state_dict().items()):
            size = 3 if name == "gptoss" and "gate_up" in key else 0.4  # some values are clamped
            value.copy_(torch.randn(value.shape, generator=generator) * size)
        data = torch.randn((3, 23, DIM), generator=generator)
        run = lambda x: (lambda out: out[0] if isinstance(out, tuple) else out)(block(x))
        expected = run(data)
        save_file(state_of(block, name), FOLDER / f"{name}.safetensors")
        np.save(FOLDER / f"{name}-input.npy", data.numpy())
        np.save(FOLDER / f"{name}-expected.npy", expected.numpy())
        block.double()
        exact = run(data.double())
        print(f"{name}: {((expected - exact).abs().max() / exact.abs().max()).item():.2g} from float64")


if __name__ == "__main__":
    main()
