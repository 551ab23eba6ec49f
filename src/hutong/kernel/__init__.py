"""The nouns and pure rules of a city. No module here does I/O or reads the time."""
