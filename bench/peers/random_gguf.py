#!/usr/bin/env python3
"""Writes Qwen2-VL's text model or vision tower as GGUF with random weights, for timing llama.cpp without a download.

Every matrix has the requested type, as after `llama-quantize --pure`; vectors are f32, as llama.cpp wants them.
"""
import argparse
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np

TYPES = {name.lower(): gguf.GGMLQuantizationType[name] for name in ("F32", "F16", "BF16", "Q8_0", "Q5_0", "Q4_0")}
WEIGHT_LIMIT = 0.02 * 3**0.5  # uniform within ±limit has the standard deviation of Qwen2-VL's initialisation, 0.02
Shapes = Iterator[tuple[str, tuple[int, ...]]]


def with_bias(name: str, *shape: int) -> Shapes:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def text_shapes(config: dict) -> Shapes:
    """The names are llama.cpp's. No output.weight: the vocabulary matrix is tied."""
    hidden, feed_forward = config["hidden_size"], config["intermediate_size"]
    key_value = hidden // config["num_attention_heads"] * config["num_key_value_heads"]
    yield "token_embd.weight", (config["vocab_size"], hidden)
    yield "output_norm.weight", (hidden,)
    for layer in range(config["num_hidden_layers"]):
        block = f"blk.{layer}"
        yield f"{block}.attn_norm.weight", (hidden,)
        yield from with_bias(f"{block}.attn_q", hidden, hidden)
        yield from with_bias(f"{block}.attn_k", key_value, hidden)
        yield from with_bias(f"{block}.attn_v", key_value, hidden)
        yield f"{block}.attn_output.weight", (hidden, hidden)
        yield f"{block}.ffn_norm.weight", (hidden,)
        yield f"{block}.ffn_gate.weight", (feed_forward, hidden)
        yield f"{block}.ffn_up.weight", (feed_forward, hidden)
        yield f"{block}.ffn_down.weight", (hidden, feed_forward)


def vision_shapes(config: dict) -> Shapes:
    vision = config["vision_config"]
    width, patch = vision["embed_dim"], vision["patch_size"]
    merged = width * vision["spatial_merge_size"] ** 2
    for frame in ("", ".1"):  # the convolution over two frames is stored as one per frame
        yield f"v.patch_embd.weight{frame}", (width, vision["in_chans"], patch, patch)
    for layer in range(vision["depth"]):
        block = f"v.blk.{layer}"
        yield from with_bias(f"{block}.ln1", width)
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            yield from with_bias(f"{block}.{name}", width, width)
        yield from with_bias(f"{block}.ln2", width)
        yield from with_bias(f"{block}.ffn_up", width * vision["mlp_ratio"], width)
        yield from with_bias(f"{block}.ffn_down", width, width * vision["mlp_ratio"])
    yield from with_bias("v.post_ln", width)
    yield from with_bias("mm.0", merged, merged)
    yield from with_bias("mm.2", vision["hidden_size"], merged)


def add_tokenizer(writer: gguf.GGUFWriter, folder: Path, vocab_size: int) -> None:
    tokens = [f"[PAD{token_id}]" for token_id in range(vocab_size)]
    types = [gguf.TokenType.UNUSED] * vocab_size
    for token, token_id in json.loads((folder / "vocab.json").read_text("utf-8")).items():
        tokens[token_id], types[token_id] = token, gguf.TokenType.NORMAL
    special = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))["added_tokens_decoder"]
    for token_id, token in special.items():
        tokens[int(token_id)], types[int(token_id)] = token["content"], gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    gguf.SpecialVocab(folder, load_merges=True, n_vocab=vocab_size).add_to_gguf(writer, quiet=True)


def text_writer(path: Path, folder: Path, config: dict) -> gguf.GGUFWriter:
    writer = gguf.GGUFWriter(path, "qwen2vl")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_rope_dimension_sections([*config["rope_scaling"]["mrope_section"], 0])
    add_tokenizer(writer, folder, config["vocab_size"])
    return writer


def vision_writer(path: Path, folder: Path, config: dict) -> gguf.GGUFWriter:
    vision = config["vision_config"]
    preprocessor = json.loads((folder / "preprocessor_config.json").read_text("utf-8"))
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("qwen2vl_merger")
    writer.add_vision_projection_dim(vision["hidden_size"])
    writer.add_vision_image_size(560)  # llama.cpp demands it; Qwen2-VL takes images of any size
    writer.add_vision_patch_size(vision["patch_size"])
    writer.add_vision_embedding_length(vision["embed_dim"])
    writer.add_vision_feed_forward_length(vision["embed_dim"] * vision["mlp_ratio"])
    writer.add_vision_block_count(vision["depth"])
    writer.add_vision_head_count(vision["num_heads"])
    writer.add_vision_attention_layernorm_eps(1e-6)
    writer.add_vision_image_mean(preprocessor["image_mean"])
    writer.add_vision_image_std(preprocessor["image_std"])
    return writer


class RandomWeights:
    """Cuts every matrix from one pool of random blocks; drawing and rounding two thousand million takes minutes."""

    BLOCK = 32  # values that one scale covers in the quantised types
    BLOCKS = 65537  # prime, so that no two rows of a matrix come out equal

    def __init__(self, matrix_type: gguf.GGMLQuantizationType) -> None:
        self.random = np.random.default_rng(0)
        values = self.random.uniform(-WEIGHT_LIMIT, WEIGHT_LIMIT, (self.BLOCKS, self.BLOCK)).astype(np.float32)
        self.pools = {type_: gguf.quants.quantize(values, type_).view(np.uint8)
                      for type_ in (matrix_type, gguf.GGMLQuantizationType.F32)}

    def tensor_bytes(self, name: str, shape: tuple[int, ...], type_: gguf.GGMLQuantizationType) -> np.ndarray:
        is_norm = name.endswith(".weight") and len(shape) == 1
        if is_norm:
            return np.ones(shape, np.float32).view(np.uint8)
        pool = np.roll(self.pools[type_], self.random.integers(self.BLOCKS), axis=0)
        return np.resize(pool, byte_count(shape, type_))


def byte_count(shape: tuple[int, ...], type_: gguf.GGMLQuantizationType) -> int:
    values_per_block, bytes_per_block = gguf.GGML_QUANT_SIZES[type_]
    return math.prod(shape) // values_per_block * bytes_per_block


def write_tensors(writer: gguf.GGUFWriter, shapes: Shapes, matrix_type: gguf.GGMLQuantizationType) -> None:
    """One tensor in memory at a time; on the disk when this returns, lest the kernel write while another is timed."""
    tensors = [(name, shape, matrix_type if len(shape) > 1 else gguf.GGMLQuantizationType.F32)
               for name, shape in shapes]
    for name, shape, type_ in tensors:
        writer.add_tensor_info(name, shape, np.dtype(np.float32), byte_count(shape, type_), raw_dtype=type_)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    weights = RandomWeights(matrix_type)
    for tensor in tensors:
        writer.write_tensor_data(weights.tensor_bytes(*tensor))
    [file] = writer.fout
    file.flush()
    os.fsync(file.fileno())
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("text", "vision"))
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--type", choices=TYPES, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()

    config = json.loads((arguments.config / "config.json").read_text("utf-8"))
    new_writer, shapes = {"text": (text_writer, text_shapes), "vision": (vision_writer, vision_shapes)}[arguments.part]
    unfinished = arguments.out.with_suffix(".part")
    write_tensors(new_writer(unfinished, arguments.config, config), shapes(config), TYPES[arguments.type])
    unfinished.rename(arguments.out)


if __name__ == "__main__":
    main()
