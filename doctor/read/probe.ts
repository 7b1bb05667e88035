import { podProxy } from "../chain/address";
import { likelyPorts, portOn } from "../chain/place";
import type { MonitorFacts, ProbeFacts } from "../snapshot-source";
import type { Reads } from "./api";
import type { Pod } from "./objects";
import type { MonitorEndpoint, Service } from "./objects-around";

/** As many pods of one source are asked for their metrics. */
const asked = 3;

/** As many pods of a namespace are asked where nothing tells which of them has the metric. */
const searched = 10;

const usualPath = "/metrics";

/** Asks the pods of a source for their metrics, where the monitors would and, failing that, at the usual path. */
export async function probeSource(
    reads: Reads,
    pods: readonly Pod[],
    services: readonly Service[],
    monitors: readonly Omit<MonitorFacts, "selected">[],
    metric: string | undefined,
): Promise<ProbeFacts[]> {
    const running = pods.filter(canAnswer).slice(0, asked);
    const probes = await Promise.all(
        running.flatMap((pod) => {
            const places = placesOn(pod, services, monitors);
            return places.map((place) => probe(reads, pod, place, metric));
        }),
    );
    return probes;
}

/** Asks pods of a namespace, one of each workload and those of the target first, until it is known which has a metric. */
export async function searchSource(
    reads: Reads,
    pods: readonly Pod[],
    first: readonly string[],
    metric: string | undefined,
): Promise<ProbeFacts[]> {
    const rank = (pod: Pod) => (first.includes(pod.metadata.name) ? 0 : 1);
    const owners = new Map<string, Pod>();
    for (const pod of [...pods].filter(canAnswer).sort((a, b) => rank(a) - rank(b))) {
        const owner = pod.metadata.ownerReferences?.[0]?.name ?? pod.metadata.name;
        if (!owners.has(owner)) owners.set(owner, pod);
    }
    const places = [...owners.values()]
        .slice(0, searched)
        .flatMap((pod) => likelyPorts(pod).map((port) => ({ pod, port })));
    return Promise.all(
        places.map(({ pod, port }) =>
            probe(reads, pod, { port, path: usualPath, scheme: "http", asked: false }, metric),
        ),
    );
}

interface Place {
    readonly port: number;
    readonly path: string;
    readonly scheme: string;
    readonly asked: boolean;
}

function placesOn(
    pod: Pod,
    services: readonly Service[],
    monitors: readonly Omit<MonitorFacts, "selected">[],
): Place[] {
    const places = new Map<string, Place>();
    const add = (place: Place) => {
        const key = `${place.scheme}:${place.port}${place.path}`;
        if (!places.has(key)) places.set(key, place);
    };
    for (const { kind, object } of monitors) {
        const endpoints: readonly MonitorEndpoint[] =
            object?.spec.endpoints ?? object?.spec.podMetricsEndpoints ?? [];
        for (const endpoint of endpoints) {
            const port = portOn(endpoint, pod, kind === "ServiceMonitor" ? services : []);
            const scheme = endpoint.scheme?.toLowerCase() ?? "http";
            if (port === undefined) continue;
            add({ port, path: endpoint.path ?? usualPath, scheme, asked: true });
        }
    }
    for (const port of likelyPorts(pod)) add({ port, path: usualPath, scheme: "http", asked: false });
    return [...places.values()].slice(0, 5);
}

async function probe(reads: Reads, pod: Pod, place: Place, metric: string | undefined): Promise<ProbeFacts> {
    const { port, path, scheme, asked } = place;
    const base = podProxy(pod.metadata.namespace ?? "", pod.metadata.name, port, scheme);
    const answer = await reads.text(`${base}${path}`);
    const has = answer.ok && (metric === undefined || contains(answer.value, metric));
    return { pod: pod.metadata.name, scheme, port, path, asked, answer, has };
}

/** Whether a text in Prometheus' format has a sample of a metric. */
export function contains(text: string, metric: string): boolean {
    return text.split("\n").some((line) => {
        if (!line.startsWith(metric)) return false;
        const next = line.charAt(metric.length);
        return next === "{" || next === " " || next === "\t";
    });
}

/** Whether a text is metrics: a comment of theirs, or lines that end in a number. */
export function looksLikeMetrics(text: string): boolean {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const sample = /^[a-zA-Z_:][\w:]*(\{.*\})?\s+(NaN|[+-]?Inf|[+-]?[\d.eE+-]+)(\s+-?\d+)?\s*(#.*)?$/;
    return lines.length > 0 && lines.slice(0, 20).every((line) => line.startsWith("#") || sample.test(line));
}

function canAnswer(pod: Pod): boolean {
    return pod.status?.podIP !== undefined && pod.metadata.deletionTimestamp === undefined;
}
