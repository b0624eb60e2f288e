#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes small random checkpoints of the model families that Varve has rules for, as other programs write them.

    pip install torch numpy safetensors transformers gguf       # made with transformers 5.24, gguf 0.19
    python3 make.py

Of each FAMILY:
  FAMILY/model.safetensors, FAMILY/config.json   as transformers' save_pretrained writes them
  FAMILY.gguf                                    as llama.cpp's converter writes it
  FAMILY-expected.safetensors                    what the rules are to make of both: names and shapes of Varve's layers

And what older programs wrote: mixtral-old.gguf (each expert by itself), gpt2-old (names without prefix, with the causal
mask), bert-old (gamma and beta, a prefix, heads for training), bert-fused.gguf (q, k and v as one), llama-base (saved
without the head), gemma3-vision (the language model of one that also sees), llama-q8_0.gguf (blocks).

The names of GGUF are gguf.get_tensor_name_map's. What the converter does to values is told in these places of
https://github.com/ggml-org/llama.cpp (2026), in words here:
  conversion/llama.py  permute: rows of q and k, [head, half, pair] become [head, pair, half]; experts are stacked
  conversion/qwen.py   nothing
  conversion/gemma.py  1 is added to every tensor whose name ends in norm.weight
  conversion/gpt2.py   the matrices of Conv1D are transposed
  conversion/bert.py   the prefix, the pooler and the heads for training go
  conversion/base.py   bf16 becomes f32 before all of this; vectors are stored in f32
"""

import json
import shutil
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers as hf
from safetensors.torch import load_file, save_file

FOLDER = Path(__file__).parent
LAYERS = 2
DECODER = dict(
    vocab_size=11, hidden_size=12, intermediate_size=10, num_hidden_layers=LAYERS, num_attention_heads=3,
    num_key_value_heads=1, head_dim=8, max_position_embeddings=16, bos_token_id=None, eos_token_id=None,
    pad_token_id=None,
)  # fmt: skip
BERT = dict(
    vocab_size=11, hidden_size=12, intermediate_size=10, num_hidden_layers=LAYERS, num_attention_heads=3,
    max_position_embeddings=16, pad_token_id=0,
)  # fmt: skip
GPT2 = dict(vocab_size=11, n_positions=16, n_embd=12, n_layer=LAYERS, n_head=3, n_inner=20, bos_token_id=None, eos_token_id=None)

# Family: the model, GGUF's architecture, the type of its file.
FAMILIES = {
    "llama": (lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**DECODER, attention_bias=True)), "LLAMA", torch.float16),
    "mistral": (lambda: hf.MistralForCausalLM(hf.MistralConfig(**DECODER)), "LLAMA", torch.bfloat16),
    "mixtral": (
        lambda: hf.MixtralForCausalLM(hf.MixtralConfig(**{**DECODER, "num_attention_heads": 6, "num_key_value_heads": 3}, num_local_experts=3)),
        "LLAMA",
        torch.float16,
    ),
    "qwen2": (lambda: hf.Qwen2ForCausalLM(hf.Qwen2Config(**DECODER)), "QWEN2", torch.float32),
    "qwen3": (lambda: hf.Qwen3ForCausalLM(hf.Qwen3Config(**DECODER, tie_word_embeddings=True)), "QWEN3", torch.bfloat16),
    "gemma": (lambda: hf.GemmaForCausalLM(hf.GemmaConfig(**DECODER)), "GEMMA", torch.bfloat16),
    "gemma2": (lambda: hf.Gemma2ForCausalLM(hf.Gemma2Config(**DECODER)), "GEMMA2", torch.bfloat16),
    "gemma3": (lambda: hf.Gemma3ForCausalLM(hf.Gemma3TextConfig(**DECODER)), "GEMMA3", torch.bfloat16),
    "gpt2": (lambda: hf.GPT2LMHeadModel(hf.GPT2Config(**GPT2)), "GPT2", torch.float32),
    "bert": (lambda: hf.BertModel(hf.BertConfig(**BERT)), "BERT", torch.float32),
}


def fill(model, dtype):
    """Random values everywhere, that a norm's 1 or a bias's 0 hides no mistake."""
    generator = torch.Generator().manual_seed(25)
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            value.copy_(torch.randn(value.shape, generator=generator))
    return model.to(dtype).eval()


def save(state, name, metadata=None):
    save_file({k: v.contiguous() for k, v in sorted(state.items())}, FOLDER / name, metadata=metadata)
    (FOLDER / name).chmod(0o644)


def save_model(model, name):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    for extra in folder.glob("generation_config.json"):
        extra.unlink()
    (folder / "model.safetensors").chmod(0o644)
    return load_file(folder / "model.safetensors")


def expected_of(model, family):
    """The state of transformers' modules, in the shapes of Varve's layers."""
    state = dict(model.state_dict())
    if getattr(model.config, "tie_word_embeddings", False):
        state.pop("lm_head.weight", None)
    if family == "gpt2":
        for name in state:
            if name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
                state[name] = state[name].T
    return state


def pairs(rows, heads):
    """[head, half, pair, ..] as [head, pair, half, ..]."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def converted(state, config, family):
    """What the converter does to the tensors of a file, before their names."""
    stacked = {}
    for name, value in state.items():
        value = value.float() if value.dtype == torch.bfloat16 else value
        if family in ("llama", "mistral", "mixtral"):
            if ".q_proj." in name:
                value = pairs(value, config.num_attention_heads)
            if ".k_proj." in name:
                value = pairs(value, config.num_key_value_heads)
        if family.startswith("gemma") and name.endswith("norm.weight"):
            value = value + 1
        if family == "gpt2" and name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
            value = value.T
        if family == "bert" and name.startswith("pooler."):
            continue
        if ".block_sparse_moe.experts." in name:
            layer, rest = name.removeprefix("model.layers.").split(".block_sparse_moe.experts.")
            _, matrix, _ = rest.split(".")
            stacked.setdefault(f"layers.{layer}.feed_forward.experts.{matrix}.weight", []).append(value)
            continue
        stacked[name] = value
    return {name: torch.stack(v) if isinstance(v, list) else v for name, v in stacked.items()}


