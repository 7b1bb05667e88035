import assert from "node:assert/strict";
import { scryptSync } from "node:crypto";
import { hashFiles, hashSeries } from "../../components/workloads/hash-server";
import { until } from "./support/llm-simulator";
import { metricOf, type PythonApp, PythonApps } from "./support/python-app";

/** So cheap that a test of something else does not wait for it. */
const cheap = { SCRYPT_N: "16", SCRYPT_R: "1", SCRYPT_P: "1" };

describe("hash server program", function () {
    this.timeout(20_000);

    let apps: PythonApps;
    before(() => {
        apps = new PythonApps(hashFiles(), "hash.py");
    });
    afterEach(() => apps.stop());
    after(() => apps.remove());

    interface Hash {
        readonly waited: number;
        readonly worked: number;
        readonly salt: string;
        readonly key: string;
    }

    async function hash(app: PythonApp, body: string): Promise<Hash> {
        const response = await fetch(app.url, { method: "POST", body });
        assert.equal(response.status, 200);
        return (await response.json()) as Hash;
    }

    it("hashes what it is sent with scrypt, at the cost that it is told, and a new salt each time", async () => {
        const app = await apps.started({ SCRYPT_N: "1024", SCRYPT_R: "3", SCRYPT_P: "2" });
        const first = await hash(app, "correct horse");
        const salt = Buffer.from(first.salt, "hex");
        assert.equal(salt.length, 16);
        const expected = scryptSync("correct horse", salt, 64, { N: 1024, r: 3, p: 2 });
        assert.equal(first.key, expected.toString("hex"));
        const second = await hash(app, "correct horse");
        assert.notEqual(second.salt, first.salt);
        assert.notEqual(second.key, first.key);
    });

    it("lets requests wait in turn for a slot", async () => {
        const app = await apps.started({ SCRYPT_N: "8192", SCRYPT_P: "2" });
        const [one, other] = await Promise.all([hash(app, "a"), hash(app, "b")]);
        const [first, last] = one.waited < other.waited ? [one, other] : [other, one];
        assert.ok(first.worked > 0.01, `${first.worked}`);
        assert.ok(last.waited > first.worked / 2, `${last.waited} of ${first.worked}`);
    });

    it("hashes on POST alone, and says so to others", async () => {
        const app = await apps.started(cheap);
        for (const method of ["GET", "PUT"]) {
            const response = await fetch(app.url, { method });
            assert.equal(response.status, 405);
            assert.equal(response.headers.get("allow"), "POST");
        }
        assert.equal(await metricOf(app, "http_requests_total"), 0);
    });

    it("has the series that its monitor keeps, all from the start", async () => {
        const app = await apps.started(cheap);
        const names = async () => {
            const text = await (await fetch(`${app.url}/metrics`)).text();
            return [...text.matchAll(/^([a-z_]+)[ {]/gm)].map(([, name]) => name as string);
        };
        const kept = new RegExp(`^(?:${hashSeries.join("|")})$`);
        const atStart = (await names()).filter((name) => kept.test(name));
        assert.equal(new Set(atStart).size, hashSeries.length + 2);
        await hash(app, "a");
        assert.deepEqual(
            (await names()).filter((name) => kept.test(name)),
            atStart,
        );
    });

    it("counts requests as they come, and how long they took when they are answered", async () => {
        const app = await apps.started({ SCRYPT_P: "3" });
        const under = Promise.all([hash(app, "a"), hash(app, "b")]);
        await until(async () => (await metricOf(app, "http_requests_total")) === 2);
        const [one, other] = await under;
        assert.equal(await metricOf(app, "http_responses_total"), 2);
        assert.equal(await metricOf(app, "http_request_duration_seconds_count"), 2);
        const sum = await metricOf(app, "http_request_duration_seconds_sum");
        const told = one.waited + one.worked + other.waited + other.worked;
        assert.ok(Math.abs(sum - told) < 0.01, `${sum} and ${told}`);
        const text = await (await fetch(`${app.url}/metrics`)).text();
        const buckets = [...text.matchAll(/_bucket\{.*le="([^"]+)"\} (\d+)/g)].map(([, le, n]) => [
            le,
            Number(n),
        ]);
        assert.deepEqual(buckets.at(-1), ["+Inf", 2]);
        assert.deepEqual(buckets.at(-2), ["60", 2]);
    });

    it("answers everything that it has before it ends", async () => {
        const app = await apps.started({ SCRYPT_P: "3" });
        const under = Promise.all([hash(app, "a"), hash(app, "b"), hash(app, "c")]);
        await until(async () => (await metricOf(app, "http_requests_total")) === 3);
        app.signal("SIGTERM");
        assert.equal((await under).length, 3);
        assert.equal(await app.ended, 0);
        assert.match(app.log(), /stopped after 3 requests/);
    });

    for (const [env, told] of [
        [{ SCRYPT_N: "1000" }, 'SCRYPT_N: was given "1000"; allowed: a power of two; '],
        [{ SCRYPT_P: "0" }, 'SCRYPT_P: was given "0"; allowed: a whole number from 1 to 1024; '],
        [
            { SCRYPT_N: "1048576", SCRYPT_R: "9" },
            'SCRYPT_R: was given "9"; allowed: at most 8 with SCRYPT_N 1048576: 1 GiB for a hash; ',
        ],
    ] as const) {
        it(`does not start with ${JSON.stringify(env)}`, async () => {
            const app = await apps.start(env);
            assert.equal(await app.ended, 2);
            assert.equal(app.log().trim(), `${told}do: correct the environment`);
        });
    }
});
