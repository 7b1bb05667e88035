import { changedLater } from "../chain/changed";
import { isReady, troubleOf } from "../chain/pod-health";
import { broken, type Judgement, none, ok, together, unknown, unseen } from "../judgement";
import { couldNotLook, valueOr } from "../read/answer";
import { looksLikeMetrics } from "../read/probe";
import type { OriginFacts, ProbeFacts, Snapshot, SourceFacts } from "../snapshot";
import { atZero, count, eachSource, ownAtZero, scrapedWell } from "./common";

/** What gives the metric runs and answers, and its answer has the metric. */
export function judgeEndpoint(snapshot: Snapshot): Judgement {
    const origins = snapshot.signals.flatMap(({ name, origin }) =>
        origin ? [[name, judgeOrigin(origin, snapshot)] as const] : [],
    );
    const sources = eachSource(snapshot, (source) => judgeSource(source, snapshot));
    const parts: (readonly [string, Judgement])[] = [...origins, ["series", sources]];
    return origins.length > 0 ? together(parts.filter(([, { verdict }]) => verdict !== "none")) : sources;
}

function judgeSource(source: SourceFacts, snapshot: Snapshot): Judgement {
    const { pods, probes, selector, namespace = "", workload } = source;
    if (source.own && atZero(snapshot)) return none(ownAtZero);
    if (couldNotLook(pods))
        return scrapedWell(source)
            ? ok("seen through Prometheus alone")
            : unknown(`pods of ${namespace}`, pods.failure);
    const all = valueOr(pods, []);
    const metric = selector.metric ?? selector.text;
    if (all.length === 0) {
        if (ofNodes(source)) return ok("nodes give it, which Prometheus asks itself");
        if (scrapedWell(source)) return ok("what gives it is no pod of the cluster; Prometheus scrapes it");
        if (workload) {
            const replicas = workload.spec?.replicas;
            const scaled = replicas === 0 ? `has 0 replicas` : "has no pods";
            return broken(
                `${metric} comes from ${namespace}/${workload.metadata.name}, which ${scaled}`,
                replicas === 0
                    ? `\`kubectl -n ${namespace} scale deployment/${workload.metadata.name} --replicas=1\``
                    : `\`kubectl -n ${namespace} describe deployment ${workload.metadata.name}\` says why.`,
                `${workload.metadata.name} ${scaled}`,
            );
        }
        if (probes.some(({ answer }) => couldNotLook(answer) && answer.failure.kind === "forbidden"))
            return forbidden(probes);
        if (!source.remembered && probes.length > 0) {
            return broken(
                `no pod of namespace ${namespace} gives ${metric}`,
                "Deploy what exports it, or correct the name in the query.",
                `asked ${[...new Set(probes.map(({ pod }) => pod))].join(", ")}`,
            );
        }
        return broken(
            `what gave ${metric} is gone: no pod of namespace ${namespace} gives it now`,
            `Bring its workload back: \`kubectl -n ${namespace} get deployments,pods\`.`,
            `looked for pods in ${namespace}: none`,
        );
    }
    const events = valueOr(snapshot.around.events, []);
    const troubles = all.flatMap((pod) => troubleOf(pod, snapshot.now, events) ?? []);
    const running = `${count(all.length, "pod")}, ${all.filter(isReady).length} Ready`;
    if (troubles[0] && !all.some(isReady)) {
        const { pod, text, fix } = troubles[0];
        return broken(`${metric} has no source: pod ${namespace}/${pod} ${text}`, fix, [
            running,
            `${pod} ${text}`,
        ]);
    }
    return judgeProbes(source, metric, running, snapshot.now);
}

function judgeProbes(source: SourceFacts, metric: string, running: string, now: number): Judgement {
    const { probes } = source;
    const good = probes.find(({ has }) => has);
    if (good) {
        const askedElsewhere =
            probes.some(({ asked }) => asked) && !probes.some(({ asked, has }) => asked && has);
        if (askedElsewhere && podsMoved(source)) return moved(source, good, metric, running);
        return ok(`${running}; ${where(good)} answers with ${metric}`);
    }
    const asked = probes.filter((probe) => probe.asked);
    const [first] = asked.length > 0 ? asked : probes;
    if (!first) {
        return scrapedWell(source)
            ? ok(`${running}; seen through Prometheus alone`)
            : unseen(
                  "no port is known at which its pods give metrics",
                  "Name the port in the pods and in the monitor.",
                  running,
              );
    }
    if (probes.some(({ answer }) => !answer.ok && answer.failure.kind === "forbidden")) {
        return scrapedWell(source)
            ? ok(`${running}; seen through Prometheus, as pods/proxy is not granted`)
            : forbidden(probes);
    }
    const answered = probes.find(({ answer }) => answer.ok);
    if (!answered) return judgeSilence(source, first, running, now);
    if (answered.answer.ok && !looksLikeMetrics(answered.answer.value)) {
        return broken(
            `${where(answered)} does not answer in Prometheus' format`,
            "Point the monitor at the port and path that serve metrics.",
            [running, `${where(answered)}: ${answered.answer.value.slice(0, 60).replaceAll("\n", " ")}`],
        );
    }
    const inPrometheus = valueOr(source.present, []).length > 0;
    if (inPrometheus) return ok(`${running}; ${where(answered)} answers, and Prometheus has ${metric}`);
    if (!source.remembered) {
        return ok(
            `${running}; ${where(answered)} answers, without ${metric}, which Prometheus has not seen in the last hour`,
        );
    }
    return broken(
        `${where(answered)} answers, but no longer gives ${metric}`,
        "See in the exporter's own log and settings why it cannot measure it.",
        [
            running,
            `${where(answered)}: ${answered.answer.ok ? answered.answer.value.split("\n").length : 0} lines, none of ${metric}`,
        ],
    );
}

