"""The wall's side of the desk: what another process of this user may read and set, through the publisher's socket.

    controls.py   every live setting as something to be turned, with its comment from config.yaml
    answers.py    what is asked and what is answered
    opening.py    the socket beside the sink

The desk itself is a page: `narcissus.page.desk`.
"""

from narcissus.app.desk.opening import beside

__all__ = ["beside"]
