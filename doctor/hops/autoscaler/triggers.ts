import { isOf, when } from "../../chain/pod-health";
import { broken, type Judgement } from "../../judgement";
import { isMissing, valueOr } from "../../read/answer";
import type { SignalFacts, Snapshot } from "../../snapshot";
import { isBeginning } from "../settling";

/** KEDA's triggers lead to their sources, and KEDA can ask them. */
export function judgeTriggers(snapshot: Snapshot): Judgement | undefined {
    if (!snapshot.subject.scaledObject) return undefined;
    for (const signal of snapshot.signals) {
        const judgement = judgeTrigger(signal, snapshot);
        if (judgement) return judgement;
    }
    return undefined;
}

function judgeTrigger(signal: SignalFacts, snapshot: Snapshot): Judgement | undefined {
    const { trigger, query, origin, reading, prometheus, name } = signal;
    if (!trigger) return undefined;
    const what = `trigger ${name} (${trigger.type})`;
    if (query && !query.parses)
        return broken(`the query of ${what} is no PromQL`, "Correct the query.", query.text);
    const asked =
        origin ??
        (prometheus?.service && prometheus.serviceObject
            ? { address: prometheus.address, service: prometheus.service, object: prometheus.serviceObject }
            : undefined);
    if (asked && isMissing(asked.object)) {
        const { namespace, name: service } = asked.service;
        return broken(
            `${what} asks ${asked.address}, and Service ${namespace}/${service} is not there`,
            `Correct the trigger's address, or create the Service: \`kubectl -n ${namespace} get services\`.`,
            `Service ${namespace}/${service}: not found`,
        );
    }
    if (asked?.object.ok) {
        const ports = (asked.object.value.spec.ports ?? []).map(({ port }) => port);
        if (ports.length > 0 && !ports.includes(asked.service.port)) {
            return broken(
                `${what} asks port ${asked.service.port} of Service ${asked.service.namespace}/${asked.service.name}, which has ${ports.join(", ")}`,
                "Correct the port in the trigger's address.",
                `${asked.address}: ports ${ports.join(", ")}`,
            );
        }
    }
    if (reading && !reading.ok && /^(error|timeout)$/.test(reading.failure.kind)) {
        if (isBeginning(signal, snapshot)) return undefined;
        const said = lastWords(snapshot) ?? reading.failure.message;
        return broken(
            `KEDA cannot read ${what}: ${said}`,
            triggerFix(said, snapshot),
            `${reading.failure.path}: ${reading.failure.message}`,
        );
    }
    return undefined;
}

/** What KEDA last said of a trigger that fails: the API passes on less than the event has. */
function lastWords({ around, subject, now }: Snapshot): string | undefined {
    const { scaledObject } = subject;
    if (!scaledObject) return undefined;
    const [last] = valueOr(around.events, [])
        .filter(
            (event) =>
                event.reason === "KEDAScalerFailed" &&
                isOf(event, scaledObject) &&
                now - when(event) < 600_000,
        )
        .sort((a, b) => when(b) - when(a));
    return last?.message;
}

function triggerFix(said: string, { subject }: Snapshot): string {
    const { namespace, name } = subject;
    if (
        /NOAUTH|WRONGPASS|invalid password|unauthori[sz]ed|authentication|forbidden|\b401\b|\b403\b/i.test(
            said,
        )
    ) {
        return `Correct the credentials that its TriggerAuthentication names: \`kubectl -n ${namespace} get triggerauthentication -o yaml\`.`;
    }
    if (/no such host|connection refused|timeout|unreachable/i.test(said))
        return "Correct the trigger's address, and let KEDA's operator reach it through NetworkPolicies.";
    if (/multiple elements/.test(said)) return "Let the query give one value: wrap it in sum().";
    if (/parse error|bad_data/i.test(said)) return "Correct the query.";
    return `See \`kubectl -n ${namespace} describe scaledobject ${name}\` and the log of KEDA's operator.`;
}
