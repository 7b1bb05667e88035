import assert from "node:assert/strict";
import { images } from "../../components/images";
import type { LlmServerArgs } from "../../components/workloads/llm-server";
import { llmProxy } from "../../components/workloads/llm-server/proxy";
import { proxyAlerts } from "../../components/workloads/queueing-proxy";
import { type AlertCase, itAlerts } from "./support/alert-cases";
import type { FiringAlert, Samples, Stretch } from "./support/promtool";

/** A queue of 1000 requests at most, each for 240 s at most, before servers that take 60 s or more when they are slow. */
const rules = proxyAlerts({
    namespace: "shop",
    app: "llm",
    slots: 4,
    maxQueue: 1000,
    queueTimeout: "4m",
    slowSeconds: 60,
});

const own = { namespace: "shop", proxy: "llm" };
const fires = (alert: string): FiringAlert => ({ alert, labels: own });

const target = 'namespace="shop",job="llm-proxy",pod="llm-proxy-0",instance="10.0.0.1:9000"';
const of = `${target},proxy="llm"`;
const series = {
    up: `up{${target}}`,
    queue: `haproxy_backend_current_queue{${of}}`,
    sessions: `haproxy_backend_current_sessions{${of}}`,
    servers: `haproxy_backend_active_servers{${of}}`,
    requests: `haproxy_frontend_http_requests_total{${of}}`,
    fine: `haproxy_frontend_http_responses_total{${of},code="2xx"}`,
    refused: `haproxy_frontend_http_responses_total{${of},code="5xx"}`,
} as const;

const minutes = (count: number) => 60 * count;

type Measured = Record<keyof typeof series, Stretch[0]>;

/** Two requests a second that take two seconds each. */
const busy: Measured = {
    up: 1,
    queue: 0,
    sessions: 4,
    servers: 1,
    requests: "0+30",
    fine: "0+30",
    refused: 0,
};
/** Four requests a minute. */
const quiet: Measured = { ...busy, sessions: 0, requests: "0+1", fine: "0+1" };
/** Nobody has ever asked. */
const idle: Measured = { ...busy, sessions: 0, requests: 0, fine: 0 };
/** The same without a server. */
const atZero: Measured = { ...idle, servers: 0 };

/** Ten minutes of the one, and then something else: for ten minutes, or for as long as is said. */
function after(
    first: Measured,
    changes: Partial<Record<keyof Measured, Stretch[0] | readonly Stretch[]>>,
): Samples {
    return Object.fromEntries(
        Object.entries(series).map(([name, selector]) => {
            const key = name as keyof Measured;
            const change = changes[key];
            if (change === undefined) return [selector, [[first[key], minutes(20)]]];
            const then = typeof change === "object" ? change : [[change, minutes(10)] as const];
            return [selector, [[first[key], minutes(10)], ...then]];
        }),
    );
}

/** Ten busy minutes, and then something else for ten minutes. */
const then = (changes: Parameters<typeof after>[1]) => after(busy, changes);

/** That nothing fires, each half minute after the first ten. */
const never = Array.from({ length: 20 }, (_, i) => [minutes(10 + i / 2)] as const);

