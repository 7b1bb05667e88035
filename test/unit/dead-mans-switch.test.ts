import assert from "node:assert/strict";
import { DeadMansSwitch, deadMansSwitchUrl } from "../../components";
import { chainLabel } from "../../components/autoscaling/autoscaler/chain";
import { images } from "../../components/images";
import { deadMansSwitchOpenings, validateDeadMansSwitch } from "../../components/monitoring/dead-mans-switch";
import { deadMansSwitchSpec, switchClusterRules } from "../../components/monitoring/dead-mans-switch/pod";
import { deadMansSwitchRules } from "../../components/monitoring/dead-mans-switch/rules";
import { promtoolOfSuite } from "./support/alert-cases";
import { object, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

describe("DeadMansSwitch", () => {
    it("accepts the defaults, and reports every argument that is out of range", () => {
        assert.deepEqual(validateDeadMansSwitch({}), []);
        const problems = validateDeadMansSwitch({
            namespace: "No",
            alertmanagerUrl: "http://user:canary@alertmanager:9093",
            silenceSeconds: 5,
            monitoringNamespace: "",
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            ["namespace", "alertmanagerUrl", "silenceSeconds", "monitoringNamespace"],
        );
        assert.doesNotMatch(JSON.stringify(problems), /canary/);
        for (const alertmanagerUrl of [
            "alertmanager:9093",
            "https://a.b",
            "http://a.b?x=1",
            "http://a.b/#x",
            "",
        ])
            assert.equal(validateDeadMansSwitch({ alertmanagerUrl }).length, 1, alertmanagerUrl);
        assert.deepEqual(validateDeadMansSwitch({ alertmanagerUrl: "http://a.b.svc:9093/alerts" }), []);
    });

    it("makes what it needs, where its address says", async () => {
        let webhookUrl = "";
        const recording = await record(() => {
            ({ webhookUrl } = new DeadMansSwitch("switch", { namespace: "watch" }));
        });
        assert.equal(webhookUrl, "http://dead-mans-switch.watch.svc/watchdog");
        assert.equal(deadMansSwitchUrl(), "http://dead-mans-switch.dead-mans-switch.svc/watchdog");
        const { spec } = object(recording, "Service", "dead-mans-switch").inputs;
        assert.deepEqual(spec.ports, [{ name: "http", port: 80, targetPort: "http" }]);
        assert.equal(object(recording, "Deployment", "dead-mans-switch").inputs.metadata.namespace, "watch");
        const { groups } = object(recording, "PrometheusRule", "dead-mans-switch").inputs.spec;
        assert.match(groups[0].rules[0].expr, /namespace="watch"/);
        const role = object(recording, "ClusterRole", "dead-mans-switch").inputs;
        assert.deepEqual(role.rules, switchClusterRules);
        // What it reads in the cluster it may read, and no more.
        assert.deepEqual(switchClusterRules, [
            { apiGroups: [""], resources: ["configmaps"], verbs: ["list"] },
        ]);
    });

    it("runs one restricted pod, which is told where Alertmanager is and by what label autoscalers are found", () => {
        const spec = deadMansSwitchSpec({
            images,
            account: "account",
            source: "files",
            namespace: "watch",
            alertmanagerUrl: "http://a:9093",
            silenceSeconds: 90,
        });
        assert.equal(spec.replicas, 1);
        assert.deepEqual(spec.strategy, { type: "Recreate" });
        // biome-ignore lint/suspicious/noExplicitAny: plain values were given, so plain values come back
        const pod = (spec.template as any).spec;
        assert.deepEqual(violations(pod), []);
        assert.deepEqual(missingResources(pod.containers[0]), []);
        assert.deepEqual(pod.containers[0].env, [
            { name: "ALERTMANAGER_URL", value: "http://a:9093" },
            { name: "SILENCE_SECONDS", value: "90" },
            { name: "CHAIN_LABEL", value: chainLabel },
            { name: "NAMESPACE", value: "watch" },
        ]);
    });

    it("lets in Alertmanager and Prometheus, and out to Alertmanager and the API server", () => {
        assert.deepEqual(
            deadMansSwitchOpenings({}).map(({ name, direction, peer, ports }) => [
                name,
                direction,
                peer,
                ports,
            ]),
            [
                ["webhook-and-metrics", "ingress", { namespace: "monitoring" }, [8080]],
                ["alertmanager", "egress", { namespace: "monitoring" }, undefined],
                ["api-server", "egress", "anywhere", [443, 6443]],
            ],
        );
        const [, elsewhere] = deadMansSwitchOpenings({ alertmanagerUrl: "http://alerts.example.com" });
        assert.deepEqual([elsewhere?.peer, elsewhere?.ports], ["anywhere", [80]]);
    });
});

describe("alerts on the dead man's switch", function () {
    this.timeout(30_000);
    const group = deadMansSwitchRules("watch");
    const up = 'up{namespace="watch",job="dead-mans-switch",instance="10.0.0.3:8080"}';
    const failures = (peer: string) =>
        `dead_mans_switch_failures_total{namespace="watch",job="dead-mans-switch",peer="${peer}"}`;
    const tool = promtoolOfSuite();

    it("are rules that Prometheus takes", () => tool.check({ group }));

    it("tell that it is down, hangs or is gone, after two minutes, and of nothing while it is up", () => {
        for (const gone of [0, "stale"] as const) {
            const given = { [up]: [[1, 60] as const, [gone, 180] as const, [1, 60] as const] };
            tool.test({ group }, given, [
                { at: 55, firing: [] },
                { at: 170, firing: [] },
                { at: 190, firing: ["DeadMansSwitchDown"] },
                { at: 270, firing: [] },
            ]);
        }
    });

    it("tell that its requests fail for minutes, and not of a few that did", () => {
        const given = { [up]: [[1, 900] as const], [failures("kubernetes")]: [[0, 900] as const] };
        const often = { ...given, [failures("alertmanager")]: [["0+1", 900] as const] };
        tool.test({ group }, often, [
            { at: 240, firing: [] },
            { at: 600, firing: ["DeadMansSwitchFailing alertmanager"] },
        ]);
        const once = { ...given, [failures("alertmanager")]: [[0, 100] as const, [2, 800] as const] };
        tool.test(
            { group },
            once,
            [100, 300, 600, 890].map((at) => ({ at, firing: [] })),
        );
    });
});
