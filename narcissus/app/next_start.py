"""Settings that wait for the next start are tried now: whoever wrote them is still there to mend them.

In the thread that watches their file: no network is loaded here, since another thread loads one, and two that load the
same modules in another order meet one half made.
"""

from narcissus.app.settings import Settings
from narcissus.core.errors import ConfigError, ModelError, SourceError
from narcissus.core.streams import is_address
from narcissus.scenes import work
from narcissus.store.generators import found

IMAGINED = ("camera", "demo")  # sources that are no file


def startable(settings: Settings) -> Settings:
    """The same. Raises ConfigError where the next start would be refused for a file that is not there."""
    if settings.source not in IMAGINED and not is_address(settings.source):
        _try("source", lambda: _source(settings.source))
    if work(settings.scene).wants_generator:
        _try("generator", lambda: found(settings.generator_path))
    return settings


def _try(name: str, look) -> None:
    try:
        look()
    except (ModelError, SourceError) as fault:
        raise ConfigError(f"'{name}': {fault}") from None


def _source(what: str) -> None:
    from narcissus.sources.opening import existing

    existing(what)
