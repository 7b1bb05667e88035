import { changedLater } from "../../chain/changed";
import { broken, type Judgement, none, ok, unknown, unseen } from "../../judgement";
import { valueOr } from "../../read/answer";
import { looksLikeMetrics } from "../../read/probe";
import type { ProbeFacts, SourceFacts } from "../../snapshot-source";
import { scrapedWell } from "../common";

export function judgeProbes(source: SourceFacts, metric: string, running: string, now: number): Judgement {
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

export function forbidden(probes: readonly ProbeFacts[]): Judgement {
    const refused = probes.find(({ answer }) => !answer.ok && answer.failure.kind === "forbidden");
    if (!refused || refused.answer.ok) return none("not asked");
    return unknown(`metrics of pod ${refused.pod}`, refused.answer.failure);
}

export function where({ pod, scheme, port, path }: ProbeFacts): string {
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
