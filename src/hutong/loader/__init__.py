"""Reads, checks and scaffolds packs and cities."""
