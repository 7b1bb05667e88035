import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examples } from "../../components/gpu/training-job/checks";

const program = join(__dirname, "..", "..", "components", "apps", "training");

/**
 * As much of PyTorch as what is not PyTorch's own needs: the real one is tried by `make train`. What is saved is text;
 * torchrun says how it was called.
 */
const torch = {
    "__init__.py": [
        "import json",
        "def save(state, file):",
        "    file.write(b'{')",
        "    if state.get('fails'): raise OSError('no space left on device')",
        "    file.write(json.dumps(state).encode()[1:])",
        "def load(path, map_location, weights_only):",
        "    assert weights_only and map_location == 'cpu'",
        "    with open(path) as file: return json.load(file)",
    ],
    "distributed/__init__.py": [
        "import json, os",
        "steps = json.loads(os.environ.get('STEPS', '[0]'))",
        "def get_world_size(): return len(steps)",
        "def get_rank(): return 0",
        "def all_gather_object(into, own): into[:] = steps",
        "def broadcast_object_list(carried, src):",
        "    assert (carried[0] is None) == (src != 0)",
        "    if src != 0: carried[0] = {'step': steps[src], 'from': src}",
    ],
    "distributed/run.py": ["import json, sys", "print(json.dumps([sys.executable, *sys.argv[1:]]))"],
};

