"""City folders from OpenStreetMap extracts."""

from hutong.loader.osm.city import CityData, CityReport, build_city, read_city

__all__ = ["CityData", "CityReport", "build_city", "read_city"]
