import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { buildTimes, coldFigures, firstAnswer } from "../../local/bench/cold";

describe("the build log of a cold start", () => {
    it("has the seconds of each artifact that was made", () => {
        const log = [
            "== Kubernetes",
            "k8s.io/kubernetes/cmd: 3 s",
            "== redis: a server",
            "== redis: a server: 7 s",
            "== Kubernetes: 312 s",
            "== Grafana",
            "exit status 1",
        ].join("\n");
        assert.deepEqual(buildTimes(`${log}\n`), { "redis: a server": 7, Kubernetes: 312 });
    });

    it("has none where nothing was made", () => {
        assert.deepEqual(buildTimes(""), {});
    });
});

describe("the figures of a cold start", () => {
    const cold = { totalSeconds: 1200, firstEndpointSeconds: 780, compileSeconds: 1080, artifacts: {} };
    const rows = (change: Partial<typeof cold> | { firstEndpointSeconds: null }) =>
        coldFigures({ ...cold, ...change }).map(({ measured, met }) => [measured, met]);

    it("are minutes, the last of them without the Go builds", () => {
        assert.deepEqual(rows({}), [
            ["20.00 min", true],
            ["13.00 min", true],
            ["2.00 min", true],
        ]);
        assert.match(coldFigures(cold)[2]?.figure ?? "", /total minus the Go builds/);
    });

    it("are missed at their limits", () => {
        const slow = { totalSeconds: 1500, firstEndpointSeconds: 840, compileSeconds: 1320 };
        assert.deepEqual(
            rows(slow).map(([, met]) => met),
            [false, false, false],
        );
    });

    it("do not take an endpoint that never answered for one that did at once", () => {
        assert.deepEqual(rows({ firstEndpointSeconds: null })[1], ["not measured", null]);
    });
});

describe("the first answer of a cold start", () => {
    let clone: string;
    let server: Server;
    before(async () => {
        clone = await mkdtemp(join(tmpdir(), "bench-cold-"));
        await mkdir(join(clone, ".cluster/dev"), { recursive: true });
        server = createServer((request, response) =>
            response.writeHead(request.url === "/-/ready" ? 200 : 404).end(),
        );
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    after(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await rm(clone, { recursive: true });
    });
    const record = (text: string) => writeFile(join(clone, ".cluster/dev/node.json"), text);

    it("is still to come where the record is half written, or names no port yet", async () => {
        for (const text of ["", '{"ports": {"prom', "{}", "null"]) {
            await record(text);
            assert.equal(await firstAnswer(clone, { exitCode: 1 }), false, text);
        }
    });

    it("comes once the record is whole", async () => {
        const text = JSON.stringify({ ports: { prometheus: (server.address() as AddressInfo).port } });
        await record(text.slice(0, 9));
        const answered = firstAnswer(clone, { exitCode: null });
        setTimeout(() => void record(text), 100);
        assert.equal(await answered, true);
    });
});
