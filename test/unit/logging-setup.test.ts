import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authority } from "../../local/node/certificates";

const source = join(__dirname, "..", "..", "components", "apps", "logging", "setup.py");
const python = spawnSync("python3", ["--version"], { encoding: "utf8" });

/** A request as the server has seen it. */
interface Seen {
    readonly method: string;
    readonly url: string;
    readonly authorization: string;
    readonly type: string;
    readonly body: unknown;
}

describe("logging setup program", () => {
    // Failed rather than left out: a run that skips the program would look like one that tested it.
    before(() => {
        const missing = "python3 is not on the PATH; install it (Debian, Ubuntu: apt-get install python3)";
        assert.equal(python.status, 0, missing);
    });

    /** Elasticsearch and the API server in one: what they were asked, and what they answer. */
    let server: Server;
    let seen: Seen[];
    let answer: (request: Seen) => number;
    let url: string;
    let folder: string;
    const requests = [
        { path: "_ilm/policy/p", body: { policy: 1 } },
        { path: "_index_template/t", body: { template: 2 } },
    ];

    beforeEach(async () => {
        seen = [];
        answer = () => 200;
        server = createServer(handle);
        url = `http://127.0.0.1:${await listen()}`;
        folder = mkdtempSync(join(tmpdir(), "logging-setup-"));
        write("ca.crt", "AUTHORITY\n");
        write("password", "secret\n");
        write("token", "token");
        write("requests.json", JSON.stringify(requests));
    });
    afterEach(async () => {
        server.close();
        rmSync(folder, { recursive: true });
    });

    async function handle(request: IncomingMessage, response: ServerResponse) {
        let text = "";
        for await (const part of request) text += part;
        const { authorization = "", "content-type": type = "" } = request.headers;
        const { method = "", url = "" } = request;
        const entry = { method, url, authorization, type, body: JSON.parse(text) };
        seen.push(entry);
        response.writeHead(answer(entry)).end('{"reason": "because"}');
    }

    async function listen(): Promise<number> {
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        return (server.address() as AddressInfo).port;
    }

    const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

    /** Runs it to its end. */
    async function run(env: Record<string, string> = {}): Promise<[code: number | null, log: string]> {
        // As the Job starts it, but for -B: the container cannot write caches, this checkout should not.
        const child = spawn("python3", ["-S", "-E", "-u", "-B", source], {
            env: {
                PATH: process.env.PATH,
                HOME: process.env.HOME,
                ELASTICSEARCH_URL: url,
                CA_FILE: join(folder, "ca.crt"),
                PASSWORD_FILE: join(folder, "password"),
                REQUESTS_FILE: join(folder, "requests.json"),
                KUBERNETES_URL: url,
                KUBERNETES_CA_FILE: join(folder, "ca.crt"),
                TOKEN_FILE: join(folder, "token"),
                TRUST_NAMESPACE: "log-collectors",
                TRUST_NAME: "elasticsearch-ca",
                PAUSE_SECONDS: "0.05",
                ...env,
            },
        });
        let log = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.on("data", (data) => {
                log += data;
            });
        }
        const [code] = await once(child, "close");
        return [code as number | null, log];
    }

    it("puts the documents in their order, then hands the authority over", async () => {
        assert.deepEqual(await run(), [
            0,
            "done: PUT _ilm/policy/p\n" +
                "done: PUT _index_template/t\n" +
                "done: ConfigMap log-collectors/elasticsearch-ca\n",
        ]);
        const elastic = `Basic ${Buffer.from("elastic:secret").toString("base64")}`;
        const put = { method: "PUT", authorization: elastic, type: "application/json" };
        assert.deepEqual(seen, [
            { ...put, url: "/_ilm/policy/p", body: { policy: 1 } },
            { ...put, url: "/_index_template/t", body: { template: 2 } },
            {
                method: "PATCH",
                url: "/api/v1/namespaces/log-collectors/configmaps/elasticsearch-ca?fieldManager=logging-setup&force=true",
                authorization: "Bearer token",
                type: "application/apply-patch+yaml",
                body: {
                    apiVersion: "v1",
                    kind: "ConfigMap",
                    metadata: { name: "elasticsearch-ca", namespace: "log-collectors" },
                    data: { "ca.crt": "AUTHORITY" },
                },
            },
        ]);
    });

    it("waits for Elasticsearch, and for its users", async () => {
        const answers = [503, 401, 429];
        answer = () => answers.shift() ?? 200;
        const [code, log] = await run();
        assert.equal(code, 0);
        assert.equal(seen.length, 6);
        assert.match(log, /^not yet, next attempt in 0\.05 s: PUT _ilm\/policy\/p: 503 .*because/m);
    });

    it("waits for a server that is not there, and gives up at the deadline", async () => {
        server.close();
        const [code, log] = await run({ DEADLINE_SECONDS: "0.3" });
        assert.equal(code, 1);
        assert.match(log, /^gave up: PUT _ilm\/policy\/p: .*refused/m);
        assert.equal(seen.length, 0);
    });

    it("waits for Secrets that are not there yet", async () => {
        rmSync(join(folder, "password"));
        const running = run();
        await new Promise((resolve) => setTimeout(resolve, 400));
        assert.equal(seen.length, 0);
        write("password", "late");
        assert.equal((await running)[0], 0);
        assert.equal(seen[0]?.authorization, `Basic ${Buffer.from("elastic:late").toString("base64")}`);
    });

    it("says why a document is refused, and hands nothing over: no log comes before its template", async () => {
        answer = ({ url }) => (url === "/_index_template/t" ? 400 : 200);
        const [code, log] = await run();
        assert.equal(code, 2);
        assert.match(log, /^PUT http\S+\/_index_template\/t was refused with 400: \{"reason": "because"\}$/m);
        assert.deepEqual(
            seen.map(({ method }) => method),
            ["PUT", "PUT"],
        );
    });

    it("believes a server that the authority vouches for, and no other", async () => {
        server.close();
        const [ours, other] = [await authority("ours"), await authority("other")];
        const { key, certificate } = await ours.issue("CN=elasticsearch", ["localhost"]);
        server = createTlsServer({ key, cert: certificate }, handle);
        const tls = `https://localhost:${await listen()}`;
        const env = { ELASTICSEARCH_URL: tls, KUBERNETES_URL: tls, DEADLINE_SECONDS: "0.3" };
        write("ca.crt", other.certificate);
        const [code, log] = await run(env);
        assert.equal(code, 1);
        assert.match(log, /certificate verify failed/i);
        assert.equal(seen.length, 0);
        write("ca.crt", ours.certificate);
        assert.equal((await run(env))[0], 0);
        assert.equal(seen.length, 3);
    });

    it("tries again to hand the authority over", async () => {
        const answers = [200, 200, 403, 500];
        answer = () => answers.shift() ?? 200;
        assert.equal((await run())[0], 0);
        assert.equal(seen.filter(({ method }) => method === "PATCH").length, 3);
    });
});
