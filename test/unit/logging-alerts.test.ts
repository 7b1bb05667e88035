import assert from "node:assert/strict";
import { fluentdValues } from "../../components/logs/logging/fluentd";
import { fluentBitRules, fluentdRules } from "../../components/logs/logging/rules";
import type { RuleGroup } from "../../components/monitoring/monitors";
import { type AlertCase, itAlerts } from "./support/alert-cases";
import type { FiringAlert, Samples, Stretch } from "./support/promtool";

const at = { namespace: "log-collectors", pod: "a" };
const minutes = (count: number) => 60 * count;
const fires = (alert: string): FiringAlert => ({ alert, labels: at });

/** Ten minutes as usual, and then something else for twenty. */
function course<T extends Record<string, Stretch[0]>>(
    series: (name: keyof T & string) => string,
    usual: T,
): (changes?: Partial<Record<keyof T, Stretch[0]>>) => Samples {
    return (changes = {}) =>
        Object.fromEntries(
            Object.entries(usual).map(([name, value]) => {
                const change = changes[name];
                const stretches: Stretch[] =
                    change === undefined
                        ? [[value, minutes(30)]]
                        : [
                              [value, minutes(10)],
                              [change, minutes(20)],
                          ];
                return [series(name), stretches];
            }),
        );
}

/** Ten lines a second are sent. */
const bitSeries = (name: string) =>
    `fluentbit_output_${name}_total{namespace="log-collectors",job="fluent-bit",pod="a",name="elasticsearch"}`;
const bit = course(bitSeries, { proc_records: "0+150", retries: "0+0", dropped_records: "0+0" });

/** Chunks are sent every five seconds. */
const fluentdSeries = (name: string) =>
    `fluentd_output_status_${name}{namespace="log-collectors",job="fluentd",pod="a",plugin_id="elasticsearch"}`;
const fluentd = course(fluentdSeries, { write_count: "0+3", num_errors: "0+0", buffer_total_bytes: 1000 });

const cases: Readonly<Record<string, { readonly rules: RuleGroup; readonly cases: readonly AlertCase[] }>> = {
    "Fluent Bit": {
        rules: fluentBitRules("log-collectors"),
        cases: [
            ["nothing happens", bit(), [minutes(5)], [minutes(30) - 15]],
            ["nothing is written, so nothing is sent", bit({ proc_records: "6000+0" }), [minutes(29)]],
            [
                "the store takes nothing",
                bit({ proc_records: "6000+0", retries: "0+1" }),
                // What was sent before is seen for five minutes, and then it has to stay so for three.
                [minutes(17)],
                [minutes(19), fires("LogsNotShipped")],
            ],
            ["the store takes lines at the second attempt", bit({ retries: "0+1" }), [minutes(29)]],
            [
                "it gives lines up",
                bit({ dropped_records: "0+20" }),
                [minutes(10)],
                [minutes(11), fires("LogLinesLost")],
            ],
            [
                "it gives lines up for the first time, and counts them only from then on",
                {
                    ...bit(),
                    'up{namespace="log-collectors",job="fluent-bit",pod="a"}': [[1, minutes(30)]],
                    [bitSeries("dropped_records")]: [
                        ["gap", minutes(10)],
                        [7, minutes(20)],
                    ],
                },
                [minutes(10) + 15, fires("LogLinesLost")],
                [minutes(16)],
            ],
        ],
    },
    Fluentd: {
        rules: fluentdRules("log-collectors"),
        cases: [
            ["nothing happens", fluentd(), [minutes(5)], [minutes(30) - 15]],
            [
                "the store takes nothing, with an attempt each half minute, and one under way",
                {
                    ...fluentd({ buffer_total_bytes: 500_000_000 }),
                    [fluentdSeries("write_count")]: [["0+3", minutes(10)], ...attempts(121)],
                    [fluentdSeries("num_errors")]: [[0, minutes(10) + 15], ...attempts(1)],
                },
                [minutes(22)],
                [minutes(27), fires("LogsNotShipped")],
            ],
            ["one attempt of three fails", fluentd({ num_errors: "0+1" }), [minutes(29)]],
            ["nothing is written", fluentd({ write_count: "120+0" }), [minutes(29)]],
            [
                "its buffer is full",
                fluentd({ buffer_total_bytes: 1_070_000_000 }),
                [minutes(14)],
                [minutes(16), fires("LogBufferFull")],
            ],
        ],
    },
};

/** A counter that rises by one each half minute, for twenty minutes. */
function attempts(from: number): Stretch[] {
    return Array.from({ length: 40 }, (_, i): Stretch => [from + i, 30]);
}

for (const [collector, { rules, cases: those }] of Object.entries(cases)) {
    describe(`alerts on ${collector}`, function () {
        this.timeout(30_000);
        itAlerts({ rules }, those, 15);
    });
}

describe("alerts on Fluentd", () => {
    it("measure its buffer by the size that it is configured with", () => {
        const { fileConfigs = {} } = fluentdValues("logging");
        assert.match(fileConfigs["04_outputs.conf"] ?? "", /^ +total_limit_size 1G$/m);
        const full = fluentdRules("a").rules.at(-1)?.expr ?? "";
        assert.match(full, new RegExp(`> ${0.9 * 1024 ** 3}$`));
    });
});
