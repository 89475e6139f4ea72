"""Coverage fractions and zonal statistics by exactextract, to check ours.

In: a folder with job.json (width, height, bounds, GeoJSON geometries) and cells.f32 (row-major).
Out: zones.json, one object per geometry: the cells it covers, their shares, count, mean, standard
deviation, least and greatest value; where the job says "repeat", the seconds of the fastest of so many
runs in a file `seconds`. Shares no code with the program.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource

folder = Path(sys.argv[1])
job = json.loads((folder / "job.json").read_text())
cells = np.fromfile(folder / "cells.f32", "<f4").reshape(job["height"], job["width"])
xmin, ymin, xmax, ymax = job["bounds"]
raster = NumPyRasterSource(cells, xmin, ymin, xmax, ymax)
features = [{"type": "Feature", "properties": {}, "geometry": g} for g in job["geometries"]]
operations = ["cell_id", "coverage", "count", "mean", "stdev", "min", "max"]
zones = []
for zone in exact_extract(raster, features, operations):
    values = zone["properties"]
    zones.append({k: np.asarray(v).tolist() for k, v in values.items()})
(folder / "zones.json").write_text(json.dumps(zones))
if "repeat" in job:
    # The statistics the peers are measured with, best of several.
    wanted = ["mean", "min", "max", "median", "quantile(q=0.9)", "stdev", "count"]
    best = float("inf")
    for _ in range(job["repeat"]):
        start = time.perf_counter()
        exact_extract(raster, features, wanted)
        best = min(best, time.perf_counter() - start)
    (folder / "seconds").write_text(str(best))
