import { serviceAddress } from "../chain/address";
import { quantity } from "../chain/quantity";
import { selectorQuery, serviceSelects } from "../chain/selectors";
import type { MetricsApiFacts, Reading, TargetFacts } from "../snapshot";
import { type Answer, failed, found, mapped, valueOr } from "./answer";
import type { Reads } from "./api";
import type { MetricIdentifier, MetricSpec, Pod, Reference, Workload } from "./objects";
import type { CustomMetricValues, ExternalMetricValues, PodMetrics, Service } from "./objects-around";
import { readSlices } from "./source";
import { readServicePods } from "./target";
import type { World } from "./world";

/** A metrics API: how it is registered, and what serves it. */
export async function readMetricsApi(
    reads: Reads,
    world: World,
    group: MetricsApiFacts["group"],
    keda: boolean,
): Promise<MetricsApiFacts> {
    const apiServices = mapped(world.apiServices, (all) => all.filter(({ spec }) => spec.group === group));
    const reference = valueOr(apiServices, [])[0]?.spec.service ?? undefined;
    if (!reference) {
        const fromKeda = keda ? await kedaNamespace(reads) : undefined;
        const workloads = fromKeda ? await deployments(reads, fromKeda) : found([]);
        return { group, apiServices, pods: found([]), slices: [], workloads };
    }
    const { namespace, name } = reference;
    const [service, workloads] = await Promise.all([
        reads.json<Service>(`/api/v1/namespaces/${namespace}/services/${name}`),
        deployments(reads, namespace),
    ]);
    const served = service.ok ? service.value.spec.selector : undefined;
    const own = mapped(workloads, (all) =>
        all.filter(({ spec }) => serviceSelects(served, spec?.template?.metadata?.labels)),
    );
    const [pods, slices, operatorPods, asks] = await Promise.all([
        service.ok ? readServicePods(reads, namespace, service.value.spec.selector) : found([]),
        service.ok ? readSlices(reads, namespace, [service.value]) : [],
        keda ? operator(reads, namespace, workloads) : undefined,
        readAsked(reads, namespace, valueOr(own, [])),
    ]);
    return { group, apiServices, service, pods, slices, workloads, operatorPods, asks };
}

function deployments(reads: Reads, namespace: string): Promise<Answer<Workload[]>> {
    return reads.list<Workload>(`/apis/apps/v1/namespaces/${namespace}/deployments`);
}

/** Where KEDA usually is, where its API is not registered to tell. */
async function kedaNamespace(reads: Reads): Promise<string | undefined> {
    const there = await reads.json("/api/v1/namespaces/keda");
    return there.ok ? "keda" : undefined;
}

/** Whether a Deployment is KEDA's operator, whoever installed it. */
export function isKedaOperator({ metadata }: Workload): boolean {
    const names = [metadata.name, metadata.labels?.app, metadata.labels?.["app.kubernetes.io/name"]];
    return names.some((name) => name !== undefined && /keda-operator$/.test(name));
}

async function operator(
    reads: Reads,
    namespace: string,
    workloads: Answer<Workload[]>,
): Promise<Answer<Pod[]> | undefined> {
    if (!workloads.ok) return workloads;
    const deployment = workloads.value.find(isKedaOperator);
    return deployment ? readServicePods(reads, namespace, deployment.spec?.selector?.matchLabels) : undefined;
}

/** Where an adapter asks Prometheus, and whether there is a Service. */
async function readAsked(
    reads: Reads,
    namespace: string,
    own: readonly Workload[],
): Promise<MetricsApiFacts["asks"]> {
    const address = adapterAddress(own);
    if (address === undefined) return undefined;
    const service = serviceAddress(address, namespace);
    if (!service) return { address };
    const path = `/api/v1/namespaces/${service.namespace}/services/${service.name}`;
    return { address, object: await reads.json<Service>(path) };
}

