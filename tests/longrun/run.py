#!/usr/bin/env python3
"""Everything that breaks gateways on purpose, at full length, with one table at the end.

    python3 tests/longrun/run.py                 about two hours on two cores
    python3 tests/longrun/run.py --short         as long as in CI
    python3 tests/longrun/run.py --only power --seed 7

Each row is a test of this folder's parent; its output is kept in target/longrun. Exit code 0: nothing
was lost, nothing was doubled, and no test failed.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Name, test binary, and what makes it long.
RUNS = [
    ("crash matrix", "crash", {"ROGATORY_CRASHES": "100000"}),
    ("loss of power", "power", {"ROGATORY_CUTS": "1000"}),
    ("kill -9", "killed", {"ROGATORY_KILLS": "200"}),
    ("simulated network", "simulation", {"ROGATORY_SEEDS": "1000"}),
    ("real network", "network", {"ROGATORY_NETWORK_SECONDS": "600"}),
    ("disks", "disk_faults", {"ROGATORY_DAMAGES": "1000"}),
    ("soak", "soak", {"ROGATORY_SOAK_SECONDS": "600"}),
    ("hostile peers", "hostile", {}),
    ("damaged ledgers", "tamper", {}),
    ("parsers", "parsers", {"ROGATORY_FUZZ_SECONDS": "60"}),
]
COLUMNS = ["faults", "tried", "accepted", "delivered", "lost", "doubled", "longest"]


def run(name, test, settings, options):
    """Runs a test; gives its tallies and whether it passed."""
    env = dict(os.environ, **({} if options.short else settings))
    if options.seed is not None:
        env["ROGATORY_SEED"] = str(options.seed)
    command = ["cargo", "test", "--locked", "--test", test, "--", "--nocapture", "--test-threads=1"]
    log = ROOT / "target" / "longrun" / f"{test}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    print(f"{name} …", end=" ", flush=True, file=sys.stderr)
    with log.open("w") as out:
        passed = subprocess.run(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT).returncode == 0
    print(f"{'passed' if passed else f'FAILED, see {log}'} after {time.monotonic() - begun:.0f} s", file=sys.stderr)
    text = log.read_text(errors="replace")
    # A test prints its name before, on the same line, where it runs alone.
    return [json.loads(line.split("tally ", 1)[1]) for line in text.splitlines() if "tally {" in line], passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="as long as in CI")
    parser.add_argument("--only", action="append", metavar="NAME", help="only the rows of this name or test")
    parser.add_argument("--seed", type=int, help="of all that is random")
    parser.add_argument("--json", action="store_true", help="the table as JSON")
    options = parser.parse_args()
    chosen = [run for run in RUNS if not options.only or {run[0], run[1]} & set(options.only)]
    if not chosen:
        parser.error("there is no such row; there are: " + ", ".join(name for name, *_ in RUNS))
    rows, failed = [], []
    for name, test, settings in chosen:
        tallies, passed = run(name, test, settings, options)
        rows += [dict(tally, run=name) for tally in tallies]
        if not passed:
            failed.append(name)
        elif not tallies:
            failed.append(f"{name} (it says nothing)")
    most = max((row["longest"] for row in rows), default=0)
    total = {column: sum(row[column] for row in rows) for column in COLUMNS[:-1]} | {"longest": most}
    if options.json:
        print(json.dumps({"rows": rows, "total": total, "failed": failed}, indent=1))
    else:
        heads = ["", *COLUMNS[:-1], "longest wait, ms"]
        lines = [[row["name"], *(str(row[column]) for column in COLUMNS)] for row in rows]
        lines.append(["all", *(str(total[column]) for column in COLUMNS)])
        widths = [max(len(line[at]) for line in [heads, *lines]) for at in range(len(heads))]
        for line in [heads, *lines]:
            print("  ".join(cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in enumerate(zip(line, widths))))
    for name in failed:
        print(f"FAILED: {name}", file=sys.stderr)
    return 1 if failed or total["lost"] or total["doubled"] else 0


if __name__ == "__main__":
    sys.exit(main())
