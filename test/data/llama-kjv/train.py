#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the byte-level Llama of this folder on the King James Bible, on one CPU core, in well under an hour.

    apt install bible-kjv
    pip install torch numpy safetensors
    python3 train.py                  # writes config.json and model.safetensors beside itself
    python3 golden.py                 # then the expected outputs (needs transformers too)

Tokens are bytes: there is no tokenizer. The seed is fixed, so the same PyTorch on the same kind of CPU gives the same
weights; elsewhere rounding differs and the loss agrees to about two digits. Matrices are trained with Muon, the
embedding and the norms with Adam; arithmetic is bfloat16 with float32 master weights (`--dtype float32` to compare).
"""

import argparse
import json
import math
import os
import re
import subprocess
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": None,
    "eos_token_id": None,
    "head_dim": 32,
    "hidden_act": "silu",
    "hidden_size": 192,
    "initializer_range": 0.02,
    "intermediate_size": 512,
    "max_position_embeddings": 512,
    "mlp_bias": False,
    "model_type": "llama",
    "num_attention_heads": 6,
    "num_hidden_layers": 6,
    "num_key_value_heads": 2,
    "pad_token_id": None,
    "rms_norm_eps": 1e-5,
    "rope_scaling": None,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
    "use_cache": True,
    "vocab_size": 256,
}


# ---- text --------------------------------------------------------------------------------------------------------


def read_text(path):
    """The whole Bible as a list of chapters: one verse per line, without verse numbers."""
    if path:
        raw = Path(path).read_text()
    else:
        raw = subprocess.run(
            ["bible", "-f", "gen1:1-rev22:21"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
        ).stdout
    chapters, current = [], None
    for line in raw.splitlines():
        chapter, verse = re.fullmatch(r"(\w+):\d+ (.+)", line).groups()
        if chapter != current:
            chapters.append([])
            current = chapter
        chapters[-1].append(" ".join(verse.split()) + "\n")
    return ["".join(verses) for verses in chapters]


def split_text(chapters):
    """Every fiftieth chapter is held out. Chapters are separated by an empty line."""

    def to_tensor(some):
        return torch.from_numpy(np.frombuffer("\n".join(some).encode(), dtype=np.uint8).astype(np.int64))

    held_out = [c for i, c in enumerate(chapters) if i % 50 == 49]
    return to_tensor([c for i, c in enumerate(chapters) if i % 50 != 49]), to_tensor(held_out)


# ---- model: module names give the key names of Hugging Face's LlamaForCausalLM -----------------------------------


class RMSNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        y = x.float()
        y = y * torch.rsqrt(y.square().mean(-1, keepdim=True) + self.eps)
        return self.weight * y.to(x.dtype)


def rope_tables(length, head_dim, theta):
    frequencies = 1.0 / theta ** (torch.arange(0, head_dim, 2).float() / head_dim)
    angles = torch.outer(torch.arange(length).float(), frequencies)
    return angles.cos(), angles.sin()


def rope(x, cos, sin):
    """x is [batch, heads, sequence, head_dim]; element i is rotated with element i + head_dim / 2."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
        self.q_proj = nn.Linear(c["hidden_size"], self.heads * self.head_dim, bias=False)
        self.k_proj = nn.Linear(c["hidden_size"], self.kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(c["hidden_size"], self.kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(self.heads * self.head_dim, c["hidden_size"], bias=False)

    def forward(self, x, cos, sin, causal):
        batch, length, _ = x.shape
        q, k, v = (
            p(x).view(batch, length, -1, self.head_dim).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj)
        )
        q, k = rope(q, cos, sin), rope(k, cos, sin)
        repeat = self.heads // self.kv_heads
        k, v = k.repeat_interleave(repeat, dim=1), v.repeat_interleave(repeat, dim=1)
        scores = q @ k.mT * self.head_dim**-0.5 + causal  # quicker to train here than scaled_dot_product_attention
        out = scores.softmax(-1) @ v
        return self.o_proj(out.transpose(1, 2).reshape(batch, length, -1))


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], bias=False)
        self.up_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], bias=False)
        self.down_proj = nn.Linear(c["intermediate_size"], c["hidden_size"], bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn = Attention(c)
        self.mlp = MLP(c)
        self.input_layernorm = RMSNorm(c["hidden_size"], c["rms_norm_eps"])
        self.post_attention_layernorm = RMSNorm(c["hidden_size"], c["rms_norm_eps"])

    def forward(self, x, cos, sin, causal):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, causal)
        return x + self.mlp(self.post_attention_layernorm(x))


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"]))
        self.norm = RMSNorm(c["hidden_size"], c["rms_norm_eps"])
        cos, sin = rope_tables(c["max_position_embeddings"], c["head_dim"], c["rope_theta"])
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, tokens):
        x = self.embed_tokens(tokens)
        cos, sin = self.cos[: tokens.shape[1]].to(x.dtype), self.sin[: tokens.shape[1]].to(x.dtype)
        causal = torch.full((tokens.shape[1],) * 2, -torch.inf, dtype=x.dtype).triu(1)
        for layer in self.layers:
            x = layer(x, cos, sin, causal)
        return self.norm(x)


