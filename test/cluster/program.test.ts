import assert from "node:assert/strict";
import { execa } from "execa";
import { kubectl } from "../../local/cluster";
import { checkout } from "../../local/instance";
import { type Report, type RunEvent, Runner, readProject } from "../../local/runner";
import { local, underTest, until } from "./support";

const stack = "dev";

function runner(onEvent?: (event: RunEvent) => void): Runner {
    process.env.KUBECONFIG = underTest.kubeconfig;
    const { name: project, program, config } = readProject(checkout, stack);
    return new Runner({
        project,
        stack,
        program,
        config,
        kubeconfig: underTest.kubeconfig,
        ...(onEvent && { onEvent }),
    });
}

function assertOk(report: Report): void {
    assert.deepEqual(report.failures, []);
    assert.ok(report.ok);
}

describe("the program on the dev stack", () => {
    let declared = 0;

    it("is accepted by the API server in a dry run, object by object", async () => {
        const report = await runner().preview();
        assertOk(report);
        declared = report.counts.create;
        assert.ok(declared > 50, `${declared} objects to create`);
    });

    it("finishes after it was killed in the middle", async () => {
        const first = local("up", "--runner");
        await until("namespaces of the program", 60, async () => {
            const names = await kubectl(underTest, ["get", "namespaces", "--output=name"]);
            return names.includes("namespace/queue") ? true : undefined;
        });
        first.kill("SIGKILL");
        await first.catch(() => undefined);
        const report = await runner().up();
        assertOk(report);
        assert.ok(report.counts.create > 0, "the kill came too late to leave anything to do");
    });

    it("has every pod ready", async () => {
        const pods = JSON.parse(
            await kubectl(underTest, ["get", "pods", "--all-namespaces", "--output=json"]),
        ).items;
        const unready = pods.filter(
            ({ status }: { status: { phase: string; conditions: { type: string; status: string }[] } }) =>
                // The smoke test's has ended, as it should.
                status.phase !== "Succeeded" &&
                !status.conditions.some(({ type, status }) => type === "Ready" && status === "True"),
        );
        assert.deepEqual(
            unready.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
            [],
        );
    });

    it("changes nothing when run again", async () => {
        const report = await runner().up();
        assertOk(report);
        const { unchanged, read, ...others } = report.counts;
        assert.ok(unchanged >= declared, `${unchanged} of ${declared} unchanged`);
        assert.deepEqual(
            Object.entries(others).filter(([, count]) => count !== 0),
            [],
        );
    });

    it("is accepted by the API server to the last object, now that its namespaces are there", async () => {
        const notes: string[] = [];
        const report = await runner((event) => {
            if (event.type === "end" && event.state === "done" && event.note) notes.push(event.note);
        }).preview();
        assertOk(report);
        assert.deepEqual(notes, []);
        assert.equal(report.counts.create + report.counts.update, 0);
        assert.ok(report.counts.unchanged >= declared);
    });

    it("keeps the generated password when run again, and shows it in no output", async () => {
        const password = async () =>
            (
                await kubectl(underTest, [
                    "--namespace=queue",
                    "get",
                    "secret",
                    "redis-auth",
                    "--output=jsonpath={.data.password}",
                ])
            ).trim();
        const before = await password();
        await runner().up();
        assert.equal(await password(), before);
        const clear = Buffer.from(before, "base64").toString();
        assert.ok(clear.length >= 16);
        const { all } = await local("outputs");
        assert.ok(!all?.includes(clear));
        const configMaps = await kubectl(underTest, [
            "get",
            "configmaps",
            "--all-namespaces",
            "--output=yaml",
        ]);
        assert.ok(!configMaps.includes(clear));
        const onDisk = await execa(
            "grep",
            ["--recursive", "--files-with-matches", "--text", clear, underTest.dir],
            { reject: false },
        );
        assert.equal(onDisk.stdout, "", "the password is on the disk in clear");
    });

    it("repairs what was changed by hand", async () => {
        await kubectl(underTest, [
            "--namespace=queue",
            "patch",
            "service",
            "producer",
            "--type=merge",
            '--patch={"spec":{"ports":[{"port":80,"targetPort":1}]}}',
        ]);
        const report = await runner().up();
        assertOk(report);
        assert.equal(report.counts.update, 1);
    });

    it("has endpoints that open on this machine", async () => {
        const { stdout } = await local("outputs");
        const outputs = JSON.parse(stdout) as Record<string, string>;
        assert.equal(outputs.grafanaUrl, null);
        for (const url of [
            `${outputs.prometheusUrl}/-/ready`,
            `${outputs.alertmanagerUrl}/-/ready`,
            `${outputs.producerUrl}/healthz`,
            `${outputs.podinfoUrl}/healthz`,
            `${outputs.hashUrl}/healthz`,
            `${outputs.gpuUrl}/healthz`,
        ]) {
            assert.equal((await fetch(url)).status, 200, url);
        }
    });

    it("has every target up in Prometheus", async () => {
        const { stdout } = await local("outputs");
        const { prometheusUrl } = JSON.parse(stdout) as { prometheusUrl: string };
        const jobs = [
            "alertmanager",
            "dcgm-exporter",
            "gpu-server",
            "hash",
            "keda-metrics-apiserver",
            "keda-operator",
            "kubelet",
            "llm-proxy",
            "node-exporter",
            "podinfo",
            "producer",
            "prometheus",
            "prometheus-operator",
            "redis-exporter",
        ];
        await until("all targets up", 90, async () => {
            const answer = (await (await fetch(`${prometheusUrl}/api/v1/targets?state=active`)).json()) as {
                data: { activeTargets: { labels: { job: string }; health: string }[] };
            };
            const targets = answer.data.activeTargets;
            const seen = new Set(targets.map(({ labels }) => labels.job));
            return jobs.every((job) => seen.has(job)) && targets.every(({ health }) => health === "up")
                ? true
                : undefined;
        });
    });
});
