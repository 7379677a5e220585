"""What the comparisons share: programs run in turn on one machine, and how their figures are laid out."""
import json
import subprocess
import sys
from pathlib import Path


def run(name: str, command: list[str]) -> dict:
    print(f"{name} …", file=sys.stderr)
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        program = Path(sys.argv[0]).name
        raise SystemExit(f"{program}: {name} failed with status {result.returncode}: {' '.join(command)}")
    return json.loads(result.stdout)


def run_in_turn(programs: dict[str, list[str]], rounds: int) -> dict[str, list[dict]]:
    """Alternating, so that a machine that slows down or speeds up favours none."""
    results: dict[str, list[dict]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            results[name].append(run(name, command))
    return results


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def markdown_table(rows: list[list[str]]) -> str:
    """The first row is the header; all columns but the first hold numbers."""
    rows = [rows[0], ["---"] + ["---:"] * (len(rows[0]) - 1), *rows[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
