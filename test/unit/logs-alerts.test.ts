import assert from "node:assert/strict";
import { collectorRules } from "../../components/manifests/log-collector/rules";
import { lokiRules } from "../../components/manifests/loki/rules";
import { type AlertCase, itAlerts } from "./support/alert-cases";
import { bare, type FiringAlert, type Samples, type Stretch } from "./support/promtool";

/** A store that keeps a day and may hold 1 MiB, and its collectors. */
const groups = {
    store: lokiRules({ namespace: "loki", size: "1Mi" }),
    collectors: collectorRules("log-collectors"),
};

const storeAt = (address: string) => `namespace="loki",job="loki",pod="loki-0",instance="${address}:3100"`;
const store = storeAt("10.0.0.1");
const storedAt = (address: string) => `loki_ingester_chunk_stored_bytes_total{${storeAt(address)}}`;
const collector = (pod: string) => `namespace="log-collectors",job="log-collector",pod="${pod}"`;
const discarded = (reason: string) => `loki_discarded_samples_total{${store},reason="${reason}"}`;
const failed = (why: string, pod = "a") =>
    `otelcol_exporter_${why}_failed_log_records_total{${collector(pod)}}`;

/** What is measured while all is well, on two nodes. */
const series = {
    store: `up{${store}}`,
    stored: storedAt("10.0.0.1"),
    flushFailures: `loki_ingester_chunks_flush_failures_total{${store}}`,
    a: `up{${collector("a")}}`,
    b: `up{${collector("b")}}`,
    held: `otelcol_exporter_queue_size{${collector("a")}}`,
    sent: `otelcol_exporter_sent_log_records_total{${collector("a")}}`,
} as const;

const minutes = (count: number) => 60 * count;

/** Ten minutes of ten lines a second, and then something else for ten minutes; series beside these as they are. */
function then(changes: Partial<Record<keyof typeof series, Stretch[0]>>, more: Samples = {}): Samples {
    const well: Record<keyof typeof series, Stretch[0]> = {
        store: 1,
        stored: "0+100",
        flushFailures: "0+0",
        a: 1,
        b: 1,
        held: 3,
        sent: "0+150",
    };
    const keys = Object.keys(series) as (keyof typeof series)[];
    return {
        ...Object.fromEntries(
            keys.map((key) => {
                const change = changes[key];
                return [
                    series[key],
                    change === undefined
                        ? [[well[key], minutes(20)] as const]
                        : [[well[key], minutes(10)] as const, [change, minutes(10)] as const],
                ];
            }),
        ),
        ...more,
    };
}

/** All as it was for ten minutes, but that Prometheus is away for so long then, and does not look for ten minutes more. */
function away(seconds: number, more: Samples): Samples {
    const all = { ...then({}), ...more };
    return Object.fromEntries(
        Object.entries(all).map(([name, [[value] = [0]]]) => [
            name,
            [
                [value, minutes(10)],
                ["gap", seconds],
                [value, minutes(10)],
            ],
        ]),
    );
}

/** What was lost once, long ago. */
const old: Samples = {
    [discarded("greater_than_max_sample_age")]: [[7, minutes(20)]],
    [failed("send")]: [[400, minutes(20)]],
};

const inStore = { namespace: "loki" };

const atCollectors = { namespace: "log-collectors" };
const fires = (alert: string, labels: Readonly<Record<string, string>>): FiringAlert => ({ alert, labels });
const tooOld = fires("LogLinesRefused", { ...inStore, reason: "greater_than_max_sample_age" });
const lost = fires("LogLinesLost", { ...atCollectors, pod: "a" });

