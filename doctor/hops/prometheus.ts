import { isReady, troubleOf } from "../chain/pod-health";
import { broken, type Judgement, none, ok, together, unknown, unseen } from "../judgement";
import { couldNotLook, isMissing, valueOr } from "../read/answer";
import type { Snapshot } from "../snapshot";
import type { PrometheusFacts } from "../snapshot-source";
import { count } from "./common";

/** The Prometheus that the chain needs answers. */
export function judgePrometheus(snapshot: Snapshot): Judgement {
    const servers = new Map<string, PrometheusFacts>();
    for (const { prometheus } of snapshot.signals) {
        if (prometheus) servers.set(prometheus.address ?? "", prometheus);
    }
    if (servers.size === 0) return none("no signal comes through Prometheus");
    return together(
        [...servers].map(
            ([address, facts]) => [address || "Prometheus", judgeServer(facts, snapshot)] as const,
        ),
    );
}

function judgeServer(facts: PrometheusFacts, { now, subject }: Snapshot): Judgement {
    const { address, answers, reached, atAddress, service, serviceObject, object, pods } = facts;
    const where = address ?? reached;
    if (couldNotLook(answers) && answers.failure.kind === "forbidden")
        return unknown(`Prometheus at ${where}`, answers.failure);
    const all = valueOr(pods, []);
    const name = object
        ? `Prometheus ${object.metadata.namespace}/${object.metadata.name}`
        : `Prometheus at ${where}`;
    if (answers.ok && (atAddress === undefined || atAddress.ok))
        return ok(`${where} answers`, reloadNotes(facts));
    if (answers.ok && service && serviceObject && isMissing(serviceObject)) {
        const asGiven = subject.chain?.prometheusUrl === address;
        if (!asGiven && addressIsTriggers(facts, subject))
            return ok(`${name} answers, though not at ${address}: the trigger is looked at below`);
        return broken(
            `the autoscaler asks Prometheus at ${address}, and Service ${service.namespace}/${service.name} is not there`,
            "Create the Service again, or give the autoscaler the address of one that is there.",
            `${reached} answers; Service ${service.namespace}/${service.name} does not exist`,
        );
    }
    if (answers.ok && !service && address)
        return ok(`${reached} answers`, [`${address} cannot be reached from here`]);
    if (answers.ok && service && atAddress && !atAddress.ok) {
        const ports = serviceObject?.ok ? (serviceObject.value.spec.ports ?? []).map(({ port }) => port) : [];
        if (addressIsTriggers(facts, subject) && !ports.includes(service.port))
            return ok(`${name} answers, though not at ${address}: the trigger is looked at below`);
        return broken(
            `${name} runs, but does not answer at ${address}: ${atAddress.failure.message}`,
            `Make Service ${service.namespace}/${service.name} lead to its pods, at port ${service.port}.`,
            `${reached} answers; ${address} does not`,
        );
    }
    if (object?.spec.replicas === 0) {
        return broken(
            `${name} has 0 replicas`,
            `\`kubectl -n ${object.metadata.namespace} patch prometheus ${object.metadata.name} --type merge -p '{"spec":{"replicas":1}}'\``,
            "spec.replicas is 0",
        );
    }
    const troubles = all.flatMap((pod) => troubleOf(pod, now) ?? []);
    const evidence = [
        `${where}: ${answers.ok ? "answers" : answers.failure.message}`,
        `${count(all.length, "pod")}, ${all.filter(isReady).length} Ready`,
    ];
    if (troubles[0])
        return broken(
            `${name} does not run: pod ${troubles[0].pod} ${troubles[0].text}`,
            troubles[0].fix,
            evidence,
        );
    if (all.length === 0 && address !== undefined && !service) {
        return unseen(
            `${address} is outside the cluster, and does not answer here`,
            "Say where it answers from here with --prometheus-url.",
            evidence,
        );
    }
    if (all.length === 0 && !object && !serviceObject?.ok && address === undefined) {
        return unseen(
            "no Prometheus was found in the cluster",
            "Say where it answers with --prometheus-url.",
            evidence,
        );
    }
    if (all.length === 0) {
        return broken(
            `${name} has no pods`,
            object
                ? `\`kubectl -n ${object.metadata.namespace} describe prometheus ${object.metadata.name}\`; see whether the prometheus-operator runs.`
                : "Start it.",
            evidence,
        );
    }
    const said = answers.ok ? "" : answers.failure.message;
    return broken(
        `${name} does not answer: ${said}`,
        `\`kubectl -n ${all[0]?.metadata.namespace} logs ${all[0]?.metadata.name} -c prometheus\``,
        evidence,
    );
}

/** Whether the address stands in a trigger, or an adapter's arguments, that a working chain's description contradicts, or nothing confirms. */
function addressIsTriggers({ address }: PrometheusFacts, { chain }: Snapshot["subject"]): boolean {
    return address !== chain?.prometheusUrl;
}

function reloadNotes({ runtime }: PrometheusFacts): string[] {
    return runtime.ok && runtime.value.reloadConfigSuccess === false
        ? ["it refused its last configuration and goes on with the one before"]
        : [];
}
