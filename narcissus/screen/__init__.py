"""Where pictures go: a window on a display, or a film where there is none. pygame comes in by window.py alone."""
