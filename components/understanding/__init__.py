"""What a message means: sentence encoder, intent classifier, out-of-scope gate."""
