#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small recurrent networks of PyTorch with random weights, and what they make of inputs of odd sizes, in float32.

    pip install torch numpy safetensors
    python3 make_recurrent.py

Of each network NAME: recurrent/NAME.safetensors (its state_dict) and recurrent/NAME.npz: x, h0 and c0; output, h and c, of
these; zero_output, zero_h and zero_c, from zeros; and one_x, its first position of its first sequence, and one_output, one_h and
one_c, what is made of that, from zeros; and single_x, its second sequence without a batch, single_h0 and so on. Of a cell the
same without outputs.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(__file__).parent / "recurrent"
NETWORKS = {
    "lstm": lambda: nn.LSTM(5, 7, num_layers=2, bidirectional=True, batch_first=True),
    "lstm-proj": lambda: nn.LSTM(5, 7, num_layers=2, bidirectional=True, proj_size=3, bias=False),
    "lstm-one": lambda: nn.LSTM(6, 33),
    "gru": lambda: nn.GRU(5, 7, num_layers=2, bidirectional=True),
    "gru-one": lambda: nn.GRU(6, 9, batch_first=True, bias=False),
    "rnn": lambda: nn.RNN(5, 7, num_layers=3, batch_first=True),
    "rnn-relu": lambda: nn.RNN(5, 7, bidirectional=True, nonlinearity="relu"),
    "lstm-cell": lambda: nn.LSTMCell(5, 7),
    "gru-cell": lambda: nn.GRUCell(5, 7),
    "rnn-cell": lambda: nn.RNNCell(5, 7, nonlinearity="relu", bias=False),
}
SEQ, BATCH = 11, 3


def named(result, prefix=""):
    """What a network returns, by name."""
    if torch.is_tensor(result):
        return {prefix + "h": result}
    output, state = result
    if torch.is_tensor(state) and state.dim() == 2:
        return {prefix + "h": output, prefix + "c": state}
    state = {prefix + "h": state} if torch.is_tensor(state) else dict(zip((prefix + "h", prefix + "c"), state))
    return {prefix + "output": output, **state}


def named_single(result, cell):
    flat = [result] if torch.is_tensor(result) else [*result[:1], *([result[1]] if torch.is_tensor(result[1]) else result[1])]
    return dict(zip(("single_h", "single_c") if cell else ("single_output", "single_h", "single_c"), flat))


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for name, build in NETWORKS.items():
        generator = torch.Generator().manual_seed(5)
        network = build().eval()
        for _, value in sorted(network.state_dict().items()):
            value.copy_(torch.randn(value.shape, generator=generator) * 0.5)
        random = lambda *shape: torch.randn(shape, generator=generator)
        size = getattr(network, "proj_size", 0) or network.hidden_size
        if "cell" in name:
            x, h, c = random(BATCH, network.input_size), random(BATCH, size), random(BATCH, size)
        else:
            count = network.num_layers * (2 if network.bidirectional else 1)
            shape = (BATCH, SEQ) if network.batch_first else (SEQ, BATCH)
            x, h, c = random(*shape, network.input_size), random(count, BATCH, size), random(count, BATCH, network.hidden_size)
        state = (h, c) if "lstm" in name else h
        arrays = {"x": x, "h0": h, **({"c0": c} if "lstm" in name else {})}
        arrays |= named(network(x, state)) | named(network(x), "zero_")
        one = x[:1] if "cell" in name else x[:1, :1]
        arrays |= {"one_x": one, **named(network(one), "one_")}
        second = 0 if "cell" in name or network.batch_first else 1
        single = tuple(value.select(0 if "cell" in name else 1, 1) for value in (h, c))
        arrays |= {"single_x": x.select(second, 1), "single_h0": single[0]}
        if "lstm" in name:
            arrays["single_c0"] = single[1]
        arrays |= named_single(network(arrays["single_x"], single if "lstm" in name else single[0]), "cell" in name)
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, FOLDER / f"{name}.safetensors")
        np.savez(FOLDER / f"{name}.npz", **{k: v.numpy() for k, v in arrays.items()})
        print(name, {k: list(v.shape) for k, v in arrays.items()})


if __name__ == "__main__":
    main()
