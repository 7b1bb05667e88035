import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { freePort } from "./support/llm-simulator";

const program = join(__dirname, "..", "..", "components", "apps", "gpu", "exporter.py");
const prefix = "pulumi-kube-observability/simulated-gpu-";

/** Annotations by the names that follow the prefix. */
function annotations(said: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(said).map(([name, value]) => [prefix + name, value]));
}

/** As much of an API server, and of pods, as the exporter sees. */
class FakeApi {
    readonly capacity: Record<string, string | null> = { one: null };
    /** What the nodes' annotations say, by their names after the prefix. */
    ofNodes: Record<string, string> = {};
    pods: object[] = [];
    load = "0.25";
    fails = false;
    private readonly server: Server = createServer((request, response) => this.answer(request, response));

    async start(): Promise<void> {
        this.server.listen(0, "127.0.0.1");
        await once(this.server, "listening");
    }

    get port(): number {
        return (this.server.address() as AddressInfo).port;
    }

    stop(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    /** A pod on the node that asks for GPUs. */
    pod(name: string, gpus: number, load?: string, more: Readonly<Record<string, string>> = {}): void {
        this.pods.push({
            metadata: {
                uid: name,
                name,
                namespace: "scale",
                creationTimestamp: `2026-01-01T00:00:0${this.pods.length}Z`,
                annotations: annotations({ ...(load !== undefined && { load }), ...more }),
            },
            spec: {
                nodeName: "one",
                containers: [{ name: "c", resources: { limits: { "nvidia.com/gpu": `${gpus}` } } }],
            },
            status: { podIP: "127.0.0.1" },
        });
    }

    private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        let body = "";
        for await (const chunk of request) body += chunk;
        const [path] = (request.url ?? "").split("?");
        if (path === "/load") return void response.end(this.load);
        if (this.fails) return void response.writeHead(500).end("no");
        if (request.method === "PATCH") {
            const name = path?.split("/")[4] as string;
            this.capacity[name] = JSON.parse(body).status.capacity["nvidia.com/gpu"];
            return void response.end("{}");
        }
        const nodes = Object.entries(this.capacity).map(([name, gpus]) => ({
            metadata: { name, annotations: annotations(this.ofNodes) },
            status: { capacity: gpus === null ? {} : { "nvidia.com/gpu": gpus } },
        }));
        response.end(JSON.stringify({ items: path === "/api/v1/pods" ? this.pods : nodes }));
    }
}

