"""A request refused: one line for whoever asked, and nothing for any log."""


class RequestRefused(Exception):
    """`status` is HTTP's; `retry` seconds after which asking again makes sense, where it does."""

    def __init__(self, status: int, reason: str, retry: int | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.retry = status, reason, retry


NOT_A_PICTURE, TOO_LARGE, UNREADABLE, TOO_SLOW, BUSY = 415, 413, 422, 408, 503


def busy(seconds: int) -> RequestRefused:
    return RequestRefused(BUSY, f"Many are asking just now; please ask again in {seconds} seconds.", retry=seconds)
