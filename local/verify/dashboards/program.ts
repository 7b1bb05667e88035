/**
 * What `make verify-dashboards` puts under load beside the dev stack of an instance: a server with a simulated GPU, and a
 * simulated language model behind its proxy, each with its autoscaler. The queue is the dev stack's own.
 */
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
    Autoscaler,
    Dashboards,
    GpuAlerts,
    LlmServer,
    llmServerOpenings,
    SecureNamespace,
    SimulatedGpus,
    WebServer,
    webServerOpenings,
} from "../../../components";
import { devImages as images } from "../../../stacks/dev-images";
import * as boards from "./subjects";

const config = new pulumi.Config();
const provider = new Provider("cluster", {
    kubeconfig: config.require("kubeconfig"),
    upsertExistingObjects: true,
});

const { namespace } = boards;
const openings = [...webServerOpenings("gpu"), ...llmServerOpenings(boards.llm)];
const home = new SecureNamespace("boards", { namespace, openings }, { provider });
const gpus = new SimulatedGpus("simulated-gpus", { images, gpusPerNode: 4 }, { provider });

const server = new WebServer(
    "gpu",
    { namespace, images, app: "gpu", slots: 2, serviceSeconds: 1, gpus: 1, autoscaled: true },
    { provider, dependsOn: [home, gpus] },
);
new Autoscaler("gpu-scaling", boards.gpuScaling, { provider, dependsOn: server.deployment });

const llm = new LlmServer("llm", boards.llm, { provider, dependsOn: home });
new Autoscaler("llm-scaling", boards.llmScaling, { provider, dependsOn: llm });

new GpuAlerts("gpu-alerts", { namespace, metrics: boards.gpuMetrics }, { provider, dependsOn: home });
// There is no Grafana: that the API server takes them is what is seen.
new Dashboards(
    "dashboards",
    { namespace, sources: boards.sources, gpuMetrics: boards.gpuMetrics },
    { provider, dependsOn: home },
);
