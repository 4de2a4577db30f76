"""Built parts put together and kept alive: one composition, for a desktop and for a kiosk."""
