import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { kubectl } from "../../local/cluster";
import { cgroupProcesses } from "../../local/node/cgroups";
import { findNode } from "../../local/node/node";
import { local, before as machine, traces, underTest } from "./support";

describe("the embedded cluster", () => {
    before("nothing of an earlier run is left", async () => {
        await local("down");
        machine.traces = traces();
    });

    it("starts again after its start was killed", async () => {
        const first = local("cluster");
        // Killed as soon as there is something to leave behind.
        while (cgroupProcesses(underTest.id).length === 0 && first.exitCode === null) {
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        first.kill("SIGKILL");
        await first.catch(() => undefined);
        await local("cluster");
        assert.ok(await findNode(underTest));
    });

    it("has one ready node that reports the version it was built as", async () => {
        const nodes = JSON.parse(await kubectl(underTest, ["get", "nodes", "--output=json"]));
        assert.equal(nodes.items.length, 1);
        assert.match(nodes.items[0].status.nodeInfo.kubeletVersion, /^v1\.\d+\.\d+$/);
        const ready = nodes.items[0].status.conditions.find(
            (condition: { type: string }) => condition.type === "Ready",
        );
        assert.equal(ready.status, "True");
    });

    it("knows the file system of its root, without which nothing is ever evicted", async () => {
        const summary = JSON.parse(
            await kubectl(underTest, ["get", "--raw", "/api/v1/nodes/embedded/proxy/stats/summary"]),
        );
        assert.ok(summary.node.fs.capacityBytes > 0);
        assert.ok(summary.node.runtime.imageFs.capacityBytes > 0);
    });

    it("encrypts Secrets before they reach the disk", async () => {
        const canary = `canary-${Date.now()}`;
        await kubectl(underTest, [
            "create",
            "secret",
            "generic",
            "canary",
            `--from-literal=password=${canary}`,
        ]);
        const wal = join(underTest.dir, "var/lib/etcd/member/wal");
        const encoded = Buffer.from(canary).toString("base64");
        for (const text of [canary, encoded]) {
            const found = await execa("grep", ["--recursive", "--files-with-matches", "--text", text, wal], {
                reject: false,
            });
            assert.equal(found.stdout, "", `${text} is on the disk in clear`);
        }
        assert.ok(readdirSync(wal).length > 0);
        await kubectl(underTest, ["delete", "secret", "canary"]);
    });

    it("changes nothing on the host's network", () => {
        assert.ok(!readdirSync("/sys/class/net").some((name) => /^(cni|veth|node|nowhere)/.test(name)));
        assert.ok(existsSync(underTest.kubeconfig));
    });
});
