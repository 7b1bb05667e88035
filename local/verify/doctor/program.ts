/**
 * The library's autoscalers that `make verify-doctor` makes ill, one on each back end. Their workloads are there already
 * (`objects.ts`), and so is `mail`, which somebody else's hand has made.
 */
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { Autoscaler, signals } from "../../../components";
import { devAutoscaling } from "../../../stacks/autoscaling";
import { ward as namespace, ordersSource, webCpu } from "./objects";

const config = new pulumi.Config();
const provider = new Provider("cluster", {
    kubeconfig: config.require("kubeconfig"),
    upsertExistingObjects: true,
});
// A suite waits for each scale-down.
const pace = { downStabilizationSeconds: 5, downPercentPer15s: 100 };
const common = { platform: devAutoscaling, pace };
const waiting = signals.promql({
    name: "queue",
    expr: `sum(${ordersSource})`,
    unit: "orders",
    perReplica: 10,
    scrapeSeconds: 5,
});

new Autoscaler(
    "orders",
    {
        ...common,
        pace: { ...pace, pollingSeconds: 2, cooldownSeconds: 5 },
        target: { namespace, name: "orders" },
        signals: [waiting],
        maxReplicas: 5,
        backend: "keda",
    },
    { provider },
);
new Autoscaler(
    "jobs",
    {
        ...common,
        target: { namespace, name: "jobs" },
        signals: [waiting],
        maxReplicas: 5,
        backend: "prometheus-adapter",
    },
    { provider },
);
new Autoscaler(
    "web",
    {
        ...common,
        target: {
            namespace,
            name: "web",
            containers: [{ name: "web", resources: { requests: { cpu: webCpu } } }],
        },
        signals: [signals.cpu({ utilization: 60 })],
        maxReplicas: 4,
        backend: "resource",
    },
    { provider },
);
