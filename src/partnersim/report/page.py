"""A report as one HTML page that needs no internet: question, answer, figures, tables, departures, provenance, command."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Page", "Picture", "Sheet"]

LARGE = 600_000
"""Letters of an SVG from which a page carries the PNG instead: thousands of lines are quicker as dots."""
ROWS = 60
WRITTEN = "files.txt"
"""Rows of a table on the page; the file has all."""

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: #222; margin: 0 auto; max-width: 60rem;
  padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; border-bottom: 1px solid #ddd; }
.question { font-size: 1.1rem; color: #555; margin: 0 0 1.4rem; white-space: pre-line; }
.answer { background: #f2f5f9; border-left: 4px solid #12436d; padding: .9rem 1.2rem; font-size: 1.08rem; }
.answer p { margin: .35rem 0; }
.note { color: #8a4b00; }
figure { margin: 1.6rem 0; } figure img { width: 100%; height: auto; } figcaption { color: #555; font-size: .9rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; }
th, td { padding: .22rem .7rem .22rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #eee; }
td.n, th.n { text-align: right; white-space: nowrap; } th { border-bottom: 1px solid #888; }
pre { background: #f6f6f6; padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .88rem; }
summary { cursor: pointer; color: #12436d; }
footer { margin-top: 3rem; color: #777; font-size: .82rem; }
@media print { body { max-width: none; } figure { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class Picture:
    """A figure in both formats."""

    name: str
    caption: str
    svg: bytes
    png: bytes

    @classmethod
    def drawn(cls, name: str, caption: str, figure: Any) -> Picture:
        """Take a matplotlib figure and let go of it."""
        from partnersim.plots.style import close

        found = {}
        for kind in ("svg", "png"):
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
            found[kind] = buffer.getvalue()
        close(figure)
        return cls(name, caption, found["svg"], found["png"])


@dataclass(frozen=True)
class Sheet:
    """A table with its title; `folded` ones are opened by a click."""

    name: str
    title: str
    frame: pd.DataFrame
    folded: bool = True


@dataclass
class Page:
    """What a report says."""

    title: str
    question: str
    answer: Sequence[str]
    pictures: list[Picture] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    departures: pd.DataFrame | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""

    def html(self) -> str:
        """Return the page."""
        e = html.escape
        parts = [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{e(self.title)}</title><style>{STYLE}</style></head><body>",
            f"<h1>{e(self.title)}</h1>",
            f'<p class="question">{e(self.question)}</p>' if self.question else "",
            '<div class="answer">',
            *(f"<p>{e(sentence)}</p>" for sentence in self.answer),
            "</div>",
            *(f'<p class="note">{e(note)}</p>' for note in self.notes),
        ]
        if self.pictures:
            parts.append("<h2>Figures</h2>")
        for picture in self.pictures:
            kind, data = ("svg+xml", picture.svg) if len(picture.svg) < LARGE else ("png", picture.png)
            source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
            parts.append(f'<figure><img alt="{e(picture.caption)}" src="{source}"><figcaption>{e(picture.caption)}</figcaption></figure>')
        if self.sheets:
            parts.append("<h2>Tables</h2>")
        for sheet in self.sheets:
            more = f"; the first {ROWS} of {len(sheet.frame)} rows, all in tables/{sheet.name}.csv" if len(sheet.frame) > ROWS else ""
            is_open = "" if sheet.folded else " open"
            parts.append(f"<details{is_open}><summary>{e(sheet.title)}{more}</summary>{_table(sheet.frame.head(ROWS))}</details>")
        if self.departures is not None:
            parts.append("<h2>Departures from the defaults</h2>")
            nothing = "<p>None: everything is at its default.</p>"
            parts.append(_table(self.departures) if len(self.departures) else nothing)
        if self.command:
            parts.append(f"<h2>Make it again</h2><pre>{e(self.command)}</pre>")
        if self.provenance:
            rows = "".join(f"<tr><td>{e(str(key))}</td><td>{e(str(value))}</td></tr>" for key, value in self.provenance.items())
            parts.append(f'<h2>Provenance</h2><div class="scroll"><table>{rows}</table></div>')
        parts.append("<footer>A simulation under stated assumptions; no forecast of any named district.</footer></body></html>")
        return "\n".join(part for part in parts if part) + "\n"

    def write(self, folder: Path) -> Path:
        """Write `report.html`, and `report/` with every figure (PNG, SVG) and table (CSV), to a folder.

        What an earlier report wrote there is replaced; other files stay.
        """
        inside = folder / "report"
        listed = inside / WRITTEN
        files = {f"figures/{one.name}.{kind}": getattr(one, kind) for one in self.pictures for kind in ("svg", "png")}
        files |= {f"tables/{one.name}.csv": one.frame.to_csv(index=False, lineterminator="\n").encode() for one in self.sheets}
        try:
            for name in ("figures", "tables"):
                (inside / name).mkdir(parents=True, exist_ok=True)
            for name in listed.read_text(encoding="utf-8").splitlines() if listed.exists() else ():
                (inside / name).unlink(missing_ok=True)
            listed.write_text("".join(f"{name}\n" for name in files), encoding="utf-8", newline="\n")
            for name, content in files.items():
                (inside / name).write_bytes(content)
            path = folder / "report.html"
            path.write_text(self.html(), encoding="utf-8", newline="\n")
        except OSError as problem:
            raise ResultError(f"the report cannot be written: {problem}", where=str(folder)) from problem
        return path


def _table(frame: pd.DataFrame) -> str:
    """Return a frame as an HTML table; numbers with three figures."""
    numbers = {name for name in frame.columns if frame[name].dtype.kind in "fiu"}
    head = "".join(f"<th{' class=n' if name in numbers else ''}>{html.escape(str(name).replace('_', ' '))}</th>" for name in frame.columns)
    rows = []
    for row in frame.itertuples(index=False):
        cells = []
        for value in row:
            if isinstance(value, float):
                cells.append(f'<td class="n">{"" if value != value else f"{value:.3g}"}</td>')
            elif isinstance(value, int) and not isinstance(value, bool):
                cells.append(f'<td class="n">{value}</td>')
            else:
                cells.append(f"<td>{html.escape(str(value))}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
