#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tutorial's model in PyTorch: writes its weights, an input, and what each of its layers makes of it.

    pip install torch numpy safetensors
    python3 pytorch.py

Writes model.safetensors, x.npy [3, 4], y.npy [3, 3], and pytorch/<path of the layer>/output.npy. All float32.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(__file__).parent


class Block(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.norm = nn.RMSNorm(dim, eps=1e-5)
        self.gate = nn.Linear(dim, hidden, bias=False)
        self.up = nn.Linear(dim, hidden, bias=False)
        self.down = nn.Linear(hidden, dim, bias=False)

    def forward(self, x):
        y = self.norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 8)
        self.blocks = nn.ModuleList([Block(8, 16), Block(8, 16)])
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def main():
    torch.manual_seed(0)
    model, x = Classifier(), torch.randn(3, 4)

    # One folder for each layer: what its forward returned.
    def dump(path):
        def hook(layer, inputs, output):
            folder = FOLDER / "pytorch" / path
            folder.mkdir(parents=True, exist_ok=True)
            np.save(folder / "output.npy", output.detach().numpy())

        return hook

    for path, layer in model.named_modules():
        if not isinstance(layer, nn.ModuleList):
            layer.register_forward_hook(dump(path))
    with torch.no_grad():
        y = model(x)
    np.save(FOLDER / "x.npy", x.numpy())
    np.save(FOLDER / "y.npy", y.numpy())
    save_file(model.state_dict(), FOLDER / "model.safetensors")


if __name__ == "__main__":
    main()
