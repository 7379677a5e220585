#!/usr/bin/env python3
"""Speed and memory of llama.cpp on Qwen2-VL's shapes: weights of a chosen type, vision tower in f16, random weights."""
import argparse
import ctypes
import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import llama_cpp
from llama_cpp import mtmd_cpp

from arguments import peer_parser
from measurement import medians_after_warm_up, peak_memory_bytes, print_figures, random_text_tokens, seconds

GGUF_WRITER = Path(__file__).with_name("random_gguf.py")
MIXED_TYPES = {"q4_k_m": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M}
PIXELS_PER_TOKEN_SIDE = 28  # 2 x 2 merged patches of 14 pixels


def cached_gguf(part: str, type_: str, config: Path, folder: Path) -> Path:
    """The file's name holds what its bytes depend on, so an edited configuration or writer gets a new file."""
    key = hashlib.sha256((config / "config.json").read_bytes() + GGUF_WRITER.read_bytes()).hexdigest()[:12]
    path = folder / f"{part}-{type_}-{key}.gguf"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # A process of its own, so that its memory does not count as llama.cpp's.
        if type_ in MIXED_TYPES:
            script = f"import llama_cpp, sys; from llamacpp_speed import quantize; quantize(*sys.argv[1:], {MIXED_TYPES[type_]})"
            command = [sys.executable, "-c", script, cached_gguf(part, "bf16", config, folder), path]
            subprocess.run(command, check=True, cwd=Path(__file__).parent)
        else:
            subprocess.run([sys.executable, GGUF_WRITER, part, "--config", config, "--type", type_, "--out", path],
                           check=True)
    return path


def quantize(source: str, target: str, file_type: int) -> None:
    """llama.cpp's own mixtures of types, which no list of shapes gives."""
    llama_cpp.llama_log_set(print_error, None)
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = file_type
    status = llama_cpp.llama_model_quantize(source.encode(), target.encode(), parameters)
    require(status == 0, f"llama_model_quantize returned {status}")


@llama_cpp.llama_log_callback
def print_error(level: int, text: bytes, _user_data: ctypes.c_void_p) -> None:
    if level == 4:  # GGML_LOG_LEVEL_ERROR in ggml.h; the warnings doubt random weights and small images
        print(text.decode("utf-8", "replace"), end="", file=sys.stderr)


def require(condition: object, message: str) -> None:
    if not condition:
        raise SystemExit(f"llamacpp_speed.py: {message}")


class TextModel:
    def __init__(self, path: Path, threads: int, prefill: int, decode: int) -> None:
        model_parameters = llama_cpp.llama_model_default_params()
        model_parameters.n_gpu_layers = 0
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), model_parameters)
        require(self.model, f"{path}: llama.cpp cannot load it")
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = prefill + decode
        parameters.n_batch = prefill  # computed in parts of n_ubatch, by default 512 tokens
        parameters.n_threads = parameters.n_threads_batch = threads
        self.context = llama_cpp.llama_init_from_model(self.model, parameters)
        require(self.context, f"{path}: llama.cpp cannot make a context")

    def forget(self) -> None:
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), False)

    def step(self, tokens: list[int]) -> None:
        """Continues the sequence; computes the logits of the last token alone."""
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        status = llama_cpp.llama_decode(self.context, llama_cpp.llama_batch_get_one(array, len(tokens)))
        require(status == 0, f"llama_decode returned {status}")
        llama_cpp.llama_synchronize(self.context)


def text_seconds(text: TextModel, prompt: list[int], answer: list[int]) -> tuple[float, float]:
    """Times of the prefill and of the decoding that continues from its cache."""
    text.forget()
    start = time.perf_counter()
    text.step(prompt)
    prefilled = time.perf_counter()
    for token in answer:
        text.step([token])
    return prefilled - start, time.perf_counter() - prefilled


