"""Reads, checks and scaffolds the reviewed content; knows nothing of Rasa."""
