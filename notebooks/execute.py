"""Run every notebook on fresh lakes, in order, and hold it to what is committed.

A cell that fails fails the run: also one that compares a number with `weir analyze`, which every notebook must have.
Changed outputs are reported. With --write the outputs are written back instead; read the difference before you commit.
"""

from __future__ import annotations

import argparse
import base64
import difflib
import io
import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import matplotlib.image
import nbformat
import numpy as np
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

import weir

MOST_BYTES = 300_000
LEAST_PLOTS = 2
IPC = Config({"KernelManager": {"transport": "ipc"}})  # no port is opened for the kernel
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def outputs(notebook: NotebookNode) -> Iterator[tuple[int, str, str]]:
    """Give every output of a notebook as its cell's number, its media type, and its text."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                yield number, f"stream {output.name}", output.text
            for media, text in sorted(output.get("data", {}).items()):
                yield number, media, text if isinstance(text, str) else json.dumps(text)


def same_picture(a: str, b: str) -> bool:
    """Report whether two PNGs in base64 look the same, but for the smoothing of their edges."""
    x, y = (matplotlib.image.imread(io.BytesIO(base64.b64decode(t))) for t in (a, b))
    return x.shape == y.shape and float(np.abs(x - y).mean()) < 0.01


def drift(committed: NotebookNode, executed: NotebookNode) -> list[str]:
    """Return what differs between two runs of a notebook, as lines to read."""
    before, after = list(outputs(committed)), list(outputs(executed))
    if [o[:2] for o in before] != [o[:2] for o in after]:
        return [f"outputs were {[o[:2] for o in before]} and are {[o[:2] for o in after]}"]
    lines: list[str] = []
    for (number, media, was), (_, _, now) in zip(before, after, strict=True):
        if media == "image/png":
            if not same_picture(was, now):
                lines.append(f"cell {number}: the picture has changed")
        elif media != "text/html" and was != now:  # a table is also there as text
            lines += difflib.unified_diff(
                was.splitlines(), now.splitlines(), f"cell {number}, committed", f"cell {number}, now", lineterm=""
            )
    return lines


def faults(executed: NotebookNode, size: int) -> list[str]:
    """Return what a notebook lacks."""
    found = []
    if sum(media == "image/png" for _, media, _ in outputs(executed)) < LEAST_PLOTS:
        found.append(f"has fewer than {LEAST_PLOTS} plots")
    if not any("weir.compare(" in c.source for c in executed.cells if c.cell_type == "code"):
        found.append("compares no number with weir analyze")
    if size > MOST_BYTES:
        found.append(f"has {size:,} bytes, more than {MOST_BYTES:,}")
    found += [f"writes to standard error: {t.strip()}" for _, media, t in outputs(executed) if media == "stream stderr"]
    return found


def execute(path: Path) -> NotebookNode:
    """Run a notebook from top to bottom in a kernel of its own, and return it with what it printed."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", config=IPC, resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute()
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{path.stem}-{number:02}"
        cell.metadata.pop("execution", None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def main() -> int:
    """Run the notebooks named, or all; return 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the outputs back")
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(weir.HERE.glob("0*.ipynb")))
    chosen = parser.parse_args()
    shutil.rmtree(weir.LAKES, ignore_errors=True)
    failed = 0
    for path in chosen.notebooks:
        began = time.monotonic()
        try:
            executed = execute(path)
        except Exception as e:  # the others shall run as well
            print(f"FAILED  {path.name}: {ANSI.sub('', str(e))}")
            failed += 1
            continue
        text = nbformat.writes(executed) + "\n"
        if chosen.write:
            path.write_text(text, encoding="utf-8")
        wrong = faults(executed, len(text.encode()))
        changed = drift(nbformat.read(path, as_version=4), executed)
        print(f"{'FAILED' if wrong else 'ok':7} {path.name}  {len(text):,} bytes, {time.monotonic() - began:.1f} s")
        for line in wrong:
            print(f"        {line}")
        if changed and not chosen.write:
            print("        its outputs are not those committed (make notebooks writes them):")
            print("\n".join(f"        {line}" for line in changed[:60]))
        failed += bool(wrong)
    print(f"{len(chosen.notebooks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
