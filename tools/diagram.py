"""Draws the diagrams of docs/img: each .toml beside it becomes an .svg that is readable in dark and in light.

  .forebay/venv/bin/python tools/diagram.py

Nothing is measured or laid out here, so that the same source gives the same bytes everywhere.
"""
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "img"
LINE_PX = 17
ARROW_PX = 7

# A colour scheme for each: what is drawn on a page that this file does not know has to carry its own background.
STYLE = """
    svg { --paper: #ffffff; --ink: #1f2933; --line: #52616f; --soft: #52616f; --box: #eef4f9; --other: #fdf3e1;
          --strong: #d9f0e3 }
    @media (prefers-color-scheme: dark) {
      svg { --paper: #12181f; --ink: #e6edf3; --line: #9fb0bf; --soft: #a9b8c5; --box: #1d2a36; --other: #35290f;
            --strong: #12351f }
    }
    .paper { fill: var(--paper) }
    .box { fill: var(--box); stroke: var(--line) }
    .other { fill: var(--other) }
    .strong { fill: var(--strong); stroke-width: 2 }
    .quiet, .frame { fill: none; stroke-dasharray: 4 3 }
    text { font: 13px system-ui, sans-serif; fill: var(--ink); text-anchor: middle }
    .first { font-weight: 600 }
    .label { fill: var(--soft); font-size: 12px; text-anchor: start }
    .end { text-anchor: end }
    .arrow { fill: none; stroke: var(--line); stroke-width: 1.5 }
    .head { fill: var(--line) }
"""


def box(made):
    x, y, width, height = made["at"]
    kind = made.get("kind", "")
    lines = made["text"]
    parts = [f'  <rect class="{f"box {kind}".strip()}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>']
    middle = x + width / 2
    top = y + LINE_PX if kind == "frame" else y + height / 2 - (len(lines) - 1) * LINE_PX / 2
    for number, line in enumerate(lines):
        first = ' class="first"' if number == 0 else ""
        parts.append(f'  <text{first} x="{middle:g}" y="{top + number * LINE_PX + 4.5:g}">{escape(line)}</text>')
    return parts


def arrow(made):
    points = [tuple(point) for point in made["points"]]
    (from_x, from_y), (to_x, to_y) = points[-2:]
    ahead = ((to_x > from_x) - (to_x < from_x), (to_y > from_y) - (to_y < from_y))
    back = (to_x - ahead[0] * ARROW_PX, to_y - ahead[1] * ARROW_PX)
    side = (ahead[1] * ARROW_PX * 0.55, ahead[0] * ARROW_PX * 0.55)
    path = " ".join(f"{x:g},{y:g}" for x, y in [*points[:-1], back])
    head = " ".join(f"{x:g},{y:g}" for x, y in [(to_x, to_y), (back[0] + side[0], back[1] + side[1]),
                                                (back[0] - side[0], back[1] - side[1])])
    parts = [f'  <polyline class="arrow" points="{path}"/>', f'  <polygon class="head" points="{head}"/>']
    if "label" in made:
        x, y = made["label_at"]
        classes = f"label {made.get('anchor', '')}".strip()
        parts.append(f'  <text class="{classes}" x="{x}" y="{y}">{escape(made["label"])}</text>')
    return parts


def draw(source):
    """The SVG of a source, as text."""
    width, height = source["size"]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
             f'height="{height}" role="img" aria-labelledby="title description">',
             f'  <title id="title">{escape(source["title"])}</title>',
             f'  <desc id="description">{escape(" ".join(source["description"].split()))}</desc>',
             f"  <style>{STYLE}  </style>",
             f'  <rect class="paper" width="{width}" height="{height}" rx="8"/>']
    for made in source["box"]:
        parts += box(made)
    for made in source["arrow"]:
        parts += arrow(made)
    return "\n".join([*parts, "</svg>", ""])


def main():
    for source in sorted(IMAGES.glob("*.toml")):
        source.with_suffix(".svg").write_text(draw(tomllib.loads(source.read_text())))


if __name__ == "__main__":
    main()
