"""What annotations of pods and nodes say of their simulated GPUs: PREFIX and one of these names, with a value.

    load         how busy they are, 0 to 100 %; of a pod also PORT/PATH, where it answers with the share, 0 to 1
    memory       how much of their memory is in use, 0 to 100 %
    temperature  0 to 150 degrees Celsius
    xid          the driver's last error, 0 (none) to 999
"""

NAMES = ("load", "memory", "temperature", "xid")
HIGHEST = {"load": 100, "memory": 100, "temperature": 150, "xid": 999}


class Said:
    """Reads annotations. What is wrong with one is logged once, and counted for as long as it is there."""

    def __init__(self, prefix, log):
        self.prefix = prefix
        self.log = log
        # By the object and the annotation that are wrong, why.
        self.refused = {}

    def read(self, pods, nodes):
        """What pods say, by uid, and what nodes say, by name; None for a value that is wrong."""
        refused = {}
        of_pods = {pod["metadata"]["uid"]: self.values("pod", pod, refused) for pod in pods}
        of_nodes = {node["metadata"]["name"]: self.values("node", node, refused) for node in nodes}
        for key, why in refused.items():
            if self.refused.get(key) != why:
                self.log(f"{key[0]}: annotation {key[1]} {why}; its GPUs have no such figure until it is right or gone")
        self.refused = refused
        return of_pods, of_nodes

    def values(self, kind, thing, refused):
        metadata = thing["metadata"]
        annotations = metadata.get("annotations") or {}
        found = {}
        for name in NAMES:
            key = self.prefix + name
            if key not in annotations:
                continue
            try:
                found[name] = value(name, annotations[key], kind == "pod")
            except ValueError as error:
                where = "/".join(filter(None, [metadata.get("namespace"), metadata["name"]]))
                found[name] = None
                refused[(f"{kind} {where}", key)] = str(error)
        return found


def value(name, text, asked):
    """A number; or, of a load that is to be asked for, the port and the path."""
    if asked and name == "load" and "/" in text:
        port, _, path = text.partition("/")
        if port.isascii() and port.isdigit() and 0 < int(port) < 65536:
            return int(port), path
    try:
        number = int(text) if name == "xid" else float(text)
        if 0 <= number <= HIGHEST[name]:
            return number
    except ValueError:
        pass
    kind = "a whole number" if name == "xid" else "a number"
    other = ", or PORT/PATH" if asked and name == "load" else ""
    raise ValueError(f"is {text[:60]!r}; allowed: {kind} from 0 to {HIGHEST[name]}{other}")
