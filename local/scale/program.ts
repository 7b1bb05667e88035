/**
 * One workload of each kind that is scaled, in the namespace `scale`, for tests and benchmarks on the embedded cluster:
 * `web`, scaled on its requests, cpu or memory; `llm`, on the queue of the proxy before it; `gpu`, on its simulated GPUs.
 * Beside the dev stack, whose Prometheus measures them.
 */
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
    QueueingProxy,
    queueingProxyOpenings,
    SecureNamespace,
    SimulatedGpus,
    WebServer,
    webServerOpenings,
} from "../../components";
import { simulatedGpusApp } from "../../components/simulated-gpus/pod";
import { devImages as images } from "../../stacks/dev-images";

/** Requests that a pod of `llm` works on at a time. */
const llmSlots = 2;

const config = new pulumi.Config();
const kubeconfig = config.require("kubeconfig");
const provider = new Provider("cluster", {
    kubeconfig,
    // After a run that was killed, objects are in the cluster but not in the state: take them over.
    upsertExistingObjects: true,
});
const onCluster = { provider };
const monitoring = { namespace: "monitoring" };

const { namespace } = new SecureNamespace(
    "scale",
    {
        namespace: "scale",
        openings: [
            ...webServerOpenings("web"),
            ...webServerOpenings("llm", [monitoring]),
            ...queueingProxyOpenings({ app: "llm" }),
            ...webServerOpenings("gpu", ["anywhere", { namespace: simulatedGpusApp }]),
        ],
    },
    onCluster,
);
const common = { namespace, images, autoscaled: true, scrapeInterval: "1s" } as const;

new WebServer(
    "web",
    { ...common, app: "web", slots: 8, serviceSeconds: 0.05, cpuMilliseconds: 2 },
    onCluster,
);
new WebServer(
    "llm",
    { ...common, app: "llm", slots: llmSlots, serviceSeconds: 1, distribution: "lognormal" },
    onCluster,
);
new QueueingProxy("llm-proxy", { namespace: "scale", app: "llm", slots: llmSlots, images }, onCluster);
const gpus = new SimulatedGpus("simulated-gpus", { images, gpusPerNode: 4, scrapeInterval: "1s" }, onCluster);
new WebServer(
    "gpu",
    { ...common, app: "gpu", slots: 10, serviceSeconds: 1, gpus: 1 },
    { ...onCluster, dependsOn: gpus },
);
