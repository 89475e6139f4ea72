"""Checks data twins of sheets against the published schemas, strictly: no key may be unknown.

In: the folder of schemas, then twins. Out: how many are valid. The schema is chosen by the twin's own key `schema`.
"""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

folder = Path(sys.argv[1])
validators = {}
for path in folder.glob("*.schema.json"):
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validators[path.name.removesuffix(".schema.json")] = Draft202012Validator(schema)
valid = 0
for name in sys.argv[2:]:
    twin = json.loads(Path(name).read_text(encoding="utf-8"))
    errors = list(validators[twin["schema"]].iter_errors(twin))
    for error in errors[:10]:
        print(name, list(error.absolute_path), error.message, file=sys.stderr)
    if errors:
        sys.exit(1)
    valid += 1
print(valid, "valid")
