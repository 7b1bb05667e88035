import { alertOf } from "../../monitoring/alert";
import type { RuleGroup } from "../../monitoring/monitors";

export interface ProxyRulesArgs {
    readonly namespace: string;
    /** Name of the servers: `proxy` of the series. */
    readonly backend: string;
    /** Name of the proxy's pods: `job` of the series. */
    readonly job: string;
    /** Requests that wait at most. */
    readonly maxQueue: number;
    /** Seconds for which a request waits at most. */
    readonly queueSeconds: number;
    /** Seconds for which requests may wait while there is no server. @default 120, and at most half of `queueSeconds` */
    readonly withoutServersSeconds: number | undefined;
    /** Seconds beyond which a request is at a server for long. */
    readonly slowSeconds: number;
}

/**
 * Alerts on one queueing proxy and the servers behind it.
 *
 * Times are told by counting. Where more requests wait than have come within the last minutes, some have waited for
 * longer; where more are there than have come since or waited then, some have been at a server for longer. That is so
 * from the first request on and at any load, needs no clock on each request, and takes in those that never end. What has
 * come is the frontend's counter: that of the backend counts what is done.
 */
export function proxyRules(args: ProxyRulesArgs): RuleGroup {
    const { namespace, backend, job, maxQueue, queueSeconds, slowSeconds } = args;
    const half = queueSeconds / 2;
    const without = args.withoutServersSeconds ?? Math.max(1, Math.min(120, Math.floor(half)));
    const of = `{namespace="${namespace}",proxy="${backend}"}`;
    const by = (expr: string, how = "sum") => `${how} by (namespace, proxy) (${expr})`;
    const requests = `haproxy_frontend_http_requests_total${of}`;
    const queue = `haproxy_backend_current_queue${of}`;
    const sessions = `haproxy_backend_current_sessions${of}`;
    // Of each proxy: one that is younger than that time has no value to compare with, and has kept nobody for as long.
    const come = (seconds: number) => `(${requests} - ${requests} offset ${seconds}s)`;
    // The older of the two values may be one of five minutes before.
    const since = (seconds: number) => `resets(${requests}[${seconds + 300}s]) == 0`;
    const long = Math.ceil(half);
    const late = `${queue} > ${come(long)} and ${since(long)}`;
    // More than one: a single answer that takes long is no reason to wake anybody up.
    const old = `${sessions} - ${come(slowSeconds)} - ${queue} offset ${slowSeconds}s > 1 and ${since(slowSeconds)}`;
    const answers = (code = "") =>
        by(
            `increase(haproxy_frontend_http_responses_total{namespace="${namespace}",proxy="${backend}"${code}}[5m])`,
        );
    const failures = answers(',code="5xx"');
    const who = `${namespace}/${backend}`;
    return {
        rules: [
            alertOf("serving", "ProxyDown", {
                expr: `absent(up{namespace="${namespace}",job="${job}"} == 1)`,
                for: "1m",
                severity: "critical",
                // Nothing is left of the labels of what is absent.
                labels: { namespace, proxy: backend },
                summary: "A proxy is down",
                description: `The proxy of ${who} is not there, or does not answer Prometheus. Without it no request arrives.`,
            }),
            alertOf("serving", "ProxyWithoutServers", {
                // At zero servers nobody is missing as long as nobody waits.
                expr: `max by (namespace, proxy) (haproxy_backend_active_servers${of}) == 0 and ${by(queue)} > 0`,
                for: `${without}s`,
                severity: "critical",
                summary: "Requests wait and there is no server",
                description:
                    `None of the servers of ${who} has been Ready for ${without} s in which requests waited. ` +
                    `They wait for ${queueSeconds} s, and are then refused.`,
            }),
            alertOf("serving", "ProxyQueueLong", {
                expr: `${by(`avg_over_time(${queue}[5m])`)} > ${maxQueue / 2} or ${by(late, "max")}`,
                for: "2m",
                severity: "warning",
                summary: "Requests wait for long",
                description:
                    `The queue of ${who} is half full (of ${maxQueue}), or a request waits for half of the ${queueSeconds} s after ` +
                    "which it is refused: its servers are too few, or too slow.",
            }),
            alertOf("serving", "ProxyRefuses", {
                // Three of them: of few requests a single one is a large share, and no reason to wake anybody up.
                expr: `${failures} / ${answers()} > 0.01 and ${failures} >= 3`,
                for: "2m",
                severity: "critical",
                summary: "Requests are refused or fail",
                description: `{{ $value | humanizePercentage }} of the answers of ${who} are of class 5xx.`,
            }),
            alertOf("serving", "ProxySlow", {
                expr: by(old, "max"),
                for: "5m",
                severity: "warning",
                summary: "Servers are slow",
                description: `At least {{ $value }} requests of ${who} have been at a server for more than ${slowSeconds} s.`,
            }),
        ],
    };
}
