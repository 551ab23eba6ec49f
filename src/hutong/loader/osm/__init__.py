"""City folders from OpenStreetMap extracts.

`build_city` reads an extract (.osm, .osm.gz, .osm.bz2, .pbf) and writes to a folder:

- city.yaml: made once, for people to edit; never overwritten
- map.yaml: what was made: source, licence, snapshot, box, centre, counts (generated)
- places.table: 区域 as columns: tree, code, name_zh, name_en, parent, duty_grid, provenance, area_m2,
  geometry
- things.table: 城市对象 as columns: type, code, component_class, name_zh, name_en, unit_grid, osm,
  properties (JSON), geometry
- basemap.mbtiles: vector tiles of zoom 9–16 (layers and attributes: see `basemap`)

Geometry is WKB in lon, lat. Tables are MessagePack columns under zstd (see `columns`), in order of tree and
code, or of type, class and code. The same extract gives the same bytes.

The steps, one module each: `extract` reads rows, `tags` says what tags mean (a table, `tags.yaml`),
`boundary` the city's area, `grids` unit grids (`coverage` faces of lines, `regions` joining, `cuts` dividing,
`solid` buildings kept whole, all in the whole-number `plane`), `areas` the trees above and their codes,
`things`, `places`, `basemap` with `mbtiles`, and `city` puts them together.

Codes: street 9, community 12, unit grid 15 digits; a beat is its street's code, Z, three digits. Streets,
communities and beats are derived, not official. Components have their 17 digits, other things the division
and an OSM id (`310101-w123`). The unit grid of a point: `hutong.kernel.locate.Locator` over the unit grids
in order of code.

Text on the map needs no glyph files: MapLibre GL ≥ 6 draws it from font files that the style names under
`font-faces` (the console's own Noto Sans SC subsets), so it works without internet.
"""

from hutong.loader.osm.city import CityData, CityReport, build_city, read_city

__all__ = ["CityData", "CityReport", "build_city", "read_city"]
