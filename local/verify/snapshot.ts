import { Api, groupPath } from "../runner/api";
import { readKubeConfig } from "../runner/kubeconfig";
import type { Metadata } from "../runner/objects";

/** Every object of a cluster: its uid by `group/Kind/namespace/name`. */
export type Snapshot = ReadonlyMap<string, string>;

/** What comes and goes by itself, and what the cluster makes in every namespace. */
const passing =
    /^(|events\.k8s\.io)\/Event\/|\/(Lease|EndpointSlice|Endpoints)\/|\/ConfigMap\/.*\/kube-root-ca\.crt$/;
const ofNamespaces = /^\/ServiceAccount\/.*\/default$/;

/** The API server's label for what it registers itself, for each definition. */
const automanaged = "kube-aggregator.kubernetes.io/automanaged";

/** Reads every object that the API server stores, but for what comes and goes by itself. */
export function snapshot(kubeconfig: string): Promise<Snapshot> {
    return read(kubeconfig, ({ uid = "" }) => uid);
}

/** The same with the objects' revisions in place of their uids: another one wherever anything was written. */
export function revisions(kubeconfig: string): Promise<ReadonlyMap<string, string>> {
    return read(kubeconfig, ({ resourceVersion = "" }) => resourceVersion);
}

async function read(
    kubeconfig: string,
    fact: (metadata: Metadata) => string,
): Promise<ReadonlyMap<string, string>> {
    const api = new Api(await readKubeConfig(kubeconfig));
    try {
        const lists = await Promise.all((await listable(api)).map((resource) => list(api, resource)));
        const facts = lists.flat().map(([identity, metadata]) => [identity, fact(metadata)] as const);
        return new Map(facts.filter(([identity]) => !passing.test(identity) && !ofNamespaces.test(identity)));
    } finally {
        api.close();
    }
}

/** What `after` has and `before` had not, sorted. */
export function added(before: Snapshot, after: Snapshot): string[] {
    return [...after.keys()].filter((identity) => !before.has(identity)).sort();
}

/** What is another object now than it was, by its uid, sorted. */
export function replaced(before: Snapshot, after: Snapshot): string[] {
    return [...before]
        .filter(([identity, uid]) => (after.get(identity) ?? uid) !== uid)
        .map(([i]) => i)
        .sort();
}

/** Requests that the API server has answered since it started, by its own count. */
export async function requestCount(kubeconfig: string): Promise<number> {
    const api = new Api(await readKubeConfig(kubeconfig));
    try {
        const text = await api.send<string>("GET", "/metrics", { accept: "text/plain" });
        const counts = text.matchAll(/^apiserver_request_total\{[^}]*\} (\S+)$/gm);
        return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    } finally {
        api.close();
    }
}

interface Listable {
    readonly group: string;
    readonly kind: string;
    readonly path: string;
}

/** What can be listed, each kind in the version that its group prefers. */
async function listable(api: Api): Promise<Listable[]> {
    const all = (await api.groups()).flatMap(({ metadata: { name: group = "" }, versions }) =>
        versions.flatMap(({ version, resources = [] }) =>
            resources
                .filter(({ verbs }) => verbs.includes("list") && verbs.includes("delete"))
                .map(({ resource, responseKind }) => ({
                    group,
                    kind: responseKind?.kind ?? "",
                    path: `${groupPath(group === "" ? version : `${group}/${version}`)}/${resource}`,
                })),
        ),
    );
    const first = new Map(all.reverse().map((one) => [`${one.group}/${one.kind}`, one]));
    return [...first.values()];
}

async function list(api: Api, { group, kind, path }: Listable): Promise<[string, Metadata][]> {
    return (await api.listMetadata(path))
        .filter(({ labels = {} }) => !(automanaged in labels))
        .map((metadata) => [`${group}/${kind}/${metadata.namespace ?? ""}/${metadata.name}`, metadata]);
}
