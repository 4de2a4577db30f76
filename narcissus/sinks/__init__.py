"""Where pictures go: a window on a display, or a film where there is none."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# Without this SDL tries whether OpenGL copies faster. Mesa brings an LLVM that does not live in one process with
# TensorFlow's (measured with llvmpipe: a segmentation fault, whichever of the two comes first).
os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
# A mirror does not hide when another window is asked for, on a further display or by whoever works at the machine.
os.environ.setdefault("SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS", "0")
