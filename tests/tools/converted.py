"""Prints for every converted TIFF how far it is off the values of outside programs.

Usage: converted.py REFERENCE_JSON FOLDER
"""

import json
import sys
from pathlib import Path

import rasterio

reference = json.load(open(sys.argv[1]))
for name, entry in sorted(reference.items()):
    path = Path(sys.argv[2]) / (Path(name).stem + ".tif")
    if entry["kind"] not in ("flir_rjpeg", "tiff") or "temp_c" not in entry or not path.exists():
        continue
    with rasterio.open(path) as raster:
        if raster.units[0] != "°C":
            continue
        assert raster.dtypes[0] == "float32" and raster.nodata != raster.nodata, name
        values = raster.read(1)
    worst = max(
        abs(float(values[row, column]) - expected)
        for (row, column), expected in zip(entry["pixels_rc"], entry["temp_c"]["at"])
    )
    print(name, f"{worst:.6f}")
