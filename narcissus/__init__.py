"""Narcissus: a mirror in which a celebrity who never existed moves as you move."""
