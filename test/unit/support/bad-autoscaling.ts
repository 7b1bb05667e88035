import { signals } from "../../../components";

/** Component, arguments, and what is told of the one thing that is wrong: property, value, allowed, what to do. */
type Case = readonly [
    component: string,
    args: object,
    property: string,
    given: unknown,
    allowed: RegExp,
    fix: RegExp,
];

const target = { namespace: "shop", name: "web", containers: [{ name: "server" }] };
const queue = signals.queueLength({ list: "orders", itemsPerReplica: 20 });
const scaler = (wrong: object) => ({ target, signals: [queue], maxReplicas: 10, ...wrong });
const expression = (expr: string) => ({
    signals: [signals.promql({ name: "p", expr, unit: "u", perReplica: 1 })],
});

/** Bad input to what scales, and to what it scales on. */
export const badAutoscaling: readonly Case[] = [
    [
        "Autoscaler",
        scaler({ minReplicas: 11 }),
        "minReplicas",
        11,
        /^at most maxReplicas, 10$/,
        /raise maxReplicas/,
    ],
    [
        "Autoscaler",
        scaler({ maxReplicas: 0 }),
        "maxReplicas",
        0,
        /^a whole number from 1 to 1000$/,
        /in that range/,
    ],
    [
        "Autoscaler",
        scaler({ minReplicas: 0, signals: [signals.appRequests({ perReplica: 5 })] }),
        "minReplicas",
        0,
        /^1 or more with requests: without a pod/,
        /what waits/,
    ],
    [
        "Autoscaler",
        scaler({ signals: [signals.cpu({ utilization: 60 })] }),
        "signals[0].utilization",
        60,
        /server requests no cpu$/,
        /^set resources\.requests\.cpu there/,
    ],
    [
        "Autoscaler",
        scaler({ signals: [signals.cpu({ average: "1", container: "main" })] }),
        "signals[0].container",
        "main",
        /^a container of the target: server$/,
        /name one of them/,
    ],
    [
        "Autoscaler",
        scaler({ backend: "keda", platform: { backends: ["resource"] } }),
        "backend",
        "keda",
        /^what this stack has: resource$/,
        /install what brings "keda" \(Keda\)/,
    ],
    [
        "Autoscaler",
        scaler(expression("sum(rate(x[5m])")),
        "signals[0].expr",
        "sum(rate(x[5m])",
        /^PromQL; it stops making sense after/,
        /^try it in Prometheus/,
    ],
    [
        "Autoscaler",
        scaler(expression("sum(x) or vector(0)")),
        "signals[0].expr",
        "sum(x) or vector(0)",
        /vector\(\) makes a number of an outage$/,
        /the replicas hold/,
    ],
    [
        "Autoscaler",
        scaler({ signals: [signals.appRequests({ perReplica: 5, window: "10s", scrapeSeconds: 5 })] }),
        "signals[0].window",
        'http_requests_total{namespace="shop",job="web"}[10s]',
        /^a range of 20s or more: four scrapes of 5 s$/,
        /^lengthen it/,
    ],
    [
        "PrometheusAdapterManifests",
        { relistSeconds: 1 },
        "relistSeconds",
        1,
        /from 5 to 600$/,
        /in that range/,
    ],
    [
        "KubeStateMetricsManifests",
        { scrapeInterval: "5" },
        "scrapeInterval",
        "5",
        /duration such as/,
        /one unit/,
    ],
    ["DeadMansSwitch", { silenceSeconds: 5 }, "silenceSeconds", 5, /from 20 to 3600$/, /in that range/],
    ["SimulatedGpus", { gpusPerNode: 0 }, "gpusPerNode", 0, /from 1 to 64$/, /in that range/],
    [
        "WebServer",
        { namespace: "shop", serviceSeconds: -1 },
        "serviceSeconds",
        -1,
        /^a number from 0/,
        /in that range/,
    ],
    [
        "QueueingProxy",
        { namespace: "shop", app: "llm", slots: 2, queueTimeout: "1d" },
        "queueTimeout",
        "1d",
        /^a duration of at most an hour/,
        /^choose a shorter one/,
    ],
];
