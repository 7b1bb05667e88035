import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chainLabel } from "../../components/autoscaling/autoscaler/chain";
import { dashboardUids } from "../../components/monitoring/dashboards/uids";
import { deadMansSwitchFiles } from "../../components/monitoring/dead-mans-switch/pod";

const python = spawnSync("python3", ["--version"], { encoding: "utf8" });

interface PostedAlert {
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
    readonly startsAt: string;
    readonly endsAt: string;
}

/** Alertmanager and the API server, as far as the switch asks them. */
class Peers {
    /** When Alertmanager got Watchdog last; undefined once it has resolved it. */
    updatedAt: string | undefined = "2026-01-01T00:00:00.000Z";
    /** Whether Alertmanager answers. */
    answers = true;
    /** Whether Alertmanager takes alerts. */
    takes = true;
    /** The ConfigMaps that describe autoscalers; undefined where the API server refuses. */
    chains: unknown[] | undefined = [];
    readonly posts: PostedAlert[][] = [];
    readonly asked: string[] = [];
    private readonly server: Server = createServer(
        (request, response) => void this.answer(request, response),
    );

    async start(): Promise<string> {
        this.server.listen(0, "127.0.0.1");
        await once(this.server, "listening");
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    stop(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    /** The alerts that last, as Alertmanager has them now, by name and autoscaler. */
    lasting(): string[] {
        const now = new Date().toISOString();
        const known = new Map(this.posts.flat().map((alert) => [JSON.stringify(alert.labels), alert]));
        return [...known.values()]
            .filter(({ endsAt }) => endsAt > now)
            .map(({ labels }) => [labels.alertname, labels.namespace, labels.autoscaler].join(" ").trim())
            .sort();
    }

    private async answer(request: IncomingMessage, response: ServerResponse) {
        const url = new URL(request.url ?? "", "http://peers");
        this.asked.push(`${request.method} ${url.pathname}?${url.searchParams}`);
        let body = "";
        for await (const part of request) body += part;
        const reply = (status: number, value: unknown) => {
            response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
        };
        if (url.pathname === "/api/v1/configmaps") {
            return this.chains ? reply(200, { items: this.chains }) : reply(403, { message: "forbidden" });
        }
        if (!this.answers) return reply(503, "down");
        if (request.method === "POST") {
            if (!this.takes) return reply(500, "full");
            this.posts.push(JSON.parse(body));
            return response.writeHead(200).end();
        }
        return reply(200, this.updatedAt ? [{ updatedAt: this.updatedAt }] : []);
    }
}

const chain = (namespace: string, autoscaler: string, via: string) => ({
    metadata: { namespace, labels: { [chainLabel]: autoscaler } },
    data: { "chain.json": JSON.stringify({ signals: [{ via }] }) },
});

describe("dead man's switch program", function () {
    this.timeout(20_000);
    before(() => {
        const missing = "python3 is not on the PATH; install it (Debian, Ubuntu: apt-get install python3)";
        assert.equal(python.status, 0, missing);
    });

    let folder: string;
    let peers: Peers;
    let peersUrl: string;
    let running: ChildProcess | undefined;
    let log = "";
    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "dead-mans-switch-"));
        for (const [file, text] of Object.entries(deadMansSwitchFiles()))
            writeFileSync(join(folder, file), text);
        peers = new Peers();
        peersUrl = await peers.start();
        log = "";
    });
    afterEach(() => {
        running?.kill("SIGKILL");
        peers.stop();
        rmSync(folder, { recursive: true });
    });

    /** Starts it and waits until it serves, unless it ends at once; returns its address. */
    async function start(env: Record<string, string> = {}): Promise<string> {
        const port = await freePort();
        const child = spawn("python3", ["-S", "-E", "-u", "-B", join(folder, "switch.py")], {
            env: {
                PATH: process.env.PATH,
                PORT: `${port}`,
                ALERTMANAGER_URL: peersUrl,
                KUBERNETES_URL: peersUrl,
                CHAIN_LABEL: chainLabel,
                NAMESPACE: "watch",
                SILENCE_SECONDS: "2",
                TICK_SECONDS: "0.05",
                ...env,
            },
        });
        running = child;
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += data));
        const url = `http://127.0.0.1:${port}`;
        await until(async () => child.exitCode !== null || (await fetch(`${url}/healthz`)).ok);
        return url;
    }

    const webhook = (url: string) => fetch(`${url}/watchdog`, { method: "POST", body: "{}" });

    /** Heartbeats for a while: webhooks, each with a Watchdog that was sent anew. */
    async function beat(url: string, seconds: number) {
        const end = Date.now() + seconds * 1000;
        while (Date.now() < end) {
            peers.updatedAt = new Date().toISOString();
            assert.equal((await webhook(url)).status, 200);
            await sleep(100);
        }
    }

    it("is silent as long as Prometheus is heard", async () => {
        peers.chains = [chain("shop", "web", "custom")];
        await beat(await start({ SILENCE_SECONDS: "4" }), 5);
        assert.deepEqual(peers.posts, []);
    });

    it("raises an alert on Prometheus and one on every autoscaler when there are no webhooks", async () => {
        peers.chains = [chain("shop", "web", "custom"), chain("queue", "consumer", "direct")];
        await start();
        await until(async () => peers.posts.length > 0, said);
        assert.deepEqual(peers.lasting(), [
            "AutoscalerBlind queue consumer",
            "AutoscalerBlind shop web",
            "PrometheusSilent watch",
        ]);
        const [silent, consumer, web] = peers.posts[0] as [PostedAlert, PostedAlert, PostedAlert];
        assert.deepEqual(web.labels, {
            alertname: "AutoscalerBlind",
            severity: "critical",
            hop: "prometheus",
            namespace: "shop",
            autoscaler: "web",
        });
        assert.equal(silent.labels.severity, "critical");
        assert.match(
            web.annotations.description ?? "",
            /its replicas stay as they are\. See: doctor shop\/web\.$/,
        );
        assert.match(consumer.annotations.description ?? "", /^It scales without Prometheus/);
        const leads = ({ annotations }: PostedAlert) => [
            annotations.runbook_url,
            annotations.__dashboardUid__,
        ];
        const page = "docs/runbooks/autoscaler.md";
        assert.deepEqual(leads(web), [`${page}#autoscalerblind`, dashboardUids.workload]);
        assert.deepEqual(leads(silent), [`${page}#prometheussilent`, dashboardUids.monitoring]);
        assert.equal(Object.keys(web.annotations).length, 4);
    });

    it("leads to runbooks by addresses where it is told where those are read", async () => {
        await start({ RUNBOOKS_URL: "https://git.example.com/a" });
        await until(async () => peers.posts.length > 0, said);
        assert.equal(
            peers.posts[0]?.[0]?.annotations.runbook_url,
            "https://git.example.com/a/docs/runbooks/autoscaler.md#prometheussilent",
        );
    });

    it("is not taken in by webhooks that Alertmanager goes on sending", async () => {
        const url = await start();
        await beat(url, 0.5);
        // Prometheus has gone; what it sent last fires on.
        const stop = setInterval(() => void webhook(url).catch(() => undefined), 100);
        await until(async () => peers.lasting().includes("PrometheusSilent watch"), said).finally(() =>
            clearInterval(stop),
        );
    });

    it("takes no webhook for a heartbeat whose Watchdog has ended, or is older", async () => {
        const url = await start();
        await beat(url, 0.3);
        for (const updatedAt of [undefined, "2020-01-01T00:00:00.000Z"]) {
            peers.updatedAt = updatedAt;
            await webhook(url);
        }
        await until(async () => peers.posts.length > 0, said);
        const metrics = await (await fetch(`${url}/metrics`)).text();
        const heartbeats = Number(/^dead_mans_switch_heartbeats_total (\d+)$/m.exec(metrics)?.[1]);
        assert.ok(heartbeats >= 1 && heartbeats <= 4, metrics);
    });

    it("keeps the alerts up while there is silence, and lets them end by themselves without it", async () => {
        await start();
        await until(async () => peers.posts.length > 10, said);
        const ends = peers.posts.map(([alert]) => Date.parse(alert?.endsAt ?? ""));
        assert.ok((ends.at(-1) as number) > (ends[0] as number));
        const starts = new Set(peers.posts.map(([alert]) => alert?.startsAt));
        assert.equal(starts.size, 1);
        const left = (ends.at(-1) as number) - Date.now();
        assert.ok(left > 50_000 && left < 62_000, `${left} ms`);
    });

    it("ends the alerts when Prometheus is heard again", async () => {
        peers.chains = [chain("shop", "web", "custom")];
        const url = await start();
        await until(async () => peers.lasting().length === 2, said);
        await beat(url, 0.5);
        await until(async () => peers.lasting().length === 0, said);
        assert.match(log, /no heartbeat for 2 s: 2 alerts raised\nPrometheus is heard again: 2 alerts ended/);
        const posts = peers.posts.length;
        await beat(url, 0.3);
        assert.equal(peers.posts.length, posts);
    });

    it("ends them later where Alertmanager does not take it at once", async () => {
        const url = await start({ SILENCE_SECONDS: "3" });
        await until(async () => peers.lasting().length === 1, said);
        peers.takes = false;
        peers.updatedAt = new Date().toISOString();
        await webhook(url);
        await until(async () => /did not take 1 alerts/.test(log), said);
        peers.takes = true;
        await until(async () => peers.lasting().length === 0, said);
    });

    it("goes on trying where Alertmanager does not answer, and says so", async () => {
        peers.answers = false;
        const url = await start();
        await until(async () => /Alertmanager did not take 1 alerts/.test(log), said);
        assert.equal((await webhook(url)).status, 503);
        const metrics = await (await fetch(`${url}/metrics`)).text();
        assert.match(metrics, /^dead_mans_switch_failures_total\{peer="alertmanager"\} [1-9]/m);
        peers.answers = true;
        await until(async () => peers.posts.length > 0, said);
    });

    it("raises the alarm on Prometheus though it cannot read which autoscalers there are", async () => {
        peers.chains = undefined;
        const url = await start();
        await until(async () => peers.lasting().join() === "PrometheusSilent watch", said);
        assert.match(log, /cannot read which autoscalers there are; 0 are known: GET .*403/);
        const metrics = await (await fetch(`${url}/metrics`)).text();
        assert.match(metrics, /^dead_mans_switch_failures_total\{peer="kubernetes"\} [1-9]/m);
    });

    it("names an autoscaler whose description cannot be read", async () => {
        const broken = { ...chain("shop", "broken", ""), data: { "chain.json": "{" } };
        peers.chains = [
            broken,
            { ...broken, metadata: chain("shop", "empty", "").metadata, data: undefined },
        ];
        await start();
        await until(async () => peers.lasting().length === 3, said);
        const [, first] = peers.posts[0] as PostedAlert[];
        assert.match(first?.annotations.description ?? "", /its replicas stay as they are/);
    });

    it("asks for the ConfigMaps of autoscalers alone, and for Watchdog alone", async () => {
        const url = await start();
        await webhook(url);
        const label = new URLSearchParams({ labelSelector: chainLabel });
        assert.ok(peers.asked.includes(`GET /api/v1/configmaps?${label}`), peers.asked.join("\n"));
        const filter = new URLSearchParams({ filter: 'alertname="Watchdog"' });
        assert.ok(peers.asked.includes(`GET /api/v2/alerts?${filter}`), peers.asked.join("\n"));
    });

    it("says which requests there are, and ends when it is told to", async () => {
        const url = await start();
        assert.equal((await fetch(`${url}/watchdog`)).status, 404);
        assert.equal((await fetch(`${url}/other`, { method: "POST", body: "x" })).status, 404);
        running?.kill("SIGTERM");
        assert.deepEqual(await once(running as ChildProcess, "exit"), [0, null]);
    });

    it("does not start with a silence that is none, or without an address", async () => {
        for (const [name, value] of [
            ["SILENCE_SECONDS", "soon"],
            ["SILENCE_SECONDS", "0"],
            ["ALERTMANAGER_URL", ""],
        ] as const) {
            log = "";
            await start({ [name]: value });
            await until(async () => running?.exitCode === 2, said);
            await until(async () => log.startsWith(`${name}: was given `), said);
        }
    });

    const said = () => log;
});

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/** Waits until something is so; fails after 8 s. */
async function until(check: () => Promise<boolean>, context = () => ""): Promise<void> {
    const deadline = Date.now() + 8000;
    while (Date.now() < deadline) {
        if (await check().catch(() => false)) return;
        await sleep(10);
    }
    assert.fail(`not within 8 s. ${context()}`);
}