describe("training program", function () {
    this.timeout(20_000);
    let home: string;
    let env: NodeJS.ProcessEnv;

    before(() => {
        home = mkdtempSync(join(tmpdir(), "training-"));
        mkdirSync(join(home, "torch/distributed"), { recursive: true });
        for (const [file, lines] of Object.entries(torch)) {
            writeFileSync(join(home, "torch", file), `${lines.join("\n")}\n`);
        }
        env = { PATH: process.env.PATH, HOME: process.env.HOME, PYTHONPATH: `${home}:${program}` };
    });
    after(() => rmSync(home, { recursive: true }));

    function python(args: string[], more: NodeJS.ProcessEnv = {}) {
        const { status, stdout, stderr } = spawnSync("python3", ["-B", ...args], {
            env: { ...env, ...more },
            encoding: "utf8",
        });
        return { status, stdout, stderr };
    }

    /** What an expression is, as JSON. */
    function value(statements: string, expression: string, more: NodeJS.ProcessEnv = {}) {
        const code = `import json, train, checkpoint, digits\n${statements}\nprint(json.dumps(${expression}))`;
        const { status, stdout, stderr } = python(["-c", code], more);
        assert.equal(status, 0, stderr);
        return JSON.parse(stdout);
    }

    describe("train.py", () => {
        it("explains itself and its mistakes before PyTorch is loaded", () => {
            const isolated = { PYTHONPATH: "" };
            const help = python([join(program, "train.py"), "--help"], isolated);
            assert.equal(help.status, 0);
            assert.match(help.stdout, /torchrun --standalone --nproc-per-node=2 train\.py --data synthetic/);
            const alone = python([join(program, "train.py")], isolated);
            assert.equal(alone.status, 2);
            assert.match(alone.stderr, /is started by torchrun; do: torchrun/);
        });

        for (const [given, told] of [
            [["--steps", "0"], /--steps: was given "0"; allowed: a whole number from 1 to/],
            [["--batch", "1.5"], /--batch: was given "1\.5"; allowed: a whole number/],
            [["--learning-rate", "nan"], /--learning-rate: was given "nan"; allowed: a number above 0/],
            [["--data", "cats"], /--data: invalid choice: 'cats'/],
            [["--steps", "5", "--epochs", "1"], /not allowed with argument --steps/],
        ] as const) {
            it(`refuses ${given.join(" ")}`, () => {
                const { status, stderr } = python([join(program, "train.py"), ...given]);
                assert.equal(status, 2);
                assert.match(stderr, told);
            });
        }

        it("gives every process other examples, and each of them once in an epoch", () => {
            const [steps, begins, next] = value(
                "plan = train.Plan(1000, 8, 3)",
                "[plan.steps(None, 2), [plan.place(s, r) for s in range(plan.steps_per_epoch) for r in range(3)], plan.place(41, 2)]",
            );
            assert.equal(steps, 2 * 41);
            assert.ok(begins.every(([epoch]: number[]) => epoch === 0));
            const places = begins.map(([, place]: number[]) => place);
            assert.equal(new Set(places).size, places.length);
            assert.ok(places.every((place: number) => place % 8 === 0 && place + 8 <= 1000));
            assert.deepEqual(next, [1, 16]);
        });

        it("says how large a batch can be, where one is larger than all there is", () => {
            const { status, stderr } = python(["-c", "import train; train.Plan(100, 60, 2)"]);
            assert.equal(status, 2);
            assert.match(stderr, /^--batch: was given 60; allowed: at most 50 with 2 processes/);
        });

        it("has as many examples as the component counts with", () => {
            assert.equal(value("", "digits.SYNTHETIC_EXAMPLES"), examples.synthetic);
        });
    });

    describe("checkpoint", () => {
        const saved = (folder: string, state: string) =>
            python(["-c", `import checkpoint; checkpoint.save(${JSON.stringify(folder)}, ${state})`]);

        it("is there as a whole or not at all, also when the next one could not be written", () => {
            const folder = join(home, "checkpoint");
            assert.equal(value("", `checkpoint.load(${JSON.stringify(folder)})`), null);
            assert.equal(saved(folder, "{'step': 10}").status, 0);
            assert.notEqual(saved(folder, "{'step': 20, 'fails': True}").status, 0);
            assert.deepEqual(value("", `checkpoint.load(${JSON.stringify(folder)})`), { step: 10 });
            assert.equal(saved(folder, "{'step': 30}").status, 0);
            assert.deepEqual(value("", `checkpoint.load(${JSON.stringify(folder)})`), { step: 30 });
            assert.deepEqual(readdirSync(folder), ["checkpoint.pt"]);
        });

        it("is the one with the most steps, whichever process has it", () => {
            const own = (steps: string, state: string) =>
                value("", `checkpoint.newest(${state})`, { STEPS: steps });
            assert.deepEqual(own("[0, 300, 200]", "None"), { step: 300, from: 1 });
            assert.deepEqual(own("[100, 100]", "{'step': 100}"), { step: 100 });
            assert.equal(own("[0, 0]", "None"), null);
        });

        it("says of each run by its name that it is finished", () => {
            const folder = JSON.stringify(join(home, "runs"));
            value("", `checkpoint.finish(${folder}, "a")`);
            assert.deepEqual(value("", `[checkpoint.finished(${folder}, run) for run in ("a", "b")]`), [
                true,
                false,
            ]);
        });
    });

    describe("worker.py", () => {
        const pod = {
            WORKERS: "3",
            PROCESSES: "2",
            RENDEZVOUS: "127.0.0.1:1",
            RUN: "digits-1",
            JOB_COMPLETION_INDEX: "0",
        };
        const worker = join(program, "worker.py");
        const given = () => ["--data", "synthetic", "--checkpoint", join(home, "worker")];

        it("tells torchrun who it is, how many there are and where they meet", () => {
            const { status, stdout, stderr } = python([worker, ...given()], pod);
            assert.equal(status, 0, stderr);
            const [, ...called] = JSON.parse(stdout);
            assert.deepEqual(called, [
                "--nnodes=3",
                "--nproc_per_node=2",
                "--rdzv_backend=c10d",
                "--rdzv_conf=is_host=true",
                "--rdzv_endpoint=127.0.0.1:1",
                "--rdzv_id=digits-1",
                "--max_restarts=3",
                join(program, "train.py"),
                ...given(),
            ]);
        });

        it("waits for worker 0, and says so once", async () => {
            const server = createServer((socket) => socket.end());
            server.listen(0, "127.0.0.1");
            await once(server, "listening");
            const { port } = server.address() as { port: number };
            await new Promise((resolve) => server.close(resolve));
            const second = { ...pod, JOB_COMPLETION_INDEX: "1", RENDEZVOUS: `127.0.0.1:${port}` };
            const child = spawn("python3", ["-B", worker, ...given()], { env: { ...env, ...second } });
            let log = "";
            let later: NodeJS.Timeout | undefined;
            child.stdout.on("data", (data) => {
                log += data;
                if (/waiting/.test(log)) later ??= setTimeout(() => server.listen(port, "127.0.0.1"), 1500);
            });
            const [status] = await once(child, "close");
            clearTimeout(later);
            server.close();
            assert.equal(status, 0);
            assert.equal(log.match(/waiting for worker 0 at 127\.0\.0\.1:\d+: /g)?.length, 1, log);
            assert.match(log, /is_host=false/);
        });

        it("does nothing where its run is finished: the others are gone", () => {
            mkdirSync(join(home, "worker"), { recursive: true });
            writeFileSync(join(home, "worker", "finished-digits-1"), "");
            const { status, stdout } = python([worker, ...given()], pod);
            assert.equal(status, 0);
            assert.equal(stdout, "run digits-1 is finished: nothing is left to do\n");
            const other = python([worker, ...given()], { ...pod, RUN: "digits-2" });
            assert.match(other.stdout, /--rdzv_id=digits-2/);
        });

        it("ends with the status that says that trying again is of no use, where it was started with a mistake", () => {
            for (const [args, environment, told] of [
                [["--steps", "0"], pod, /--steps: was given "0"/],
                [given(), { ...pod, RUN: "" }, /^RUN: was given nothing/],
                [given(), { ...pod, WORKERS: "two" }, /^WORKERS: was given "two"; allowed: a whole number/],
            ] as const) {
                const { status, stderr } = python([worker, ...args], environment);
                assert.equal(status, 2);
                assert.match(stderr, told);
            }
        });
    });
});

describe("simulated vector addition", () => {
    const script = join(__dirname, "..", "..", "components", "apps", "gpu", "vector_add.py");
    const run = (seconds?: string) =>
        spawnSync("python3", ["-S", "-E", "-u", "-B", script], {
            env: { PATH: process.env.PATH, ...(seconds !== undefined && { REPEAT_SECONDS: seconds }) },
            encoding: "utf8",
        });

    it("adds once, and says that it is simulated", () => {
        const { status, stdout } = run();
        assert.equal(status, 0);
        assert.match(stdout, /^\[simulated vector addition of 50000 elements: no GPU/);
        assert.match(stdout, /\nSimulated test PASSED\nadded 1 times\n$/);
    });

    it("adds again and again for as long as it is told", () => {
        const begun = Date.now();
        const { stdout } = run("2");
        assert.ok(Date.now() - begun >= 1900);
        assert.match(stdout, /\nadded [2-9] times\n$/);
    });

    it("fails where the sum is wrong", () => {
        const wrong = readFileSync(script, "utf8").replace("a + b for", "a - b for");
        const { status, stdout } = spawnSync("python3", ["-c", wrong], { encoding: "utf8" });
        assert.equal(status, 1);
        assert.match(stdout, /Simulated test FAILED/);
    });
});
