import { type AutoscalerArgs, type Backend, type Signal, signals } from "../../components";
import { devAutoscaling } from "../../stacks/autoscaling";

/** How a subject's metrics are taken: as this project does, or as the charts do where nothing is said. */
export type Settings = "ours" | "chart defaults";

/**
 * What drives a subject, in the driver's terms: items in a list, requests each second, or requests at a time, each on a
 * connection of its own (`hold`) or all of a client's on one (`stay`).
 */
export type Demand = "queue" | "rate" | "hold" | "stay";

/** One signal on one back end: what is stepped, and what should come of it. */
export interface Subject {
    /** Name of its workload, and of its autoscaler. */
    readonly name: string;
    /** What it is called in tables. */
    readonly title: string;
    readonly settings: Settings;
    readonly backend: Backend;
    readonly demand: Demand;
    /** Demand before the step, and after. */
    readonly from: number;
    readonly to: number;
    /** Replicas before the step, and after: ceil(demand / target). */
    readonly base: number;
    readonly goal: number;
    readonly signals: readonly Signal[];
    /** What else the workload needs. */
    readonly workload: {
        readonly proxy?: true;
        readonly gpu?: true;
        readonly cpu?: true;
        readonly memory?: true;
    };
    /** Seconds of a rate's window that a step needs to pass before more is wanted; 0 of a gauge. */
    readonly windowSeconds: number;
    /** Whether KEDA asks the source itself. */
    readonly direct: boolean;
}

/** Seconds between two scrapes. kube-prometheus-stack leaves it to the operator: 30 s. */
export const scrapeSeconds: Readonly<Record<Settings, number>> = { ours: 1, "chart defaults": 30 };

/** Seconds over which the metrics server measures, and between two of its measures. */
export const metricsServerSeconds = 15;

/** Seconds between two looks of KEDA. */
export const pollingSeconds: Readonly<Record<Settings, number>> = { ours: 1, "chart defaults": 30 };

const slug: Readonly<Record<Settings, string>> = { ours: "o", "chart defaults": "d" };
const short: Readonly<Record<Backend, string>> = {
    resource: "hpa",
    "prometheus-adapter": "adapter",
    keda: "keda",
};

/** Namespace of the subjects of one kind of settings: each has a redis, and an exporter that is scraped that often. */
export const namespaceOf: Readonly<Record<Settings, string>> = {
    ours: "bench",
    "chart defaults": "bench-defaults",
};

/**
 * All subjects. Those that take a minute or more for a step, with the charts' defaults and on cpu, are there in `copies`
 * that share the number of steps; rates over the defaults' window in twice as many.
 */
export function allSubjects(copies: number): Subject[] {
    const once = [1];
    const some = Array.from({ length: copies }, (_, index) => index + 1);
    const many = Array.from({ length: 2 * copies }, (_, index) => index + 1);
    const every = (settings: Settings, gauges: readonly number[], rates: readonly number[]) =>
        (["keda", "prometheus-adapter"] as const).flatMap((backend) => [
            ...gauges.flatMap((copy) => {
                const id = named(backend, settings, copy);
                return [
                    queueSubject("zero", id("zero")),
                    queueSubject("queue", id("queue")),
                    waitingSubject(id("proxy")),
                    // One simulated exporter serves a node, and measures at one interval: that of ours.
                    ...(settings === "ours" ? [gpuSubject(id("gpu"))] : []),
                ];
            }),
            ...rates.map((copy) => requestsSubject(named(backend, settings, copy)("requests"))),
        ]);
    return [
        ...every("ours", once, once),
        ...some.flatMap((copy) =>
            (["resource", "keda"] as const).map((backend) => cpuSubject(named(backend, "ours", copy)("cpu"))),
        ),
        ...every("chart defaults", some, many),
    ];
}

/** What tells a subject from the others. */
type Identity = Pick<Subject, "name" | "settings" | "backend">;

export function named(backend: Backend, settings: Settings, copy: number): (signal: string) => Identity {
    return (signal) => ({ name: `${signal}-${short[backend]}-${slug[settings]}${copy}`, settings, backend });
}

