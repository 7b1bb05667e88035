import assert from "node:assert/strict";
import { connect } from "node:net";
import { type Simulator, Simulators, until } from "./support/llm-simulator";

const model = "qwen2:1.5b";
const BUSY = "server busy, please try again.  maximum pending requests exceeded";

/** The fields that end an answer of Ollama, beside those of each part. */
const durations = [
    "done_reason",
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
];

// biome-ignore lint/suspicious/noExplicitAny: answers as they come
type Answer = any;

describe("the simulator of Ollama", function () {
    this.timeout(20_000);
    let simulators: Simulators;
    before(() => {
        simulators = new Simulators();
    });
    afterEach(() => simulators.stop());
    after(() => simulators.remove());

    const post = ({ url }: Simulator, path: string, body: unknown, signal?: AbortSignal) =>
        fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body), ...(signal && { signal }) });

    const ask = (prompt: string, options: object = {}) => ({ model, prompt, options });

    async function generate(simulator: Simulator, options: object): Promise<Answer> {
        const response = await post(simulator, "/api/generate", { ...ask("hello", options), stream: false });
        assert.equal(response.status, 200);
        return response.json();
    }

    async function lines(response: Response): Promise<Answer[]> {
        assert.equal(response.headers.get("content-type"), "application/x-ndjson");
        return (await response.text())
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line));
    }

    it("says what it is: in its version, its header, its models and its text", async () => {
        const simulator = await simulators.started();
        const root = await fetch(simulator.url);
        assert.match(await root.text(), /simulated/);
        assert.equal(root.headers.get("server"), "ollama-simulator");
        const get = async (path: string): Promise<Answer> => (await fetch(`${simulator.url}${path}`)).json();
        assert.deepEqual(await get("/api/version"), { version: "0.0.0-simulator" });
        const [tag] = (await get("/api/tags")).models;
        assert.deepEqual([tag.name, tag.model, tag.details.family], [model, model, "simulator"]);
        const { details, modelfile } = (await (
            await post(simulator, "/api/show", { model })
        ).json()) as Answer;
        assert.equal(details.format, "simulator");
        assert.match(modelfile, /simulator/);
        assert.match(
            (await generate(simulator, { num_predict: 13 })).response,
            /simulator .*not from a model/,
        );
    });

    it("answers in one object with the fields and the arithmetic of Ollama", async () => {
        const simulator = await simulators.started({ TOKENS_PER_SECOND: "100", MEAN_TOKENS: "20" });
        const answer = await generate(simulator, {});
        assert.deepEqual(Object.keys(answer), ["model", "created_at", "response", "done", ...durations]);
        assert.deepEqual([answer.model, answer.done, answer.done_reason], [model, true, "stop"]);
        assert.equal(answer.eval_count, 20);
        assert.match(answer.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
        // Nanoseconds: tokens a second come out of them.
        const pace = (answer.eval_count / answer.eval_duration) * 1e9;
        assert.ok(pace > 50 && pace <= 101, `${pace}`);
        const parts = answer.load_duration + answer.prompt_eval_duration + answer.eval_duration;
        assert.ok(parts <= answer.total_duration && answer.total_duration - parts < 0.2e9);
    });

    it("streams an answer token by token, the durations with the last line, unless told not to", async () => {
        const simulator = await simulators.started({ TOKENS_PER_SECOND: "20" });
        const began = Date.now();
        const response = await post(simulator, "/api/generate", ask("hello", { num_predict: 8 }));
        const reader = (response.body as ReadableStream<Uint8Array>).getReader();
        const first = new TextDecoder().decode((await reader.read()).value);
        const early = Date.now() - began;
        assert.equal(JSON.parse(first.split("\n")[0] as string).response, "This");
        let rest = first;
        for (let next = await reader.read(); !next.done; next = await reader.read())
            rest += new TextDecoder().decode(next.value);
        assert.ok(early < 300 && Date.now() - began >= 400, `${early} ${Date.now() - began}`);
        const all: Answer[] = rest
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line));
        assert.equal(all.length, 9);
        for (const line of all.slice(0, -1))
            assert.deepEqual(Object.keys(line), ["model", "created_at", "response", "done"]);
        assert.deepEqual(
            all.slice(0, -1).map(({ done }) => done),
            Array(8).fill(false),
        );
        assert.equal(all.map(({ response }) => response).join(""), "This text is from a simulator of Ollama");
        assert.deepEqual([all[8].done, all[8].done_reason, all[8].eval_count], [true, "length", 8]);
    });

    it("chats, with messages in place of texts", async () => {
        const simulator = await simulators.started({ TOKENS_PER_SECOND: "1000" });
        const messages = [{ role: "user", content: "hello" }];
        const chat = { model, messages, options: { num_predict: 2 } };
        const all = await lines(await post(simulator, "/api/chat", chat));
        assert.deepEqual(all[0].message, { role: "assistant", content: "This text" });
        const one: Answer = await (await post(simulator, "/api/chat", { ...chat, stream: false })).json();
        assert.deepEqual([one.message.content, one.done, one.eval_count], ["This text", true, 2]);
    });

    it("works on as many answers at a time as it has slots, and lets the others wait in turn", async () => {
        const simulator = await simulators.started({ OLLAMA_NUM_PARALLEL: "2" });
        const all = Promise.all(
            Array.from({ length: 5 }, () => generate(simulator, { simulated_seconds: 0.4 })),
        );
        await until(async () => (await simulator.metric("http_requests_waiting")) === 3);
        assert.equal(await simulator.metric("http_requests_in_flight"), 2);
        assert.equal(await simulator.metric("http_slots"), 2);
        assert.equal(await (await fetch(`${simulator.url}/load`)).text(), "1.0000\n");
        // What is left of the whole is the wait.
        const waits = (await all)
            .map((a) => (a.total_duration - a.load_duration - a.prompt_eval_duration - a.eval_duration) / 1e9)
            .sort((a, b) => a - b);
        assert.ok((waits[1] ?? 9) < 0.2 && (waits[2] ?? 0) > 0.2 && (waits[4] ?? 0) > 0.6, waits.join(" "));
        assert.equal(await simulator.metric("http_requests_total"), 5);
        assert.equal(await simulator.metric("ollama_simulator_tokens_generated_total"), 5 * 20);
    });

    it("takes exactly as long as a request says, prompt and answer together", async () => {
        const simulator = await simulators.started({
            DISTRIBUTION: "lognormal",
            PROMPT_TOKENS_PER_SECOND: "10",
        });
        for (const simulated_seconds of [0.05, 0.3]) {
            const answer = await generate(simulator, { simulated_seconds });
            const took = (answer.prompt_eval_duration + answer.eval_duration) / 1e9;
            assert.ok(
                took >= simulated_seconds - 1e-6 && took < simulated_seconds + 0.1,
                `${took} for ${simulated_seconds}`,
            );
        }
    });

    it("draws the lengths of answers otherwise, and cuts them where the request does", async () => {
        const simulator = await simulators.started({
            DISTRIBUTION: "exponential",
            TOKENS_PER_SECOND: "100000",
            MEAN_TOKENS: "40",
            OLLAMA_NUM_PARALLEL: "50",
        });
        const drawn = await Promise.all(Array.from({ length: 60 }, () => generate(simulator, {})));
        const counts = drawn.map(({ eval_count }) => eval_count as number);
        assert.ok(new Set(counts).size > 10 && Math.min(...counts) < 40 && Math.max(...counts) <= 400);
        const cut = await Promise.all(
            Array.from({ length: 60 }, () => generate(simulator, { num_predict: 10 })),
        );
        for (const { eval_count, done_reason } of cut)
            assert.equal(done_reason, eval_count === 10 ? "length" : "stop", `${eval_count}`);
        assert.ok(cut.some(({ eval_count }) => eval_count < 10));
        assert.equal(Math.max(...cut.map(({ eval_count }) => eval_count)), 10);
    });

    it("refuses with 503 what may not even wait", async () => {
        const simulator = await simulators.started({ OLLAMA_NUM_PARALLEL: "1", OLLAMA_MAX_QUEUE: "1" });
        const two = [1, 2].map(() => generate(simulator, { simulated_seconds: 0.5 }));
        await until(async () => (await simulator.metric("http_requests_waiting")) === 1);
        for (const stream of [true, false]) {
            const refused = await post(simulator, "/api/generate", { ...ask("x"), stream });
            assert.equal(refused.status, 503);
            assert.deepEqual(await refused.json(), { error: BUSY });
        }
        assert.equal((await Promise.all(two)).length, 2);
        assert.equal(await simulator.metric('http_responses_total\\{handler="work",code="503"\\}'), 2);
    });

    it("gives the slot of a client that goes to the next one, and its place in the queue", async () => {
        const simulator = await simulators.started({ OLLAMA_NUM_PARALLEL: "1" });
        const goes = [new AbortController(), new AbortController()];
        const gone = goes.map(({ signal }) =>
            post(
                simulator,
                "/api/generate",
                { ...ask("x", { simulated_seconds: 30 }), stream: false },
                signal,
            ).catch(() => "gone"),
        );
        await until(async () => (await simulator.metric("http_requests_waiting")) === 1);
        const stays = generate(simulator, { simulated_seconds: 0.05 });
        await until(async () => (await simulator.metric("http_requests_waiting")) === 2);
        for (const controller of goes) controller.abort();
        assert.equal((await stays).done, true);
        assert.deepEqual(await Promise.all(gone), ["gone", "gone"]);
        assert.equal(await simulator.metric("ollama_simulator_requests_abandoned_total"), 2);
        assert.equal(await simulator.metric("http_requests_in_flight"), 0);
    });

    it("is ready with its model, lists it as loaded from then on, and answers no sooner", async () => {
        const simulator = await simulators.started({ LOAD_SECONDS: "0.8" });
        const loaded = async () => {
            const { models } = (await (await fetch(`${simulator.url}/api/ps`)).json()) as Answer;
            return models.map(({ model }: Answer) => model);
        };
        assert.equal((await fetch(`${simulator.url}/ready`)).status, 503);
        assert.deepEqual(await loaded(), []);
        const answer = await generate(simulator, { simulated_seconds: 0.01 });
        assert.ok(answer.load_duration > 0.2e9, `${answer.load_duration}`);
        assert.equal((await fetch(`${simulator.url}/ready`)).status, 200);
        assert.deepEqual(await loaded(), [model]);
    });

    it("answers what loads a model at once, without a slot", async () => {
        const simulator = await simulators.started();
        const answer: Answer = await (await post(simulator, "/api/generate", { model })).json();
        assert.deepEqual([answer.response, answer.done, answer.done_reason], ["", true, "load"]);
        assert.equal(await simulator.metric("http_requests_total"), 0);
    });

    for (const [what, path, body, status, error] of [
        [
            "another model",
            "/api/generate",
            { model: "llama3", prompt: "x" },
            404,
            /^model 'llama3' not found$/,
        ],
        ["another model", "/api/show", { model: "llama3" }, 404, /^model 'llama3' not found$/],
        ["no model", "/api/chat", {}, 400, /^model is required$/],
        ["a list", "/api/generate", [], 400, /^the body is no object/],
        [
            "a prompt that is none",
            "/api/generate",
            { model, prompt: 5 },
            400,
            /^prompt: was given 5; allowed: a text; do/,
        ],
        [
            "an endless answer",
            "/api/generate",
            ask("x", { simulated_seconds: 3601 }),
            400,
            /^options\.simulated_seconds: was given 3601; allowed: a number from 0 to 3600; do/,
        ],
        ["what it does not do", "/api/pull", { model }, 404, /^404 page not found$/],
        ["the wrong way", "/api/tags", {}, 405, /^405 method not allowed$/],
    ] as const) {
        it(`refuses ${what} at ${path}`, async () => {
            const simulator = await simulators.started();
            const refused = await post(simulator, path, body);
            assert.equal(refused.status, status);
            assert.match(((await refused.json()) as { error: string }).error, error);
        });
    }

    it("takes a name without a tag for the latest, and options that it does not know", async () => {
        const simulator = await simulators.started({ MODEL: "tiny", TOKENS_PER_SECOND: "1000" });
        const options = { temperature: 0, num_predict: 1 };
        const answer = await post(simulator, "/api/generate", { model: "tiny:latest", prompt: "x", options });
        assert.equal((await lines(answer)).at(-1).model, "tiny:latest");
    });

    it("refuses JSON that is too deep, or none, and goes on", async () => {
        const simulator = await simulators.started();
        for (const body of ["[".repeat(100_000), "hello"]) {
            const refused = await fetch(`${simulator.url}/api/generate`, { method: "POST", body });
            assert.equal(refused.status, 400);
        }
        assert.equal((await fetch(`${simulator.url}/api/tags`, { method: "HEAD" })).status, 200);
    });

    it("ends with all that it has, streams too, and what comes while it drains", async () => {
        const simulator = await simulators.started({ OLLAMA_NUM_PARALLEL: "1", DRAIN_SECONDS: "0.7" });
        const before = [1, 2].map(() => generate(simulator, { simulated_seconds: 0.6 }));
        const stream = post(simulator, "/api/generate", ask("x", { simulated_seconds: 0.6 })).then(lines);
        await until(async () => (await simulator.metric("http_requests_total")) === 3);
        // One that is open and says nothing does not keep it.
        const idle = connect(simulator.port, "127.0.0.1");
        simulator.signal("SIGTERM");
        await new Promise((resolve) => setTimeout(resolve, 200));
        const late = await post(simulator, "/api/generate", {
            ...ask("x", { simulated_seconds: 0.1 }),
            stream: false,
        });
        assert.equal(late.status, 200);
        assert.equal(late.headers.get("connection"), "close");
        assert.equal((await Promise.all(before)).length, 2);
        assert.equal((await stream).at(-1).done, true);
        assert.equal(await simulator.ended, 0);
        assert.match(simulator.log(), /stopped after 4 requests/);
        idle.destroy();
    });

    for (const [name, value, allowed] of [
        ["OLLAMA_NUM_PARALLEL", "0", "a whole number from 1 to 1000"],
        ["TOKENS_PER_SECOND", "fast", "a number from 0.1 to 100000"],
        ["DISTRIBUTION", "normal", "constant, exponential, lognormal"],
        ["MODEL", "", "the name of a model, such as qwen2:1.5b"],
    ] as const) {
        it(`does not start with a wrong ${name}`, async () => {
            const simulator = await simulators.start({ [name]: value });
            assert.equal(await simulator.ended, 2);
            await until(async () => simulator.log().length > 0);
            const message = `${name}: was given "${value}"; allowed: ${allowed}; do: correct the environment`;
            assert.equal(simulator.log().trim(), message);
        });
    }
});