/** [what happens after ten minutes, what is measured, [seconds, alerts that fire]…]; a sample each 15 s. */
const cases: readonly AlertCase[] = [
    ["nothing happens", then({}), [minutes(5)], [minutes(20) - 15]],
    [
        "the store does not answer, and lines wait",
        then({ store: 0, held: 900, sent: "6000+0" }),
        [minutes(10) + 45],
        [minutes(11) + 30, fires("LogStoreDown", inStore)],
        [minutes(17), fires("LogStoreDown", inStore), fires("LogsNotShipped", { ...atCollectors, pod: "a" })],
    ],
    ["the store is gone", then({ store: "stale" }), [minutes(12), fires("LogStoreDown", inStore)]],
    ["nothing is written, so nothing is sent", then({ held: 0, sent: "6000+0" }), [minutes(19)]],
    ["many lines wait, and are sent", then({ held: 15000, sent: "6000+30000" }), [minutes(19)]],
    [
        "the store refuses lines for the first time in its life",
        then(
            {},
            {
                [discarded("greater_than_max_sample_age")]: [
                    ["gap", minutes(10)],
                    [7, minutes(10)],
                ],
            },
        ),
        [minutes(10) - 15],
        [minutes(10) + 15, tooOld],
        [minutes(16)],
    ],
    [
        "it refuses lines again",
        then(
            {},
            {
                [discarded("greater_than_max_sample_age")]: [
                    [7, minutes(10)],
                    ["7+1", minutes(1)],
                    [11, minutes(9)],
                ],
            },
        ),
        [minutes(9)],
        [minutes(11), tooOld],
        [minutes(19)],
    ],
    [
        "lines come faster than it takes them",
        then(
            {},
            {
                [discarded("rate_limited")]: [
                    ["gap", minutes(10)],
                    ["100+100", minutes(10)],
                ],
            },
        ),
        [minutes(12)],
    ],
    [
        "it is nearly full for ten minutes",
        then({}, { [series.stored]: [["0+80000", minutes(20)]] }),
        [minutes(10)],
        [minutes(17), fires("LogStoreFilling", inStore)],
    ],
    [
        "it is full, and then replaced by one that is empty",
        then(
            {},
            {
                [series.store]: [
                    [1, minutes(18)],
                    ["stale", minutes(2)],
                ],
                [series.stored]: [
                    ["0+80000", minutes(18)],
                    ["stale", minutes(2)],
                ],
                [`up{${storeAt("10.0.0.2")}}`]: [
                    ["gap", minutes(18)],
                    [1, minutes(2)],
                ],
                [storedAt("10.0.0.2")]: [
                    ["gap", minutes(18)],
                    ["0+100", minutes(2)],
                ],
            },
        ),
        [minutes(18) - 15, fires("LogStoreFilling", inStore)],
        [minutes(19)],
        [minutes(20) - 15],
    ],
    [
        "the process of a full store starts anew, on the same volume",
        then(
            {},
            {
                [series.stored]: [
                    ["0+80000", minutes(14)],
                    ["0+100", minutes(6)],
                ],
            },
        ),
        [minutes(19), fires("LogStoreFilling", inStore)],
    ],
    [
        "its disk takes nothing",
        then({ flushFailures: "0+1" }),
        [minutes(12)],
        [minutes(17), fires("LogStoreCannotWrite", inStore)],
    ],
    [
        "one collector of two does not answer",
        then({ a: 0 }),
        [minutes(11)],
        [minutes(13), fires("LogCollectorDown", { ...atCollectors, job: "log-collector", pod: "a" })],
    ],
    [
        "there is no collector",
        then({ a: "stale", b: "stale" }),
        [minutes(11)],
        [minutes(13), fires("LogCollectorDown", { ...atCollectors, job: "log-collector" })],
    ],
    [
        "the only collector does not answer: one fault, one alert",
        { ...then({ a: 0 }), [series.b]: [["gap", minutes(20)]] },
        [minutes(13), fires("LogCollectorDown", { ...atCollectors, job: "log-collector", pod: "a" })],
    ],
    [
        "a collector gives lines up for the first time",
        then(
            {},
            {
                [failed("send")]: [
                    ["gap", minutes(10)],
                    [400, minutes(10)],
                ],
            },
        ),
        [minutes(10) - 15],
        [minutes(10) + 15, lost],
        [minutes(16)],
    ],
    [
        "a collector cannot keep lines",
        then(
            {},
            {
                [failed("enqueue")]: [
                    ["0+0", minutes(10)],
                    ["0+5", minutes(10)],
                ],
            },
        ),
        [minutes(10) - 15],
        [minutes(12), lost],
    ],
    ...[4, 6, 9, 12, 20].map(
        (count) =>
            [
                `Prometheus was away for ${count} minutes, and something was lost before`,
                away(minutes(count), old),
                ...Array.from({ length: 16 }, (_, i) => [minutes(10.5 + count + i / 2)] as const),
            ] as const,
    ),
    [
        "Prometheus has lost its data, and something was lost before",
        Object.fromEntries(
            Object.entries({ ...then({}), ...old }).map(([name, [[value] = [0]]], i) => [
                name,
                // Targets are not asked at the same time.
                [
                    ["gap", minutes(10) + 15 * (i % 3)],
                    [value, minutes(10)],
                ],
            ]),
        ),
        ...Array.from({ length: 38 }, (_, i) => [minutes(10.75) + 15 * i] as const),
    ],
    [
        "a collector cannot be reached for eight minutes, and something was lost before",
        {
            ...then({}),
            [series.a]: [
                [1, minutes(5)],
                [0, minutes(8)],
                [1, minutes(7)],
            ],
            [failed("send")]: [
                [400, minutes(5)],
                ["stale", minutes(8)],
                [400, minutes(7)],
            ],
        },
        ...Array.from({ length: 12 }, (_, i) => [minutes(13.5 + i / 2)] as const),
    ],
    [
        "a collector that is new gives lines up at once",
        then(
            {},
            {
                [`up{${collector("c")}}`]: [
                    ["gap", minutes(10)],
                    [1, minutes(10)],
                ],
                [failed("send", "c")]: [
                    ["gap", minutes(10)],
                    [400, minutes(10)],
                ],
            },
        ),
        [minutes(10) + 15, fires("LogLinesLost", { ...atCollectors, pod: "c" })],
        [minutes(16)],
    ],
    [
        "a collector gives lines up while Prometheus is away for a moment",
        {
            ...away(minutes(2), {}),
            [failed("send")]: [
                ["0+0", minutes(10)],
                ["gap", minutes(2)],
                [400, minutes(10)],
            ],
        },
        [minutes(12) + 15, lost],
        [minutes(18)],
    ],
];

