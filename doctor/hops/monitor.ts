import { labelText, selectorText } from "../chain/selectors";
import { broken, type Judgement, none, ok, unknown } from "../judgement";
import { couldNotLook, isMissing, valueOr } from "../read/answer";
import type { PrometheusObject } from "../read/objects-around";
import type { Snapshot } from "../snapshot";
import type { MonitorFacts, SourceFacts } from "../snapshot-source";
import { atZero, eachSource, ownAtZero, scrapedWell } from "./common";
import { misfits, misfitsOf } from "./monitor/misfits";

/** A monitor selects the Service or the pods, at the right port and path, and the Prometheus object takes the monitor. */
export function judgeMonitor(snapshot: Snapshot): Judgement {
    return eachSource(snapshot, (source, { prometheus }) => {
        if (source.own && atZero(snapshot)) return none(ownAtZero);
        return judgeSource(source, prometheus?.object);
    });
}

function judgeSource(source: SourceFacts, prometheus: PrometheusObject | undefined): Judgement {
    const { monitors, monitorsRead, targets, namespace = "" } = source;
    if (couldNotLook(monitorsRead))
        return targets.length > 0
            ? ok("seen through Prometheus alone")
            : unknown("monitors", monitorsRead.failure);
    const gone = monitors.find(({ object }) => object === undefined);
    const there = monitors.filter(({ object }) => object !== undefined);
    if (there.length === 0 && gone) {
        const name = `${gone.kind} ${gone.namespace}/${gone.name}`;
        return broken(
            `${name} was deleted`,
            `Create ${name} again.`,
            `Prometheus still has its scrape pool, and will drop it`,
        );
    }
    if (there.length === 0) {
        if (scrapedWell(source))
            return ok(`scraped by job ${targets[0]?.scrapePool} of Prometheus' own configuration`);
        if (isMissing(monitorsRead)) return none("the cluster has no ServiceMonitors or PodMonitors");
        const services = valueOr(source.services, []).map(({ metadata }) => metadata.name);
        const what =
            services.length > 0
                ? `Service ${namespace}/${services.join(", ")}`
                : `the pods of ${source.selector.metric ?? source.selector.text}`;
        if (services.length === 0 && valueOr(source.pods, []).length === 0)
            return none("there is nothing to select");
        return broken(
            `no ServiceMonitor or PodMonitor selects ${what}`,
            "Create a ServiceMonitor whose selector takes the Service's labels, and with the labels that Prometheus looks for.",
            `labels of the Service: ${
                valueOr(source.services, [])
                    .map(({ metadata }) => labelText(metadata.labels))
                    .join("; ") || "none"
            }`,
        );
    }
    const refusedBy = there.find(({ selected }) => selected === false);
    const sound = there.filter(
        (monitor) => monitor.selected !== false && misfitsOf(source, monitor).length === 0,
    );
    const [good] = sound;
    if (good) {
        const named = prometheus
            ? `, and Prometheus ${prometheus.metadata.namespace}/${prometheus.metadata.name} takes it`
            : "";
        return ok(
            `${good.kind} ${good.namespace}/${good.name} selects ${good.selects.slice(0, 3).join(", ")}${named}`,
        );
    }
    if (refusedBy && misfitsOf(source, refusedBy).length === 0) return notTaken(refusedBy, prometheus);
    const [first] = misfits(source).filter(({ blames }) => blames === "monitor");
    if (first) return broken(first.why, first.fix, first.evidence);
    return none("it fits the Service as that was before");
}

/** The trap of every chart's default: a Prometheus that takes only monitors with its own release label. */
function notTaken(
    { kind, namespace, name, object }: MonitorFacts,
    prometheus: PrometheusObject | undefined,
): Judgement {
    const { spec, metadata } = prometheus as PrometheusObject;
    const selector = kind === "ServiceMonitor" ? spec.serviceMonitorSelector : spec.podMonitorSelector;
    const namespaces =
        kind === "ServiceMonitor" ? spec.serviceMonitorNamespaceSelector : spec.podMonitorNamespaceSelector;
    const missing = Object.entries(selector?.matchLabels ?? {}).filter(
        ([key, value]) => object?.metadata.labels?.[key] !== value,
    );
    const label = missing.map(([key, value]) => `${key}=${value}`).join(" ");
    const wants = `monitors with ${selectorText(selector)}, in namespaces with ${namespaces ? selectorText(namespaces) : "its own name"}`;
    return broken(
        `Prometheus ${metadata.namespace}/${metadata.name} does not take ${kind} ${namespace}/${name}: it takes ${wants}`,
        label
            ? `\`kubectl -n ${namespace} label ${kind.toLowerCase()} ${name} --overwrite ${label}\``
            : `Widen ${kind === "ServiceMonitor" ? "serviceMonitor" : "podMonitor"}Selector or its namespace selector in the Prometheus object.`,
        `${kind} ${namespace}/${name} has ${labelText(object?.metadata.labels)}`,
    );
}