describe("simulated GPUs program", function () {
    this.timeout(20_000);
    let api: FakeApi;
    let child: ChildProcess | undefined;
    let url: string;
    let log = "";

    beforeEach(async () => {
        api = new FakeApi();
        await api.start();
        log = "";
        url = `http://127.0.0.1:${await freePort()}`;
    });
    afterEach(() => {
        child?.kill("SIGKILL");
        api.stop();
    });

    async function started(): Promise<void> {
        child = spawn("python3", ["-S", "-E", "-u", "-B", program], {
            env: {
                PATH: process.env.PATH,
                HOME: process.env.HOME,
                KUBERNETES_URL: `http://127.0.0.1:${api.port}`,
                PORT: new URL(url).port,
                GPUS_PER_NODE: "3",
                COLLECT_SECONDS: "0.1",
            },
        });
        for (const stream of [child.stdout, child.stderr]) {
            stream?.on("data", (data) => {
                log += data;
            });
        }
        await until(async () => (await fetch(`${url}/metrics`)).ok).catch(() =>
            assert.fail(`not ready: ${log}`),
        );
    }

    /** Utilization by the pod that holds the GPU; of the others by their index. */
    async function utilization(): Promise<Record<string, number>> {
        const text = await (await fetch(`${url}/metrics`)).text();
        const series = [...text.matchAll(/^DCGM_FI_DEV_GPU_UTIL\{gpu="(\d+)".*pod="([^"]*)"\} (\S+)$/gm)];
        return Object.fromEntries(series.map(([, gpu, pod, value]) => [pod || `${gpu}`, Number(value)]));
    }

    /** A metric of the GPUs, by index; undefined where there is none. */
    async function figures(metric: string): Promise<(number | undefined)[]> {
        const text = await (await fetch(`${url}/metrics`)).text();
        return ["0", "1", "2"].map((gpu) => {
            const value = new RegExp(`^${metric}\\{gpu="${gpu}".*\\} (\\S+)$`, "m").exec(text)?.[1];
            return value === undefined ? undefined : Number(value);
        });
    }

    /** How many annotations the exporter has refused. */
    async function refused(): Promise<number> {
        const text = await (await fetch(`${url}/metrics`)).text();
        return Number(/^simulated_gpu_annotations_refused (\d+)$/m.exec(text)?.[1]);
    }

    async function becomes(expected: Record<string, number>): Promise<void> {
        let seen = {};
        await until(async () => {
            seen = await utilization();
            return JSON.stringify(seen) === JSON.stringify(expected);
        }).catch(() => assert.deepEqual(seen, expected));
    }

    it("puts GPUs on the node, again when they are gone, and takes them away when it ends", async () => {
        await started();
        assert.equal(api.capacity.one, "3");
        api.capacity.one = null;
        await until(async () => api.capacity.one === "3");
        child?.kill("SIGTERM");
        await once(child as ChildProcess, "exit");
        assert.equal(api.capacity.one, null);
    });

    it("asks a pod how busy it is, takes a percentage as it is, and leaves the others idle", async () => {
        api.pod("asked", 1, `${api.port}/load`);
        api.pod("told", 1, "60");
        await started();
        await becomes({ asked: 25, told: 60, 2: 0 });
        api.load = "1";
        await becomes({ asked: 100, told: 60, 2: 0 });
    });

    it("has no utilization of a pod that does not say, and says why, once", async () => {
        api.pod("mute", 1, "1/load");
        api.pod("wrong", 1, `${api.port}/load`);
        api.load = "many";
        await started();
        await becomes({ 2: 0 });
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert.equal(log.match(/scale\/mute does not say how busy it is/g)?.length, 1);
        assert.equal(log.match(/scale\/wrong does not say how busy it is/g)?.length, 1);
        const text = await (await fetch(`${url}/metrics`)).text();
        assert.match(text, /^DCGM_FI_DEV_FB_USED\{.*pod="mute"\} 24576$/m);
        api.load = "0.5";
        await becomes({ wrong: 50, 2: 0 });
    });

    it("has the memory, the temperature and the error that a pod says of its GPUs, and usual ones of the others", async () => {
        api.pod("ill", 1, "50", { memory: "98.5", temperature: "91", xid: "79" });
        api.pod("well", 1, "50");
        await started();
        assert.deepEqual(await figures("DCGM_FI_DEV_FB_USED"), [40346, 24576, 0]);
        assert.deepEqual(await figures("DCGM_FI_DEV_FB_FREE"), [614, 16384, 40960]);
        assert.deepEqual(await figures("DCGM_FI_DEV_GPU_TEMP"), [91, 52, 32]);
        assert.deepEqual(await figures("DCGM_FI_DEV_XID_ERRORS"), [79, 0, 0]);
        assert.deepEqual(await figures("DCGM_FI_DEV_GPU_UTIL"), [50, 50, 0]);
        api.pods = [];
        await until(async () => (await figures("DCGM_FI_DEV_XID_ERRORS"))[0] === 0);
        assert.deepEqual(await figures("DCGM_FI_DEV_GPU_TEMP"), [32, 32, 32]);
    });

    it("has what a node says of its GPUs, those that nobody holds too, unless their pod says otherwise", async () => {
        api.ofNodes = { load: "80", temperature: "95", xid: "48" };
        api.pod("own", 1, "10", { xid: "13" });
        api.pod("quiet", 1);
        await started();
        assert.deepEqual(await figures("DCGM_FI_DEV_GPU_UTIL"), [10, 80, 80]);
        assert.deepEqual(await figures("DCGM_FI_DEV_GPU_TEMP"), [95, 95, 95]);
        assert.deepEqual(await figures("DCGM_FI_DEV_XID_ERRORS"), [13, 48, 48]);
        assert.deepEqual(await figures("DCGM_FI_DEV_FB_USED"), [24576, 24576, 0]);
        api.ofNodes = {};
        await becomes({ own: 10, quiet: 0, 2: 0 });
        assert.equal(await refused(), 0);
    });

    it("has no figure of what is said wrongly, says so once and counts it until it is right", async () => {
        api.ofNodes = { load: "8080/load" };
        api.pod("wrong", 1, "many", { memory: "101", temperature: "nan", xid: "7.5" });
        api.pod("right", 1, "70");
        await started();
        assert.equal(await refused(), 5);
        const none = [undefined, 24576, 0];
        assert.deepEqual(await figures("DCGM_FI_DEV_FB_USED"), none);
        assert.deepEqual(await figures("DCGM_FI_DEV_GPU_TEMP"), [undefined, 60, undefined]);
        assert.deepEqual(await figures("DCGM_FI_DEV_XID_ERRORS"), [undefined, 0, 0]);
        assert.deepEqual(await figures("DCGM_FI_DEV_GPU_UTIL"), [undefined, 70, undefined]);
        await new Promise((resolve) => setTimeout(resolve, 500));
        const said = (object: string, name: string, why: string) =>
            log.split(`${object}: annotation ${prefix}${name} is ${why}`).length - 1;
        assert.equal(
            said("pod scale/wrong", "load", "'many'; allowed: a number from 0 to 100, or PORT/PATH"),
            1,
        );
        assert.equal(said("pod scale/wrong", "memory", "'101'; allowed: a number from 0 to 100"), 1);
        assert.equal(said("pod scale/wrong", "temperature", "'nan'; allowed: a number from 0 to 150"), 1);
        assert.equal(said("pod scale/wrong", "xid", "'7.5'; allowed: a whole number from 0 to 999"), 1);
        assert.equal(said("node one", "load", "'8080/load'; allowed: a number from 0 to 100"), 1);
        api.ofNodes = {};
        api.pods.shift();
        await until(async () => (await refused()) === 0);
    });

    it("leaves a pod the GPUs that it has, and gives those of one that is gone to others", async () => {
        api.pod("first", 1, "10");
        api.pod("second", 2, "20");
        await started();
        const holders = async () => {
            const text = await (await fetch(`${url}/metrics`)).text();
            return [...text.matchAll(/^DCGM_FI_DEV_XID_ERRORS\{.*pod="([^"]*)"\}/gm)].map(([, pod]) => pod);
        };
        assert.deepEqual(await holders(), ["first", "second", "second"]);
        api.pods.shift();
        api.pod("third", 1, "30");
        await until(async () => (await holders())[0] === "third");
        assert.deepEqual(await holders(), ["third", "second", "second"]);
    });

    it("shows no old figures: it answers 503 when the API server has not been reached for long", async () => {
        await started();
        api.fails = true;
        await until(async () => (await fetch(`${url}/metrics`)).status === 503, 15_000);
        assert.equal((await fetch(`${url}/healthz`)).status, 200);
        api.fails = false;
        await until(async () => (await fetch(`${url}/metrics`)).ok);
    });
});

/** Waits until something is so; fails after a time. */
async function until(check: () => Promise<boolean>, milliseconds = 8000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (Date.now() < deadline) {
        if (await check().catch(() => false)) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.fail(`not within ${milliseconds / 1000} s`);
}
