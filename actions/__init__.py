"""One action per file; the words they speak are in content/."""