/** The address of Prometheus by the arguments of an adapter that serves a metrics API. */
export function adapterAddress(workloads: readonly Workload[]): string | undefined {
    const containers = workloads.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);
    const words = containers.flatMap(({ command = [], args = [] }) => [...command, ...args]);
    for (const [index, word] of words.entries()) {
        const inline = /^--prometheus-url=(.+)$/.exec(word)?.[1];
        if (inline) return inline;
        if (word === "--prometheus-url") return words[index + 1];
    }
    return undefined;
}

/** Asks a metrics API what the HPA asks it. */
export async function readMetric(
    reads: Reads,
    namespace: string,
    spec: MetricSpec,
    target: TargetFacts,
    versions: readonly string[],
): Promise<Answer<Reading>> {
    const selector = target.scale.ok ? target.scale.value.status.selector : undefined;
    const pods = selector ? `labelSelector=${encodeURIComponent(selector)}` : "";
    if (spec.resource || spec.containerResource) {
        const list = await reads.list<PodMetrics>(
            `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods?${pods}`,
        );
        return mapped(list, (items) => ({ values: [], pods: items }));
    }
    const version =
        versions.includes("v1beta2") && spec.type !== "External" ? "v1beta2" : (versions[0] ?? "v1beta1");
    if (spec.external) {
        const { name } = spec.external.metric;
        const query = labelQuery("labelSelector", spec.external.metric);
        const answer = await reads.json<ExternalMetricValues>(
            `/apis/external.metrics.k8s.io/${version}/namespaces/${namespace}/${name.toLowerCase()}?${query}`,
        );
        return mapped(answer, ({ items }) => ({
            values: items.map(({ value, timestamp }) => compact({ value: quantity(value), timestamp })),
        }));
    }
    const base = `/apis/custom.metrics.k8s.io/${version}`;
    if (spec.pods) {
        const { name } = spec.pods.metric;
        const query = [pods, labelQuery("metricLabelSelector", spec.pods.metric)].filter(Boolean).join("&");
        return customReading(reads, `${base}/namespaces/${namespace}/pods/*/${name}?${query}`);
    }
    if (spec.object) {
        const { metric, describedObject } = spec.object;
        const path = await describedPath(reads, namespace, describedObject);
        const query = labelQuery("metricLabelSelector", metric);
        return customReading(reads, `${base}/${path}/${metric.name}?${query}`);
    }
    return failed({ kind: "missing", message: `an HPA metric of type ${spec.type}`, path: base });
}

async function customReading(reads: Reads, path: string): Promise<Answer<Reading>> {
    const answer = await reads.json<CustomMetricValues>(path);
    return mapped(answer, ({ items }) => ({
        values: items.map(({ value, describedObject, timestamp }) =>
            compact({ value: quantity(value), of: describedObject?.name, timestamp }),
        ),
    }));
}

/** Where the custom metrics API has the metrics of an object: those of a Namespace are at its own path. */
async function describedPath(reads: Reads, namespace: string, object: Reference): Promise<string> {
    const { kind = "", name, apiVersion = "v1" } = object;
    if (kind === "Namespace") return `namespaces/${name}/metrics`;
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
    const served = await reads.json<{ resources?: { name: string; kind: string }[] }>(
        group ? `/apis/${apiVersion}` : `/api/${apiVersion}`,
    );
    const resources = served.ok ? (served.value.resources ?? []) : [];
    const plural =
        resources.find((resource) => resource.kind === kind && !resource.name.includes("/"))?.name ??
        `${kind.toLowerCase()}s`;
    return `namespaces/${namespace}/${plural}${group ? `.${group}` : ""}/${name}`;
}

function labelQuery(parameter: string, { selector }: MetricIdentifier): string {
    const text = selectorQuery(selector);
    return text ? `${parameter}=${encodeURIComponent(text)}` : "";
}

function compact(value: { value: number; of?: string | undefined; timestamp?: string | undefined }) {
    const { of, timestamp } = value;
    return {
        value: value.value,
        ...(of !== undefined && { of }),
        ...(timestamp !== undefined && { timestamp }),
    };
}