def write_gguf(path, arch, state, config, quantize=None, rename=lambda name: name, extra=None):
    arch = getattr(gguf.MODEL_ARCH, arch)
    names = gguf.get_tensor_name_map(arch, LAYERS)
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[arch])
    get = lambda *keys: next((getattr(config, k) for k in keys if getattr(config, k, None) is not None), None)
    writer.add_block_count(get("num_hidden_layers", "n_layer"))
    writer.add_context_length(get("max_position_embeddings", "n_positions"))
    writer.add_embedding_length(get("hidden_size", "n_embd"))
    writer.add_feed_forward_length(get("intermediate_size", "n_inner"))
    writer.add_head_count(get("num_attention_heads", "n_head"))
    if heads := get("num_key_value_heads"):
        writer.add_head_count_kv(heads)
    if experts := get("num_local_experts"):
        writer.add_expert_count(experts)
    if epsilon := get("rms_norm_eps"):
        writer.add_layer_norm_rms_eps(epsilon)
    if epsilon := get("layer_norm_eps", "layer_norm_epsilon"):
        writer.add_layer_norm_eps(epsilon)
    if size := get("head_dim"):
        writer.add_key_length(size)
        writer.add_value_length(size)
        writer.add_rope_dimension_count(size)
    for name, value in state.items():
        mapped = rename(names.get_name(name, try_suffixes=(".weight", ".bias")) or name)
        array = value.contiguous().numpy()
        if array.ndim == 1:
            array = array.astype(np.float32)
        if quantize and array.ndim > 1:
            blocks = gguf.quants.quantize(array.astype(np.float32), quantize)
            writer.add_tensor(mapped, blocks, raw_dtype=quantize)
        else:
            writer.add_tensor(mapped, array)
    for name, value in (extra or {}).items():
        writer.add_tensor(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@torch.no_grad()
def main():
    torch.manual_seed(25)
    saved = {}
    for family, (build, arch, dtype) in FAMILIES.items():
        model = fill(build(), dtype)
        state = save_model(model, family)
        expected = expected_of(model, family)
        save(expected, f"{family}-expected.safetensors")
        extra = {"rope_freqs.weight": np.ones(4, np.float32)} if family == "llama" else None
        write_gguf(FOLDER / f"{family}.gguf", arch, converted(state, model.config, family), model.config, extra=extra)
        saved[family] = (model, state, expected)

    # Each expert by itself, as llama.cpp wrote until April 2024 (LLM_TENSOR_FFN_GATE_EXP, "blk.%d.ffn_gate.%d").
    model, state, _ = saved["mixtral"]
    stacked = converted(state, model.config, "mixtral")
    single = {}
    for name, value in stacked.items():
        if ".experts." in name:
            layer, matrix = name.split(".")[1], name.split(".")[4]
            tensor = {"w1": "ffn_gate", "w2": "ffn_down", "w3": "ffn_up"}[matrix]
            for i, each in enumerate(value):
                single[f"blk.{layer}.{tensor}.{i}.weight"] = each
        else:
            single[name] = value
    write_gguf(FOLDER / "mixtral-old.gguf", "LLAMA", single, model.config)

    # As huggingface.co/openai-community/gpt2 has it.
    _, state, _ = saved["gpt2"]
    old = {name.removeprefix("transformer."): value for name, value in state.items()}
    for layer in range(LAYERS):
        old[f"h.{layer}.attn.bias"] = torch.tril(torch.ones(1, 1, 16, 16))
        old[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    shutil.rmtree(FOLDER / "gpt2-old", ignore_errors=True)
    (FOLDER / "gpt2-old").mkdir()
    save(old, "gpt2-old/model.safetensors", {"format": "pt"})
    config = json.loads((FOLDER / "gpt2/config.json").read_text())
    (FOLDER / "gpt2-old/config.json").write_text(json.dumps({"architectures": config["architectures"]}) + "\n")

    # As huggingface.co/google-bert/bert-base-uncased has it.
    _, state, _ = saved["bert"]
    old = {}
    for name, value in state.items():
        if ".LayerNorm." in name:
            name = name.replace(".weight", ".gamma").replace(".bias", ".beta")
        old["bert." + name] = value
    for name in ("bias", "transform.dense.weight", "transform.LayerNorm.gamma", "transform.LayerNorm.beta"):
        old["cls.predictions." + name] = torch.randn(11)
    old["cls.seq_relationship.weight"] = torch.randn(2, 12)
    old["bert.embeddings.position_ids"] = torch.arange(16)[None]
    shutil.rmtree(FOLDER / "bert-old", ignore_errors=True)
    (FOLDER / "bert-old").mkdir()
    save(old, "bert-old/model.safetensors", {"format": "pt"})
    (FOLDER / "bert-old/config.json").write_text(json.dumps({"architectures": ["BertForMaskedLM"]}) + "\n")

    # As llama.cpp's converter of nomic-bert has it.
    model, state, _ = saved["bert"]
    fused = converted(state, model.config, "bert")
    for layer in range(LAYERS):
        for kind in ("weight", "bias"):
            parts = [fused.pop(f"encoder.layer.{layer}.attention.self.{n}.{kind}") for n in ("query", "key", "value")]
            fused[f"blk.{layer}.attn_qkv.{kind}"] = torch.cat(parts)
    write_gguf(FOLDER / "bert-fused.gguf", "BERT", fused, model.config)

    model, state, _ = saved["llama"]
    state = save_model(model.model, "llama-base")

    _, state, _ = saved["gemma3"]
    seeing = {f"language_model.{name}": value for name, value in state.items()}
    seeing["vision_tower.vision_model.post_layernorm.weight"] = torch.randn(4)
    seeing["multi_modal_projector.mm_soft_emb_norm.weight"] = torch.randn(4)
    shutil.rmtree(FOLDER / "gemma3-vision", ignore_errors=True)
    (FOLDER / "gemma3-vision").mkdir()
    save(seeing, "gemma3-vision/model.safetensors", {"format": "pt"})
    (FOLDER / "gemma3-vision/config.json").write_text(
        json.dumps({"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3"}) + "\n")

    # Blocks of 32: a model of its own. What they stand for is expected.
    sizes = {**DECODER, "hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2, "head_dim": 16}
    sizes["num_hidden_layers"] = 1
    model = fill(hf.LlamaForCausalLM(hf.LlamaConfig(**sizes, tie_word_embeddings=True)), torch.float32)
    state = {name: value for name, value in model.state_dict().items() if name != "lm_head.weight"}
    q8_0 = gguf.GGMLQuantizationType.Q8_0
    write_gguf(FOLDER / "llama-q8_0.gguf", "LLAMA", converted(state, model.config, "llama"), model.config, q8_0)
    expected = {}
    for name, value in state.items():
        if value.ndim > 1:  # a row's blocks do not depend on the order of rows
            value = torch.from_numpy(gguf.quants.dequantize(gguf.quants.quantize(value.numpy(), q8_0), q8_0))
        expected[name] = value
    save(expected, "llama-q8_0-expected.safetensors")


if __name__ == "__main__":
    main()
