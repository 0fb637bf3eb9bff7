"""Usage: measure.py PHOTO RUNS, with NAME<TAB>COMMAND lines on standard input.

CPU is the median of the runs; commands alternate, so that other load affects all of them
alike. Memory is the peak of RssAnon, which excludes mapped files, and of the resident size,
sampled every half millisecond. dB is the peak signal-to-noise ratio of the PNG against a
full decode and Lanczos, both in gamma-encoded values.
"""

import math
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import Image, ImageChops, ImageOps, ImageStat

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def cpu(command):
    process = subprocess.Popen(command, **QUIET)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit(f"failed: {shlex.join(command)}")
    return usage.ru_utime + usage.ru_stime


def memory(command):
    """Peak anonymous and resident memory in MB."""
    process, peaks = subprocess.Popen(command, **QUIET), [0, 0]
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                found = dict(re.findall(r"(RssAnon|VmHWM):\s+(\d+)", status.read()))
        except (FileNotFoundError, ProcessLookupError):
            break
        now = [int(found.get(name, 0)) for name in ("RssAnon", "VmHWM")]
        peaks = [max(pair) for pair in zip(peaks, now)]
        time.sleep(0.0005)
    process.wait()
    return [peak / 1000 for peak in peaks]


def instructions(command):
    if not shutil.which("valgrind"):
        return math.nan
    environment = {**os.environ, "JSIMD_FORCENONE": "1"}
    call = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    told = subprocess.run(call, env=environment, capture_output=True, text=True).stderr
    found = re.search(r"Collected : (\d+)", told)
    return int(found[1]) / 1e6 if found else math.nan


def millions(number):
    """Formats a count; tools that are scripts, which valgrind does not follow, have none."""
    return "" if math.isnan(number) else f"{number:.0f} M"


def decibels(reference, path):
    picture = Image.open(path).convert("RGB")
    expected = reference.resize(picture.size, Image.LANCZOS)
    squares = ImageStat.Stat(ImageChops.difference(picture, expected)).sum2
    mean = sum(squares) / (3 * picture.width * picture.height)
    return 10 * math.log10(255**2 / mean) if mean else math.inf


def main():
    photo, runs = sys.argv[1], int(sys.argv[2])
    reference = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
    tools = [line.rstrip("\n").split("\t") for line in sys.stdin]
    with tempfile.TemporaryDirectory() as folder:
        files = {end: f"{folder}/out.{end}" for end in ("jpg", "png", "ppm")}
        commands = {
            name: shlex.split(text.format(out=files["jpg"], **files)) for name, text in tools
        }
        times = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(cpu(command))
        print("| tool | instructions | CPU | memory, of it anonymous | scaling alone |")
        print("| --- | --- | --- | --- | --- |")
        for name, text in tools:
            command, quality = commands[name], ""
            anonymous, resident = memory(command)
            if "{out}" in text:
                cpu(shlex.split(text.format(out=files["png"], **files)))
                quality = f"{decibels(reference, files['png']):.1f} dB"
            print(
                f"| {name} | {millions(instructions(command))} "
                f"| {statistics.median(times[name]):.3f} s "
                f"| {resident:.1f} MB, {anonymous:.1f} MB | {quality} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
