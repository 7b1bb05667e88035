import { conditionOf, isReady, troubleOf } from "../chain/pod-health";
import { broken, type Judgement, ok, together, unknown } from "../judgement";
import { couldNotLook, isMissing, valueOr } from "../read/answer";
import { isKedaOperator } from "../read/metrics-api";
import type { Workload } from "../read/objects";
import type { MetricsApiFacts, Snapshot } from "../snapshot";
import { count } from "./common";

const servers: Readonly<Record<MetricsApiFacts["group"], string>> = {
    "metrics.k8s.io": "metrics-server",
    "custom.metrics.k8s.io": "prometheus-adapter",
    "external.metrics.k8s.io": "KEDA",
};

/** The metrics APIs that the HPA asks are registered, available, and their servers run. */
export function judgeMetricsApi(snapshot: Snapshot): Judgement {
    return together(snapshot.apis.map((api) => [api.group, judgeApi(api, snapshot)] as const));
}

function judgeApi(api: MetricsApiFacts, snapshot: Snapshot): Judgement {
    const { group, apiServices, service, pods, slices } = api;
    if (couldNotLook(apiServices)) return unknown("APIServices", apiServices.failure);
    const [registered] = valueOr(apiServices, []);
    if (!registered) {
        return broken(
            `no APIService serves ${group}, so the HPA can ask nobody`,
            `Install ${servers[group]}, or register its APIService again.`,
            `apiservices of group ${group}: none`,
        );
    }
    const name = registered.metadata.name;
    const reference = registered.spec.service;
    if (!reference) return ok(`${name} is served by the API server itself`);
    const where = `${reference.namespace}/${reference.name}`;
    const available = conditionOf(registered.status?.conditions, "Available");
    const evidence = [
        `APIService ${name}: ${available?.status === "True" ? "available" : (available?.message ?? "no condition")}`,
    ];
    if (service && isMissing(service)) {
        return broken(
            `APIService ${name} points at Service ${where}, which is not there`,
            `Create Service ${where} again, or correct the APIService.`,
            evidence,
        );
    }
    const stopped = stoppedWorkload(api);
    const troubles = valueOr(pods, []).flatMap((pod) => troubleOf(pod, snapshot.now) ?? []);
    const server = valueOr(pods, []);
    if (pods.ok && server.length === 0 && slices.every(({ endpoints }) => (endpoints ?? []).length === 0)) {
        const scaled = stopped
            ? `: Deployment ${reference.namespace}/${stopped.metadata.name} has ${stopped.spec?.replicas ?? 0} replicas`
            : "";
        const fix = stopped
            ? `\`kubectl -n ${reference.namespace} scale deployment/${stopped.metadata.name} --replicas=1\``
            : `Start ${servers[group]}, or make the selector of Service ${where} fit its pods.`;
        return broken(`nothing serves ${group}: no pod is behind Service ${where}${scaled}`, fix, evidence);
    }
    if (troubles[0] && !server.some(isReady)) {
        return broken(
            `the server of ${group} does not run: pod ${reference.namespace}/${troubles[0].pod} ${troubles[0].text}`,
            troubles[0].fix,
            evidence,
        );
    }
    const operator = judgeOperator(api, snapshot, reference.namespace);
    if (operator?.verdict === "broken") return operator;
    if (available?.status !== "True") {
        return broken(
            `APIService ${name} is not available: ${available?.message ?? "no condition yet"}`,
            `See \`kubectl -n ${reference.namespace} logs -l app.kubernetes.io/name=${reference.name}\`, its certificate, and whether the API server reaches Service ${where}.`,
            evidence,
        );
    }
    const { asks } = api;
    if (asks?.object && isMissing(asks.object)) {
        return broken(
            `the server of ${group} asks Prometheus at ${asks.address}, where there is no Service`,
            "Correct its --prometheus-url.",
            [...evidence, `--prometheus-url=${asks.address}`],
        );
    }
    const cut = group === "external.metrics.k8s.io" ? cutOff(snapshot) : undefined;
    if (cut !== undefined) {
        return broken(
            `KEDA's metrics server does not reach KEDA's operator, which has the values: ${cut}`,
            `See Service ${reference.namespace}/keda-operator, its port for gRPC, and the certificates of both.`,
            evidence,
        );
    }
    return ok([
        ...evidence,
        `Service ${where}: ${count(server.filter(isReady).length, "Ready pod")}`,
        ...(operator?.evidence ?? []),
    ]);
}

/** KEDA's operator has the values; the server of the API only passes questions on to it. */
function judgeOperator(
    { operatorPods, workloads }: MetricsApiFacts,
    { now, subject, signals }: Snapshot,
    namespace: string,
): Judgement | undefined {
    if (!subject.scaledObject) return undefined;
    const deployment = valueOr(workloads, []).find(isKedaOperator);
    if (workloads.ok && !deployment) {
        const theirs = workloads.value.some(({ metadata }) => /keda/.test(metadata.name));
        return theirs
            ? broken(
                  `KEDA's operator is not there, which has the values and moves replicas from and to zero`,
                  "Install KEDA again.",
                  `Deployments of ${namespace}: no keda-operator`,
              )
            : broken(
                  `external.metrics.k8s.io belongs to a server in ${namespace} that is not KEDA`,
                  "Only one server can have this API: let KEDA register its APIService, and serve the other's metrics otherwise.",
                  `Deployments of ${namespace}: ${workloads.value.map(({ metadata }) => metadata.name).join(", ") || "none"}`,
              );
    }
    if (!operatorPods?.ok || !deployment) return undefined;
    const running = operatorPods.value.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const evidence = `keda-operator: ${count(running.length, "pod")}, ${running.filter(isReady).length} Ready`;
    const troubles = running.flatMap((pod) => troubleOf(pod, now) ?? []);
    if (running.length === 0) {
        return broken(
            `KEDA's operator has no pod, so nobody answers for the metric or wakes the target from zero`,
            `\`kubectl -n ${namespace} scale deployment/${deployment.metadata.name} --replicas=1\``,
            evidence,
        );
    }
    if (troubles[0] && !running.some(isReady)) {
        return broken(
            `KEDA's operator does not run: pod ${troubles[0].pod} ${troubles[0].text}`,
            troubles[0].fix,
            evidence,
        );
    }
    const unanswered = signals.some(
        ({ reading }) => reading?.ok === false && reading.failure.kind !== "missing",
    );
    if (!running.some(isReady) && unanswered) {
        const [pod] = running;
        return broken(
            `KEDA's operator is not Ready, and does not answer for the metric: pod ${pod?.metadata.name}`,
            `\`kubectl -n ${namespace} logs deployment/${deployment.metadata.name}\``,
            evidence,
        );
    }
    return ok(evidence);
}

/** What KEDA's metrics server says when it cannot ask the operator. */
function cutOff({ signals, subject }: Snapshot): string | undefined {
    if (!subject.scaledObject) return undefined;
    const said = signals.map(({ reading }) => (reading && !reading.ok ? reading.failure.message : ""));
    return said.find((message) => /code = (Unavailable|DeadlineExceeded)|gRPC connection/i.test(message));
}

/** The Deployment that the Service led to, where it is scaled to nothing. */
function stoppedWorkload({ service, workloads }: MetricsApiFacts): Workload | undefined {
    if (!service?.ok) return undefined;
    const wanted = Object.entries(service.value.spec.selector ?? {});
    return valueOr(workloads, []).find(
        ({ spec }) =>
            wanted.length > 0 &&
            wanted.every(([key, value]) => spec?.template?.metadata?.labels?.[key] === value),
    );
}
