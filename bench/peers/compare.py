#!/usr/bin/env python3
"""Runs `roentgen bench` and its peers in turn on this machine and prints one Markdown table of medians and ratios."""
import argparse
import os
import statistics
import sys
from pathlib import Path

from turns import markdown_table, processor, run_in_turn

HERE = Path(__file__).parent
MEASURES = {  # key in every program's JSON: row title, unit, units per printed unit, decimals
    "prefill_tokens_per_second": ("prefill", "tokens/s, more is better", 1, 1),
    "decode_tokens_per_second": ("decode", "tokens/s, more is better", 1, 2),
    "image_seconds": ("image", "s, less is better", 1, 2),
    "first_token_new_image_seconds": ("first token, new image", "s, less is better", 1, 2),
    "peak_memory_bytes": ("peak memory", "GB, less is better", 1e9, 2),
}
Figures = dict[str, float]


def commands(arguments: argparse.Namespace) -> dict[str, list[str]]:
    config, threads, side = str(arguments.config), str(arguments.threads), str(arguments.image_side)
    model = str(arguments.model or f"procedural:{config}")
    peer = ["--config", config, "--threads", threads, "--image-side", side, "--json"]
    programs = {
        "Roentgen": [arguments.roentgen, "bench", "--json", "--model", model, "--threads", threads,
                     "--image-side", side, *(["--isa", arguments.isa] if arguments.isa else [])],
        "Transformers": [sys.executable, str(HERE / "transformers_speed.py"), *peer],
    }
    for type_ in arguments.type:
        programs[f"llama.cpp {type_}"] = [sys.executable, str(HERE / "llamacpp_speed.py"), *peer,
                                          "--work", str(arguments.work), "--type", type_]
    return {name: command for name, command in programs.items() if name not in arguments.without}


def add_first_token(figures: Figures) -> None:
    """A peer's first token about a new picture: encoding it and reading its tokens and 28 more, at the prompt's rate."""
    if "first_token_new_image_seconds" not in figures:
        tokens = figures["image_patches"] / 4 + 28
        figures["first_token_new_image_seconds"] = figures["image_seconds"] + tokens / figures["prefill_tokens_per_second"]


def medians(results: list[dict]) -> Figures:
    return {key: statistics.median(result[key] for result in results) for key in MEASURES}


def table(figures: dict[str, Figures]) -> str:
    ours, *peers = figures
    header = ["", *figures, *(f"{ours} / {peer}" for peer in peers)]
    rows = [header]
    for key, (title, unit, scale, decimals) in MEASURES.items():
        values = [f"{program[key] / scale:.{decimals}f}" for program in figures.values()]
        ratios = [f"{figures[ours][key] / figures[peer][key]:.2f}" for peer in peers]
        rows.append([f"{title} ({unit})", *values, *ratios])
    return markdown_table(rows)


def conditions(results: dict[str, list[dict]], threads: int, load_before: float) -> str:
    ours, *peers = (runs[0] for runs in results.values())
    rounds = len(results["Roentgen"])
    lines = [f"{processor()}, {threads} threads, {rounds} rounds, load average before them {load_before:.1f}. "
             f"Roentgen measured {ours['fma_peak_gflops']:.0f} GFLOP/s of f32 FMA "
             f"and {ours['read_bandwidth_gb_per_second']:.1f} GB/s of reading."]
    lines += [f"- {peer['program']}; {peer['weights']}; {peer['build']}" for peer in peers]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roentgen", help="path of the program")
    parser.add_argument("--config", type=Path, required=True, help="folder with config.json and tokenizer files")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps llama.cpp's GGUF files")
    parser.add_argument("--type", action="append", default=[],
                        help="of llama.cpp's text model, may be repeated (default bf16); see llamacpp_speed.py --help")
    parser.add_argument("--model", help="for Roentgen, a quantised folder for instance (default: generated weights)")
    parser.add_argument("--isa", help="for Roentgen, an instruction set below the best; setup.sh builds llama.cpp for one")
    parser.add_argument("--without", action="append", default=[], help="a program to leave out: Transformers")
    parser.add_argument("--image-side", type=int, default=448, help="pixels, a multiple of 28")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()

    arguments.type = arguments.type or ["bf16"]
    load_before = os.getloadavg()[0]  # should be near 0: the figures count only on an idle machine
    results = run_in_turn(commands(arguments), arguments.rounds)
    for runs in results.values():
        for figures in runs:
            figures.setdefault("image_seconds", figures.get(f"image_{arguments.image_side}_seconds"))
            add_first_token(figures)
    print(table({name: medians(runs) for name, runs in results.items()}))
    print()
    print(conditions(results, arguments.threads, load_before))


if __name__ == "__main__":
    main()
