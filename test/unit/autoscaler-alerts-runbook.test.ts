import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { alertRules } from "../../components/autoscaling/autoscaler/alerts";
import { hops } from "../../components/autoscaling/autoscaler/chain";
import { deadMansSwitchFiles } from "../../components/monitoring/dead-mans-switch/pod";
import { deadMansSwitchRules } from "../../components/monitoring/dead-mans-switch/rules";
import type { Alert, RuleGroup } from "../../components/monitoring/monitors";
import { kinds } from "./support/autoscaler-scenes";

const root = join(__dirname, "..", "..");

const alertsOf = ({ rules }: RuleGroup) => rules.filter((rule): rule is Alert => "alert" in rule);
const ofAutoscalers = Object.values(kinds).flatMap((plan) => alertsOf(alertRules(plan)));
const ofSwitch = alertsOf(deadMansSwitchRules("watch"));

/** [alert, where its runbook is], of rules, and of what the dead man's switch posts itself. */
const runbooks = new Map<string, string>([
    ...[...ofAutoscalers, ...ofSwitch].map((rule): [string, string] => [
        rule.alert,
        rule.annotations.runbook_url ?? "",
    ]),
    ...[...(deadMansSwitchFiles()["alarm.py"] ?? "").matchAll(/\{RUNBOOK\}#(\w+)/g)].map(
        ([, anchor]): [string, string] => [`posted: ${anchor}`, `docs/runbooks/autoscaler.md#${anchor}`],
    ),
]);

/** The names of the headings of a page, as GitHub makes them. */
function anchors(page: string): string[] {
    return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
            .toLowerCase()
            .replaceAll(/[^\w -]/g, "")
            .replaceAll(" ", "-"),
    );
}

describe("runbooks", () => {
    it("are asked for by every alert of autoscalers, of the switch, and of what that posts", () => {
        assert.deepEqual([...runbooks.keys()].sort(), [
            "AutoscalerAtMaximum",
            "AutoscalerBlind",
            "AutoscalerFlapping",
            "AutoscalerNotReady",
            "AutoscalerOnFallback",
            "AutoscalerUnwatched",
            "DeadMansSwitchDown",
            "DeadMansSwitchFailing",
            "posted: autoscalerblind",
            "posted: prometheussilent",
        ]);
    });

    for (const [alert, url] of runbooks) {
        it(`have a heading for ${alert}`, () => {
            const [path = "", anchor = ""] = url.split("#");
            assert.ok(existsSync(join(root, path)) && path !== "", url);
            assert.ok(anchors(readFileSync(join(root, path), "utf8")).includes(anchor), url);
        });
    }

    it("have a heading for each hop at which an autoscaler can be blind, and for no other", () => {
        const page = readFileSync(join(root, "docs/runbooks/autoscaler.md"), "utf8");
        const blind = ofAutoscalers.filter(({ alert }) => alert === "AutoscalerBlind");
        const used = new Set([...blind.map(({ labels }) => labels.hop), "prometheus"]);
        const explained = [...page.matchAll(/^### hop: (\S+)$/gm)].map(([, hop]) => hop as string);
        assert.deepEqual([...explained].sort(), [...used].sort());
        for (const hop of explained) assert.ok((hops as readonly string[]).includes(hop), hop);
    });
});
