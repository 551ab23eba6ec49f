"""Device protocols, upper platforms and outside channels: one module each."""
