import { changedLater } from "../../chain/changed";
import { portOn } from "../../chain/place";
import { labelText, selectorText } from "../../chain/selectors";
import { valueOr } from "../../read/answer";
import type { Named } from "../../read/objects";
import type { MonitorFacts, SourceFacts } from "../../snapshot-source";

/** Something between a monitor and what it is to scrape that does not fit, and which side was changed last. */
interface Misfit {
    readonly blames: "monitor" | "service";
    readonly why: string;
    readonly fix: string;
    readonly evidence: string;
}

/** What does not fit between a source's monitors and their Services or pods; nothing where one of the monitors fits. */
export function misfits(source: SourceFacts): Misfit[] {
    const there = source.monitors.filter(({ object }) => object !== undefined);
    const all = there.map((monitor) => misfitsOf(source, monitor));
    return all.some((list) => list.length === 0) ? [] : all.flat();
}

export function misfitsOf(source: SourceFacts, monitor: MonitorFacts): Misfit[] {
    const { kind, object, name, namespace: own, looks, selects } = monitor;
    const what = `${kind} ${own}/${name}`;
    const { namespace = "" } = source;
    if (!object) return [];
    const others: readonly Named[] =
        kind === "ServiceMonitor" ? valueOr(source.services, []) : valueOr(source.pods, []);
    const [other] = others;
    const edit = `\`kubectl -n ${own} edit ${kind.toLowerCase()} ${name}\``;
    const theirs =
        kind === "ServiceMonitor"
            ? `Service ${namespace}/${other?.metadata.name}`
            : `pod ${namespace}/${other?.metadata.name}`;
    const misfit = (
        why: string,
        fix: string,
        evidence: string,
        blames: Misfit["blames"] = "monitor",
    ): Misfit[] => [{ blames, why, fix, evidence }];
    if (!looks)
        return misfit(
            `${what} does not look into namespace ${namespace}`,
            `${edit}: name ${namespace} in namespaceSelector.matchNames.`,
            `namespaceSelector: ${JSON.stringify(object.spec.namespaceSelector ?? "its own namespace")}`,
        );
    if (!other) return [];
    if (!others.some(({ metadata }) => selects.includes(metadata.name))) {
        const later = kind === "ServiceMonitor" && changedLater(other, object);
        const wants = selectorText(object.spec.selector);
        const has = labelText(other.metadata.labels);
        return later
            ? misfit(
                  `${theirs} has labels ${has}, and no longer those that ${what} selects: ${wants}`,
                  `Give the Service the labels back: ${wants}.`,
                  `${theirs} was changed after ${what}`,
                  "service",
              )
            : misfit(
                  `${what} selects ${wants}, and ${theirs} has ${has}`,
                  `${edit}: make spec.selector fit.`,
                  `${what} selects ${selects.length} of what it should`,
              );
    }
    return portMisfit(source, monitor, what, theirs, edit) ?? pathMisfit(source, what, edit);
}

function portMisfit(
    source: SourceFacts,
    { kind, object }: MonitorFacts,
    what: string,
    theirs: string,
    edit: string,
): Misfit[] | undefined {
    const services = kind === "ServiceMonitor" ? valueOr(source.services, []) : [];
    const endpoints = object?.spec.endpoints ?? object?.spec.podMetricsEndpoints ?? [];
    const pods = valueOr(source.pods, []);
    const known = services.flatMap(({ spec }) => (spec.ports ?? []).map(({ name }) => name));
    const names =
        kind === "ServiceMonitor"
            ? known
            : pods.flatMap(({ spec }) =>
                  spec.containers.flatMap(({ ports }) => (ports ?? []).map(({ name }) => name)),
              );
    const lost = endpoints.filter(({ port }) => port !== undefined && !names.includes(port));
    if (endpoints.length === 0)
        return [
            {
                blames: "monitor",
                why: `${what} has no endpoints to scrape`,
                fix: `${edit}: add one.`,
                evidence: "endpoints: none",
            },
        ];
    if (pods.length === 0 && kind === "PodMonitor") return undefined;
    const unresolved = endpoints.filter(
        (endpoint) =>
            endpoint.targetPort !== undefined && pods[0] && portOn(endpoint, pods[0], services) === undefined,
    );
    const [bad] =
        lost.length === endpoints.length ? lost : unresolved.length === endpoints.length ? unresolved : [];
    if (!bad) return undefined;
    const wanted = bad.port ?? bad.targetPort;
    const [other] = kind === "ServiceMonitor" ? services : pods;
    const blames = changedLater(other, object) ? "service" : "monitor";
    const have = [...new Set(names)].map((name) => name ?? "one without name").join(", ") || "none";
    const fix =
        blames === "monitor" ? `${edit}: set port to one of ${have}.` : `Name the port ${wanted} again.`;
    return [
        {
            blames,
            why: `${what} asks for port ${wanted}, and ${theirs} has ${have}`,
            fix,
            evidence: `ports of ${theirs}: ${have}`,
        },
    ];
}

/** The pods answer, but not where the monitor asks. */
function pathMisfit({ probes }: SourceFacts, what: string, edit: string): Misfit[] {
    const asked = probes.filter((probe) => probe.asked);
    const good = probes.find(({ has }) => has);
    if (!good || asked.length === 0 || asked.some(({ has }) => has)) return [];
    const [first] = asked;
    const place = ({ scheme, port, path }: typeof good) =>
        `${scheme === "https" ? "https://" : ""}:${port}${path}`;
    return [
        {
            blames: "monitor",
            why: `${what} asks the pods at ${place(first as typeof good)}, and they give the metric at ${place(good)}`,
            fix: `${edit}: correct its port and path.`,
            evidence: `${good.pod}${place(good)} has it; ${first?.pod}${place(first as typeof good)} has not`,
        },
    ];
}
