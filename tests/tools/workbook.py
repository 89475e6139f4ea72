"""Reads a workbook with openpyxl and tells types, formats, frozen heads and filters as JSON."""

import json
import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
told = {"order": book.sheetnames, "sheets": {}}
for sheet in book:
    columns = {}
    formulas = 0
    for column in sheet.iter_cols(min_row=1):
        cells = [c for c in column[1:] if c.value is not None]
        formulas += sum(c.data_type == "f" for c in cells)
        kinds = sorted({"number" if c.data_type == "n" else "text" for c in cells})
        formats = sorted({c.number_format for c in cells if c.data_type == "n"})
        columns[str(column[0].value)] = {"kinds": kinds, "format": formats[0] if formats else None}
    told["sheets"][sheet.title] = {
        "frozen": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "rows": sheet.max_row - 1,
        "formulas": formulas,
        "columns": columns,
    }
print(json.dumps(told))
