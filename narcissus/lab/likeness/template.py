"""One self-contained page: page.html with a title and a body."""

from pathlib import Path
from string import Template

_TEMPLATE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))


def whole_page(title: str, body: list[str]) -> str:
    return _TEMPLATE.substitute(title=title, body="\n".join(body))
