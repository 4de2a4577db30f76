"""Training, evaluation and their reports; the app never imports anything from here."""
