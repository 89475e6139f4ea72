"""Projects map cells into a frame with OpenCV and samples the frame, to check our rectification.

In: a folder with job.json, frame.f32 (kelvin), ours.f32 (kelvin per cell), ours_uv.f64 (pixels per
cell, outer-corner origin). Out, on one line: compared cells, RMS difference in kelvin, largest
difference of a pixel position, cells we left out although they project well inside the image.
Shares no code with the program: heights by rasterio, geometry by cv2.projectPoints.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import rasterio


def bilinear(grid, u, v):
    """Value at continuous positions with centres at .5; NaN beside a missing cell or outside."""
    col, row = np.floor(u - 0.5), np.floor(v - 0.5)
    a, b = u - 0.5 - col, v - 0.5 - row
    height, width = grid.shape
    inside = (col >= 0) & (row >= 0) & (col < width - 1) & (row < height - 1)
    c = np.where(inside, col, 0).astype(int)
    r = np.where(inside, row, 0).astype(int)
    value = (
        grid[r, c] * (1 - a) * (1 - b)
        + grid[r, c + 1] * a * (1 - b)
        + grid[r + 1, c] * (1 - a) * b
        + grid[r + 1, c + 1] * a * b
    )
    return np.where(inside, value, np.nan)


def main(folder):
    job = json.loads((folder / "job.json").read_text())
    lens, width, height = job["lens"], job["width"], job["height"]
    with rasterio.open(job["dsm"]) as dsm:
        surface = dsm.read(1).astype(float)
        surface[surface == dsm.nodata] = np.nan
        to_pixel = ~dsm.transform
    x0, y0, gsd = job["x0"], job["y0"], job["gsd"]
    x = np.broadcast_to(x0 + (np.arange(width) + 0.5) * gsd, (height, width)).ravel()
    y = np.broadcast_to((y0 - (np.arange(height) + 0.5) * gsd)[:, None], (height, width)).ravel()
    z = bilinear(surface, *(to_pixel * (x, y)))
    known = np.isfinite(z)

    # OpenCV: world to camera, pixel centres at whole numbers, p1 and p2 in its own order.
    rotation = np.array(job["rotation"], float).reshape(3, 3).T
    points = np.stack([x, y, z], axis=1)[known] - np.array(job["centre"])
    f = lens["f"]
    principal = (lens["width"] / 2 + lens["cx"] - 0.5, lens["height"] / 2 + lens["cy"] - 0.5)
    matrix = np.array([[f, 0, principal[0]], [0, f, principal[1]], [0, 0, 1]])
    distortion = np.array([lens["k1"], lens["k2"], lens["p2"], lens["p1"], lens["k3"]])
    pixels, _ = cv2.projectPoints(points, cv2.Rodrigues(rotation)[0], np.zeros(3), matrix, distortion)
    uv = np.full((x.size, 2), np.nan)
    uv[known] = pixels.reshape(-1, 2) + 0.5

    frame = np.fromfile(folder / "frame.f32", "<f4").reshape(lens["height"], lens["width"])
    theirs = bilinear(frame.astype(float), uv[:, 0], uv[:, 1])
    ours = np.fromfile(folder / "ours.f32", "<f4").astype(float)
    ours_uv = np.fromfile(folder / "ours_uv.f64", "<f8").reshape(-1, 2)
    both = np.isfinite(ours) & np.isfinite(theirs)
    rms = np.sqrt(np.mean((ours[both] - theirs[both]) ** 2))
    placed = np.isfinite(ours_uv[:, 0]) & known
    shift = np.abs(ours_uv[placed] - uv[placed]).max()
    well_inside = (
        (uv[:, 0] > 3.01)
        & (uv[:, 1] > 3.01)
        & (uv[:, 0] < lens["width"] - 3.01)
        & (uv[:, 1] < lens["height"] - 3.01)
    )
    missed = np.count_nonzero(well_inside & np.isfinite(theirs) & ~np.isfinite(ours))
    extra = np.count_nonzero(np.isfinite(ours) & ~np.isfinite(theirs))
    print(np.count_nonzero(both), rms, shift, missed + extra)


main(Path(sys.argv[1]))
