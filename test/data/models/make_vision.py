#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small random models that see, and what torchvision and transformers make of images and texts, in float32.

    pip install torch torchvision numpy safetensors transformers     # made with torchvision 0.29, transformers 5.24
    python3 make_vision.py

resnet/: images.npy, and of transformers (NAME) and of torchvision (torchvision-NAME) a basic and a bottleneck network of few
channels: config.json and model.safetensors as they are saved, logits.npy. torchvision's forward and blocks are its own; its
constructor knows no widths below 64.
vit/: a classifier of images that are no squares. vit-base/: without a head, with a pooler; large.npy, wide.npy: images of
other sizes than it was made for, of which transformers interpolates the positions.
clip/: ids, mask, images; text features, image features, logits for each image; features-argmax.npy: the text features of a
config.json of old, whose eos_token_id is 2.
"""

import shutil
from pathlib import Path

import numpy as np
import torch
import transformers as hf
from safetensors.torch import save_file
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from make import fill, save

FOLDER = Path(__file__).parent


def fresh(name):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def write(model, folder):
    model.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)


def fill_normed(model):
    """As `fill`, but convolutions keep the size of their input, and norms have seen something."""
    generator = torch.Generator().manual_seed(9)
    rand = lambda value: torch.rand(value.shape, generator=generator)
    randn = lambda value: torch.randn(value.shape, generator=generator)
    for name, module in sorted(model.named_modules()):
        if isinstance(module, nn.BatchNorm2d):
            module.weight.copy_(rand(module.weight) + 0.5)
            module.bias.copy_(randn(module.bias) * 0.3)
            module.running_mean.copy_(randn(module.running_mean) * 0.3)
            module.running_var.copy_(rand(module.running_var) + 0.3)
            module.num_batches_tracked.fill_(7)
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight.copy_(randn(module.weight) / module.weight[0].numel() ** 0.5)
            if module.bias is not None:
                module.bias.copy_(randn(module.bias))
    return model.eval()


class Small(ResNet):
    def __init__(self, block, depths, stem, planes, labels):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation, self.groups, self.base_width = nn.BatchNorm2d, stem, 1, 1, 64
        self.conv1 = nn.Conv2d(3, stem, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(stem), nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        for i in range(4):
            setattr(self, f"layer{i + 1}", self._make_layer(block, planes[i], depths[i], stride=1 if i == 0 else 2))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(planes[3] * block.expansion, labels)


def resnet():
    folder = fresh("resnet")
    images = torch.randn(2, 3, 45, 37)
    save(folder, images=images)
    depths = [2, 1, 2, 1]
    for name, model in {
        "torchvision-basic": Small(BasicBlock, depths, 5, [5, 7, 9, 11], 6),
        "torchvision-bottleneck": Small(Bottleneck, depths, 5, [2, 3, 4, 5], 6),
    }.items():
        model = fill_normed(model)
        part = fresh(f"resnet/{name}")
        save_file(model.state_dict(), part / "model.safetensors")
        (part / "model.safetensors").chmod(0o644)
        save(part, logits=model(images))
    options = dict(embedding_size=5, depths=depths, num_labels=6)
    basic = hf.ResNetConfig(**options, hidden_sizes=[6, 7, 9, 11], layer_type="basic", downsample_in_first_stage=True)
    bottleneck = hf.ResNetConfig(**options, hidden_sizes=[8, 12, 16, 20], downsample_in_bottleneck=True)
    for name, config in {"basic": basic, "bottleneck": bottleneck}.items():
        model = fill_normed(hf.ResNetForImageClassification(config))
        part = fresh(f"resnet/{name}")
        write(model, part)
        save(part, logits=model(images).logits)


def vit():
    options = dict(
        hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, num_channels=2, patch_size=3,
        attn_implementation="eager",
    )  # fmt: skip
    model = fill(hf.ViTForImageClassification(hf.ViTConfig(**options, image_size=[12, 16], qkv_bias=False, num_labels=5)))
    folder = fresh("vit")
    write(model, folder)
    images = torch.randn(2, 2, 12, 16)
    save(folder, images=images, logits=model(images).logits)

    model = fill(hf.ViTModel(hf.ViTConfig(**options, image_size=13, pooler_output_size=10)))
    folder = fresh("vit-base")
    write(model, folder)
    for name, height, width in [("images", 13, 13), ("large", 21, 17), ("wide", 8, 14)]:
        images = torch.randn(2, 2, height, width)
        out = model(images, interpolate_pos_encoding=name != "images")
        save(folder, **{name: images, f"{name}-hidden": out.last_hidden_state, f"{name}-pooled": out.pooler_output})


def clip():
    text = dict(
        vocab_size=37, hidden_size=24, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=12, pad_token_id=1, bos_token_id=0, eos_token_id=33,
    )  # fmt: skip
    vision = dict(hidden_size=15, intermediate_size=22, num_hidden_layers=2, num_attention_heads=3, image_size=15, patch_size=4)
    config = hf.CLIPConfig(text_config=text, vision_config=vision, projection_dim=14, attn_implementation="eager")
    model = fill(hf.CLIPModel(config))
    model.logit_scale.fill_(2.5)
    folder = fresh("clip")
    write(model, folder)
    # Tokens above the one that ends a text, so that the two ways to find its end differ; padding behind it.
    ids = torch.randint(2, 33, (3, 9))
    ids[0, 3], ids[1, 2], ids[2, 5] = 36, 35, 34
    ids[0, 8], ids[1, 6], ids[2, 7] = 33, 33, 33
    mask = torch.ones(3, 9, dtype=torch.int64)
    ids[1, 7:], mask[1, 7:] = 1, 0
    ids[2, 8:], mask[2, 8:] = 33, 0
    images = torch.randn(2, 3, 15, 15)
    out = model(input_ids=ids, pixel_values=images, attention_mask=mask)
    save(
        folder,
        ids=ids,
        mask=mask.bool(),
        images=images,
        text=model.get_text_features(input_ids=ids, attention_mask=mask).pooler_output,
        image=model.get_image_features(pixel_values=images).pooler_output,
        logits=out.logits_per_image.contiguous(),
        hidden=out.text_model_output.last_hidden_state,
    )
    wide = torch.randn(2, 3, 13, 22)
    features = model.get_image_features(pixel_values=wide, interpolate_pos_encoding=True).pooler_output
    save(folder, **{"wide": wide, "wide-image": features})
    model.text_model.eos_token_id = 2
    save(folder, **{"features-argmax": model.get_text_features(input_ids=ids, attention_mask=mask).pooler_output})


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(9)
    resnet()
    vit()
    clip()


if __name__ == "__main__":
    main()
