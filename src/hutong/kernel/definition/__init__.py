"""What a pack may say: one typed struct per file of a pack. The loader reads YAML into them, the engine runs them."""
