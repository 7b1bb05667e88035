import { checkName, type Problem } from "../../../problems";
import { fresh } from "../freshness";
import { selector } from "../promql";
import { placeholders, type Signal } from "../signal";
import { checkCommon, checkNeeded, checkTarget, checkText, defaultScrapeSeconds } from "./checks";
import { checkWindow, type RateArgs, requestRate } from "./rate";
import { silentPods } from "./silent";

export interface HaproxyArgs extends Omit<RateArgs, "window"> {
    /** HAProxy's backend, value of the label `proxy`. */
    readonly backend: string;
    /** `job` of HAProxy's series. @default "<backend>-proxy", as QueueingProxy names it */
    readonly job?: string | undefined;
    /** Namespace of HAProxy. @default the target's */
    readonly namespace?: string | undefined;
}

export interface HaproxyRequestsArgs extends HaproxyArgs, RateArgs {
    /** HAProxy's frontend, value of the label `proxy` of what it counts. @default the backend's name */
    readonly frontend?: string | undefined;
}

/**
 * Requests that wait in HAProxy's queue for a free slot. HAProxy queues only where its servers have a `maxconn`: without,
 * the queue always reads 0. It falls to 0 as soon as there are slots for all, so beside it goes `requestsInFlight`,
 * without which replicas would leave while every slot is busy.
 */
export function waitingRequests(args: HaproxyArgs): Signal {
    return gauge(
        "waiting",
        "requests waiting",
        args,
        (in_) => `sum(${in_("haproxy_backend_current_queue")})`,
    );
}

/** Requests at HAProxy's backend, those that wait and those that are being served. */
export function requestsInFlight(args: HaproxyArgs): Signal {
    return gauge(
        "in-flight",
        "requests in flight",
        args,
        (in_) => `sum(${in_("haproxy_backend_current_sessions")})`,
    );
}

/** Requests each second that come to HAProxy: its frontend counts them when they come, the backend when they are done. */
export function haproxyRequests(args: HaproxyRequestsArgs): Signal {
    return {
        ...proxySignal("requests", "requests", "requests/s", args, (labels) => {
            const proxy = args.frontend ?? args.backend;
            return requestRate(selector("haproxy_frontend_http_requests_total", { ...labels, proxy }), args);
        }),
        problems: [
            ...checkHaproxy(args),
            ...checkWindow(args.window),
            ...checkText("frontend", args.frontend, "the name of a frontend in HAProxy's configuration"),
        ],
    };
}

function gauge(
    name: string,
    unit: string,
    args: HaproxyArgs,
    sum: (series: (metric: string) => string) => string,
): Signal {
    const seconds = args.scrapeSeconds ?? defaultScrapeSeconds;
    return proxySignal("waiting", name, unit, args, (labels) =>
        sum((metric) => fresh(selector(metric, labels), seconds)),
    );
}

function proxySignal(
    kind: Signal["kind"],
    name: string,
    unit: string,
    args: HaproxyArgs,
    expr: (labels: Readonly<Record<string, string>>) => string,
): Signal {
    const haproxy = {
        namespace: args.namespace ?? placeholders.namespace,
        job: args.job ?? `${args.backend}-proxy`,
    };
    const up = selector("up", haproxy);
    return {
        kind,
        name: args.name ?? name,
        unit,
        target: args.perReplica,
        // The proxy stays when the servers behind it are gone, and holds what comes.
        survivesZero: true,
        scrapeSeconds: args.scrapeSeconds ?? defaultScrapeSeconds,
        measured: {
            expr: expr({ ...haproxy, proxy: args.backend }),
            up,
            partial: silentPods(up),
        },
        problems: checkHaproxy(args),
    };
}

function checkHaproxy(args: HaproxyArgs): Problem[] {
    return [
        ...checkCommon(args),
        ...checkTarget("perReplica", args.perReplica),
        ...checkNeeded("backend", args.backend, "the name of a backend in HAProxy's configuration"),
        ...checkText("job", args.job, "the job of HAProxy's series"),
        ...checkName("namespace", args.namespace),
    ];
}
