"""Narcissus: a mirror in which a celebrity who never existed moves as you move."""

import os

# OpenCV reads these once, when it is first loaded, by whichever room comes first.
# A read waits two seconds for a hung camera, not ten; and a file that is no video is for us to explain, in one line.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# A picture is decoded whole before anybody can ask how large it is; a few kilobytes may promise gigabytes.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(100_000_000))

# TensorFlow reads this once too: its own words about drivers it did not find are not an artist's concern.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
