"""What the licence of a network says that somebody trained on pictures of their own."""

OWN = "for whoever trained it to say: it was learned on pictures of their own"
