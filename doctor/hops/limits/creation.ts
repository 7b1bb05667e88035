import { conditionOf, when } from "../../chain/pod-health";
import { valueOr } from "../../read/answer";
import type { Snapshot } from "../../snapshot";
import { livePods, wantedReplicas } from "../common";

/** Events older than this say nothing about now. */
const recentMs = 300_000;

/** What the API server said when it refused to make a pod of the target; undefined where it makes them. */
export function refusedCreation(snapshot: Snapshot): string | undefined {
    const { target, around, now, subject } = snapshot;
    if (!target.object.ok) return undefined;
    const wanted = wantedReplicas(snapshot) ?? 0;
    if (livePods(snapshot).length >= wanted) return undefined;
    const sets = valueOr(target.replicaSets, []);
    const failures = [target.object.value, ...sets]
        .map(({ status }) => conditionOf(status?.conditions, "ReplicaFailure"))
        .filter((condition) => condition?.status === "True");
    if (failures[0]) return failures[0].message ?? failures[0].reason;
    const names = new Set([subject.target.name, ...sets.map(({ metadata }) => metadata.name)]);
    const refused = valueOr(around.events, [])
        .filter((event) => event.reason === "FailedCreate" && names.has(event.involvedObject.name))
        .filter((event) => now - when(event) < recentMs)
        .sort((a, b) => when(b) - when(a));
    return refused[0]?.message;
}

/** What to do about a refusal. */
export function creationFix(message: string, namespace: string): string {
    const quota = /exceeded quota: ([\w.-]+)/.exec(message)?.[1];
    if (quota)
        return `Raise the quota, or lower what the pods request: \`kubectl -n ${namespace} describe resourcequota ${quota}\`.`;
    if (/failed quota|must specify/.test(message))
        return "Give every container the requests and limits that the quota asks for.";
    if (/(maximum|minimum) .* usage per|limit to request ratio/.test(message)) {
        return `Bring requests and limits within the LimitRange: \`kubectl -n ${namespace} describe limitrange\`.`;
    }
    if (/PodSecurity/.test(message))
        return "Set the security context that the namespace's Pod Security level asks for.";
    if (/serviceaccount/.test(message)) return "Create the ServiceAccount that the pods name.";
    return `\`kubectl -n ${namespace} get events --field-selector reason=FailedCreate\` has all refusals.`;
}
