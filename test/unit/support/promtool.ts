import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alertRules } from "../../../components/autoscaling/autoscaler/alerts";
import type { AutoscalerPlan } from "../../../components/autoscaling/autoscaler/plan";
import { recordingRules } from "../../../components/autoscaling/autoscaler/recording";
import type { Alert, RuleGroup } from "../../../components/monitoring/monitors";

/** Rules tried on series made up for them, by Prometheus' own promtool. */

/** For how long a series has a value, in seconds; a number and what is added or taken at each sample make a line. */
export type Stretch = readonly [
    value: number | "NaN" | "+Inf" | "gap" | "stale" | `${number}+${number}` | `${number}-${number}`,
    seconds: number,
];

/** Series by selector. */
export type Samples = Readonly<Record<string, readonly Stretch[]>>;

/** What is to be so, `at` seconds after the start. */
export interface Expected {
    readonly at: number;
    /** The alerts that fire, by name and, where they have them, `hop`, `signal` and `peer`, as in "AutoscalerBlind scrape queue": these, and no other alert of the rules. */
    readonly firing?: readonly (string | FiringAlert)[];
    /** The value of a series, which has these labels and no others; undefined where it has none. */
    readonly value?: readonly [series: string, value: number | undefined];
}

/** An alert that fires with labels of its series, beside those of its rule; for rules without annotations. */
export interface FiringAlert {
    readonly alert: string;
    readonly labels: Readonly<Record<string, string>>;
}

export interface Promtool {
    /** Fails with promtool's words when a rule is not valid, or is so twice. */
    readonly check: (groups: Readonly<Record<string, RuleGroup>>) => void;
    /**
     * Fails with promtool's words when one of what is expected is not so.
     *
     * @param step seconds between two samples, and two evaluations; @default 5
     */
    readonly test: (
        groups: Readonly<Record<string, RuleGroup>>,
        samples: Samples,
        expected: readonly Expected[],
        step?: number,
    ) => void;
}

/** The groups of rules that one autoscaler has. */
export function rulesOf(plan: AutoscalerPlan): Record<string, RuleGroup> {
    const recorded = recordingRules(plan);
    return { ...(recorded.rules.length > 0 && { recording: recorded }), alerts: alertRules(plan) };
}

/** The rules without annotations: those name labels and values, so that each alert would have its own. */
export function bare({ rules, ...group }: RuleGroup): RuleGroup {
    const without = ({ annotations: _, ...rule }: Alert) => rule as Alert;
    return { ...group, rules: rules.map((rule) => ("alert" in rule ? without(rule) : rule)) };
}

/** Runs the promtool at `path`. */
export function promtool(path: string): Promtool {
    return {
        check: (groups) =>
            run(path, ["check", "rules", "--lint=all", "--lint-fatal", "rules.json"], { groups }),
        test: (groups, samples, expected, step = 5) => {
            run(path, ["test", "rules", "test.json"], {
                groups,
                test: testFile(groups, samples, expected, step),
            });
        },
    };
}

/** A series for promtool: `[1, 60], ["stale", 5]` is `1x11 stale`, with a sample each 5 s. */
export function values(stretches: readonly Stretch[], step: number): string {
    return stretches.map((stretch) => written(stretch, step)).join(" ");
}

function written([value, seconds]: Stretch, step: number): string {
    const count = Math.round(seconds / step);
    if (value === "gap") return `_x${count}`;
    // These it cannot repeat itself.
    if (value === "NaN") return Array(count).fill("NaN").join(" ");
    if (value === "+Inf") return Array(count).fill("Inf").join(" ");
    // A series that is stale stays so.
    if (value === "stale") return count === 1 ? "stale" : `stale _x${count - 1}`;
    return `${value}x${count - 1}`;
}

function testFile(
    groups: Readonly<Record<string, RuleGroup>>,
    samples: Samples,
    expected: readonly Expected[],
    step: number,
) {
    const alerts = Object.values(groups)
        .flatMap(({ rules }) => rules)
        .filter((rule): rule is Alert => "alert" in rule);
    const names = [...new Set(alerts.map(({ alert }) => alert))];
    return {
        rule_files: ["rules.json"],
        evaluation_interval: `${step}s`,
        group_eval_order: Object.keys(groups),
        tests: [
            {
                interval: `${step}s`,
                input_series: Object.entries(samples).map(([series, stretches]) => ({
                    series,
                    values: values(stretches, step),
                })),
                alert_rule_test: expected.flatMap(({ at, firing }) => {
                    if (firing === undefined) return [];
                    const those = firing.map((wanted) => find(alerts, wanted));
                    return names.map((alertname) => ({
                        alertname,
                        eval_time: `${at}s`,
                        exp_alerts: those
                            .filter(({ alert }) => alert === alertname)
                            .map(({ labels, annotations }) => ({
                                exp_labels: labels,
                                exp_annotations: annotations,
                            })),
                    }));
                }),
                promql_expr_test: expected.flatMap(({ at, value: checked }) => {
                    if (checked === undefined) return [];
                    const [series, value] = checked;
                    const samples = value === undefined ? [] : [{ labels: series, value }];
                    return [{ expr: series, eval_time: `${at}s`, exp_samples: samples }];
                }),
            },
        ],
    };
}

function find(alerts: readonly Alert[], wanted: string | FiringAlert): Alert {
    if (typeof wanted !== "string") {
        const rule = find(alerts, wanted.alert);
        return { ...rule, labels: { ...rule.labels, ...wanted.labels } };
    }
    const found = alerts.filter(
        ({ alert, labels: { hop, signal, peer } }) =>
            [alert, hop, signal, peer].filter((part) => part !== undefined).join(" ") === wanted,
    );
    assert.equal(found.length, 1, `${found.length} alerts are "${wanted}"`);
    return found[0] as Alert;
}

/** JSON is YAML. */
function run(
    path: string,
    args: readonly string[],
    { groups, test }: { groups: Readonly<Record<string, RuleGroup>>; test?: unknown },
) {
    const folder = mkdtempSync(join(tmpdir(), "promtool-"));
    try {
        const listed = Object.entries(groups).map(([name, group]) => ({ name, ...group }));
        writeFileSync(join(folder, "rules.json"), JSON.stringify({ groups: listed }));
        writeFileSync(join(folder, "test.json"), JSON.stringify(test ?? {}));
        const { status, stdout, stderr, error } = spawnSync(path, args, { cwd: folder, encoding: "utf8" });
        assert.equal(status, 0, error?.message ?? `promtool ${args.join(" ")}:\n${stdout}${stderr}`);
    } finally {
        rmSync(folder, { recursive: true });
    }
}
