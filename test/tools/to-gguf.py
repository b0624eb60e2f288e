# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Writes a Llama's checkpoint folder (bf16, one file) as GGUF, as llama.cpp's converter does: to-gguf.py FROM TO
# Rows of q and k become pairs, vectors f32. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import json
import os
import struct
import sys

source, target = sys.argv[1:]
config = json.load(open(os.path.join(source, "config.json")))
content = open(os.path.join(source, "model.safetensors"), "rb").read()
size = int.from_bytes(content[:8], "little")
header, data = json.loads(content[8:8 + size]), content[8 + size:]
names = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "model.layers.": "blk.",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}


def string(text):
    return struct.pack("<Q", len(text)) + text.encode()


def entry(key, value):
    if isinstance(value, str):
        return string(key) + struct.pack("<I", 8) + string(value)
    kind, form = (6, "f") if isinstance(value, float) else (4, "I")
    return string(key) + struct.pack("<I" + form, kind, value)


infos, blob = [], b""
for name, tensor in sorted(header.items()):
    if name == "__metadata__":
        continue
    begin, end = tensor["data_offsets"]
    shape, values, kind = tensor["shape"], data[begin:end], 30  # BF16
    if "q_proj" in name or "k_proj" in name:
        heads = config["num_attention_heads" if "q_proj" in name else "num_key_value_heads"]
        row, half = len(values) // shape[0], shape[0] // heads // 2
        order = [(head * 2 + part) * half + pair for head in range(heads) for pair in range(half) for part in (0, 1)]
        values = b"".join(values[i * row:(i + 1) * row] for i in order)
    if len(shape) == 1:
        values, kind = b"".join(b"\0\0" + values[i:i + 2] for i in range(0, len(values), 2)), 0  # F32
    for old, new in names.items():
        name = name.replace(old, new)
    blob += b"\0" * (-len(blob) % 32)
    infos.append(string(name) + struct.pack("<I%dQIQ" % len(shape), len(shape), *reversed(shape), kind, len(blob)))
    blob += values
metadata = [entry("general.architecture", "llama")] + [entry("llama." + key, value) for key, value in {
    "block_count": config["num_hidden_layers"], "context_length": config["max_position_embeddings"],
    "embedding_length": config["hidden_size"], "feed_forward_length": config["intermediate_size"],
    "attention.head_count": config["num_attention_heads"], "attention.head_count_kv": config["num_key_value_heads"],
    "attention.key_length": config["head_dim"], "attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
    "rope.dimension_count": config["head_dim"], "rope.freq_base": config["rope_theta"],
}.items()]
start = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(metadata)) + b"".join(metadata) + b"".join(infos)
open(target, "wb").write(start + b"\0" * (-len(start) % 32) + blob)
