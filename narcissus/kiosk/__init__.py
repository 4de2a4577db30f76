"""The mirror unattended: what is needed around it so that it hangs for weeks."""
