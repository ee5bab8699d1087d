"""Markdown: tables, the prose of docstrings, and hand-written texts with places that the code fills."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files

PLACE = re.compile(r"\{\{([\w.]+)\}\}")
WORDS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


def number(n: int) -> str:
    """Return a count as in a sentence: small ones in words."""
    return WORDS[n] if n < len(WORDS) else f"{n:,}"


def escape(text: str) -> str:
    """Return plain text as Markdown that looks like it; what stands in backquotes is left alone."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if n % 2 else re.sub(r"([*<\[\]~])", r"\\\1", part) for n, part in enumerate(parts))


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; cells are Markdown already, but for the bars that would end them."""

    def line(cells: Sequence[object]) -> str:
        return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", str(cell)) for cell in cells) + " |"

    return "\n".join([line(titles), "|" + " --- |" * len(titles), *(line(row) for row in rows)])


def bullets(items: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {item}" for item in items)


def from_docstring(text: str) -> str:
    """Return a section of a docstring as Markdown: paragraphs as lines, what follows `::` as a block of plain text."""
    out: list[str] = []
    lines = textwrap.dedent(text).strip("\n").split("\n")
    while lines:
        if not lines[0].strip():
            lines.pop(0)
            continue
        paragraph: list[str] = []
        while lines and lines[0].strip() and not (paragraph and lines[0].startswith("    ")):
            paragraph.append(lines.pop(0).strip())
        said = " ".join(paragraph)
        shown = said.endswith("::")
        said = said.removesuffix("::") + (":" if shown and said != "::" else "")
        if said:
            out.append(escape(said))
        if shown:
            block = []
            while lines and (not lines[0].strip() or lines[0].startswith("    ")):
                block.append(lines.pop(0))
            out.append("```text\n" + textwrap.dedent("\n".join(block)).strip("\n") + "\n```")
    return "\n\n".join(out)


def written(name: str) -> str:
    """Return a hand-written text of the package."""
    return files("partnersim.report").joinpath(f"texts/{name}.md").read_text(encoding="utf-8")


def fill(text: str, parts: Mapping[str, Callable[[], str]], values: Mapping[str, str]) -> str:
    """Return a text with `{{place}}` filled: by a part of that name, or by the value of a `mechanism.parameter`."""

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        return parts[name]() if name in parts else values[name]

    return PLACE.sub(filled, text)
