import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../../local/cluster";
import { checkout } from "../../local/instance";
import { cgroupPaths, cgroupProcesses } from "../../local/node/cgroups";
import { type RunEvent, Runner, readProject } from "../../local/runner";
import { before, local, processesNaming, traces, underTest } from "./support";

describe("make destroy and make down", () => {
    it("destroy leaves the cluster without anything of the program", async () => {
        const { name: project, program, config } = readProject(checkout, "dev");
        const slowest: { urn: string; seconds: number }[] = [];
        const onEvent = (event: RunEvent) => {
            if (event.type === "end") slowest.push(event);
        };
        const report = await new Runner({
            onEvent,
            project,
            stack: "dev",
            program,
            config,
            kubeconfig: underTest.kubeconfig,
        }).destroy();
        assert.deepEqual(report.failures, []);
        console.log(
            `      slowest: ${slowest
                .sort((a, b) => b.seconds - a.seconds)
                .slice(0, 4)
                .map(({ urn, seconds }) => `${urn.split("::").at(-1)} ${seconds.toFixed(1)} s`)
                .join(", ")}`,
        );
        const namespaces = await kubectl(underTest, [
            "get",
            "namespaces",
            "--output=jsonpath={.items[*].metadata.name}",
        ]);
        assert.deepEqual(namespaces.split(" ").sort(), [
            "default",
            "kube-node-lease",
            "kube-public",
            "kube-system",
        ]);
    });

    it("down leaves no process, control group, mount, network, interface or file", async () => {
        await local("down");
        assert.deepEqual(cgroupProcesses(underTest.id), []);
        assert.deepEqual(cgroupPaths(underTest.id), []);
        assert.deepEqual(processesNaming(underTest.dir), []);
        assert.ok(!existsSync(underTest.dir));
        await sleep(500); // the kernel takes namespaces down a moment after their last process
        const known = new Set(before.traces);
        assert.deepEqual(
            traces().filter((trace) => !known.has(trace)),
            [],
        );
    });
});
