import { selectorQuery } from "../chain/selectors";
import { rivals } from "../chain/subjects";
import type { Subject, TargetFacts } from "../snapshot";
import { type Answer, failed, found, mapped } from "./answer";
import type { Reads } from "./api";
import type { Pod, Reference, Scale, Selector, Workload } from "./objects";

/** The scaled object, its scale, and its pods. */
export async function readTarget(
    reads: Reads,
    subject: Subject,
    all: readonly Subject[],
): Promise<TargetFacts> {
    const path = await objectPath(reads, subject.namespace, subject.target);
    const [object, scale] = path.ok
        ? await Promise.all([
              reads.json<Workload>(path.value.path),
              path.value.scalable
                  ? reads.json<Scale>(`${path.value.path}/scale`)
                  : failed({ kind: "missing", message: "no scale subresource", path: path.value.path }),
          ])
        : [path, path];
    const selector = scale.ok ? scale.value.status.selector : undefined;
    const query = selector ?? (object.ok ? selectorQuery(object.value.spec?.selector) : undefined);
    const [pods, replicaSets] = await Promise.all([
        query ? readPods(reads, subject.namespace, query) : found([]),
        query && subject.target.kind === "Deployment"
            ? reads.list<Workload>(
                  `/apis/apps/v1/namespaces/${subject.namespace}/replicasets?labelSelector=${encodeURIComponent(query)}`,
              )
            : found([]),
    ]);
    return { object, scale, rivals: rivals(subject, all), pods, replicaSets };
}

/** Pods of a namespace that a selector takes. */
export function readPods(reads: Reads, namespace: string, selector: string): Promise<Answer<Pod[]>> {
    return reads.list<Pod>(
        `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`,
    );
}

/** Pods behind a map of labels, as Services select them, without those that are about to go. */
export async function readServicePods(
    reads: Reads,
    namespace: string,
    labels: Selector["matchLabels"],
): Promise<Answer<Pod[]>> {
    if (Object.keys(labels ?? {}).length === 0) return found([]);
    const pods = await readPods(reads, namespace, selectorQuery({ ...(labels && { matchLabels: labels }) }));
    return mapped(pods, (all) => all.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
}

/** Where an object is served, and whether its kind has a scale: it has to be looked up, and may be nobody's. */
async function objectPath(
    reads: Reads,
    namespace: string,
    target: Reference,
): Promise<Answer<{ path: string; scalable: boolean }>> {
    const { apiVersion = "apps/v1", kind = "Deployment", name } = target;
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const usual: Record<string, string> = {
        Deployment: "deployments",
        StatefulSet: "statefulsets",
        ReplicaSet: "replicasets",
    };
    const known = apiVersion === "apps/v1" ? usual[kind] : undefined;
    if (known) return found({ path: `${group}/namespaces/${namespace}/${known}/${name}`, scalable: true });
    const served = await reads.json<{ resources?: { name: string; kind: string }[] }>(group);
    if (!served.ok) return served;
    const plural = served.value.resources?.find(
        (resource) => resource.kind === kind && !resource.name.includes("/"),
    );
    if (plural) {
        const scalable =
            served.value.resources?.some((resource) => resource.name === `${plural.name}/scale`) ?? false;
        return found({ path: `${group}/namespaces/${namespace}/${plural.name}/${name}`, scalable });
    }
    return failed({ kind: "missing", message: `${apiVersion} has no kind ${kind}`, path: group });
}
