import {
    type Hints,
    hintsOf,
    sourceMonitors,
    sourcePods,
    sourceServices,
    sourceWorkload,
} from "../chain/place";
import type { VectorSelector } from "../chain/promql";
import { takesMonitor } from "../chain/taken";
import type { TargetFacts } from "../snapshot";
import type { SourceFacts } from "../snapshot-source";
import { type Answer, found, valueOr } from "./answer";
import type { Reads } from "./api";
import type { Pod, Workload } from "./objects";
import type { EndpointSlice, Service } from "./objects-around";
import { probeSource, searchSource } from "./probe";
import type { Prometheus } from "./prometheus";
import { askedLabels, ownTargets, readTraces } from "./traces";
import type { World } from "./world";

/** What a source is looked for with. */
export interface Search {
    readonly reads: Reads;
    readonly world: World;
    readonly prometheus: Prometheus;
    readonly now: number;
    readonly target: TargetFacts;
    /** Namespace of the autoscaler: where to look when nothing says otherwise. */
    readonly namespace: string;
}

/** Finds what a series is scraped from, by every trace that it left, and looks at each part of the way. */
export async function readSource(search: Search, selector: VectorSelector): Promise<SourceFacts> {
    const { reads, world, prometheus, target } = search;
    const [present, traces] = await Promise.all([
        prometheus.api.samples(selector.text),
        readTraces(search, selector),
    ]);
    const loose =
        present.ok && present.value.length === 0 && selector.metric
            ? await prometheus.api.samples(selector.metric)
            : found([]);
    // Relabelling may have given its targets other labels.
    const others = valueOr(loose, []).map(({ labels }) => labels);
    const targets =
        traces.targets.length > 0 || others.length === 0
            ? traces.targets
            : ownTargets(prometheus.facts, others, {});
    const asked = askedLabels(selector);
    const hints = hintsOf(traces.labels.length > 0 ? traces.labels : [asked]);
    const namespace = hints.namespaces[0] ?? asked.namespace ?? search.namespace;
    const [allServices, allPods] = await Promise.all([
        reads.list<Service>(`/api/v1/namespaces/${namespace}/services`),
        reads.list<Pod>(`/api/v1/namespaces/${namespace}/pods`),
    ]);
    const located = await locate(search, selector, namespace, hints, allServices, allPods);
    const monitors = sourceMonitors(
        {
            serviceMonitors: valueOr(world.serviceMonitors, []),
            podMonitors: valueOr(world.podMonitors, []),
        },
        namespace,
        located.hints,
        located.services,
        located.pods,
        targets,
    ).map((monitor) => ({
        ...monitor,
        selected: takesMonitor(prometheus.facts.object, monitor, valueOr(world.namespaces, [])),
    }));
    const [probes, slices] = await Promise.all([
        located.probes ?? probeSource(reads, located.pods, located.services, monitors, selector.metric),
        readSlices(reads, namespace, located.services),
    ]);
    return {
        selector,
        namespace,
        own: isOwn(located, target),
        present,
        loose,
        monitors,
        monitorsRead: world.serviceMonitors.ok ? world.podMonitors : world.serviceMonitors,
        services: allServices.ok ? found(located.services) : allServices,
        slices,
        pods: allPods.ok ? found(located.pods) : allPods,
        workload: located.workload,
        probes,
        targets,
        remembered: traces.labels.length > 0,
    };
}

/** Pods and Services of a source; where no trace leads to any, whichever pod of the namespace serves the metric. */
async function locate(
    { reads, target }: Search,
    selector: VectorSelector,
    namespace: string,
    hints: Hints,
    allServices: Answer<Service[]>,
    allPods: Answer<Pod[]>,
) {
    const first = sourceServices(hints, valueOr(allServices, []), []);
    const pods = sourcePods(hints, first, valueOr(allPods, []));
    const services = first.length > 0 ? first : sourceServices(hints, valueOr(allServices, []), pods);
    if (pods.length > 0 || services.length > 0) {
        const workload = pods.length > 0 ? undefined : await readWorkload(reads, namespace, hints);
        return { hints, pods, services, workload, probes: undefined };
    }
    const workload = await readWorkload(reads, namespace, hints);
    if (workload) return { hints, pods, services, workload, probes: undefined };
    const own = valueOr(target.pods, []).map(({ metadata }) => metadata.name);
    const probes = await searchSource(reads, valueOr(allPods, []), own, selector.metric);
    const names = probes.filter(({ has }) => has).map(({ pod }) => pod);
    const serving = valueOr(allPods, []).filter(({ metadata }) => names.includes(metadata.name));
    const found = { ...hints, pods: [...hints.pods, ...names] };
    const inFront = sourceServices(found, valueOr(allServices, []), serving);
    return {
        hints: found,
        pods: serving,
        services: inFront,
        workload,
        probes: serving.length > 0 ? undefined : probes,
    };
}

async function readWorkload(reads: Reads, namespace: string, hints: Hints): Promise<Workload | undefined> {
    return sourceWorkload(hints, await readWorkloads(reads, namespace));
}

/** The workloads of a namespace. */
export async function readWorkloads(reads: Reads, namespace: string): Promise<Workload[]> {
    const lists = await Promise.all(
        ["deployments", "statefulsets", "daemonsets"].map((plural) =>
            reads.list<Workload>(`/apis/apps/v1/namespaces/${namespace}/${plural}`),
        ),
    );
    return lists.flatMap((list) => valueOr(list, []));
}

/** The endpoints of Services, as slices. */
export async function readSlices(
    reads: Reads,
    namespace: string,
    services: readonly Service[],
): Promise<EndpointSlice[]> {
    const lists = await Promise.all(
        services.slice(0, 3).map(({ metadata }) => {
            const selector = encodeURIComponent(`kubernetes.io/service-name=${metadata.name}`);
            return reads.list<EndpointSlice>(
                `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`,
            );
        }),
    );
    return lists.flatMap((list) => valueOr(list, []));
}

/** Whether a source's pods are those of the target, or would be if it had any. */
function isOwn(
    { pods, services }: { pods: readonly Pod[]; services: readonly Service[] },
    target: TargetFacts,
): boolean {
    const names = new Set(valueOr(target.pods, []).map(({ metadata }) => metadata.name));
    if (pods.length > 0) return pods.some(({ metadata }) => names.has(metadata.name));
    const labels = target.object.ok ? target.object.value.spec?.template?.metadata?.labels : undefined;
    return services.some(({ spec }) => {
        const wantedLabels = Object.entries(spec.selector ?? {});
        return wantedLabels.length > 0 && wantedLabels.every(([key, value]) => labels?.[key] === value);
    });
}
