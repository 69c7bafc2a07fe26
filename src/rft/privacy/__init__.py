"""What is known about one person: brought together, handed over, taken away."""
