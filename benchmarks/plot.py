"""A bar chart as SVG, for the documentation: no library is worth its weight for one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LEFT, RIGHT, ROW, GAP, HEAD = 720, 150, 60, 20, 34, 46
COLOURS = ("#9aa5b1", "#7b8794", "#616e7c", "#52606d", "#c8553d")


def bars(title: str, groups: Mapping[str, Mapping[str, float]], order: Sequence[str]) -> str:
    """A group of bars for each of `groups`, each group with a scale of its own: name -> value, in minutes."""
    parts: list[str] = []
    y = HEAD
    for name, values in groups.items():
        parts.append(f'<text x="{LEFT}" y="{y}" font-weight="bold">{escape(name)}</text>')
        y += 8
        most = max(values.values())
        for key in order:
            if key not in values:
                continue
            length = max((WIDTH - LEFT - RIGHT) * values[key] / most, 1)
            colour = COLOURS[order.index(key) % len(COLOURS)]
            parts.append(f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(key)}</text>')
            parts.append(f'<rect x="{LEFT}" y="{y + 2}" width="{length:.1f}" height="{ROW - 5}" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + length + 6:.1f}" y="{y + 14}">{values[key]:.1f}</text>')
            y += ROW
        y += GAP
    height = y - GAP + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-size="13" '
        f'font-family="system-ui, sans-serif" fill="#1f2933">\n<title>{escape(title)}</title>\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n<text x="{LEFT}" y="20" font-size="15">'
        f"{escape(title)}</text>\n" + "\n".join(parts) + "\n</svg>\n"
    )
