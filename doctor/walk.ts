import { type Hop, hops } from "../components/autoscaling/autoscaler/chain";
import { kindOf } from "./chain/subjects";
import { judgeAutoscaler } from "./hops/autoscaler";
import { judgeEndpoint } from "./hops/endpoint";
import { judgeLimits } from "./hops/limits";
import { judgeMetric } from "./hops/metric";
import { judgeMetricsApi } from "./hops/metrics-api";
import { judgeMonitor } from "./hops/monitor";
import { judgePods } from "./hops/pods";
import { judgePrometheus } from "./hops/prometheus";
import { judgeRule } from "./hops/rule";
import { judgeScrape } from "./hops/scrape";
import { judgeSeries } from "./hops/series";
import { judgeService } from "./hops/service";
import { judgeTarget } from "./hops/target";
import type { Judgement } from "./judgement";
import type { Snapshot, Subject } from "./snapshot";

/** A hop with what was found at it. */
export interface HopResult extends Judgement {
    readonly hop: Hop;
}

/** `healthy`: every hop that could be looked at is in order, and none could not; else the worse of the others. */
export type Health = "healthy" | "broken" | "unknown";

/** The chain of one autoscaler, hop by hop. */
export interface Diagnosis {
    readonly namespace: string;
    readonly name: string;
    readonly kind: "ScaledObject" | "HPA";
    readonly target: string;
    readonly signals: readonly string[];
    readonly health: Health;
    /** The first hop that is broken, in the order in which demand travels. */
    readonly broken?: HopResult;
    readonly hops: readonly HopResult[];
}

const judges: Readonly<Record<Hop, (snapshot: Snapshot) => Judgement>> = {
    target: judgeTarget,
    pods: judgePods,
    endpoint: judgeEndpoint,
    service: judgeService,
    monitor: judgeMonitor,
    prometheus: judgePrometheus,
    scrape: judgeScrape,
    series: judgeSeries,
    rule: judgeRule,
    "metrics-api": judgeMetricsApi,
    metric: judgeMetric,
    autoscaler: judgeAutoscaler,
    limits: judgeLimits,
};

/** Walks the chain in order. */
export function diagnose(snapshot: Snapshot): Diagnosis {
    const results = hops.map((hop) => ({ hop, ...judges[hop](snapshot) }));
    const broken = results.find(({ verdict }) => verdict === "broken");
    const unknown = results.some(({ verdict }) => verdict === "unknown");
    const { namespace, name } = snapshot.subject;
    return {
        namespace,
        name,
        kind: kindOf(snapshot.subject),
        target: targetText(snapshot.subject),
        signals: snapshot.signals.map((signal) => signal.name),
        health: broken ? "broken" : unknown ? "unknown" : "healthy",
        ...(broken && { broken }),
        hops: results,
    };
}

function targetText({ target }: Subject): string {
    return `${target.kind ?? "Deployment"}/${target.name}`;
}