function judgeSilence(source: SourceFacts, first: ProbeFacts, running: string, now: number): Judgement {
    const failure = first.answer.ok ? undefined : first.answer.failure;
    const said = failure ? shorten(failure.message) : "";
    const scraped = source.targets.find(
        ({ health, labels }) => health === "up" && (labels.pod === undefined || labels.pod === first.pod),
    );
    const refused = /connection refused/.test(said);
    const fresh = !refused && scraped && now - Date.parse(scraped.lastScrape) < 20_000;
    // The way of the API server to a pod may be closed where that of Prometheus is open.
    if (fresh)
        return ok(
            `${running}; ${where(first)} did not answer the doctor (${said}), but does answer Prometheus`,
        );
    return broken(
        `${where(first)} does not answer: ${said}`,
        "See whether the exporter listens there, and whether it hangs: restart its pod.",
        [running, `${where(first)}: ${said}`],
    );
}

/** The pods were changed after the monitor: they have left the place where they were asked. */
function podsMoved({ pods, monitors, services }: SourceFacts): boolean {
    const [pod] = valueOr(pods, []);
    const others = [...monitors.map(({ object }) => object), ...valueOr(services, [])];
    return (
        pod !== undefined &&
        others.every(
            (other) =>
                other === undefined ||
                changedLater({ metadata: { ...pod.metadata, managedFields: [] } }, other),
        )
    );
}

function moved(source: SourceFacts, good: ProbeFacts, metric: string, running: string): Judgement {
    const asked = source.probes.find((probe) => probe.asked) as ProbeFacts;
    return broken(
        `the pods give ${metric} at :${good.port}${good.path}, and are asked for it at :${asked.port}${asked.path}`,
        "Serve the metrics where the monitor asks, or change the monitor's port and path.",
        [
            running,
            `${where(good)} answers with ${metric}`,
            `${where(asked)}: ${asked.answer.ok ? "no such metric" : shorten(asked.answer.failure.message)}`,
        ],
    );
}

function judgeOrigin(
    { address, service, object, pods, workloads }: OriginFacts,
    snapshot: Snapshot,
): Judgement {
    if (!object.ok || couldNotLook(pods)) return none(`${address} is looked at below`);
    const all = valueOr(pods, []);
    if (Object.keys(object.value.spec.selector ?? {}).length === 0)
        return ok(`${address} is served from outside the cluster`);
    const name = `${service.namespace}/${service.name}`;
    const events = valueOr(snapshot.around.events, []);
    const troubles = all.flatMap((pod) => troubleOf(pod, snapshot.now, events) ?? []);
    const evidence = `${address}: ${count(all.length, "pod")} behind Service ${name}, ${all.filter(isReady).length} Ready`;
    if (all.some(isReady)) return ok(evidence);
    const [workload] = workloads;
    if (all.length === 0 && workload) {
        const { replicas } = workload.spec ?? {};
        const fix = `\`kubectl -n ${service.namespace} scale deployment/${workload.metadata.name} --replicas=1\``;
        const has = replicas === 0 ? "has 0 replicas" : "has no pods";
        return broken(
            `the source ${address} does not run: ${service.namespace}/${workload.metadata.name} ${has}`,
            fix,
            evidence,
        );
    }
    if (all.length === 0) return none(`${address}: no pod, and the Service is looked at below`);
    const [first] = troubles;
    if (!first) return ok(evidence, ["its pods are starting"]);
    return broken(`the source ${address} does not run: pod ${first.pod} ${first.text}`, first.fix, evidence);
}

/** Whether a source is the kubelets, or something else that is not a pod. */
export function ofNodes({ slices, services }: SourceFacts): boolean {
    const selectorless = valueOr(services, []).some(
        ({ spec }) => Object.keys(spec.selector ?? {}).length === 0,
    );
    const nodes = slices.some(({ endpoints }) =>
        (endpoints ?? []).some(({ targetRef }) => targetRef?.kind === "Node"),
    );
    return selectorless && nodes;
}

function forbidden(probes: readonly ProbeFacts[]): Judgement {
    const refused = probes.find(({ answer }) => !answer.ok && answer.failure.kind === "forbidden");
    if (!refused || refused.answer.ok) return none("not asked");
    return unknown(`metrics of pod ${refused.pod}`, refused.answer.failure);
}

function where({ pod, scheme, port, path }: ProbeFacts): string {
    return `${scheme === "https" ? "https://" : ""}${pod}:${port}${path}`;
}

/** The last part of what a proxy says, which is what the pod's side said. */
export function shorten(message: string): string {
    return (
        message
            .replace(/^error trying to reach service: /, "")
            .split("\n")[0]
            ?.slice(0, 160) ?? message
    );
}
