"""The packs that ship; the loader finds them by folder, and nobody imports them."""
