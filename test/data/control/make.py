#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what loops and branches in plain Python give, with PyTorch's arithmetic in float32: golden.npz.

    pip install torch numpy
    python3 make.py

- rnn: torch.nn.GRU over seven steps of a batch of three; a scan in varve.
- power: the power method, which ends when the vector moves by less than a bound, or after a number of trips; the trips that
  it took, and the norms of all that there might be.
- nested: loops in branches in loops.
"""

from pathlib import Path

import numpy as np
import torch

torch.manual_seed(0)
SEQ, BATCH, WIDTH, HIDDEN = 7, 3, 5, 4
out = {}

gru = torch.nn.GRU(WIDTH, HIDDEN)
x, h = torch.randn(SEQ, BATCH, WIDTH), torch.randn(BATCH, HIDDEN)
with torch.no_grad():
    y, last = gru(x, h[None])
out |= {"rnn.x": x, "rnn.h": h, "rnn.y": y, "rnn.last": last[0]}
out |= {f"rnn.{name}": value.detach() for name, value in gru.named_parameters()}

a = torch.randn(6, 6)
a = a @ a.T
out["power.a"] = a
for name, bound, trips in (("soon", 0.001, 40), ("never", 0.0, 9), ("none", 0.001, 0)):
    v, norms, count = torch.ones(6) / 6**0.5, torch.zeros(trips), 0
    for trip in range(trips):
        w = a @ v
        norms[trip] = w.norm()
        w = w / norms[trip]
        moved = (w - v).abs().max()
        v, count = w, count + 1
        if not moved > bound:
            break
    out |= {f"power.{name}.bound": torch.tensor(bound), f"power.{name}.v": v, f"power.{name}.norms": norms,
            f"power.{name}.count": torch.tensor(count)}

m, n = torch.randn(6, 4), torch.randint(0, 5, (6,))
out |= {"nested.m": m, "nested.n": n}
total = torch.zeros(4)
for i in range(6):
    row = m[i]
    if row.sum() > 0:
        for j in range(int(n[i])):
            row = torch.tanh(row * (j + 1)) if float(row[0]) < 0.3 else row * 0.5 + total
    else:
        while float(row.abs().max()) > 0.1:
            row = row * 0.7
    total = total + row
out["nested.total"] = total

np.savez(Path(__file__).parent / "golden.npz", **{name: value.numpy() for name, value in out.items()})
