"""Opens a project of ours in QGIS, draws it and says what it found.

In: the project file. Out: one line of JSON: layers with validity, system and renderer, the number of colours of a
picture of the whole, and how many layers of the GeoPackage come styled when they are added by themselves.
Needs the Python bindings of QGIS.
"""

import json
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize

application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
assert project.read(sys.argv[1]), "QGIS cannot read the project"
layers = []
for layer in project.mapLayers().values():
    renderer = layer.renderer()
    layers.append(
        {
            "id": layer.id(),
            "valid": layer.isValid(),
            "crs": layer.crs().authid(),
            "renderer": renderer.type() if renderer else None,
        }
    )
root = project.layerTreeRoot()
settings = QgsMapSettings()
shown = [layer for layer in root.layerOrder() if root.findLayer(layer.id()).isVisible()]
settings.setLayers(shown)
settings.setDestinationCrs(project.crs())
settings.setExtent(shown[-1].extent())
settings.setOutputSize(QSize(600, 450))
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
if len(sys.argv) > 2:
    image.save(sys.argv[2])
colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
package = Path(sys.argv[1]).parent.parent / "audit.gpkg"
styled = 0
for name in ["buildings", "coldspots", "frames", "hotspots", "roof_segments"]:
    layer = QgsVectorLayer(f"{package}|layername={name}", name, "ogr")
    styled += layer.isValid() and layer.renderer().type() == "categorizedSymbol"
print(json.dumps({"layers": layers, "colours": len(colours), "styled_from_package": styled}))
sys.stdout.flush()
# QGIS of 2022 may fall over while it tidies up.
import os  # noqa: E402

os._exit(0)