/** A redis list: from empty to one replica, or from one to three. KEDA asks redis itself, unless defaults are to be seen. */
function queueSubject(kind: "zero" | "queue", id: Identity): Subject {
    const { name, backend, settings } = id;
    // KEDA from zero is its redis trigger at any settings; beyond, the defaults go through Prometheus.
    const direct = backend === "keda" && (kind === "zero" || settings === "ours");
    const redis = {
        address: `redis.${namespaceOf[settings]}.svc:6379`,
        password: { name: "redis-auth", key: "password" },
    };
    const length = signals.queueLength({
        list: name,
        itemsPerReplica: 20,
        scrapeSeconds: scrapeSeconds[settings],
        ...(direct && { redis }),
    });
    return {
        ...id,
        title: kind === "zero" ? "queue, 0 to 1" : "queue, 1 to 3",
        demand: "queue",
        ...(kind === "zero" ? { from: 0, to: 10, base: 0, goal: 1 } : { from: 10, to: 54, base: 1, goal: 3 }),
        signals: [length],
        workload: {},
        windowSeconds: 0,
        direct,
    };
}

/** Requests each second, of the server's own counter. */
function requestsSubject(id: Identity): Subject {
    const seconds = scrapeSeconds[id.settings];
    return {
        ...id,
        title: "requests per second, 1 to 4",
        demand: "rate",
        from: 4,
        to: 18.5,
        base: 1,
        goal: 4,
        signals: [signals.appRequests({ perReplica: 5, scrapeSeconds: seconds })],
        workload: {},
        windowSeconds: 4 * seconds,
        direct: false,
    };
}

/** Requests that wait at HAProxy, and those in flight, which keep the replicas when none waits any more. */
function waitingSubject(id: Identity): Subject {
    const proxy = { backend: id.name, scrapeSeconds: scrapeSeconds[id.settings] };
    return {
        ...id,
        title: "proxy queue, 1 to 3",
        demand: "hold",
        from: 2,
        to: 7,
        base: 1,
        goal: 3,
        signals: [
            signals.waitingRequests({ ...proxy, perReplica: 2 }),
            signals.requestsInFlight({ ...proxy, perReplica: 2.5 }),
        ],
        workload: { proxy: true },
        windowSeconds: 0,
        direct: false,
    };
}

/** Busy GPUs, of the simulated exporter: a pod of ten slots with three requests is busy for 30 %. */
function gpuSubject(id: Identity): Subject {
    return {
        ...id,
        title: "GPU utilisation (simulated), 1 to 2",
        demand: "hold",
        from: 3,
        to: 9,
        base: 1,
        goal: 2,
        signals: [signals.gpuUtilization({ utilization: 60, scrapeSeconds: scrapeSeconds[id.settings] })],
        workload: { gpu: true },
        windowSeconds: 0,
        direct: false,
    };
}

/** 15 ms of processor time for each request, of 50m requested. */
function cpuSubject(id: Identity): Subject {
    return {
        ...id,
        title: "cpu, 1 to 3",
        demand: "rate",
        from: 1,
        to: 5.4,
        base: 1,
        goal: 3,
        signals: [signals.cpu({ utilization: 60 })],
        workload: { cpu: true },
        // The metrics server's own: it measures over its resolution.
        windowSeconds: metricsServerSeconds,
        direct: false,
    };
}

/** The autoscaler of a subject. It comes back as soon as it may, so that the next step can begin. */
export function scalingOf(subject: Subject): AutoscalerArgs {
    const containers = [{ name: subject.name, resources: { requests: { cpu: "50m", memory: "32Mi" } } }];
    return {
        target: { namespace: namespaceOf[subject.settings], name: subject.name, containers },
        signals: subject.signals,
        minReplicas: subject.base,
        maxReplicas: 10,
        backend: subject.backend,
        platform: devAutoscaling,
        pace: {
            // A rate is whole only when Prometheus has found the new pods, and its window has filled. A GPU is idle for a
            // moment between two requests, and on a machine that is busy the moment is long enough to be measured.
            downStabilizationSeconds: subject.demand === "rate" || subject.workload.gpu ? 15 : 0,
            downPercentPer15s: 100,
            ...(subject.backend === "keda" && {
                pollingSeconds: pollingSeconds[subject.settings],
                cooldownSeconds: 1,
            }),
        },
    };
}
