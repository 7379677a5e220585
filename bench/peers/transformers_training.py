#!/usr/bin/env python3
"""Speed and memory of a training step of PyTorch with Transformers and PEFT on Qwen2-VL's shapes: LoRA on the
language model's linears, one sample whose image went through the vision tower before, random weights."""
import argparse
import time
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

from arguments import positive
from measurement import medians_after_warm_up, peak_memory_bytes, print_figures, seconds
from transformers_speed import build_model

TYPES = {"f32": torch.float32, "bf16": torch.bfloat16}
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]  # only the language model's
ANSWER = 12  # tokens that have a label, at the end


def build_adapted(config_folder: Path, dtype: torch.dtype, rank: int) -> PeftModel:
    """Adapters are f32 also beside bf16 weights: PEFT's default, and what LLaMA-Factory trains."""
    model = build_model(config_folder, dtype)
    adapted = get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=LINEARS))
    return adapted.train()


def sample(model: PeftModel, tokens: int) -> dict[str, torch.Tensor]:
    """Embeddings, the image's among them, stand for the ids: what the tower gave is given."""
    config = model.config.text_config
    labels = torch.full((1, tokens), -100)
    labels[:, -ANSWER:] = torch.randint(config.vocab_size, (1, ANSWER))
    return {
        "inputs_embeds": torch.randn(1, tokens, config.hidden_size, dtype=model.dtype) * 0.02,
        "position_ids": torch.arange(tokens).expand(3, 1, tokens),
        "attention_mask": torch.ones(1, tokens, dtype=torch.long),
        "labels": labels,
        "use_cache": False,
    }


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    model = build_adapted(arguments.config, TYPES[arguments.type], arguments.rank)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    batch = sample(model, arguments.tokens)
    losses = []

    def step() -> None:
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())

    def step_times() -> tuple[float, float]:
        """By the wall, and the processor time of a thread: what a machine without other work would take."""
        processor = time.process_time()
        wall = seconds(step)
        return wall, (time.process_time() - processor) / arguments.threads

    wall, processor = medians_after_warm_up(step_times, arguments.runs)
    if not losses[-1] < losses[0]:
        raise SystemExit(f"transformers_training.py: the loss went from {losses[0]} to {losses[-1]}: no training")
    return {
        "trained_values": sum(parameter.numel() for parameter in trained),
        "step_seconds": wall,
        "step_processor_seconds": processor,
        "peak_memory_bytes": peak_memory_bytes(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True,
                        help="folder with Qwen2-VL's config.json; needs no weights")
    parser.add_argument("--threads", type=positive, required=True)
    parser.add_argument("--type", choices=TYPES, default="f32", help="of weights and activations")
    parser.add_argument("--tokens", type=positive, default=322, help="of the sample, its image's 256 among them")
    parser.add_argument("--rank", type=positive, default=8)
    parser.add_argument("--runs", type=positive, default=3, help="recorded steps, after one for warming up")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    print_figures({
        "program": f"Transformers {transformers.__version__}, PEFT {peft.__version__}, torch {torch.__version__}",
        "weights": arguments.type,
        "threads": arguments.threads,
        "tokens": arguments.tokens,
        "build": torch.backends.cpu.get_cpu_capability(),
    } | measure(arguments), arguments.json)


if __name__ == "__main__":
    main()
