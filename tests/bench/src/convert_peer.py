# The same conversion by xml.etree, as v3.0 would do it: python3 convert_peer.py FILE
import json
import resource
import sys
import time
import xml.etree.ElementTree as ET

begun = time.perf_counter()
renamed = {"pluginID": "plugin_id", "pluginName": "plugin_name", "pluginFamily": "plugin_family"}
scores = {"cvss_base_score", "cvss3_base_score", "cvss_score"}
size = 0
host = ""
for event, element in ET.iterparse(sys.argv[1], ("start", "end")):
    if event == "start":
        if element.tag == "ReportHost":
            host = element.get("name")
        continue
    if element.tag == "ReportHost":
        element.clear()
    if element.tag != "ReportItem":
        continue
    finding = {"type": "vulnerability", "host": host}
    for key, value in element.attrib.items():
        finding[renamed.get(key, key)] = value
    seen = set()
    for child in element:
        tag, text = child.tag, child.text or ""
        value = float(text) if tag in scores else text == "true" if tag == "exploit_available" else [text] if tag == "cve" else text
        if tag in seen:
            before = finding[tag]
            finding[tag] = (before if isinstance(before, list) else [before]) + (value if isinstance(value, list) else [value])
        else:
            finding[tag] = value
        seen.add(tag)
    best = finding.get("cvss4_base_score", finding.get("cvss3_base_score", finding.get("cvss_base_score")))
    if best is not None:
        finding["cvss_score"] = best
    size += len(json.dumps(finding, separators=(",", ":"), ensure_ascii=False).encode()) + 1
    element.clear()
print(json.dumps({"peer": "xml.etree", "seconds": time.perf_counter() - begun, "result": size, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
