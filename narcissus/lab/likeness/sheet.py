"""One self-contained page in the house's hand: page.html with a title and a body."""

from pathlib import Path
from string import Template

_TEMPLATE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))


def sheet(title: str, body: list[str]) -> str:
    return _TEMPLATE.substitute(title=title, body="\n".join(body))
