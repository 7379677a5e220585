#!/usr/bin/env python3
"""Runs `roentgen bench train` and PyTorch with PEFT in turn on this machine, and prints one Markdown table.

With --data, also an epoch of Roentgen's over a part of VQA-RAD beside PyTorch's samples one by one."""
import argparse
import os
import statistics
import sys
from pathlib import Path

from arguments import positive
from turns import markdown_table, processor, run, run_in_turn

HERE = Path(__file__).parent
MEDIANS = ["step_seconds", "step_processor_seconds", "peak_memory_bytes"]
Figures = dict[str, float]


def commands(arguments: argparse.Namespace) -> dict[str, list[str]]:
    config, threads, runs = str(arguments.config), str(arguments.threads), str(arguments.runs)
    common = ["--threads", threads, "--runs", runs, "--json"]
    return {
        "Roentgen": [arguments.roentgen, "bench", "train", "--model", f"procedural:{config}", *common],
        "PyTorch": [sys.executable, str(HERE / "transformers_training.py"), "--config", config,
                    "--type", arguments.type, *common],
    }


def measure_epoch(arguments: argparse.Namespace) -> dict:
    command = commands(arguments)["Roentgen"]
    part = ["--data", str(arguments.data), "--images", str(arguments.images), "--max-steps", str(arguments.max_steps)]
    return run("Roentgen, an epoch", [*command, *part])


def medians(results: list[dict]) -> Figures:
    return {key: statistics.median(result[key] for result in results) for key in MEDIANS}


def table(ours: Figures, peer: Figures, operations: float, fma_peak: float) -> str:
    def share(figures: Figures, key: str) -> float:
        return 100 * operations / figures[key] / fma_peak

    rows = {
        "step (s, less is better)": lambda each: each["step_seconds"],
        "step, processor time of a thread (s)": lambda each: each["step_processor_seconds"],
        "samples/s, more is better": lambda each: 1 / each["step_seconds"],
        "useful work (% of the FMA peak)": lambda each: share(each, "step_seconds"),
        "useful work, by processor time (%)": lambda each: share(each, "step_processor_seconds"),
        "peak memory (GB, less is better)": lambda each: each["peak_memory_bytes"] / 1e9,
    }
    lines = [[title, *(f"{figure:.4g}" for figure in (row(ours), row(peer), row(ours) / row(peer)))]
             for title, row in rows.items()]
    return markdown_table([["", "Roentgen", "PyTorch", "Roentgen / PyTorch"], *lines])


def epoch_lines(epoch: dict, peer: Figures) -> str:
    measured, whole = epoch["epoch_measured"], epoch["epoch_extrapolated"]
    cached = whole["samples"] / whole["step_seconds"]
    ratios = [speed * peer["step_seconds"] for speed in (cached, whole["samples_per_second"])]
    return (f"Roentgen's epoch, measured: features of {measured['images']} images in "
            f"{measured['feature_seconds']:.0f} s, {measured['samples']} samples in {measured['steps']} steps and "
            f"{measured['step_seconds']:.0f} s. Extrapolated to the training part's {whole['samples']} samples on "
            f"{whole['images']} images: {cached:.3f} samples/s with cached features, "
            f"{ratios[0]:.1f} times PyTorch's, which takes samples one by one with their features given; "
            f"{whole['samples_per_second']:.3f} samples/s with the time for the features, {ratios[1]:.1f} times.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roentgen", help="path of the program")
    parser.add_argument("--config", type=Path, required=True,
                        help="folder with config.json; --data needs tokenizer files too")
    parser.add_argument("--threads", type=positive, required=True)
    parser.add_argument("--type", choices=("f32", "bf16"), default="f32", help="of PyTorch's weights and activations")
    parser.add_argument("--runs", type=positive, default=3, help="recorded steps of each run, after one for warming up")
    parser.add_argument("--rounds", type=positive, default=2)
    parser.add_argument("--data", type=Path, help="folder with VQA-RAD, for an epoch")
    parser.add_argument("--images", type=positive, default=40, help="of the epoch's part")
    parser.add_argument("--max-steps", type=int, default=0, help="of the epoch; 0: all that the part has")
    arguments = parser.parse_args()

    load_before = os.getloadavg()[0]  # should be near 0: wall times count only on an idle machine
    results = run_in_turn(commands(arguments), arguments.rounds)
    ours, peer = (medians(runs) for runs in results.values())
    first = results["Roentgen"][0]
    fma_peak = max(result["fma_peak_gflops"] for result in results["Roentgen"]) * 1e9
    print(table(ours, peer, first["operations"], fma_peak))
    print(f"\n{processor()}, {arguments.threads} threads, {arguments.rounds} rounds, load average before them "
          f"{load_before:.1f}; {fma_peak / 1e9:.0f} GFLOP/s of f32 FMA; one sample of {first['tokens']} tokens.")
    print(f"- {results['PyTorch'][0]['program']}; {arguments.type}")
    if arguments.data:
        print(f"\n{epoch_lines(measure_epoch(arguments), peer)}")


if __name__ == "__main__":
    main()
