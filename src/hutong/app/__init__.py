"""The only wiring place: a city folder becomes a running city."""
