import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instance } from "../../../local/instance";
import { addons } from "../../../local/node/addons";
import { authority } from "../../../local/node/certificates";
import { kubeletConfiguration, writeConfiguration } from "../../../local/node/configuration";
import { commands, type NodeSettings, runScript } from "../../../local/node/services";
import { otherThanAsked } from "../../../local/start-cluster";

const ports = {
    "api-server": 16443,
    prometheus: 19090,
    alertmanager: 19093,
    producer: 18080,
    podinfo: 19898,
    hash: 18000,
    llm: 11435,
    gpu: 18001,
    loki: 13100,
};

describe("an instance", () => {
    it("shares nothing with another checkout's, nor with another of its own", () => {
        const all = [instance("dev", "/a"), instance("dev", "/b"), instance("test", "/a")];
        for (const key of ["id", "dir", "kubeconfig"] as const) {
            assert.equal(new Set(all.map((one) => one[key])).size, 3, key);
        }
        assert.deepEqual(instance("dev", "/a"), all[0]);
    });
});

describe("certificates", () => {
    it("are signed by the authority, for the subject and the hosts", async () => {
        const ca = await authority("kubernetes");
        const issued = await ca.issue("CN=kube-apiserver,O=system:masters", ["10.96.0.1", "localhost"]);
        const certificate = new X509Certificate(issued.certificate);
        assert.ok(certificate.verify(new X509Certificate(ca.certificate).publicKey));
        assert.match(certificate.subject, /CN=kube-apiserver/);
        assert.match(certificate.subject, /O=system:masters/);
        assert.ok(certificate.checkIP("10.96.0.1"));
        assert.ok(certificate.checkHost("localhost"));
        assert.equal(certificate.checkHost("example.com"), undefined);
    });

    it("for clients alone serve nobody", async () => {
        const client = new X509Certificate((await (await authority("a")).issue("CN=b")).certificate);
        assert.deepEqual(client.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
    });
});

describe("the node's configuration", () => {
    let etc: string;

    before(() => {
        etc = mkdtempSync(join(tmpdir(), "etc-"));
    });

    after(() => rmSync(etc, { recursive: true }));

    it("is readable by its owner alone, and has a key of its own for Secrets", async () => {
        const kubeconfig = await writeConfiguration(etc, "group", ports);
        assert.match(kubeconfig, /server: https:\/\/127\.0\.0\.1:16443/);
        for (const entry of readdirSync(etc, { withFileTypes: true }).filter((one) => one.isFile())) {
            assert.equal(statSync(join(etc, entry.name)).mode & 0o077, 0, entry.name);
        }
        const first = readFileSync(join(etc, "encryption.yaml"), "utf8");
        await writeConfiguration(etc, "group", ports);
        assert.notEqual(readFileSync(join(etc, "encryption.yaml"), "utf8"), first);
    });

    it("keeps the kubelet to the instance's control group", () => {
        assert.equal((kubeletConfiguration("group") as { cgroupRoot: string }).cgroupRoot, "/group");
    });
});

describe("services", () => {
    it("name only files that the node's configuration writes", async () => {
        const etc = mkdtempSync(join(tmpdir(), "etc-"));
        await writeConfiguration(etc, "group", ports);
        const written = new Set(readdirSync(etc, { recursive: true }) as string[]);
        const flags = Object.values(commands({ kubernetes: "k", etcd: "e" })).flat();
        const named = flags.flatMap((flag) => flag.match(/\/etc\/kubernetes\/(.+)/)?.[1] ?? []);
        assert.ok(named.length > 15);
        assert.deepEqual(
            named.filter((name) => !written.has(name)),
            [],
        );
        rmSync(etc, { recursive: true });
    });

    it("look at autoscalers as often as asked for, each second if nobody asks, and let them go to zero", () => {
        const manager = (settings?: NodeSettings) =>
            commands({ kubernetes: "k", etcd: "e" }, settings)["kube-controller-manager"] ?? [];
        assert.ok(manager().includes("--horizontal-pod-autoscaler-sync-period=1s"));
        assert.ok(manager({ hpaSyncPeriod: "15s" }).includes("--horizontal-pod-autoscaler-sync-period=15s"));
        const gated = Object.entries(commands({ kubernetes: "k", etcd: "e" }))
            .filter(([, command]) => command.includes("--feature-gates=HPAScaleToZero=true"))
            .map(([name]) => name);
        // The API server has to accept what the controller-manager then does.
        assert.deepEqual(gated, ["kube-apiserver", "kube-controller-manager"]);
    });

    it("become scripts that replace their shell and write a log", () => {
        assert.equal(
            runScript("etcd", ["/opt/etcd", "--flag"]),
            "#!/bin/sh\nexec /opt/etcd \\\n    --flag >>/var/log/etcd.log 2>&1\n",
        );
    });
});

describe("a cluster that runs", () => {
    const running = { ports, settings: { hpaSyncPeriod: "15s" } };

    it("is what nobody asks to be otherwise", () => {
        assert.deepEqual(otherThanAsked(running, {}), []);
        const same = { ports: { prometheus: 19090 }, settings: { hpaSyncPeriod: "15s" } };
        assert.deepEqual(otherThanAsked(running, same), []);
    });

    it("says all that it has other than asked for", () => {
        assert.deepEqual(
            otherThanAsked(running, { ports: { producer: 8181 }, settings: { hpaSyncPeriod: "1s" } }),
            ["producer is at port 18080, not 8181", "autoscalers are looked at every 15s, not 1s"],
        );
    });
});

describe("addons", () => {
    it("tell recipes where each node port is reached", () => {
        const endpoints = addons(ports).find(
            ({ metadata }) => metadata?.name === "local-endpoints",
        ) as unknown as {
            data: Record<string, string>;
        };
        assert.equal(endpoints.data["30090"], "http://127.0.0.1:19090");
        assert.equal(endpoints.data["30080"], "http://127.0.0.1:18080");
        assert.equal(endpoints.data["30898"], "http://127.0.0.1:19898");
        assert.equal(endpoints.data["30800"], "http://127.0.0.1:18000");
    });
});
