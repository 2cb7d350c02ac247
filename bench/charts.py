"""Bar charts as plain SVG, readable on light and dark pages: groups of horizontal bars, one a server."""

import html
import math

WIDTH = 760
LABEL_WIDTH = 205
BAR_WIDTH = 375
BAR_HEIGHT = 15
BAR_GAP = 3
GROUP_GAP = 16
HEAD = 84

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .note { fill: #59636e; font-size: 12px }
  .ratio { font-weight: 700 }
  .page { fill: #ffffff; stroke: #d1d9e0 }
  .axis { stroke: #8c959f; stroke-width: 1 }
  .redis { fill: #a8b1bb } .pinion { fill: #1f6feb } .floor { fill: #d4a72c }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d }
    text { fill: #e6edf3 } .note { fill: #9198a1 } .axis { stroke: #656c76 }
    .redis { fill: #6e7681 } .pinion { fill: #58a6ff } .floor { fill: #bb8009 }
  }
"""


def bars(title, note, legend, groups, format_value, logarithmic=False):
    """The SVG text of a chart.

    legend: [(class, label)] in drawing order; the classes are those of STYLE.
    groups: [(label, {class: value or None}, ratio text or "")]; the ratio stands beside Pinion's bar.
    format_value: writes a value; it is given None for a bar that has nothing to show.
    """
    values = [value for _, figures, _ in groups for value in figures.values() if value]
    scale = _scale(values, logarithmic)
    parts = []
    y = HEAD
    for label, figures, ratio in groups:
        shown = [name for name, _ in legend if name in figures]
        middle = y + (len(shown) * (BAR_HEIGHT + BAR_GAP) - BAR_GAP) / 2
        parts.append(_text(LABEL_WIDTH - 10, middle + 4, label, anchor="end"))
        for name in shown:
            value = figures[name]
            width = scale(value) if value else 0
            parts.append(f'<rect class="{name}" x="{LABEL_WIDTH}" y="{y:.0f}" width="{max(width, 1):.1f}" '
                         f'height="{BAR_HEIGHT}" rx="2"/>')
            written = html.escape(format_value(value))
            if name == "pinion" and ratio:
                written += f'<tspan class="ratio" dx="8">{html.escape(ratio)}</tspan>'
            parts.append(f'<text x="{LABEL_WIDTH + width + 6:.1f}" y="{y + 12:.0f}">{written}</text>')
            y += BAR_HEIGHT + BAR_GAP
        y += GROUP_GAP - BAR_GAP
    height = y
    axis = f'<line class="axis" x1="{LABEL_WIDTH - 0.5}" y1="{HEAD - 6}" x2="{LABEL_WIDTH - 0.5}" y2="{height - 8:.0f}"/>'
    # A background of its own keeps the chart readable where the page's colours are not those the viewer's system prefers.
    page = f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:.0f}" rx="6"/>'
    head = [page, _text(16, 26, title, "title"), _text(16, 46, note, "note"), _legend(legend)]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
            f'height="{height:.0f}" role="img" aria-label="{html.escape(title, quote=True)}">\n'
            f"<style>{STYLE}</style>\n" + "\n".join(head + parts + [axis]) + "\n</svg>\n")


def _scale(values, logarithmic):
    """Maps a value to a bar's length."""
    most = max(values, default=1)
    if not logarithmic:
        return lambda value: BAR_WIDTH * value / most
    least = 10 ** (math.floor(math.log10(min(values, default=1))) - 0.3)
    return lambda value: BAR_WIDTH * math.log(value / least) / math.log(most / least)


def _legend(legend):
    parts = []
    x = 16
    for name, label in legend:
        parts.append(f'<rect class="{name}" x="{x}" y="57" width="11" height="11" rx="2"/>')
        parts.append(_text(x + 16, 67, label, "note"))
        x += 36 + 7 * len(label)
    return "".join(parts)


def _text(x, y, text, kind="", anchor="start"):
    kind = f' class="{kind}"' if kind else ""
    return f'<text{kind} x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{html.escape(text)}</text>'
