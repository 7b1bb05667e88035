import assert from "node:assert/strict";
import { alertmanagerConfig } from "../../components/monitoring/kube-prometheus-stack/alerting";
import { alertingProblems, alertReceiversOf } from "../../stacks/alerting";
import { kind } from "../../stacks/kind";
import { FakeCluster } from "./support/fake-cluster";
import { object } from "./support/mocks";
import { follow } from "./support/recipe";

const webhookUrl = "https://example.com/s3cret-of-a-webhook";
const slack = { slackUrl: "https://hooks.slack.com/s3cret-of-slack", slackChannel: "#alerts" };

describe("where the alerts of a chart stack go", function () {
    // The client that asks the cluster takes a second to load.
    this.timeout(30_000);

    it("is the dead man's switch alone, with Watchdog, until somebody is named", () => {
        const { receivers, route } = alertmanagerConfig(alertReceiversOf(undefined) as never);
        assert.deepEqual(
            receivers.map(({ name }: { name: string }) => name),
            ["null", "dead-mans-switch"],
        );
        assert.equal(route.receiver, "null");
    });

    it("is a Secret that Alertmanager reads, of which no chart and no other object knows", async () => {
        const cluster = await FakeCluster.start("mine");
        try {
            const { resources, ...recording } = await follow(() =>
                kind({
                    target: "kind",
                    kubeconfig: cluster.kubeconfig,
                    context: "mine",
                    monitoring: {},
                    queue: {},
                    chartVersions: {},
                    alerts: { webhookUrl, ...slack },
                }),
            );
            const knowing = resources.filter(({ inputs }) => JSON.stringify(inputs).includes("s3cret"));
            assert.deepEqual(
                knowing.map(({ inputs }) => [inputs.kind, inputs.metadata?.name]),
                [["Secret", "alertmanager-config"]],
            );
            const { inputs, secrets } = object({ resources, ...recording }, "Secret", "alertmanager-config");
            assert.deepEqual(secrets, ["stringData"]);
            const { route, receivers } = JSON.parse(inputs.stringData["alertmanager.yaml"]);
            assert.equal(route.receiver, "people");
            const people = receivers.find(({ name }: { name: string }) => name === "people");
            assert.equal(people.webhook_configs[0].url, webhookUrl);
            assert.equal(people.slack_configs[0].api_url, slack.slackUrl);
            assert.equal(people.slack_configs[0].channel, "#alerts");
        } finally {
            await cluster.stop();
        }
    });

    it("has no problem with what is right, and shows no address that is wrong", () => {
        for (const right of [undefined, {}, { webhookUrl }, slack, { webhookUrl, ...slack }])
            assert.deepEqual(alertingProblems(right), []);
        const problems = alertingProblems({
            webhookUrl: "s3cret",
            slackUrl: "ftp://s3cret",
            slackChannel: "#a",
        });
        assert.deepEqual(
            problems.map(({ property }) => property),
            ["alerts.webhookUrl", "alerts.slackUrl"],
        );
        assert.doesNotMatch(JSON.stringify(problems), /s3cret/);
    });
});
