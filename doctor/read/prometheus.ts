import { podProxy, serviceAddress, serviceProxy } from "../chain/address";
import { serviceSelects } from "../chain/selectors";
import type { PrometheusFacts } from "../snapshot-source";
import { type Answer, failed, found, valueOr } from "./answer";
import { get, type Reads } from "./api";
import type { Pod, Workload } from "./objects";
import type { PrometheusObject, Service } from "./objects-around";
import { PrometheusApi } from "./prometheus-api";
import { readServicePods } from "./target";
import type { World } from "./world";

/** One Prometheus: what of it is in the cluster, and how to ask it. */
export interface Prometheus {
    readonly facts: PrometheusFacts;
    readonly api: PrometheusApi;
}

const port = 9090;

/**
 * Finds a Prometheus and asks how it is.
 *
 * @param address - where the autoscaler asks it; without one, the cluster's own objects tell.
 * @param url - where to ask it instead, from this machine (`--prometheus-url`).
 */
export async function readPrometheus(
    reads: Reads,
    world: World,
    address: string | undefined,
    namespace: string,
    url: string | undefined,
): Promise<Prometheus> {
    const service = address === undefined ? undefined : serviceAddress(address, namespace);
    const serviceObject =
        service &&
        (await reads.json<Service>(`/api/v1/namespaces/${service.namespace}/services/${service.name}`));
    const { object, pods } = await locate(reads, world, service?.namespace, serviceObject);
    const servesHere = [...valueOr(pods, [])].filter(running);
    const direct = service
        ? (path: string) => reads.text(serviceProxy(service) + path)
        : address === undefined
          ? undefined
          : (path: string) => get(`${address.replace(/\/+$/, "")}${path}`, path, {});
    const ways: [string, (path: string) => Promise<Answer<string>>][] = [
        ...(url
            ? [[url, (path: string) => get(`${url.replace(/\/+$/, "")}${path}`, path, {})] as const]
            : []),
        ...(direct ? [[address ?? "", direct] as const] : []),
        ...servesHere
            .slice(0, 1)
            .map(
                (pod) =>
                    [
                        `pod ${pod.metadata.namespace}/${pod.metadata.name}`,
                        throughPod(reads, pod, object),
                    ] as const,
            ),
    ].map(([name, ask]) => [name, ask]);
    const atAddress = direct && (await new PrometheusApi(direct).answers());
    const chosen = await firstThatAnswers(ways);
    const api = new PrometheusApi(chosen.ask);
    const [targets, groups, runtime, operatorRuns] = await Promise.all([
        api.targets(),
        api.groups(),
        api.runtime(),
        readOperator(reads, object),
    ]);
    const facts: PrometheusFacts = {
        address,
        service,
        serviceObject,
        objects: world.prometheuses,
        object,
        pods,
        atAddress,
        answers: chosen.answer,
        reached: chosen.name,
        targets,
        groups,
        runtime,
        operatorRuns,
    };
    return { facts, api };
}

async function firstThatAnswers(ways: readonly [string, (path: string) => Promise<Answer<string>>][]) {
    const missing = failed({ kind: "missing", message: "no Prometheus was found", path: "/api/v1/query" });
    let last: { name: string; ask: (path: string) => Promise<Answer<string>>; answer: Answer<unknown> } = {
        name: "nowhere",
        ask: async () => missing,
        answer: missing,
    };
    const tried = await Promise.all(
        ways.map(async ([name, ask]) => ({ name, ask, answer: await new PrometheusApi(ask).answers() })),
    );
    for (const way of tried) {
        if (way.answer.ok) return way;
        last = last.name === "nowhere" ? way : last;
    }
    return last;
}

function throughPod(reads: Reads, pod: Pod, object: PrometheusObject | undefined) {
    const prefix = (object?.spec.routePrefix ?? "/").replace(/\/+$/, "");
    const base = podProxy(pod.metadata.namespace ?? "", pod.metadata.name, port);
    return (path: string) => reads.text(`${base}${prefix}${path}`);
}

/** The Prometheus object and the pods: from the address' Service, else the cluster's only one, else the nearest. */
async function locate(
    reads: Reads,
    world: World,
    namespace: string | undefined,
    service: Answer<Service> | undefined,
): Promise<{ object: PrometheusObject | undefined; pods: Answer<Pod[]> }> {
    const objects = valueOr(world.prometheuses, []);
    if (service?.ok && service.value.spec.selector) {
        const selector = service.value.spec.selector;
        const pods = await readServicePods(reads, service.value.metadata.namespace ?? "", selector);
        const object = objects.find(
            ({ metadata }) =>
                metadata.namespace === service.value.metadata.namespace &&
                serviceSelects(selector, {
                    ...podLabels(metadata.name),
                    ...valueOr(pods, [])[0]?.metadata.labels,
                }),
        );
        if (object || (pods.ok && pods.value.length > 0)) return { object, pods };
    }
    const object = objects.find(({ metadata }) => metadata.namespace === namespace) ?? objects[0];
    if (!object) return { object, pods: found([]) };
    const labels = { "operator.prometheus.io/name": object.metadata.name };
    return { object, pods: await readServicePods(reads, object.metadata.namespace ?? "", labels) };
}

/** Whether the operator runs, which is usually in the namespace of what it operates. */
async function readOperator(
    reads: Reads,
    object: PrometheusObject | undefined,
): Promise<boolean | undefined> {
    if (!object) return undefined;
    const all = await reads.list<Workload>(
        `/apis/apps/v1/namespaces/${object.metadata.namespace}/deployments`,
    );
    const operators = valueOr(all, []).filter(({ metadata, spec }) => {
        const app = spec?.template?.metadata?.labels?.["app.kubernetes.io/name"] ?? "";
        return /prometheus-operator$/.test(app) || /prometheus-operator$|-operator$/.test(metadata.name);
    });
    if (operators.length === 0) return undefined;
    return operators.some(({ status }) => (status?.readyReplicas ?? 0) > 0);
}

/** The labels that the operator gives the pods of a Prometheus. */
function podLabels(name: string) {
    return {
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": "prometheus-operator",
        "app.kubernetes.io/name": "prometheus",
        "operator.prometheus.io/name": name,
        prometheus: name,
    };
}

function running(pod: Pod): boolean {
    return pod.status?.phase === "Running" && pod.metadata.deletionTimestamp === undefined;
}
