import { Pod } from "@pulumi/kubernetes/core/v1";
import { gpuPodPlacement } from "../../../components";
import { clusterProvider } from "./installation";

/** A pod that asks for GPUs as GpuNodes says, one that asks without tolerating the nodes' taint, and one that does not ask. */
const opts = { provider: clusterProvider() };
const { pod, limits } = gpuPodPlacement({ nodes: { kind: "simulated", by: "kwok" } }, 2);
const container = { name: "main", image: "example.invalid/main:1.0.0" };
const metadata = (name: string) => ({ name, namespace: "gpu" });

new Pod(
    "placed",
    { metadata: metadata("placed"), spec: { ...pod, containers: [{ ...container, resources: { limits } }] } },
    opts,
);
new Pod(
    "untolerating",
    {
        // It is never scheduled, and the run is not to wait for that.
        metadata: { ...metadata("untolerating"), annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { containers: [{ ...container, resources: { limits } }] },
    },
    opts,
);
new Pod("plain", { metadata: metadata("plain"), spec: { containers: [container] } }, opts);
