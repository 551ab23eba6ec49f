from __future__ import annotations
def write_basemap(path, extract, places, label, progress): return 0
