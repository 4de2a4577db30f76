"""Narcissus: a mirror in which a celebrity who never existed moves as you move."""

import os

# OpenCV reads these once, when it is first loaded, by whichever room comes first.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")  # seconds a read waits for a hung camera; its default is 10
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # quiet: a file that is no video is for us to explain, in one line