class Llama(nn.Module):
    """The head is the embedding, so there is no lm_head.weight."""

    def __init__(self, c):
        super().__init__()
        self.model = Model(c)

    def forward(self, tokens):
        return F.linear(self.model(tokens), self.model.embed_tokens.weight)

    def reset(self, seed):
        generator = torch.Generator().manual_seed(seed)
        for name, p in self.named_parameters():
            if p.ndim == 2:
                scale = 0.02 if "embed" in name else p.shape[1] ** -0.5
                if "o_proj" in name or "down_proj" in name:
                    scale /= math.sqrt(2 * len(self.model.layers))
                p.data.normal_(0.0, scale, generator=generator)


# ---- optimizer ---------------------------------------------------------------------------------------------------


class Optimizer:
    """Muon (momentum, then the nearest orthogonal matrix) for the matrices of the layers, Adam for everything else."""

    def __init__(self, master, muon_rate=0.02, adam_rate=0.004, weight_decay=0.05):
        self.matrices, self.others = {}, []
        for name, p in master.items():
            if ".layers." in name and p.ndim == 2:
                self.matrices.setdefault(tuple(p.shape), []).append(name)  # one batched step per shape
            else:
                self.others.append(name)
        self.master, self.muon_rate, self.adam_rate, self.weight_decay = master, muon_rate, adam_rate, weight_decay
        self.momentum = {s: torch.zeros(len(n), *s) for s, n in self.matrices.items()}
        self.first = {n: torch.zeros_like(master[n]) for n in self.others}
        self.second = {n: torch.zeros_like(master[n]) for n in self.others}
        self.count = 0

    @staticmethod
    def orthogonal(m):
        x = m.bfloat16()
        tall = x.shape[-2] > x.shape[-1]
        x = x.mT if tall else x
        x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
        for a, b, c in [(3.4445, -4.7750, 2.0315)] * 5:
            s = x @ x.mT
            x = a * x + (b * s + c * (s @ s)) @ x
        return (x.mT if tall else x).float()

    def step(self, gradients, factor):
        self.count += 1
        for shape, names in self.matrices.items():
            g = torch.stack([gradients[n].float() for n in names])
            buffer = self.momentum[shape].lerp_(g, 0.05)
            update = self.orthogonal(g.lerp(buffer, 0.95)) * max(1, shape[0] / shape[1]) ** 0.5
            rate = self.muon_rate * factor
            for name, u in zip(names, update):
                self.master[name].mul_(1 - rate * self.weight_decay).sub_(rate * u)
        for name in self.others:
            g = gradients[name].float()
            first = self.first[name].lerp_(g, 0.1)
            second = self.second[name].lerp_(g * g, 0.02)
            first, second = first / (1 - 0.9**self.count), second / (1 - 0.98**self.count)
            self.master[name].sub_(self.adam_rate * factor * first / (second.sqrt() + 1e-8))


# ---- training ----------------------------------------------------------------------------------------------------


