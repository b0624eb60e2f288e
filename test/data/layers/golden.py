#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small networks of PyTorch's layers with random weights, and what they make of an input of odd sizes, in float32.

    pip install torch numpy safetensors transformers
    python3 golden.py

Per network NAME: NAME.safetensors (its state_dict), NAME-input.npy and NAME-expected.npy. The networks are those below; the
Mamba block is the mixer of transformers' MambaModel, without its kernels.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from transformers import MambaConfig
from transformers.models.mamba.modeling_mamba import MambaMixer

FOLDER = Path(__file__).parent


class Image(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(8, 12, 3, padding=1, groups=4)
        self.norm = nn.GroupNorm(3, 12)
        self.up = nn.ConvTranspose2d(12, 6, 4, stride=2, padding=1)
        self.instance = nn.InstanceNorm2d(6, affine=True)
        self.larger = nn.Upsample(scale_factor=1.5, mode="bilinear")
        self.mean = nn.AvgPool2d(2, ceil_mode=True)
        self.drop = nn.Dropout(0.3)
        self.last = nn.AdaptiveMaxPool2d((3, 4))

    def forward(self, x):
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        x = self.instance(self.up(torch.relu(self.norm(self.conv2(x)))))
        return self.last(self.drop(self.mean(self.larger(x))))


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(5, 8, 3, stride=2, padding=1, dilation=2)
        self.norm = nn.BatchNorm1d(8, affine=False, eps=1e-3)
        self.up = nn.ConvTranspose1d(8, 4, 3, stride=2, output_padding=1, bias=False)
        self.plain = nn.InstanceNorm1d(4)
        self.mean = nn.AdaptiveAvgPool1d(5)

    def forward(self, x):
        return self.mean(self.plain(self.up(torch.relu(self.norm(self.conv(x))))))


class Volume(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(2, 4, 3, padding=1)
        self.pool = nn.MaxPool3d(2)
        self.norm = nn.GroupNorm(2, 4, affine=False)
        self.up = nn.ConvTranspose3d(4, 3, 2, stride=2)

    def forward(self, x):
        return self.up(self.norm(self.pool(self.conv(x))))


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        config = MambaConfig(hidden_size=24, state_size=5, conv_kernel=4, expand=2, time_step_rank=3, use_mambapy=False)
        self.mixer = MambaMixer(config, layer_idx=0)

    def forward(self, x):
        return self.mixer(x)

    def state_dict(self):
        return self.mixer.state_dict()


class Stacked(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj = nn.Linear(13, 9)
        self.k_proj = nn.Linear(13, 5)

    def forward(self, x):
        return torch.cat([self.q_proj(x), self.k_proj(x)], -1)


def write(name, network, shape, generator):
    network.eval()
    with torch.no_grad():
        for key, value in network.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.randn(value.shape, generator=generator) * (0.3 if value.dim() > 1 else 0.5))
            if key.endswith("running_var") or key == "A_log":
                value.abs_().add_(0.3)
        data = torch.randn(shape, generator=generator)
        result = network(data)
        exact = network.double()(data.double())
        assert torch.allclose(result.double(), exact.double(), rtol=2e-5, atol=2e-6), name
    network.float()
    state = {k: v.contiguous() for k, v in network.state_dict().items()}
    save_file(state, FOLDER / f"{name}.safetensors")
    np.save(FOLDER / f"{name}-input.npy", data.numpy())
    np.save(FOLDER / f"{name}-expected.npy", result.numpy())
    print(name, list(shape), list(result.shape), sum(v.numel() for v in state.values()), "parameters")


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(11)
    write("image", Image(), (2, 3, 37, 43), generator)
    write("sequence", Sequence(), (3, 5, 29), generator)
    write("volume", Volume(), (1, 2, 7, 6, 9), generator)
    write("mamba", Mixer(), (1, 11, 24), generator)
    write("stacked", Stacked(), (3, 7, 13), generator)


if __name__ == "__main__":
    main()
