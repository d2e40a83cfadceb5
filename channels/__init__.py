"""How people reach the guide: the website, HTTP and Telegram."""
