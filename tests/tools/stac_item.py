"""Checks a catalogue item against the standard's own schemas, as pystac brings them.

In: the item. Out: "valid". The schema of the projection extension is not among them and is left out.
"""

import json
import sys

import pystac
from pystac.validation.stac_validator import JsonSchemaSTACValidator

item = json.load(open(sys.argv[1], encoding="utf-8"))
item["stac_extensions"] = []
JsonSchemaSTACValidator().validate_core(item, pystac.STACObjectType.ITEM, "1.1.0")
print("valid")
