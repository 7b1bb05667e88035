import { portOn } from "../chain/place";
import { isReady } from "../chain/pod-health";
import { labelText, serviceSelects } from "../chain/selectors";
import { broken, type Judgement, none, ok, together, unknown } from "../judgement";
import { couldNotLook, isMissing, valueOr } from "../read/answer";
import type { Service } from "../read/objects-around";
import type { Snapshot } from "../snapshot";
import type { OriginFacts, SourceFacts } from "../snapshot-source";
import { atZero, count, eachSource, ownAtZero } from "./common";
import { misfits } from "./monitor/misfits";

/** The Service leads to the pods: its selector takes their labels, and its ports are theirs. */
export function judgeService(snapshot: Snapshot): Judgement {
    const origins = snapshot.signals.flatMap(({ name, origin }) =>
        origin ? [[name, judgeOrigin(origin)] as const] : [],
    );
    const sources = eachSource(snapshot, (source) => judgeSource(source, snapshot));
    const parts: (readonly [string, Judgement])[] = [...origins, ["series", sources]];
    return origins.length > 0 ? together(parts.filter(([, { verdict }]) => verdict !== "none")) : sources;
}

function judgeSource(source: SourceFacts, snapshot: Snapshot): Judgement {
    const { services, pods, monitors, namespace = "" } = source;
    if (source.own && atZero(snapshot)) return none(ownAtZero);
    if (couldNotLook(services))
        return source.targets.length > 0
            ? ok("seen through Prometheus alone")
            : unknown(`Services of ${namespace}`, services.failure);
    const found = valueOr(services, []);
    const running = valueOr(pods, []);
    const throughService = monitors.filter(({ kind }) => kind === "ServiceMonitor");
    const throughPods = monitors.filter(({ kind, selects }) => kind === "PodMonitor" && selects.length > 0);
    if (found.length === 0) {
        if (throughPods.length > 0) return judgePodPorts(source);
        const [monitor] = throughService;
        if (!monitor)
            return none(running.length > 0 ? "its pods have no Service" : "there is nothing to lead to");
        const namesOfService = Object.values(monitor.object?.spec.selector.matchLabels ?? {}).join(", ");
        return broken(
            `the Service that ServiceMonitor ${monitor.namespace}/${monitor.name} scrapes is not there`,
            `Create a Service in ${namespace} that selects the exporter's pods and has the labels that the monitor looks for${namesOfService ? ` (${namesOfService})` : ""}.`,
            `no Service of ${namespace} leads to ${source.selector.metric ?? source.selector.text}`,
        );
    }
    const empty = found.filter(
        ({ spec }) =>
            spec.selector && !running.some((pod) => serviceSelects(spec.selector, pod.metadata.labels)),
    );
    if (running.length > 0 && empty.length === found.length && throughPods.length === 0) {
        const [service] = empty as [Service];
        const [pod] = running;
        return broken(
            `Service ${namespace}/${service.metadata.name} selects ${labelText(service.spec.selector)}, and the pods have ${labelText(pod?.metadata.labels)}`,
            `\`kubectl -n ${namespace} edit service ${service.metadata.name}\`: make spec.selector fit the pods' labels.`,
            `${service.metadata.name} leads to no pod; ${count(running.length, "pod")} such as ${pod?.metadata.name} should be behind it`,
        );
    }
    const port = throughPods.length > 0 ? undefined : deadPort(source, found);
    if (port) return port;
    const late = misfits(source).find(({ blames }) => blames === "service");
    if (late) return broken(late.why, late.fix, late.evidence);
    const ports = found.flatMap(({ metadata, spec }) =>
        (spec.ports ?? []).map(({ name, port }) => `${metadata.name}:${name ?? port}`),
    );
    return ok(
        `Service ${found.map(({ metadata }) => `${namespace}/${metadata.name}`).join(", ")} leads to ${count(running.length, "pod")} (${ports.join(", ")})`,
    );
}

/** A port of the Service that is no port of the pods, where a monitor scrapes through it. */
function deadPort(
    { monitors, pods, namespace, probes }: SourceFacts,
    services: readonly Service[],
): Judgement | undefined {
    const [pod] = [...valueOr(pods, [])].sort((a, b) => Number(isReady(b)) - Number(isReady(a)));
    const names = monitors.flatMap(({ object }) => (object?.spec.endpoints ?? []).map(({ port }) => port));
    const declared = pod?.spec.containers.flatMap(({ ports }) => ports ?? []) ?? [];
    for (const { metadata, spec } of services) {
        for (const { name, port, targetPort = port } of spec.ports ?? []) {
            if (!pod || !names.includes(name) || declared.length === 0) continue;
            const known = declared.some((one) => one.name === targetPort || one.containerPort === targetPort);
            const refused = probes.some((probe) => probe.port === targetPort && !probe.answer.ok);
            const elsewhere = probes.some((probe) => probe.has && probe.port !== targetPort);
            if (
                known ||
                (typeof targetPort === "number" &&
                    !(refused && elsewhere) &&
                    probes.some(({ has }) => has) &&
                    !elsewhere)
            )
                continue;
            const theirs = declared
                .map((one) => `${one.name ?? ""}${one.name ? " " : ""}${one.containerPort}`)
                .join(", ");
            return broken(
                `port ${name ?? port} of Service ${namespace}/${metadata.name} leads to port ${targetPort} of the pods, which have ${theirs}`,
                `\`kubectl -n ${namespace} edit service ${metadata.name}\`: set targetPort to a port of the pods.`,
                `targetPort ${targetPort}; pod ${pod.metadata.name} has ${theirs}`,
            );
        }
    }
    return undefined;
}

/** Of a PodMonitor: the pods have the port that it names. */
function judgePodPorts(source: SourceFacts): Judgement {
    const late = misfits(source).find(({ blames }) => blames === "service");
    if (late) return broken(late.why, late.fix, late.evidence);
    const pods = valueOr(source.pods, []);
    const monitor = source.monitors.find(({ kind }) => kind === "PodMonitor");
    const ports = (monitor?.object?.spec.podMetricsEndpoints ?? []).map(
        (endpoint) => pods[0] && portOn(endpoint, pods[0], []),
    );
    return ok(
        `no Service is needed: PodMonitor ${monitor?.namespace}/${monitor?.name} takes ${count(pods.length, "pod")} at port ${ports.join(", ")}`,
    );
}

function judgeOrigin({ address, service, object, pods }: OriginFacts): Judgement {
    const name = `${service.namespace}/${service.name}`;
    if (couldNotLook(object)) return unknown(`Service ${name}`, object.failure);
    if (isMissing(object))
        return none(`${address} names Service ${name}, which is not there: the trigger is looked at below`);
    if (!object.ok) return none("not looked at");
    const ports = object.value.spec.ports ?? [];
    if (ports.length > 0 && !ports.some(({ port }) => port === service.port))
        return none(`Service ${name} has no port ${service.port}: the trigger is looked at below`);
    const selector = object.value.spec.selector;
    if (selector && pods.ok && pods.value.length === 0) {
        return broken(
            `Service ${name} of the source leads to no pod: it selects ${labelText(selector)}`,
            `Start the source, or make spec.selector of the Service fit its pods: \`kubectl -n ${service.namespace} get pods --show-labels\`.`,
            `${address}: no pod behind Service ${name}`,
        );
    }
    return ok(
        `${address} is Service ${name}, with ${pods.ok ? count(pods.value.length, "pod") : "pods unseen"}`,
    );
}
