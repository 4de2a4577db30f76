"""What the mirror measures of a face: its shape, its colours, and the few distances that say most."""
