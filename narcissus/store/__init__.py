"""Model files that can be vouched for: written whole, hashed before they are parsed."""
