import assert from "node:assert/strict";
import { createServer } from "node:net";
import { endpoints } from "../../../local/node/network";
import { choosePorts, isOlder, type Machine, machineProblems, required } from "../../../local/preflight";

const gib = 2 ** 30;
const good: Machine = {
    platform: "linux",
    architecture: "x64",
    uid: 0,
    node: "20.20.2",
    go: "go version go1.26.8 linux/amd64",
    missing: [],
    memoryBytes: 24 * gib,
    freeDiskBytes: 60 * gib,
    namespaces: undefined,
    missingModules: [],
    warm: false,
};

describe("machineProblems", () => {
    it("has nothing to say of a machine that will do", () => {
        assert.deepEqual(machineProblems(good), []);
    });

    it("says of each problem what is, what must be and what to do, all at once", () => {
        const bad: Machine = {
            ...good,
            uid: 1000,
            node: "18.19.0",
            go: undefined,
            missing: ["mmdebstrap"],
            namespaces: "unshare failed: Operation not permitted",
            missingModules: ["br_netfilter"],
            memoryBytes: 4 * gib,
            freeDiskBytes: 3 * gib,
        };
        assert.deepEqual(machineProblems(bad), [
            "You are user 1000; needs root, to make namespaces and mounts; run it with sudo",
            "Node.js is 18.19.0; needs 20.19 or later, or 22.12 or later; install it from nodejs.org",
            `Go is not installed; needs ${required.go} or later, to build Kubernetes; install it from go.dev/dl`,
            "Namespaces are refused (unshare failed: Operation not permitted); needs CAP_SYS_ADMIN; give this container the right, or use a virtual machine",
            "The kernel has no br_netfilter; needs it, for the pods' network and images; load it on the host with `modprobe br_netfilter`",
            "mmdebstrap is not installed; needs it, and there is no apt-get to install it with; install it with the package manager of this machine",
            "There are 4.0 GiB of memory; needs 6 GiB; use a larger machine",
            "There are 3.0 GiB free on the disk; needs 15 GiB; make room, or set XDG_CACHE_HOME to a larger disk",
        ]);
    });

    it("refuses a Go that is too old, and Node.js 20 before require() of modules", () => {
        const problems = machineProblems({ ...good, go: "go version go1.25.1 linux/amd64", node: "20.18.0" });
        assert.equal(problems.length, 2);
        assert.match(problems.join("\n"), /Go is 1\.25\.1; needs 1\.26/);
        assert.match(problems.join("\n"), /Node\.js is 20\.18\.0/);
    });

    it("says of another system only that it is another system", () => {
        const problems = machineProblems({ ...good, platform: "darwin", architecture: "arm64", uid: 501 });
        assert.deepEqual(problems, [
            "This machine runs darwin on arm64; needs Linux on x64; use such a machine or a virtual one",
        ]);
    });

    it("asks for less disk when everything is built", () => {
        assert.deepEqual(machineProblems({ ...good, freeDiskBytes: 5 * gib, warm: true }), []);
        assert.equal(machineProblems({ ...good, freeDiskBytes: 5 * gib }).length, 1);
    });
});

describe("isOlder", () => {
    it("compares number by number", () => {
        assert.ok(isOlder("1.26.3", "1.26.4"));
        assert.ok(isOlder("1.9", "1.10"));
        assert.ok(!isOlder("1.26.4", "1.26.4"));
        assert.ok(!isOlder("1.27", "1.26.4"));
    });
});

describe("choosePorts", () => {
    it("refuses every port that was asked for and is taken, at once", async () => {
        const servers = await Promise.all([listen(), listen()]);
        const [prometheus, producer] = servers.map(({ port }) => port) as [number, number];
        try {
            await assert.rejects(choosePorts({ prometheus, producer }), (error: Error) => {
                assert.match(error.message, new RegExp(`port ${prometheus} for prometheus is taken`));
                assert.match(error.message, new RegExp(`port ${producer} for producer is taken`));
                return true;
            });
        } finally {
            for (const { close } of servers) close();
        }
    });

    it("gives every endpoint a port of its own, and the ones asked for", async () => {
        const { port, close } = await listen();
        close();
        const ports = await choosePorts({ alertmanager: port });
        assert.equal(ports.alertmanager, port);
        assert.equal(new Set(Object.values(ports)).size, Object.keys(endpoints).length);
    });
});

function listen(): Promise<{ port: number; close: () => void }> {
    return new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () =>
            resolve({ port: (server.address() as { port: number }).port, close: () => server.close() }),
        );
    });
}
