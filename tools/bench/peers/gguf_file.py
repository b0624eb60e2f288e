# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A Llama of 1.1B with random weights in a GGUF file, which Varve and llama.cpp read both; and blocks made from floats."""
import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

LAYERS, WIDTH, HIDDEN, HEADS, KV_HEADS, HEAD, VOCABULARY = 22, 2048, 5632, 32, 4, 64, 32000
EPSILON, THETA, TRAINED = 1e-5, 10000.0, 2048
TYPES = {"f32": Type.F32, "bf16": Type.BF16, "q8_0": Type.Q8_0, "q4_0": Type.Q4_0, "q4_k": Type.Q4_K}
# GGUF's name, Hugging Face's, rows, columns.
MATRICES = [("attn_q", "self_attn.q_proj", WIDTH, WIDTH), ("attn_k", "self_attn.k_proj", KV_HEADS * HEAD, WIDTH),
            ("attn_v", "self_attn.v_proj", KV_HEADS * HEAD, WIDTH), ("attn_output", "self_attn.o_proj", WIDTH, WIDTH),
            ("ffn_gate", "mlp.gate_proj", HIDDEN, WIDTH), ("ffn_up", "mlp.up_proj", HIDDEN, WIDTH),
            ("ffn_down", "mlp.down_proj", WIDTH, HIDDEN)]
NORMS = [("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm")]


def block_bytes(encoding):
    return gguf.GGML_QUANT_SIZES[TYPES[encoding]][1]


def decoded(rows, encoding):
    return gguf.dequantize(rows, TYPES[encoding])


def encoded(values, encoding):
    """Rows of bytes; gguf-py decodes Q4_K and does not make it."""
    return q4_k(values) if encoding == "q4_k" else gguf.quantize(values, TYPES[encoding])


def q4_k(values):
    """Blocks of 256: a scale and a minimum of 6 bits for each 32, scaled by two f16."""
    rows = values.shape[0]
    parts = values.reshape(-1, 8, 32)
    low = np.minimum(parts.min(-1), 0)
    scale, least = (parts.max(-1) - low) / 15, -low
    d, dmin = ((of.max(-1, keepdims=True) / 63).astype("f2") for of in (scale, least))
    part = lambda of, unit: np.clip(np.rint(of / np.maximum(unit.astype("f4"), 1e-30)), 0, 63).astype("u1")
    scales, mins = part(scale, d), part(least, dmin)
    step = np.maximum(d.astype("f4") * scales, 1e-30)[..., None]
    quants = np.clip(np.rint((parts + (dmin.astype("f4") * mins)[..., None]) / step), 0, 15).astype("u1")
    # The first four scales and minima whole, the upper bits of the others above them.
    packed = np.concatenate([scales[:, :4] | (scales[:, 4:] >> 4) << 6, mins[:, :4] | (mins[:, 4:] >> 4) << 6,
                             (scales[:, 4:] & 15) | (mins[:, 4:] & 15) << 4], -1)
    pairs = quants.reshape(-1, 4, 2, 32)
    nibbles = (pairs[:, :, 0] | pairs[:, :, 1] << 4).reshape(-1, 128)
    return np.concatenate([d.view("u1"), dmin.view("u1"), packed, nibbles], -1).reshape(rows, -1)


def pairs(rows, heads):
    """From Hugging Face's halves of a rotated head to GGUF's pairs."""
    return rows.reshape(heads, 2, HEAD // 2, -1).swapaxes(1, 2).reshape(rows.shape)


def halves(rows, heads):
    return rows.reshape(heads, HEAD // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def rotated_heads(name):
    return HEADS if name == "attn_q" else KV_HEADS if name == "attn_k" else 0


def write(path, weights):
    """Matrices of a layer are those of the first one, rolled by some rows, so that quantising takes seconds."""
    random = np.random.default_rng(1)
    plain = "bf16" if weights == "bf16" else "f32"

    def matrix(rows, columns, encoding, scale):
        return encoded(random.standard_normal((rows, columns), dtype="f4") * np.float32(scale), encoding)

    def norm():
        values = 1 + 0.1 * random.standard_normal(WIDTH, dtype="f4")
        return ((values.view("u4") + 0x8000) & 0xFFFF0000).view("f4")  # so that bf16 has it too

    first = {name: matrix(rows, columns, weights, columns**-0.5) for name, _, rows, columns in MATRICES}
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in (("context_length", TRAINED), ("embedding_length", WIDTH), ("block_count", LAYERS),
                       ("feed_forward_length", HIDDEN), ("attention.head_count", HEADS),
                       ("attention.head_count_kv", KV_HEADS), ("rope.dimension_count", HEAD), ("vocab_size", VOCABULARY)):
        writer.add_uint32(f"llama.{key}", value)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", EPSILON)
    writer.add_float32("llama.rope.freq_base", THETA)
    writer.add_tokenizer_model("none")
    tensors = [("token_embd", plain, lambda: matrix(VOCABULARY, WIDTH, plain, 1)), ("output_norm", "f32", norm),
               ("output", weights, lambda: matrix(VOCABULARY, WIDTH, weights, WIDTH**-0.5))]
    for layer in range(LAYERS):
        for name, _ in NORMS:
            tensors.append((f"blk.{layer}.{name}", "f32", norm))
        for name, _, _, _ in MATRICES:
            def rolled(name=name, layer=layer):
                rows = np.roll(first[name], 37 * layer, axis=0)
                return pairs(rows, rotated_heads(name)) if rotated_heads(name) else rows
            tensors.append((f"blk.{layer}.{name}", weights, rolled))
    shapes = {name: (rows, columns) for name, _, rows, columns in MATRICES}
    for name, kind, _ in tensors:
        shape = (WIDTH, ) if name.endswith("_norm") else shapes.get(name.split(".")[-1], (VOCABULARY, WIDTH))
        elements, size = gguf.GGML_QUANT_SIZES[TYPES[kind]]
        count = int(np.prod(shape))
        writer.add_tensor_info(name + ".weight", shape, np.dtype("f4"), count // elements * size, TYPES[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for _, _, make in tensors:
        writer.write_tensor_data(np.ascontiguousarray(make()))
    writer.close()


def hugging_face(path):
    """(Hugging Face's name, kind, rows) of each tensor, mapped where GGUF has the same order of rows."""
    kinds = {of: name for name, of in TYPES.items()}
    names = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
    for layer in range(LAYERS):
        for ours, theirs in NORMS + [row[:2] for row in MATRICES]:
            names[f"blk.{layer}.{ours}"] = f"model.layers.{layer}.{theirs}"
    for tensor in gguf.GGUFReader(path).tensors:
        name = tensor.name.removesuffix(".weight")
        kind, data = kinds[tensor.tensor_type], tensor.data
        heads = rotated_heads(name.split(".")[-1])
        if heads:
            data = halves(data, heads)
        yield names[name] + ".weight", kind, data.view("u2") if kind == "bf16" else data
