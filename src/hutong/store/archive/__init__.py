"""Sealed days of observations as Parquet files: written once, read back through the same face, open to other tools."""

from hutong.store.archive.files import ArchiveFiles

__all__ = ["ArchiveFiles"]
