# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch, eager and compiled: the reference of all outputs, and where the others' graphs come from."""
import numpy as np
import torch

from . import weights
from .rows import file_of, folder_of, in_blocks

torch.set_grad_enabled(False)


class States(torch.nn.Module):
    """The states of an encoder alone."""

    def __init__(self, small):
        from transformers import BertConfig, BertModel
        super().__init__()
        config = BertConfig(hidden_size=384, intermediate_size=1536, num_hidden_layers=6, num_attention_heads=12)
        self.bert = BertModel(config if small else BertConfig(), add_pooling_layer=False)

    def forward(self, ids):
        return self.bert(ids).last_hidden_state


class Logits(torch.nn.Module):
    """Of Hugging Face's ViT, with the names that its parts have there."""

    def __init__(self):
        from transformers import ViTConfig, ViTForImageClassification
        super().__init__()
        model = ViTForImageClassification(ViTConfig(num_labels=1000))
        self.vit, self.classifier = model.vit, model.classifier

    def forward(self, image):
        return self.classifier(self.vit(image).last_hidden_state[:, 0])


def module(row, dtype):
    """The module and its input, with the weights that Varve has."""
    if row["kind"] == "product":
        model, prefix = torch.nn.Linear(row["k"], row["n"], bias=False), ""
    elif row["kind"] == "bert":
        model, prefix = States(row["model"] == "minilm"), "bert."
    elif row["model"] == "vit-b16":
        model, prefix = Logits(), "vit."
    else:
        import torchvision
        model, prefix = torchvision.models.resnet50(), ""
    own = model.state_dict()
    state = {(name if name in own else prefix + name): torch.from_numpy(np.array(values))
             for name, values in weights.decoded(row)}
    missing = model.load_state_dict(state, strict=False)
    wrong = [n for n in missing.missing_keys if not n.endswith(("num_batches_tracked", "position_ids"))]
    if wrong or missing.unexpected_keys:
        raise RuntimeError(f"weights differ: {wrong[:3]} {missing.unexpected_keys[:3]}")
    x = torch.from_numpy(np.load(file_of(row, ".npy")))
    if row["dtype"] == "bf16" and x.is_floating_point():
        x = x.bfloat16()
    return model.to(dtype).eval(), x if x.dtype == torch.int64 else x.to(dtype)


class Torch:
    def __init__(self, row, threads, compiled):
        torch.set_num_threads(threads)
        if in_blocks(row):
            raise RuntimeError("has no kernel for weights in such blocks")
        self.model, self.x = module(row, torch.bfloat16 if row["dtype"] == "bf16" else torch.float32)
        if compiled:
            import torch._inductor.config as config
            config.freezing = True
            self.model = torch.compile(self.model)

    def run(self):
        return self.model(self.x)

    def output(self):
        return self.run().float().numpy()


def reference(row):
    """In f32; what follows from the weights alone is left beside them."""
    if row["kind"] == "llama":
        from . import llama
        return llama.reference(row)
    model, x = module(row, torch.float32)
    return model(x).numpy()


def export(model, inputs, path, names, outputs=("y", ), **more):
    """An ONNX file, whose weights lie beside it if they are large."""
    program = torch.onnx.export(model, inputs, input_names=list(names), output_names=list(outputs), dynamo=True,
                                verbose=False, **more)
    program.save(path, external_data=True)


def onnx_file(row):
    """Its graph in f32."""
    path = file_of(row, ".onnx")
    if not path.exists():
        model, x = module(dict(row, dtype="f32"), torch.float32)
        export(model, (x, ), path, ("x", ))
    return path
