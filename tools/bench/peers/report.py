# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is kept of measurements: a page and a chart for each machine, and a page that lists them."""
import math
import subprocess
from xml.sax.saxutils import escape

from .rows import PEERS, TOLERANCE, rows

SECTIONS = {"product": "Products: y = x Wᵀ with a constant W, M×K×N", "bert": "Encoders, batch × tokens",
            "vision": "Images of 224×224, batch", "llama": "A decoder of 1.1B in the shape of TinyLlama"}
COLOURS = dict(zip(PEERS, ("#d1495b", "#edae49", "#00798c", "#66a182", "#2e4057", "#8d96a3", "#b56576")))
INTRODUCTION = """
A ratio is Varve's time over the other's in one round of bursts that go round in turns, so below 1 Varve is faster: the
median, and the quartiles in brackets. *won* and *lost* say that the quartiles are on one side of 1. Times are medians of a
machine that did other things too: compare ratios. A prefill is one call with all tokens, its keys and values kept; decoding
is {decoded} tokens from a context on, one a call, and its time that of one. llama.cpp reads the same blocks from the same
file as Varve. Engines that have no such blocks are given the decoded weights, and quantise them again in their own
way: ONNX Runtime to int8 by rows, OpenVINO to int8 by rows or int4 in groups of 32.

All outputs are compared with those of PyTorch in f32 on the weights that Varve has; the largest difference, relative to
the largest value, is at most {bounds}. An engine beyond that is absent.
"""


def cpu():
    lines = subprocess.run(["lscpu"], capture_output=True, text=True).stdout.splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return {key.strip(): value.strip() for key, value in fields.items()}


def has(*flags):
    return any(flag in cpu().get("Flags", "").split() for flag in flags)


def machine():
    """(a name for files, a line for readers)."""
    fields = cpu()
    known = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_tile")
    flags = [flag for flag in known if flag in fields.get("Flags", "").split()]
    vendor = {"AuthenticAMD": "amd", "GenuineIntel": "intel"}.get(fields.get("Vendor ID"), fields.get("Vendor ID", "cpu"))
    return (f"{vendor.lower()}-{fields.get('CPU family')}-{fields.get('Model')}",
            f"{fields.get('Model name')}, family {fields.get('CPU family')}, model {fields.get('Model')}, "
            f"{fields.get('CPU(s)')} CPUs, {', '.join(flags)}")


def versions():
    from importlib.metadata import PackageNotFoundError, version
    found = []
    for package in ("torch", "onnxruntime", "openvino", "llama-cpp-python", "iree-base-compiler", "modular"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} absent")
    return ", ".join(found)


def table(results, kinds):
    shown = [p for p in PEERS if any(p in r["peers"] for r in results)]
    text = ["| row | threads | Varve ms | " + " | ".join(shown) + " |", "|---|---|---|" + "---|" * len(shown)]
    for r in results:
        of = kinds[r["row"]]
        speed = f", {of['tokens'] / r['ms']['varve'] * 1e3:.1f} tokens/s" if "tokens" in of else ""
        cells = [f"{p['ratio']:.2f} ({p['low']:.2f}–{p['high']:.2f}) {p['verdict']}" if p else "–"
                 for p in map(r["peers"].get, shown)]
        text.append(f"| {r['row']} | {r['threads']} | {r['ms']['varve']:.3f}{speed} | " + " | ".join(cells) + " |")
    return text


def markdown(results, name):
    from .rows import DECODED
    kinds = {row["name"]: row for row in rows()}
    dates = ", ".join(sorted({r["date"] for r in results}))
    bounds = ", ".join(f"{much:g} in {kind}" if kind != "again" else f"{much:g} where weights were quantised again"
                       for kind, much in TOLERANCE.items())
    text = ["# Varve against other engines", "",
            f"Measured by `tools/bench/compare` on {dates}, on {results[0]['machine']}; {results[-1]['versions']}.",
            INTRODUCTION.format(bounds=bounds, decoded=DECODED), f"![Ratios as bars](benchmarks-{name}.svg)"]
    for kind, title in SECTIONS.items():
        own = [r for r in results if kinds[r["row"]]["kind"] == kind]
        if own:
            text += ["", f"## {title}", "", *table(own, kinds)]
    causes = {}
    for r in results:
        for peer, cause in r["absent"].items():
            causes.setdefault((peer, cause), []).append(r["row"])
    if causes:
        text += ["", "## Absent", ""]
    for (peer, cause), names in causes.items():
        names = list(dict.fromkeys(names))
        text.append(f"- {peer}, {', '.join(names) if len(names) < 4 else f'{len(names)} rows ({names[0]}, ..)'}: {cause}")
    return "\n".join(text) + "\n"


def svg(results):
    """A bar for each ratio, on a logarithmic scale around 1."""
    left, middle, bar, gap = 210, 480, 9, 8
    scale = 90  # pixels for a factor of 2

    def place(ratio):
        return middle + scale * max(-3, min(3.6, math.log2(ratio)))

    out, y = [], 64
    for r in results:
        peers = [p for p in PEERS if p in r["peers"]]
        out.append(f'<text x="{left}" y="{y + bar * max(len(peers), 1) / 2 + 4}" text-anchor="end">'
                   f'{escape(r["row"])}, {r["threads"]} thr.</text>')
        for peer in peers:
            p = r["peers"][peer]
            x = place(p["ratio"])
            out.append(f'<rect x="{min(x, middle):.1f}" y="{y}" width="{abs(x - middle):.1f}" height="{bar - 1}" '
                       f'fill="{COLOURS[peer]}"/>')
            out.append(f'<line x1="{place(p["low"]):.1f}" x2="{place(p["high"]):.1f}" y1="{y + 4}" y2="{y + 4}" '
                       'stroke="#000"/>')
            y += bar
        y += gap
    head = []
    for power in range(-3, 4):
        x = middle + scale * power
        head.append(f'<line x1="{x}" x2="{x}" y1="54" y2="{y}" stroke="{"#000" if power == 0 else "#ddd"}"/>')
        head.append(f'<text x="{x}" y="50" text-anchor="middle">{2.0**power:g}</text>')
    for i, peer in enumerate(p for p in PEERS if any(p in r["peers"] for r in results)):
        x, top = left + i % 4 * 140, 6 + i // 4 * 16
        head.append(f'<rect x="{x}" y="{top}" width="10" height="10" fill="{COLOURS[peer]}"/>'
                    f'<text x="{x + 14}" y="{top + 9}">against {peer}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="830" height="{y + 10}" font-family="sans-serif" font-size="11">\n'
            '<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(head + out) + "\n</svg>\n")


def write(results, docs):
    """The page and the chart of this machine, of what was measured on it, and the page that lists those of all."""
    name, text = machine()
    order = {row["name"]: i for i, row in enumerate(rows())}
    own = sorted((r for r in results.values() if r["row"] in order and r.get("machine") == text),
                 key=lambda r: (r["threads"], order[r["row"]]))
    if own:
        (docs / f"benchmarks-{name}.md").write_text(markdown(own, name))
        (docs / f"benchmarks-{name}.svg").write_text(svg(own))
    pages = []
    for page in sorted(docs.glob("benchmarks-*.md")):
        measured = next((line for line in page.read_text().splitlines() if line.startswith("Measured by")), "")
        pages.append(f"- [{page.stem.removeprefix('benchmarks-')}]({page.name}): {measured}")
    (docs / "benchmarks.md").write_text(
        "# Varve against other engines\n\nA page for each machine that `tools/bench/compare` ran on; figures of different "
        "machines are not to be compared.\n\n" + "\n".join(pages) + "\n")
