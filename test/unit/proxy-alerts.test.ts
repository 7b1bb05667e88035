import assert from "node:assert/strict";
import { proxyAlerts } from "../../components/workloads/queueing-proxy";
import { promtoolPath } from "../../local/build/promtool";
import {
    bare,
    type FiringAlert,
    type Promtool,
    promtool,
    type Samples,
    type Stretch,
} from "./support/promtool";

/** A queue of 100 requests at most, each for 60 s at most, before servers that take 30 s or more when they are slow. */
const rules = proxyAlerts({
    namespace: "shop",
    app: "llm",
    slots: 4,
    maxQueue: 100,
    queueTimeout: "1m",
    slowSeconds: 30,
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
    requests: `haproxy_backend_http_requests_total{${of}}`,
    fine: `haproxy_frontend_http_responses_total{${of},code="2xx"}`,
    refused: `haproxy_frontend_http_responses_total{${of},code="5xx"}`,
} as const;

const minutes = (count: number) => 60 * count;

/** Ten minutes of two requests a second that take two seconds each, and then something else for ten minutes. */
function then(changes: Partial<Record<keyof typeof series, Stretch[0] | undefined>>): Samples {
    const well: Record<keyof typeof series, Stretch[0]> = {
        up: 1,
        queue: 0,
        sessions: 4,
        servers: 1,
        requests: "0+30",
        fine: "0+30",
        refused: "0+0",
    };
    return Object.fromEntries(
        Object.entries(series).map(([name, selector]) => {
            const key = name as keyof typeof series;
            const change = changes[key];
            const stretches: Stretch[] =
                change === undefined
                    ? [[well[key], minutes(20)]]
                    : [
                          [well[key], minutes(10)],
                          [change, minutes(10)],
                      ];
            return [selector, stretches];
        }),
    );
}

/** [what happens after ten minutes, what is measured then, [seconds, alerts that fire]…]; a sample each 15 s. */
const cases: readonly (readonly [string, Samples, ...(readonly [at: number, ...FiringAlert[]])[]])[] = [
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
        "requests wait for longer than half of their time",
        // 49 that wait, of one a second: 49 s.
        then({ queue: 49, sessions: 53, requests: "1200+15" }),
        [minutes(11)],
        [minutes(19), fires("ProxyQueueLong")],
    ],
    [
        "the queue is more than half full, and moves fast",
        then({ queue: 60, sessions: 64, requests: "1200+900" }),
        [minutes(11)],
        [minutes(19), fires("ProxyQueueLong")],
    ],
    [
        "the queue is long and moves fast",
        then({ queue: 40, sessions: 44, requests: "1200+900" }),
        [minutes(19)],
    ],
    [
        "one of fifty requests is refused",
        then({ refused: "0+1", fine: "1200+49" }),
        [minutes(10) + 30],
        [minutes(14), fires("ProxyRefuses")],
    ],
    ["one of five hundred is refused", then({ refused: "0+1", fine: "1200+499" }), [minutes(19)]],
    [
        "servers take long",
        then({ sessions: 80, requests: "1200+30" }),
        [minutes(12)],
        [minutes(20) - 15, fires("ProxySlow")],
    ],
    [
        "servers do not answer at all",
        then({ sessions: 8, requests: "1200+0" }),
        [minutes(12)],
        [minutes(20) - 15, fires("ProxySlow")],
    ],
];

describe("alerts on a queueing proxy", function () {
    this.timeout(30_000);
    let tool: Promtool;
    before(async function () {
        this.timeout(600_000);
        tool = promtool(await promtoolPath());
    });

    for (const [what, samples, ...expected] of cases) {
        it(`are right when ${what}`, () => {
            const wanted = expected.map(([at, ...firing]) => ({ at, firing }));
            tool.test({ proxy: bare(rules) }, samples, wanted, 15);
        });
    }

    it("are rules that Prometheus takes", () => tool.check({ proxy: rules }));

    it("are each seen to fire", () => {
        const fired = cases.flatMap(([, , ...expected]) => expected.flatMap(([, ...firing]) => firing));
        assert.deepEqual(
            [...new Set(fired.map(({ alert }) => alert))].sort(),
            rules.rules.map((rule) => ("alert" in rule ? rule.alert : rule.record)).sort(),
        );
    });

    it("measure what is long by the bounds of the queue", () => {
        const [, , long] = proxyAlerts({ namespace: "a", app: "b", slots: 1 }).rules;
        assert.match(long?.expr ?? "", /> 500 or .* > 300$/);
    });
});
