"""Pictures: hostile bytes to a grey raster, a raster to hashes; the bytes are never kept."""
