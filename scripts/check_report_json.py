"""Holds reports as JSON against a JSON Schema: its file first, then the reports."""

import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
failed = 0
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        errors = list(validator.iter_errors(json.load(file)))
    for error in errors:
        print(f"{path}: {error.json_path}: {error.message:.200}", file=sys.stderr)
    failed += bool(errors)
print(f"JSON: {len(sys.argv) - 2 - failed} of {len(sys.argv) - 2} reports are as the schema says")
sys.exit(failed > 0)
