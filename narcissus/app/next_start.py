"""Settings that wait for the next start are tried now: whoever wrote them is still there to mend them."""

from pathlib import Path

from narcissus.app.settings import Settings
from narcissus.core.errors import ConfigError, ModelError, SourceError
from narcissus.core.streams import is_address
from narcissus.scenes import work

IMAGINED = ("camera", "demo")  # sources that are no file


def startable(settings: Settings) -> Settings:
    """The same. Raises ConfigError where the next start would be refused for a file that is not there."""
    if settings.source not in IMAGINED and not is_address(settings.source):
        _try("source", lambda: _source(settings.source))
    if work(settings.scene).wants_generator:
        _try("generator", lambda: _generator(settings.generator_path))
    return settings


def _try(name: str, look) -> None:
    try:
        look()
    except (ModelError, SourceError) as fault:
        raise ConfigError(f"'{name}': {fault}") from None


def _source(what: str) -> None:
    from narcissus.sources.opening import existing

    existing(what)


def _generator(path: Path) -> None:
    from narcissus.networks.pggan.weights import found

    found(path)
