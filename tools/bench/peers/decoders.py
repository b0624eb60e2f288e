# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The decoder in OpenVINO and ONNX Runtime: its graph from a module of PyTorch that takes and gives keys and values."""
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from . import gguf_file as of
from . import graphs
from .llama import Decoder
from .rows import file_of, folder_of, in_blocks

NAMES = [f"{kind}{layer}" for layer in range(of.LAYERS) for kind in "kv"]


def module(row):
    """forward(ids, *keys and values before) gives the logits of the last token, and keys and values with it."""
    import torch
    from . import weights
    functional = torch.nn.functional

    class Step(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for name, values in weights.decoded(row):
                self.register_buffer(name.replace(".", "_"), torch.from_numpy(np.ascontiguousarray(values)))
            self.register_buffer("frequencies", of.THETA**(-torch.arange(0, of.HEAD, 2).float() / of.HEAD))

        def weight(self, layer, name):
            return getattr(self, f"model_layers_{layer}_{name}_weight".replace(".", "_"))

        @staticmethod
        def normed(x, weight):
            return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + of.EPSILON) * weight

        @staticmethod
        def heads(x, count):
            return x.view(1, -1, count, of.HEAD).transpose(1, 2)

        @staticmethod
        def rotated(x, cos, sin):
            return x * cos + torch.cat([-x[..., of.HEAD // 2:], x[..., :of.HEAD // 2]], -1) * sin

        @staticmethod
        def for_all_heads(x):
            groups = of.HEADS // of.KV_HEADS
            return x[:, :, None].expand(1, of.KV_HEADS, groups, x.shape[2], of.HEAD).reshape(1, of.HEADS, -1, of.HEAD)

        def forward(self, ids, *past):
            before = past[0].shape[2] if past else 0
            positions = torch.arange(ids.shape[1]) + before
            angles = positions[:, None].float() * self.frequencies
            cos, sin = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
            x, present = functional.embedding(ids, self.model_embed_tokens_weight), []
            for i in range(of.LAYERS):
                y = self.normed(x, self.weight(i, "input_layernorm"))
                q, k, v = (self.heads(y @ self.weight(i, f"self_attn.{name}_proj").T, count)
                           for name, count in (("q", of.HEADS), ("k", of.KV_HEADS), ("v", of.KV_HEADS)))
                q, k = self.rotated(q, cos, sin), self.rotated(k, cos, sin)
                if past:
                    k, v = torch.cat([past[2 * i], k], 2), torch.cat([past[2 * i + 1], v], 2)
                present += [k, v]
                y = functional.scaled_dot_product_attention(q, self.for_all_heads(k), self.for_all_heads(v),
                                                            is_causal=not past)
                x = x + y.transpose(1, 2).reshape(1, -1, of.WIDTH) @ self.weight(i, "self_attn.o_proj").T
                y = self.normed(x, self.weight(i, "post_attention_layernorm"))
                y = functional.silu(y @ self.weight(i, "mlp.gate_proj").T) * (y @ self.weight(i, "mlp.up_proj").T)
                x = x + y @ self.weight(i, "mlp.down_proj").T
            return (self.normed(x[:, -1:], self.model_norm_weight) @ self.lm_head_weight.T, *present)

    return Step().eval()


def made(row, kind):
    """The file of a graph, made in a process of its own, since that holds the model more than once."""
    path = folder_of(row) / f"{row['step']}.{'xml' if kind == 'openvino' else 'onnx'}"
    if not path.exists():
        run = f"import json, sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[1])!r}); " \
              "from peers import decoders; decoders.make_" + kind + "(json.loads(sys.argv[1]), sys.argv[2])"
        if subprocess.run([sys.executable, "-c", run, json.dumps(row), path], stdout=sys.stderr).returncode:
            raise RuntimeError("its graph could not be made from PyTorch's")
    return path


def example(row):
    import torch
    count = row["seq"] if row["step"] == "prefill" else 1
    past = [] if row["step"] == "prefill" else [torch.zeros(1, of.KV_HEADS, 8, of.HEAD)] * len(NAMES)
    return (torch.zeros(1, count, dtype=torch.int64), *past)


def make_openvino(row, path):
    import openvino
    import torch
    from openvino._offline_transformations import apply_make_stateful_transformation
    torch.set_grad_enabled(False)
    inputs = example(row)
    model = openvino.convert_model(module(row), example_input=inputs)
    for output, name in zip(model.outputs, ["logits"] + [f"present.{name}" for name in NAMES]):
        output.get_tensor().set_names({name})
    model.inputs[0].get_tensor().set_names({"ids"})
    shapes = {model.inputs[0]: [1, inputs[0].shape[1]]}
    for given, name in zip(model.inputs[1:], NAMES):
        given.get_tensor().set_names({f"past.{name}"})
        shapes[given] = [1, of.KV_HEADS, -1, of.HEAD]
    model.reshape(shapes)
    if row["step"] == "decode":
        apply_make_stateful_transformation(model, {f"past.{name}": f"present.{name}" for name in NAMES})
    if in_blocks(row):
        model = graphs.compressed(model, row)
    openvino.save_model(model, path, compress_to_fp16=False)


class OpenVino(Decoder):
    def __init__(self, row, threads):
        import openvino
        self.tensor = openvino.Tensor
        options = graphs.openvino_options(row, threads)
        compiled = openvino.Core().compile_model(made(row, "openvino"), "CPU", options)
        self.request = compiled.create_infer_request()
        self.cache = None if row["step"] == "prefill" else np.load(file_of(row, ".cache.npz"))
        self.begin(row)

    def fill(self, ids):
        if self.cache is None:
            return self.call(ids)
        for state in self.request.query_state():
            name = state.name.split("present.")[0].removeprefix("past.")
            state.state = self.tensor(np.ascontiguousarray(self.cache[name]))
        return None

    def rewind(self, length):
        if self.cache is not None:
            self.fill(None)

    def call(self, ids):
        self.request.infer({0: np.ascontiguousarray(ids).reshape(1, -1)})
        return self.request.get_output_tensor(0).data

    def step(self, token, position):
        return self.call(token)

    def floats(self, logits):
        return logits.astype("f4").ravel()


def make_onnxruntime(row, path):
    import torch
    torch.set_grad_enabled(False)
    inputs = example(row)
    more = {}
    if row["step"] == "decode":
        past = torch.export.Dim("past", min=1, max=2048)
        more["dynamic_shapes"] = (None, [{2: past}] * len(NAMES))
    program = torch.onnx.export(module(row), inputs, input_names=["ids", *(f"past.{n}" for n in NAMES[:len(inputs) - 1])],
                                output_names=["logits", *(f"present.{n}" for n in NAMES)], dynamo=True, verbose=False, **more)
    program.save(path, external_data=True)


class OnnxRuntime(Decoder):
    def __init__(self, row, threads):
        import onnxruntime
        if row["weights"] != "f32":
            raise RuntimeError("its decoder is compared in f32 alone")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self.session = onnxruntime.InferenceSession(made(row, "onnxruntime"), options, providers=["CPUExecutionProvider"])
        self.before = None if row["step"] == "prefill" else np.load(file_of(row, ".cache.npz"))
        self.begin(row)

    def fill(self, ids):
        if self.before is None:
            return self.session.run(None, {"ids": ids.reshape(1, -1)})[0]
        self.cache = {f"past.{name}": np.ascontiguousarray(self.before[name]) for name in NAMES}
        return None

    def rewind(self, length):
        if self.before is not None:
            self.fill(None)

    def step(self, token, position):
        logits, *present = self.session.run(None, {"ids": np.array([[token]], "i8"), **self.cache})
        self.cache = dict(zip(self.cache, present))
        return logits

    def floats(self, logits):
        return logits.ravel()