@torch.no_grad()
def bits_per_byte(model, data, context):
    """Mean over non-overlapping windows, so the first bytes of each window are predicted from little."""
    model.eval()
    windows = data[: (len(data) - 1) // context * context].view(-1, context)
    targets = data[1 : windows.numel() + 1].view(-1, context)
    total = 0.0
    for x, y in zip(windows.split(16), targets.split(16)):
        total += F.cross_entropy(model(x).float().flatten(0, 1), y.flatten(), reduction="sum").item()
    return total / targets.numel() / math.log(2)


@torch.no_grad()
def continue_text(model, prompt, count):
    tokens = list(prompt)
    for _ in range(count):
        tokens.append(int(model(torch.tensor([tokens]))[0, -1].argmax()))
    return bytes(tokens).decode(errors="replace")


def save(master, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    tensors = {name: p.to(torch.bfloat16).contiguous() for name, p in sorted(master.items())}
    save_file(tensors, folder / "model.safetensors.new", metadata={"format": "pt"})
    os.chmod(folder / "model.safetensors.new", 0o644)
    os.replace(folder / "model.safetensors.new", folder / "model.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write")
    parser.add_argument("--text", help="output of `bible -f gen1:1-rev22:21`; without it that command is run")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--dtype", default="bfloat16", choices=["bfloat16", "float32"], help="of the arithmetic")
    parser.add_argument("--seed", type=int, default=1611)
    parser.add_argument("--minutes", type=float, help="shorten the schedule to this time (then not reproducible)")
    parser.add_argument("--compile", action="store_true", help="use torch.compile: an eighth quicker, needs a C++ compiler")
    parser.add_argument("--report-every", type=int, default=250, help="steps between checkpoints")
    args = parser.parse_args()

    torch.set_num_threads(1)
    training, validation = split_text(read_text(args.text))
    print(f"{len(training)} bytes to train on, {len(validation)} held out")

    model = Llama(CONFIG)
    model.reset(args.seed)
    master = {name: p.detach().clone() for name, p in model.named_parameters()}
    print(f"{sum(p.numel() for p in master.values())} parameters")
    model.to(getattr(torch, args.dtype))
    parameters = dict(model.named_parameters())
    optimizer = Optimizer(master)

    def loss_of(x, y):
        return F.cross_entropy(model(x).float().flatten(0, 1), y.flatten())

    step_loss = torch.compile(loss_of) if args.compile else loss_of
    offsets = torch.Generator().manual_seed(args.seed + 1)
    span = torch.arange(args.context + 1)
    start, step, progress, recent = time.time(), 0, 0.0, []
    while progress < 1.0:
        # Warm up over 2 percent, hold, then fall linearly to zero over the last 60 percent.
        factor = min(1.0, progress / 0.02 + 0.01, (1.0 - progress) / 0.6)
        at = torch.randint(len(training) - args.context - 1, (args.batch, 1), generator=offsets)
        window = training[at + span]
        model.train()
        loss = step_loss(window[:, :-1], window[:, 1:])
        gradients = dict(zip(parameters, torch.autograd.grad(loss, list(parameters.values()))))
        with torch.no_grad():
            optimizer.step(gradients, factor)
            for name, p in parameters.items():
                p.copy_(master[name])
        step += 1
        recent.append(loss.item() / math.log(2))
        progress = step / args.steps
        if args.minutes:
            progress = max(progress, (time.time() - start) / 60 / args.minutes)
        if step % args.report_every == 0 or progress >= 1.0:
            bits = bits_per_byte(model, validation, args.context)
            seconds = time.time() - start
            print(
                f"step {step} of {args.steps}, {seconds:.0f} s ({seconds / step * 1000:.0f} ms a step): "
                f"training {sum(recent) / len(recent):.4f}, held out {bits:.4f} bits per byte",
                flush=True,
            )
            recent = []
            save(master, args.out)

    # What counts is what was written: the bfloat16 weights, run in float32.
    final = Llama(CONFIG)
    final.load_state_dict({name: p.bfloat16().float() for name, p in master.items()})
    print(f"written weights: {bits_per_byte(final, validation, args.context):.4f} bits per byte")
    print(continue_text(final, b"In the beginning ", 200))


if __name__ == "__main__":
    main()
