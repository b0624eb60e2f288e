#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a small model with random weights, an input, and what each of its modules gives, in float32.

    pip install torch numpy safetensors
    python3 make.py

Forward hooks write the output of every module to outputs/<module path>/output.npy, that of the model itself to
outputs/output.npy: the form that varve's compare_hook reads. Beside it model.safetensors and input.npy [2, 5, 16].
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(__file__).parent
WIDTH, HIDDEN, LAYERS, CLASSES = 16, 24, 3, 6


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate_proj = nn.Linear(WIDTH, HIDDEN, bias=False)
        self.up_proj = nn.Linear(WIDTH, HIDDEN, bias=False)
        self.down_proj = nn.Linear(HIDDEN, WIDTH, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.mlp = MLP()

    def forward(self, x):
        return x + self.mlp(self.norm(x))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.RMSNorm(WIDTH, eps=1e-5)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))


def dump(path):
    def hook(module, inputs, output):
        folder = FOLDER / "outputs" / path
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "output.npy", output.detach().numpy())

    return hook


def main():
    torch.manual_seed(7)
    model = Model().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name:  # else all ones and zeros
                weight.add_(0.1 * torch.randn(weight.shape))
    for path, module in model.named_modules():
        module.register_forward_hook(dump(path))
    x = torch.randn(2, 5, WIDTH)
    with torch.no_grad():
        model(x)
    np.save(FOLDER / "input.npy", x.numpy())
    save_file(model.state_dict(), FOLDER / "model.safetensors")


if __name__ == "__main__":
    main()
