"""`make bench`: speed, memory and size of the running guide, beside stock Rasa if it is named."""