describe("alerts on logs", function () {
    this.timeout(30_000);
    const tool = itAlerts(groups, cases, 15);

    describe("on a store that keeps two weeks, of 2Gi", () => {
        const days = (count: number) => 24 * minutes(60) * count;
        const step = minutes(5);
        const steps = days(1) / step;
        /** Megabytes a day, one stretch after the other; of a store that has written a gigabyte before. */
        const daily = (...stretches: readonly (readonly [megabytes: number, days: number])[]) => {
            let from = 1e9;
            return stretches.map(([megabytes, count]): Stretch => {
                const each = Math.round((megabytes * 1e6) / steps);
                const start = from;
                from += each * steps * count;
                return [`${start}+${each}`, days(count)];
            });
        };
        const filling = fires("LogStoreFilling", inStore);
        for (const [what, stored, at, ...firing] of [
            [
                "what it has written is too much, though the pace is not",
                daily([140, 12.5], [20, 1]),
                13.4,
                filling,
            ],
            ["Prometheus remembers a part of it, and the pace is too much", daily([150, 3]), 2.9, filling],
            ["the pace is not too much", daily([100, 3]), 2.9],
            ["the pace is not that of a whole day yet", daily([150, 0.5]), 0.4],
            ["a single day has too much, and it remembers the others", daily([10, 15], [150, 1]), 15.9],
        ] as const) {
            it(`are right when ${what}`, () => {
                const total = stored.reduce((sum, [, seconds]) => sum + seconds, 0);
                const samples = { [series.store]: [[1, total] as const], [series.stored]: stored };
                const rules = lokiRules({ namespace: "loki", retentionDays: 14, size: "2Gi" });
                tool.test({ store: bare(rules) }, samples, [{ at: days(at), firing }], step);
            });
        }
    });

    it("measure what is full by the size, over all the time that lines are kept", () => {
        const filling = (args: Parameters<typeof lokiRules>[0]) => lokiRules(args).rules.at(2)?.expr ?? "";
        assert.match(filling({ namespace: "loki" }), /\[26h\]\) > 1717986918\.4 /);
        assert.match(
            filling({ namespace: "loki", retentionDays: 3, size: "10G" }),
            /\[74h\]\) > 8000000000 /,
        );
    });
});
