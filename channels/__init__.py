"""How people reach the guide: the website and, later, other chat services."""
