"""Measures the guide: understanding, safety, speed."""
