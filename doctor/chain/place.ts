import type { Labels, Pod, Workload } from "../read/objects";
import type { Monitor, MonitorEndpoint, Service } from "../read/objects-around";
import type { MonitorFacts, ScrapeTarget } from "../snapshot-source";
import { looksInto, selects, serviceSelects } from "./selectors";

/** What is known of where a series is scraped: labels of its targets, now or in the last hour, else the selector's. */
export interface Hints {
    readonly namespaces: readonly string[];
    readonly jobs: readonly string[];
    readonly services: readonly string[];
    readonly pods: readonly string[];
}

/** Gathers hints from the labels of targets. */
export function hintsOf(labels: readonly Labels[]): Hints {
    const all = (name: string) => [...new Set(labels.flatMap((set) => (set[name] ? [set[name]] : [])))];
    return { namespaces: all("namespace"), jobs: all("job"), services: all("service"), pods: all("pod") };
}

/** Names that a source's objects usually share: its Service, its job, its workload. */
export function namesOf(hints: Hints): Set<string> {
    const jobs = hints.jobs.map((job) => job.replace(/^.*\//, ""));
    return new Set([...hints.services, ...jobs, ...hints.pods.map(workloadName)]);
}

/** The workload of a pod, by the name that its controller gave it: the letters of generated names are these. */
export function workloadName(pod: string): string {
    const random = "[bcdfghjklmnpqrstvwxz2456789]";
    const ending = new RegExp(`(-${random}{8,10})?-${random}{5}$|-\\d+$`);
    return pod.replace(ending, "");
}

/** The pods that serve the metrics: behind the Services, those that the hints name, those of the same workload. */
export function sourcePods(hints: Hints, services: readonly Service[], pods: readonly Pod[]): Pod[] {
    const names = namesOf(hints);
    const alive = pods.filter(
        ({ metadata, status }) =>
            metadata.deletionTimestamp === undefined && !/^(Succeeded|Failed)$/.test(status?.phase ?? ""),
    );
    const behind = alive.filter(({ metadata }) =>
        services.some(({ spec }) => serviceSelects(spec.selector, metadata.labels)),
    );
    if (behind.length > 0) return behind;
    const known = alive.filter(({ metadata }) => hints.pods.includes(metadata.name));
    if (known.length > 0) return known;
    return alive.filter(({ metadata }) => {
        const label = metadata.labels?.["app.kubernetes.io/name"] ?? metadata.labels?.app;
        return names.has(workloadName(metadata.name)) || (label !== undefined && names.has(label));
    });
}

/** Services of the source: those that the hints name, else those in front of its pods. */
export function sourceServices(hints: Hints, services: readonly Service[], pods: readonly Pod[]): Service[] {
    const named = services.filter(({ metadata }) => hints.services.includes(metadata.name));
    if (named.length > 0) return named;
    const names = namesOf(hints);
    const alike = services.filter(({ metadata }) => names.has(metadata.name));
    if (alike.length > 0) return alike;
    return services.filter(({ spec }) =>
        pods.some(({ metadata }) => serviceSelects(spec.selector, metadata.labels)),
    );
}

/** The workload that the hints name, for what to say where it has no pod. */
export function sourceWorkload(hints: Hints, workloads: readonly Workload[]): Workload | undefined {
    const names = namesOf(hints);
    return workloads.find(({ metadata }) => names.has(metadata.name));
}

export interface MonitorWorld {
    readonly serviceMonitors: readonly Monitor[];
    readonly podMonitors: readonly Monitor[];
}

/**
 * The monitors through which a source comes in: those of its targets, those that select its Services or pods, and
 * where there are none of these, those that look as if they should.
 */
export function sourceMonitors(
    { serviceMonitors, podMonitors }: MonitorWorld,
    namespace: string | undefined,
    hints: Hints,
    services: readonly Service[],
    pods: readonly Pod[],
    targets: readonly ScrapeTarget[],
): Omit<MonitorFacts, "selected">[] {
    const facts = [
        ...serviceMonitors.map((object) => monitorFacts("ServiceMonitor", object, services, namespace)),
        ...podMonitors.map((object) => monitorFacts("PodMonitor", object, pods, namespace)),
    ];
    const pools = new Set(targets.map(({ scrapePool }) => scrapePool.replace(/\/\d+$/, "")));
    const scraping = facts.filter((monitor) => pools.has(poolOf(monitor)));
    const gone = [...pools].flatMap((pool) => {
        const parts = /^(serviceMonitor|podMonitor)\/([^/]+)\/([^/]+)$/.exec(pool);
        if (!parts || scraping.some((monitor) => poolOf(monitor) === pool)) return [];
        const [, prefix, where = "", name = ""] = parts;
        const kind = prefix === "serviceMonitor" ? ("ServiceMonitor" as const) : ("PodMonitor" as const);
        return [{ kind, name, namespace: where, selects: [], looks: false }];
    });
    if (scraping.length + gone.length > 0) return [...scraping, ...gone];
    const selecting = facts.filter(({ selects, looks }) => looks && selects.length > 0);
    if (selecting.length > 0) return selecting;
    return facts.filter((monitor) => looksMeant(monitor, namespace, hints, services));
}

function monitorFacts(
    kind: MonitorFacts["kind"],
    object: Monitor,
    candidates: readonly (Service | Pod)[],
    namespace: string | undefined,
): Omit<MonitorFacts, "selected"> {
    const { name, namespace: own = "" } = object.metadata;
    const looks = namespace !== undefined && looksInto(object.spec.namespaceSelector, own, namespace);
    const taken = candidates.filter(({ metadata }) => selects(object.spec.selector, metadata.labels));
    return { kind, object, name, namespace: own, looks, selects: taken.map(({ metadata }) => metadata.name) };
}

function poolOf({ kind, namespace, name }: Pick<MonitorFacts, "kind" | "namespace" | "name">): string {
    return `${kind === "ServiceMonitor" ? "serviceMonitor" : "podMonitor"}/${namespace}/${name}`;
}

/** Whether a monitor that selects nothing of a source was made for it: by its name, or the values that it looks for. */
function looksMeant(
    { name, namespace: own, object, looks, selects: taken }: Omit<MonitorFacts, "selected">,
    namespace: string | undefined,
    hints: Hints,
    services: readonly Service[],
): boolean {
    if (taken.length > 0) return true;
    const names = new Set([...namesOf(hints), ...services.map(({ metadata }) => metadata.name)]);
    const near = looks || own === namespace || hints.jobs.includes(`${own}/${name}`);
    const values = Object.values(object?.spec.selector.matchLabels ?? {});
    return near && (names.has(name) || values.some((value) => names.has(value)));
}

/** Where a monitor's endpoint is on a pod: its port as a number, undefined where the pod has none such. */
export function portOn(
    endpoint: MonitorEndpoint,
    pod: Pod,
    services: readonly Service[],
): number | undefined {
    if (endpoint.portNumber !== undefined) return endpoint.portNumber;
    const ports = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(
        ({ ports }) => ports ?? [],
    );
    const byName = (name: number | string) =>
        typeof name === "number" ? name : ports.find((port) => port.name === name)?.containerPort;
    if (endpoint.targetPort !== undefined) return byName(endpoint.targetPort);
    if (endpoint.port === undefined) return undefined;
    if (services.length === 0) return byName(endpoint.port);
    const port = services.flatMap(({ spec }) => spec.ports ?? []).find(({ name }) => name === endpoint.port);
    return port && byName(port.targetPort ?? port.port);
}

/** Ports of a pod on which metrics are likely to be, likeliest first. */
export function likelyPorts(pod: Pod): number[] {
    const ports = pod.spec.containers.flatMap(({ ports }) => ports ?? []);
    const rank = (name = "") => (/metric|prom/.test(name) ? 0 : /http|web/.test(name) ? 1 : 2);
    const sorted = [...ports].sort((a, b) => rank(a.name) - rank(b.name));
    return sorted.map(({ containerPort }) => containerPort).slice(0, 2);
}
