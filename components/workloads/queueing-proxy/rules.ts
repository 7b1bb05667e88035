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
    /** Seconds beyond which the mean time of a request at a server is long. */
    readonly slowSeconds: number;
}

/**
 * Alerts on one queueing proxy and the servers behind it. Times are means by Little's law: those that are there, over
 * those that come in each second; so they need no clock on each request, and take in the requests that never end.
 */
export function proxyRules(args: ProxyRulesArgs): RuleGroup {
    const { namespace, backend, job, maxQueue, queueSeconds, slowSeconds } = args;
    const of = `{namespace="${namespace}",proxy="${backend}"}`;
    const by = (expr: string) => `sum by (namespace, proxy) (${expr})`;
    const requests = by(`rate(haproxy_backend_http_requests_total${of}[5m])`);
    const queue = `haproxy_backend_current_queue${of}`;
    const waiting = by(`avg_over_time(${queue}[5m])`);
    const there = by(`avg_over_time(haproxy_backend_current_sessions${of}[5m])`);
    const answers = (code = "") =>
        by(
            `rate(haproxy_frontend_http_responses_total{namespace="${namespace}",proxy="${backend}"${code}}[5m])`,
        );
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
                for: "2m",
                severity: "critical",
                summary: "Requests wait and there is no server",
                description: `None of the servers of ${who} is Ready. Requests wait for ${queueSeconds} s, and are then refused.`,
            }),
            alertOf("serving", "ProxyQueueLong", {
                expr: `${waiting} > ${maxQueue / 2} or ${waiting} / ${requests} > ${queueSeconds / 2}`,
                for: "2m",
                severity: "warning",
                summary: "Requests wait for long",
                description:
                    `The queue of ${who} is half full (of ${maxQueue}), or a request waits for half of the ${queueSeconds} s after ` +
                    "which it is refused: its servers are too few, or too slow.",
            }),
            alertOf("serving", "ProxyRefuses", {
                expr: `${answers(',code="5xx"')} / ${answers()} > 0.01`,
                for: "2m",
                severity: "critical",
                summary: "Requests are refused or fail",
                description: `{{ $value | humanizePercentage }} of the answers of ${who} are of class 5xx.`,
            }),
            alertOf("serving", "ProxySlow", {
                expr: `(${there} - ${waiting}) / ${requests} > ${slowSeconds}`,
                for: "5m",
                severity: "warning",
                summary: "Servers are slow",
                description: `A request of ${who} is at a server for {{ $value | humanizeDuration }} in the mean.`,
            }),
        ],
    };
}
