"""The page: what colour do they think I am? A portrait goes in, the colours that a pile of pictures assumes come out.

A process of its own, without state: any number of them stand behind an ordinary proxy. Nothing of an upload is kept.

    limits.py           how much anybody may send, and how long anything may take
    refusal.py          a request refused, in one line
    guard.py            who may ask, and the headers of every answer
    request_timeout.py  connections that say nothing are closed
    upload.py           a request's body -> bytes, within the limits
    formats.py          a picture file's size and end, from its headers
    worker.py           the child process that decodes and colours
    workers.py          the pool of children, replaced when they fail
    answer.py           a picture's bytes -> how its chroma follows its lightness, slice by slice, and how surely
    server.py           all of it together
    wall.py             the wall itself on a page: its newest picture, over a WebSocket
    static/             the page itself: HTML, CSS and plain JavaScript

The browser paints: it has the picture at its full size, and the answer says what to paint.
"""