/** [what happens after ten minutes, what is measured then, [seconds, alerts that fire]…]; a sample each 15 s. */
const cases: readonly AlertCase[] = [
    ["nothing happens", then({}), [minutes(5)], [minutes(20) - 15]],
    [
        "the proxy does not answer",
        then({ up: 0, queue: "stale", sessions: "stale", servers: "stale" }),
        [minutes(10) + 45],
        [minutes(12), fires("ProxyDown")],
    ],
    [
        "the proxy is gone",
        then({ up: "stale", queue: "stale", sessions: "stale", servers: "stale", requests: "stale" }),
        [minutes(12), fires("ProxyDown")],
    ],
    [
        "there are no servers, and no requests",
        then({ servers: 0, sessions: 0, requests: "1200+0" }),
        [minutes(18)],
    ],
    [
        "there are no servers, and requests wait",
        then({ servers: 0, sessions: 3, queue: 3, requests: "1200+1" }),
        [minutes(11)],
        [minutes(13), fires("ProxyWithoutServers")],
    ],
    [
        "there are none for longer than usual, from zero",
        after(atZero, { queue: 3, sessions: 3, requests: 3 }),
        [minutes(12) - 15],
        [minutes(12) + 15, fires("ProxyWithoutServers")],
        [minutes(15), fires("ProxyWithoutServers"), fires("ProxyQueueLong")],
    ],
    [
        "requests come to zero servers, and one starts within the time for it",
        after(atZero, {
            servers: [
                [0, 105],
                [1, minutes(10) - 105],
            ],
            queue: [
                [3, 105],
                [0, minutes(10) - 105],
            ],
            sessions: [
                [3, 120],
                [0, minutes(10) - 120],
            ],
            requests: 3,
        }),
        ...never,
    ],
    [
        "requests wait for longer than half of their time",
        // 130 that wait, of one a second: 130 s.
        then({ queue: 130, sessions: 134, requests: "1200+15" }),
        [minutes(11)],
        [minutes(19), fires("ProxyQueueLong")],
    ],
    ["they wait for less than that", then({ queue: 110, sessions: 114, requests: "1200+15" }), ...never],
    [
        "two wait for long, and nobody else comes",
        then({ queue: 2, sessions: 3, requests: "1200+0" }),
        [minutes(12)],
        [minutes(15), fires("ProxyQueueLong")],
    ],
    [
        "they wait for long, and then get their slots",
        then({
            queue: [
                [50, 200],
                [0, minutes(10) - 200],
            ],
            sessions: [
                [51, 200],
                [0, minutes(10) - 200],
            ],
            requests: "1250+0",
        }),
        ...never,
    ],
    [
        "the proxy is new, and was asked before it was first measured",
        after(
            {
                up: "gap",
                queue: "gap",
                sessions: "gap",
                servers: "gap",
                requests: "gap",
                fine: "gap",
                refused: "gap",
            },
            { up: 1, queue: 50, sessions: 54, servers: 1, requests: 54, fine: 0, refused: 0 },
        ),
        [minutes(13) + 45],
        [minutes(15), fires("ProxyQueueLong")],
    ],
    [
        "the proxy has begun to count anew",
        then({ queue: 5, sessions: 6, requests: 6 }),
        [minutes(18) + 15],
        [minutes(20) - 15, fires("ProxyQueueLong")],
    ],
    [
        "the queue is more than half full, and moves fast",
        then({ queue: 600, sessions: 604, requests: "1200+9000" }),
        [minutes(11)],
        [minutes(19), fires("ProxyQueueLong")],
    ],
    [
        "the queue is long and moves fast",
        then({ queue: 400, sessions: 404, requests: "1200+9000" }),
        ...never,
    ],
    [
        "one of fifty requests is refused",
        then({ refused: "0+1", fine: "1200+49" }),
        [minutes(10) + 30],
        [minutes(14), fires("ProxyRefuses")],
    ],
    ["two of forty requests fail at once, and no more", after(quiet, { refused: 2 }), ...never],
    [
        "three of forty fail, one after the other",
        after(quiet, {
            refused: [
                [1, minutes(1)],
                [2, minutes(1)],
                [3, minutes(8)],
            ],
        }),
        [minutes(12)],
        [minutes(14) + 30, fires("ProxyRefuses")],
        [minutes(18)],
    ],
    ["one of five hundred is refused", then({ refused: "0+1", fine: "1200+499" }), [minutes(19)]],
    [
        "servers take long",
        // 160, of two a second: 80 s.
        then({ sessions: 160, requests: "1200+30" }),
        [minutes(12)],
        [minutes(20) - 15, fires("ProxySlow")],
    ],
    ["servers take nearly as long", then({ sessions: 110, requests: "1200+30" }), ...never],
    [
        "servers do not answer at all",
        then({ sessions: 8, requests: "1200+0" }),
        [minutes(12)],
        [minutes(20) - 15, fires("ProxySlow")],
    ],
    [
        "servers do not answer, and requests go on coming",
        then({ queue: "0+1", sessions: "4+1", requests: "1200+1" }),
        [minutes(12)],
        [minutes(20) - 15, fires("ProxySlow"), fires("ProxyQueueLong")],
    ],
    ["nobody asks, and then one request takes long", after(idle, { sessions: 1, requests: 1 }), ...never],
    [
        "nobody asks, and then two requests take long",
        after(idle, { sessions: 2, requests: 2 }),
        [minutes(15)],
        [minutes(17), fires("ProxySlow")],
    ],
    [
        "many come at once, and take just as long as they may",
        after(idle, {
            sessions: [
                [40, 60],
                [0, minutes(10) - 60],
            ],
            requests: 40,
        }),
        ...never,
    ],
];

describe("alerts on a queueing proxy", function () {
    this.timeout(30_000);
    itAlerts({ proxy: rules }, cases, 15);

    it("measure what is long by the bounds of the queue", () => {
        const [, , long] = proxyAlerts({ namespace: "a", app: "b", slots: 1 }).rules;
        assert.match(long?.expr ?? "", /> 500 or .* offset 300s\)/);
    });

    it("tell of missing servers after two minutes, before requests are lost, or when they are told to", () => {
        const delay = (more: object) => {
            const [, missing] = proxyAlerts({ namespace: "a", app: "b", slots: 1, ...more }).rules;
            return missing !== undefined && "alert" in missing && missing.for;
        };
        assert.equal(delay({}), "120s");
        assert.equal(delay({ queueTimeout: "1m" }), "30s");
        assert.equal(delay({ queueTimeout: "500ms" }), "1s");
        assert.equal(delay({ withoutServersSeconds: 900 }), "900s");
    });

    it("of a language model leave it the time of its longest answer, and to load half of the time in the queue", () => {
        const delays = (more: Partial<LlmServerArgs>) => {
            const args = llmProxy({ namespace: "a", engine: "simulator", ...more }, images);
            return [args.slowSeconds, args.withoutServersSeconds];
        };
        assert.deepEqual(delays({}), [600, 300]);
        assert.deepEqual(delays({ longestSeconds: 60, proxy: { queueTimeout: "1h" } }), [60, 1800]);
        const given = { slowSeconds: 7, withoutServersSeconds: 8 };
        assert.deepEqual(delays({ proxy: given }), [7, 8]);
    });
});
