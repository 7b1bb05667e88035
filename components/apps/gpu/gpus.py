"""The simulated GPUs of the nodes: which pod holds which, how busy they are, and what DCGM would say of them."""

import dataclasses
import uuid

RESOURCE = "nvidia.com/gpu"


@dataclasses.dataclass(frozen=True)
class Model:
    name: str
    memory_mib: int


@dataclasses.dataclass
class Gpu:
    node: str
    index: int
    # Uid of the pod, its namespace, name and the container that holds the GPU; None while nobody does.
    holder: tuple = None
    # What is said of it, by the names of said.py; None where that is wrong, or its pod was asked and did not say.
    said: dict = dataclasses.field(default_factory=dict)
    energy_joules: float = 0.0

    @property
    def uuid(self):
        return f"GPU-{uuid.uuid5(uuid.NAMESPACE_DNS, f'{self.node}/{self.index}')}"

    @property
    def load(self):
        """Share of the time that it is busy, 0 to 1."""
        percent = self.said.get("load", 0)
        return None if percent is None else percent / 100


class Pool:
    """The GPUs of all nodes."""

    def __init__(self, per_node, model):
        self.per_node = per_node
        self.model = model
        self.gpus = {}

    def assign(self, nodes, pods):
        """Hands GPUs to pods as a device plugin does: a pod keeps those that it has for as long as it is there."""
        for node in nodes:
            self.gpus.setdefault(node, [Gpu(node, index) for index in range(self.per_node)])
        for node in set(self.gpus) - set(nodes):
            del self.gpus[node]
        wanted = {}
        for pod in pods:
            for container, count in claims(pod):
                wanted[(pod["metadata"]["uid"], container)] = (pod, count)
        for gpus in self.gpus.values():
            for gpu in gpus:
                if gpu.holder and (gpu.holder[0], gpu.holder[3]) not in wanted:
                    gpu.holder = None
        # By age: after a restart of this program the pods of a node that had no gaps have theirs again.
        for (uid, container), (pod, count) in sorted(wanted.items(), key=lambda item: age(item[1][0])):
            gpus = self.gpus.get(pod["spec"].get("nodeName"), [])
            held = sum(1 for gpu in gpus if gpu.holder and (gpu.holder[0], gpu.holder[3]) == (uid, container))
            for gpu in [gpu for gpu in gpus if not gpu.holder][: max(0, count - held)]:
                gpu.holder = (uid, pod["metadata"]["namespace"], pod["metadata"]["name"], container)

    def measure(self, of_pods, of_nodes, seconds):
        """Takes over what is said, of pods by uid and of nodes by name: a pod's word on its GPUs goes before its node's."""
        for gpu in self.all():
            own = of_pods.get(gpu.holder[0], {}) if gpu.holder else {}
            gpu.said = {**of_nodes.get(gpu.node, {}), **own}
            gpu.energy_joules += seconds * power(gpu.load or 0.0)

    def all(self):
        return [gpu for gpus in self.gpus.values() for gpu in gpus]

    def text(self):
        """Everything as Prometheus reads it, under the names and labels of NVIDIA's exporter."""
        lines = []
        for name, kind, text, value in metrics:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
            for gpu in self.all():
                number = value(gpu, self.model)
                # What is not known has no series: it is not 0.
                if number is not None:
                    lines.append(f"{name}{{{self.labels(gpu)}}} {number:.15g}")
        return "\n".join(lines) + "\n"

    def labels(self, gpu):
        _, namespace, pod, container = gpu.holder or ("", "", "", "")
        labels = {
            "gpu": gpu.index,
            "UUID": gpu.uuid,
            "pci_bus_id": f"00000000:{gpu.index + 1:02X}:00.0",
            "device": f"nvidia{gpu.index}",
            "modelName": self.model.name,
            "Hostname": gpu.node,
            "container": container,
            "namespace": namespace,
            "pod": pod,
        }
        return ",".join(f'{name}="{value}"' for name, value in labels.items())


def claims(pod):
    """The containers of a pod that ask for GPUs, with how many."""
    for container in pod["spec"]["containers"]:
        count = int(container.get("resources", {}).get("limits", {}).get(RESOURCE, 0))
        if count > 0:
            yield container["name"], count


def age(pod):
    return pod["metadata"].get("creationTimestamp") or "", pod["metadata"]["uid"]


def power(load):
    return 50 + 350 * load


def of_load(value):
    return lambda gpu, _: None if gpu.load is None else value(gpu.load)


def used_mib(gpu, model):
    # A model is loaded for as long as its pod is there, busy or not.
    percent = gpu.said.get("memory", 60 if gpu.holder else 0)
    return None if percent is None else round(percent * model.memory_mib / 100)


def free_mib(gpu, model):
    used = used_mib(gpu, model)
    return None if used is None else model.memory_mib - used


def temperature(gpu, _):
    if "temperature" in gpu.said:
        return gpu.said["temperature"]
    return None if gpu.load is None else round(32 + 40 * gpu.load)


metrics = (
    ("DCGM_FI_DEV_GPU_UTIL", "gauge", "GPU utilization (in %).", of_load(lambda load: round(100 * load))),
    ("DCGM_FI_DEV_MEM_COPY_UTIL", "gauge", "Memory utilization (in %).", of_load(lambda load: round(50 * load))),
    ("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "gauge", "Ratio of time the graphics engine is active.", of_load(lambda load: load)),
    ("DCGM_FI_DEV_POWER_USAGE", "gauge", "Power draw (in W).", of_load(power)),
    ("DCGM_FI_DEV_GPU_TEMP", "gauge", "GPU temperature (in C).", temperature),
    ("DCGM_FI_DEV_SM_CLOCK", "gauge", "SM clock frequency (in MHz).", of_load(lambda load: 1410 if load > 0 else 210)),
    ("DCGM_FI_DEV_MEM_CLOCK", "gauge", "Memory clock frequency (in MHz).", lambda gpu, _: 1215),
    ("DCGM_FI_DEV_FB_USED", "gauge", "Framebuffer memory used (in MiB).", used_mib),
    ("DCGM_FI_DEV_FB_FREE", "gauge", "Framebuffer memory free (in MiB).", free_mib),
    ("DCGM_FI_DEV_XID_ERRORS", "gauge", "Value of the last XID error encountered.", lambda gpu, _: gpu.said.get("xid", 0)),
    ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "counter", "Total energy consumption since boot (in mJ).", lambda gpu, _: round(1000 * gpu.energy_joules)),
)
