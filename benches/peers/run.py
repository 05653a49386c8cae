#!/usr/bin/env python3
"""Runs netdsl and its peers side by side and prints one table of microseconds a training step.

    ./run.py [--workloads W1,W2] [--threads 1,2] [--peers PyTorch,candle] [--rounds 3] [--json FILE]

The peers in Rust are built with `target-cpu=native`, netdsl as its users build it. Those in Python run with the interpreter in
PEERS_PYTHON (default: this one). A peer that can't be built, whose packages are missing or that fails is named as skipped. Rounds
take turns over all peers; the table has the minimum over the rounds. Each workload runs on as many cores as it has threads.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = os.environ.get("PEERS_PYTHON", sys.executable)
WORKLOADS = ["W1", "W2", "W3", "W4", "W5", "W6", "W7"]
THREAD_VARIABLES = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS",
                    "MATMUL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"]


def skip(name, reason):
    print(f"skipped: {name}: {reason}", file=sys.stderr)


def build(manifest, program, flags=""):
    """The program, built apart from what else is built here, so that it stays the same for all rounds."""
    environment = os.environ | {"RUSTFLAGS": flags, "CARGO_TARGET_DIR": str(HERE / "target")}
    command = ["cargo", "build", "--locked", "--quiet", "--release", "--manifest-path", manifest]
    built = subprocess.run(command, env=environment).returncode == 0
    return [str(HERE / "target/release" / program)] if built else None


def rust(name, package):
    """The peer's program."""
    built = build(HERE / package / "Cargo.toml", f"{package}-peer", "-C target-cpu=native")
    return built or skip(name, "does not build")


def python(name, script, modules, *arguments):
    """The peer's script, where its packages are there."""
    for module in modules:
        found = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
        if subprocess.run([PYTHON, "-c", found]).returncode != 0:
            return skip(name, f"{PYTHON} has no package {module}")
    return [PYTHON, str(HERE / "python" / script), *arguments]


PEERS = {
    "PyTorch": (python, "torch_peer.py", ["torch"], "eager"),
    "PyTorch compile": (python, "torch_peer.py", ["torch"], "compile"),
    "JAX jit": (python, "jax_peer.py", ["jax", "optax"], "jit"),
    "JAX fused loop": (python, "jax_peer.py", ["jax", "optax"], "loop"),
    "Keras 3": (python, "keras_peer.py", ["tensorflow", "keras"], "tob"),
    "candle": (rust, "candle"),
    "burn-flex": (rust, "burn"),
}


def commands_of(chosen):
    """The commands of the chosen peers, as far as they are there."""
    found = {name: make(name, *rest) for name, (make, *rest) in PEERS.items() if name in chosen}
    return {name: command for name, command in found.items() if command}


def netdsl(command, workload, threads):
    file = HERE / "target" / "netdsl.json"
    cores = ",".join(str(core) for core in range(threads))
    subprocess.run(["taskset", "-c", cores, *command, "--workloads", workload, "--threads", str(threads), "--turns", "15",
                    "--json", file], check=True, stdout=subprocess.DEVNULL)
    row = json.loads(file.read_text())[0]
    return row["min_us"], row["median_us"], row["limit_us"]


def peer(name, command, workload, threads):
    """Minimum and median of one run, or nothing where it fails."""
    environment = os.environ | {name: str(threads) for name in THREAD_VARIABLES} | {"PEER": "peer"}
    cores = ",".join(str(core) for core in range(threads))
    run = subprocess.run(["taskset", "-c", cores, *command, workload.lower(), str(threads)], env=environment,
                         capture_output=True, text=True)
    for line in reversed(run.stdout.splitlines()):
        if line.startswith("{") and "min_us" in line:
            row = json.loads(line.replace("NaN", "null"))
            return row["min_us"], row["median_us"]
    return skip(f"{name} of {workload}", (run.stderr.strip().splitlines() or ["no output"])[-1])


def at_least_one(text):
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, not {text!r}")
    return int(text)


def among(names):
    """Reads one of the names, in any case."""
    def read(text):
        for name in names:
            if name.lower() == text.lower():
                return name
        raise argparse.ArgumentTypeError(f"no {text!r}: there are {', '.join(names)}")
    return read


def separated(read):
    """Reads a list separated by commas."""
    return lambda text: [read(part) for part in text.split(",")]


def file(text):
    """A file that can be written, which is found out before anything is measured."""
    try:
        with open(text, "a"):
            return Path(text)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", type=separated(among(WORKLOADS)), default=WORKLOADS)
    parser.add_argument("--threads", type=separated(at_least_one), default=[1, 2])
    parser.add_argument("--peers", type=separated(among(PEERS)), default=list(PEERS),
                        help="the names of the table; all where none is named")
    parser.add_argument("--rounds", type=at_least_one, default=3)
    parser.add_argument("--json", type=file)
    options = parser.parse_args()
    ours = build(HERE.parent / "step" / "Cargo.toml", "netdsl-bench-step")
    if ours is None:
        sys.exit("benches/step does not build")
    commands, rows = commands_of(options.peers), []
    for workload in options.workloads:
        for count in options.threads:
            best = {}
            for _ in range(options.rounds):
                minimum, median, limit = netdsl(ours, workload, count)
                taken = {"netdsl": (minimum, median), "limit": (limit, limit)}
                taken |= {name: peer(name, command, workload, count) for name, command in commands.items()}
                for name, times in taken.items():
                    if times:
                        print(f"{workload}, {count} threads, {name}: {times[0]:.1f}", file=sys.stderr, flush=True)
                        best[name] = min(best.get(name, times), times)
            rows += [{"workload": workload, "peer": name, "threads": count, "min_us": times[0], "median_us": times[1],
                      "limit_us": best["limit"][0]} for name, times in best.items() if name != "limit"]
    names = ["netdsl", *commands]
    for count in options.threads:
        print(f"\nmicroseconds a step, {count} thread{'s' if count > 1 else ''}\n")
        print("| | " + " | ".join(["limit", *names]) + " |\n|---" + "|---:" * (len(names) + 1) + "|")
        for workload in options.workloads:
            found = {row["peer"]: row for row in rows if (row["workload"], row["threads"]) == (workload, count)}
            cells = [f"{found[name]['min_us']:.1f}" if name in found else "" for name in names]
            print(f"| {workload} | " + " | ".join([f"{found['netdsl']['limit_us']:.1f}", *cells]) + " |")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
