# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A decoder in each engine. A prefill is one call with all tokens; decoding goes on from a context, a token a run, and back
to the context after DECODED of them. Tokens are given, so that all engines compute the same."""
import ctypes
import os
import sys

import numpy as np

from . import gguf_file, weights
from .rows import DECODED, LONGEST, file_of, folder_of
from .varve import Varve

CHECKED = 4  # decoded tokens before the output is compared


def tokens():
    return np.random.default_rng(1).integers(0, gguf_file.VOCABULARY, LONGEST + 1, dtype="i8")


class Decoder:
    """What an engine's `fill(tokens)`, `step(token, position)` and `rewind(length)` make of a row."""

    def begin(self, row):
        self.ids, self.context, self.at = tokens(), row["seq"], 0
        self.prefills = row["step"] == "prefill"
        if not self.prefills:
            self.fill(self.ids[:self.context])

    def run(self):
        if self.prefills:
            self.rewind(0)
            return self.fill(self.ids[:self.context])
        if self.at % DECODED == 0:
            self.rewind(self.context)
        position = self.context + self.at % DECODED
        self.at += 1
        return self.step(self.ids[position], position)

    def output(self):
        self.at = 0
        for _ in range(1 if self.prefills else CHECKED):
            logits = self.run()
        return self.floats(logits)

    def rewind(self, length):
        pass

    def floats(self, logits):
        return logits


class VarveLlama(Varve, Decoder):
    def __init__(self, row, threads, library):
        super().__init__(row, threads, library)
        self.begin(row)

    def call_with(self, entry, ids, past):
        inputs = [self.tensor(np.ascontiguousarray(ids).reshape(1, -1), "i64"), self.tensor(np.array(past, "i8"), "i64")]
        self.call(entry, self.pointers(inputs))
        logits = self.values().ravel()
        self.let_go()
        return logits

    def fill(self, ids):
        return self.call_with(b"prefill", ids, 0)

    def step(self, token, position):
        return self.call_with(b"decode", token, position)

    run, output = Decoder.run, Decoder.output


class LlamaCpp(Decoder):
    def __init__(self, row, threads):
        import llama_cpp as of
        self.of = of
        of.llama_backend_init()
        model = of.llama_model_default_params()
        self.model = of.llama_model_load_from_file(str(folder_of(row) / "model.gguf").encode(), model)
        if not self.model:
            raise RuntimeError("could not load the file")
        context = of.llama_context_default_params()
        context.n_ctx, context.n_batch, context.n_ubatch = 768, 512, 512
        context.n_threads = context.n_threads_batch = threads
        self.session = of.llama_init_from_model(self.model, context)
        if not self.session:
            raise RuntimeError("could not make a context")
        self.begin(row)

    def decode(self, ids):
        array = (self.of.llama_token * len(ids))(*[int(i) for i in ids])
        if self.of.llama_decode(self.session, self.of.llama_batch_get_one(array, len(ids))):
            raise RuntimeError("could not decode")
        logits = self.of.llama_get_logits_ith(self.session, -1)
        return np.ctypeslib.as_array(logits, (gguf_file.VOCABULARY, )).copy()

    fill = decode

    def step(self, token, position):
        return self.decode([token])

    def rewind(self, length):
        self.of.llama_memory_seq_rm(self.of.llama_get_memory(self.session), 0, length, -1)


def torch_llama(row, dtype):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM
    f = gguf_file
    config = LlamaConfig(vocab_size=f.VOCABULARY, hidden_size=f.WIDTH, intermediate_size=f.HIDDEN,
                         num_hidden_layers=f.LAYERS, num_attention_heads=f.HEADS, num_key_value_heads=f.KV_HEADS,
                         head_dim=f.HEAD, max_position_embeddings=f.TRAINED, rms_norm_eps=f.EPSILON, rope_theta=f.THETA,
                         tie_word_embeddings=False)
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    model.model.rotary_emb = type(model.model.rotary_emb)(config)  # its table is no weight
    state = {name: torch.from_numpy(np.ascontiguousarray(values)).to(dtype) for name, values in weights.decoded(row)}
    model.load_state_dict(state, assign=True)
    return model.eval()


class TorchLlama(Decoder):
    def __init__(self, row, threads, dtype=None):
        import torch
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        if dtype is None and row["weights"] not in ("f32", "bf16"):
            raise RuntimeError("has no kernel for weights in such blocks")
        self.model = torch_llama(row, dtype or (torch.bfloat16 if row["dtype"] == "bf16" else torch.float32))
        self.cache = None
        self.begin(row)

    def call(self, ids):
        import torch
        ids = torch.from_numpy(np.ascontiguousarray(ids).reshape(1, -1))
        result = self.model(ids, past_key_values=self.cache, use_cache=True, logits_to_keep=1)
        self.cache = result.past_key_values
        return result.logits

    fill = call

    def step(self, token, position):
        return self.call(token)

    def rewind(self, length):
        if length == 0:
            self.cache = None
        elif self.cache.get_seq_length() > length:
            self.cache.crop(length)

    def floats(self, logits):
        return logits.float().numpy().ravel()


def reference(row):
    """Logits, and the keys and values of the context for engines whose caches are given from outside."""
    import torch
    engine = TorchLlama(row, os.cpu_count(), torch.float32)
    if not engine.prefills:
        layers = engine.cache.layers
        np.savez(file_of(row, ".cache.npz"), **{f"{kind}{i}": getattr(layer, name).numpy()[:, :, :row["seq"]]
                                               for i, layer in enumerate(layers)
                                               for kind, name in (("k", "keys"), ("v", "values"))})
    return engine.output()
