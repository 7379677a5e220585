#!/usr/bin/env python3
"""Speed and memory of Transformers on Qwen2-VL's shapes: float32, SDPA attention, random weights."""
import time
from pathlib import Path

import torch
import transformers
from transformers import DynamicCache, Qwen2VLConfig, Qwen2VLForConditionalGeneration
from transformers.initialization import no_init_weights

from arguments import peer_parser
from measurement import medians_after_warm_up, peak_memory_bytes, print_figures, random_text_tokens, seconds

WEIGHT_LIMIT = 0.02 * 3**0.5  # uniform within ±limit has the standard deviation of Qwen2-VL's initialisation, 0.02


def build_model(config_folder: Path, dtype: torch.dtype = torch.float32) -> Qwen2VLForConditionalGeneration:
    """A model of the configured shapes whose every weight is written once; the usual initialisation takes minutes."""
    config = Qwen2VLConfig.from_pretrained(config_folder)
    with no_init_weights():
        model = Qwen2VLForConditionalGeneration._from_config(
            config, dtype=dtype, attn_implementation="sdpa")
    model.tie_weights()  # before anything is written, so that the second vocabulary matrix never becomes resident
    torch.manual_seed(0)
    for name, parameter in model.named_parameters():
        is_norm = name.endswith(".weight") and parameter.dim() == 1
        if is_norm:
            parameter.data.fill_(1)
        else:
            parameter.data.uniform_(-WEIGHT_LIMIT, WEIGHT_LIMIT)
    return model.eval()


def text_seconds(model: Qwen2VLForConditionalGeneration, prompt: torch.Tensor,
                 answer: torch.Tensor) -> tuple[float, float]:
    """Times of the prefill and of the decoding that continues from its cache."""
    cache = DynamicCache(config=model.config)

    def step(tokens: torch.Tensor) -> torch.Tensor:
        return model(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1).logits

    start = time.perf_counter()
    step(prompt)
    prefilled = time.perf_counter()
    for token in answer.split(1, dim=1):
        logits = step(token)
    decoded = time.perf_counter()
    if not torch.isfinite(logits).all():
        raise SystemExit("transformers_speed.py: logits are not finite, so their speed means nothing")
    return prefilled - start, decoded - prefilled


def random_image(model: Qwen2VLForConditionalGeneration, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pixel values [patches, channels · frames · patch · patch] and grid_thw of one square image."""
    vision = model.config.vision_config
    patches = side // vision.patch_size
    width = vision.in_channels * vision.temporal_patch_size * vision.patch_size**2
    return torch.rand(patches * patches, width), torch.tensor([[1, patches, patches]])


@torch.inference_mode()
def measure(config_folder: Path, image_side: int, prefill: int, decode: int, runs: int) -> dict[str, float | int]:
    model = build_model(config_folder)
    tokens = torch.tensor([random_text_tokens(prefill + decode)])
    prompt, answer = tokens.split([prefill, decode], dim=1)
    pixel_values, grid_thw = random_image(model, image_side)

    prefill_seconds, decode_seconds = medians_after_warm_up(lambda: text_seconds(model, prompt, answer), runs)
    [image_seconds] = medians_after_warm_up(
        lambda: [seconds(lambda: model.model.visual(pixel_values, grid_thw=grid_thw))], runs)
    return {
        "prefill_tokens_per_second": prefill / prefill_seconds,
        "decode_tokens_per_second": decode / decode_seconds,
        "image_seconds": image_seconds,
        "image_patches": len(pixel_values),
        "peak_memory_bytes": peak_memory_bytes(),
    }


def main() -> None:
    arguments = peer_parser(__doc__).parse_args()
    torch.set_num_threads(arguments.threads)
    figures = measure(arguments.config, arguments.image_side, arguments.prefill, arguments.decode, arguments.runs)
    print_figures({
        "program": f"Transformers {transformers.__version__}, torch {torch.__version__}",
        "weights": "f32",
        "threads": arguments.threads,
        "build": torch.backends.cpu.get_cpu_capability(),
    } | figures, arguments.json)


if __name__ == "__main__":
    main()
