"""How the guesses of age, gender presentation and expression are learned and judged; scripts/train_attributes.py."""