class VisionTower:
    """The visual tower with its merger, and one square image of random pixels, preprocessed."""

    def __init__(self, path: Path, text: TextModel, threads: int, side: int) -> None:
        self.tokens = (side // PIXELS_PER_TOKEN_SIDE) ** 2
        parameters = mtmd_cpp.mtmd_context_params_default()
        parameters.use_gpu = False
        parameters.print_timings = False
        parameters.warmup = False  # the first, unrecorded run does it
        parameters.n_threads = threads
        # So that the image is scaled neither up nor down.
        parameters.image_min_tokens = parameters.image_max_tokens = self.tokens
        self.context = mtmd_cpp.mtmd_init_from_file(str(path).encode(), text.model, parameters)
        require(self.context, f"{path}: llama.cpp cannot load it")
        self.chunk = self._image_chunk(side)

    def _image_chunk(self, side: int) -> mtmd_cpp.mtmd_input_chunk_p:
        size = side * side * 3
        pixels = (ctypes.c_uint8 * size).from_buffer_copy(random.Random(0).randbytes(size))
        bitmap = mtmd_cpp.mtmd_bitmap_init(side, side, pixels)
        marker = mtmd_cpp.mtmd_default_marker()
        prompt = mtmd_cpp.mtmd_input_text(marker, len(marker), False, True)
        chunks = mtmd_cpp.mtmd_input_chunks_init()
        status = mtmd_cpp.mtmd_tokenize(self.context, chunks, ctypes.byref(prompt),
                                        (ctypes.c_void_p * 1)(bitmap), 1)
        require(status == 0, f"mtmd_tokenize returned {status}")
        every = [mtmd_cpp.mtmd_input_chunks_get(chunks, index)
                 for index in range(mtmd_cpp.mtmd_input_chunks_size(chunks))]
        [image] = [chunk for chunk in every
                   if mtmd_cpp.mtmd_input_chunk_get_type(chunk) == mtmd_cpp.MTMD_INPUT_CHUNK_TYPE_IMAGE]
        tokens = mtmd_cpp.mtmd_input_chunk_get_n_tokens(image)
        require(tokens == self.tokens, f"the image became {tokens} tokens instead of {self.tokens}")
        return image

    def encode(self) -> None:
        status = mtmd_cpp.mtmd_encode_chunk(self.context, self.chunk)
        require(status == 0, f"mtmd_encode_chunk returned {status}")


def measure(arguments: argparse.Namespace) -> dict[str, float | int]:
    text_path = cached_gguf("text", arguments.type, arguments.config, arguments.work)
    vision_path = cached_gguf("vision", "f16", arguments.config, arguments.work)
    text = TextModel(text_path, arguments.threads, arguments.prefill, arguments.decode)
    vision = VisionTower(vision_path, text, arguments.threads, arguments.image_side)
    tokens = random_text_tokens(arguments.prefill + arguments.decode)
    prompt, answer = tokens[:arguments.prefill], tokens[arguments.prefill:]

    prefill_seconds, decode_seconds = medians_after_warm_up(lambda: text_seconds(text, prompt, answer), arguments.runs)
    [image_seconds] = medians_after_warm_up(lambda: [seconds(vision.encode)], arguments.runs)
    return {
        "prefill_tokens_per_second": arguments.prefill / prefill_seconds,
        "decode_tokens_per_second": arguments.decode / decode_seconds,
        "image_seconds": image_seconds,
        "image_patches": 4 * vision.tokens,  # the merger makes one token of 2 x 2
        "peak_memory_bytes": peak_memory_bytes(),
    }


def main() -> None:
    parser = peer_parser(__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the GGUF files, 4.5 GB with bf16")
    parser.add_argument("--type", choices=("f32", "f16", "bf16", "q8_0", "q5_0", "q4_0", *MIXED_TYPES), default="bf16",
                        help="of the text model's matrices")
    arguments = parser.parse_args()
    llama_cpp.llama_log_set(print_error, None)
    mtmd_cpp.mtmd_log_set(print_error, None)
    figures = measure(arguments)
    print_figures({
        "program": f"llama.cpp (llama-cpp-python {llama_cpp.__version__})",
        "weights": f"{arguments.type}, vision f16",
        "threads": arguments.threads,
        "build": llama_cpp.llama_print_system_info().decode(),
    } | figures, arguments.json)


if __name__ == "__main__":
    main()
