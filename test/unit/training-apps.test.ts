import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
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
    // Does at each call what is next in TORCHRUN, the last of them again and again: words, each with a colon and its value.
    "distributed/run.py": [
        "import json, os, signal, subprocess, sys, time",
        "home, folder = os.environ['CALLS'], sys.argv[sys.argv.index('--checkpoint') + 1]",
        "print(json.dumps([sys.executable, *sys.argv[1:]]), flush=True)",
        "with open(home, 'a') as calls: calls.write('called\\n')",
        "with open(home) as calls: call = len(calls.readlines())",
        "def told(number, _):",
        "    print('torchrun is told', number, flush=True)",
        "    sys.exit(1)",
        "signal.signal(signal.SIGTERM, told)",
        "def write(path, text):",
        "    os.makedirs(os.path.dirname(path), exist_ok=True)",
        "    with open(path, 'a') as file: file.write(text)",
        "todo = json.loads(os.environ['TORCHRUN'])",
        "for word in todo[min(call, len(todo)) - 1].split():",
        "    what, _, value = word.partition(':')",
        "    if what == 'begin': write(os.environ['ATTEMPTS'], 'begun\\n' * int(value))",
        "    if what == 'checkpoint': write(os.path.join(folder, 'checkpoint.pt'), value)",
        "    if what == 'finish': write(os.path.join(folder, 'finished-' + os.environ['RUN']), '')",
        "    if what == 'leave': print('left', subprocess.Popen(['sleep', '100'], start_new_session=True).pid, flush=True)",
        "    if what == 'wait': time.sleep(float(value))",
        "    if what == 'error':",
        "        write(os.environ['TORCHELASTIC_ERROR_FILE'], json.dumps({'message': {'message': value + ': gone'}}))",
        "        sys.exit(1)",
        "    if what == 'exit': sys.exit(int(value))",
    ],
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
            TORCHRUN: JSON.stringify(["finish"]),
        };
        const worker = join(program, "worker.py");
        let tried = 0;
        let server: Server | undefined;
        afterEach(() => {
            server?.close();
            server = undefined;
        });

        /** What a worker is started with, which has not been before. */
        function fresh(more: Record<string, string> = {}) {
            tried += 1;
            const checkpoint = join(home, `worker-${tried}`);
            const environment = { ...pod, CALLS: join(home, `calls-${tried}`), ...more };
            return {
                checkpoint,
                environment,
                args: [worker, "--data", "synthetic", "--checkpoint", checkpoint],
            };
        }

        function started(more: Record<string, string> = {}) {
            const { args, environment } = fresh(more);
            const child = spawn("python3", ["-B", ...args], { env: { ...env, ...environment } });
            const log = { text: "" };
            for (const stream of [child.stdout, child.stderr]) {
                stream.on("data", (data) => {
                    log.text += data;
                });
            }
            const ended = once(child, "close").then(([status]) => status as number | null);
            return { child, log, ended };
        }

        /** A worker whose torchrun does so at each of its calls; the last of them again and again. */
        async function supervised(torchrun: string[], more: Record<string, string> = {}) {
            const { log, ended } = started({ TORCHRUN: JSON.stringify(torchrun), ...more });
            const status = await ended;
            return { status, log: log.text, calls: log.text.match(/"--nnodes=/g)?.length ?? 0 };
        }

        /** Worker 0, as far as the others look whether it is there. */
        async function worker0() {
            server = createServer((socket) => socket.end());
            server.listen(0, "127.0.0.1");
            await once(server, "listening");
            return {
                JOB_COMPLETION_INDEX: "1",
                RENDEZVOUS: `127.0.0.1:${(server.address() as AddressInfo).port}`,
            };
        }

        async function shows(log: { readonly text: string }, what: RegExp) {
            for (let i = 0; i < 200 && !what.test(log.text); i += 1) {
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            assert.match(log.text, what);
        }

        it("tells torchrun who it is, how many there are and where they meet", () => {
            const { args, environment } = fresh();
            const { status, stdout, stderr } = python(args, environment);
            assert.equal(status, 0, stderr);
            const [, ...called] = JSON.parse(stdout);
            assert.deepEqual(called, [
                "--nnodes=3",
                "--nproc_per_node=2",
                "--rdzv_backend=c10d",
                "--rdzv_conf=is_host=true",
                "--rdzv_endpoint=127.0.0.1:1",
                "--rdzv_id=digits-1",
                "--max_restarts=1000000000",
                join(program, "train.py"),
                ...args.slice(1),
            ]);
        });

        it("waits for worker 0, and says so once", async () => {
            const second = await worker0();
            const port = Number(second.RENDEZVOUS.split(":")[1]);
            await new Promise((resolve) => server?.close(resolve));
            const { child, log, ended } = started(second);
            let later: NodeJS.Timeout | undefined;
            child.stdout.on("data", () => {
                if (/waiting/.test(log.text)) {
                    later ??= setTimeout(() => server?.listen(port, "127.0.0.1"), 1500);
                }
            });
            assert.equal(await ended, 0);
            clearTimeout(later);
            assert.equal(log.text.match(/waiting for worker 0 at 127\.0\.0\.1:\d+: /g)?.length, 1, log.text);
            assert.match(log.text, /is_host=false/);
        });

        it("waits no longer for a worker 0 that has finished the run and gone", async () => {
            const second = await worker0();
            await new Promise((resolve) => server?.close(resolve));
            const { args, checkpoint, environment } = fresh(second);
            const child = spawn("python3", ["-B", ...args], { env: { ...env, ...environment } });
            child.stdout.once("data", () => {
                mkdirSync(checkpoint);
                writeFileSync(join(checkpoint, "finished-digits-1"), "");
            });
            assert.deepEqual(await once(child, "close"), [0, null]);
        });

        it("does nothing where its run is finished: the others are gone", () => {
            const { args, checkpoint, environment } = fresh();
            mkdirSync(checkpoint);
            writeFileSync(join(checkpoint, "finished-digits-1"), "");
            const { status, stdout } = python(args, environment);
            assert.equal(status, 0);
            assert.equal(stdout, "run digits-1 is finished: nothing is left to do\n");
            const other = python(args, { ...environment, RUN: "digits-2" });
            assert.match(other.stdout, /--rdzv_id=digits-2/);
        });

        it("begins again in its pod when worker 0 has gone, however often", async () => {
            const gone = ["RendezvousConnectionError", "RendezvousClosedError", "RendezvousTimeoutError"];
            const { status, log, calls } = await supervised(
                [
                    ...gone.map((name) => `begin:1 checkpoint:x error:${name}`),
                    "error:DistNetworkError",
                    "finish",
                ],
                { ...(await worker0()), RESTARTS: "1" },
            );
            assert.deepEqual([status, calls], [0, 5], log);
            assert.match(log, /\nbeginning again: RendezvousConnectionError: gone\n/);
        });

        it("does not take the others' absence for a failure of its own, and a rendezvous that it cannot keep for one", async () => {
            const waits = await supervised(
                ["error:RendezvousTimeoutError", "error:RendezvousClosedError", "finish"],
                {
                    RESTARTS: "0",
                },
            );
            assert.deepEqual([waits.status, waits.calls], [0, 3], waits.log);
            const taken = await supervised(["error:RendezvousConnectionError"], { RESTARTS: "0" });
            assert.deepEqual([taken.status, taken.calls], [1, 1], taken.log);
        });

        it("gives up a training that begins again and again without a checkpoint, and ends torchrun well", async () => {
            const { status, log } = await supervised(["begin:2 wait:1.5 begin:1 wait:60"], { RESTARTS: "1" });
            assert.equal(status, 1, log);
            assert.match(log, /torchrun is told 15\n/);
            assert.match(log, /given up: begun 3 times without a new checkpoint/);
            const within = await supervised(["begin:2 wait:2.5 finish"], { RESTARTS: "1" });
            assert.equal(within.status, 0, within.log);
        });

        it("goes on for as long as there are new checkpoints", async () => {
            const { status, log, calls } = await supervised(
                [
                    "begin:2 checkpoint:a wait:1.5 begin:2 wait:1.5 checkpoint:b wait:1.5 begin:1 exit:1",
                    "begin:1 finish",
                ],
                { RESTARTS: "1" },
            );
            assert.deepEqual([status, calls], [0, 2], log);
        });

        it("counts a torchrun that ends before anything was begun, and gives up, too", async () => {
            const { status, log, calls } = await supervised(["exit:1"], { RESTARTS: "2" });
            assert.deepEqual([status, calls], [1, 3], log);
        });

        it("begins again where torchrun says that it is done and the run is not", async () => {
            const { status, log, calls } = await supervised(["begin:1 exit:0", "finish exit:1"]);
            assert.deepEqual([status, calls], [0, 2], log);
        });

        it("passes on that torchrun was started with a mistake", async () => {
            const { status, calls } = await supervised(["exit:2"]);
            assert.deepEqual([status, calls], [2, 1]);
        });

        it("ends torchrun when it is told to, whatever that has left, and itself", async () => {
            const { child, log, ended } = started({ TORCHRUN: JSON.stringify(["leave wait:60"]) });
            await shows(log, /left \d+/);
            const left = Number(/left (\d+)/.exec(log.text)?.[1]);
            process.kill(left, 0);
            child.kill("SIGTERM");
            assert.equal(await ended, 143);
            assert.match(log.text, /torchrun is told 15\n/);
            assert.equal(log.text.match(/"--nnodes=/g)?.length, 1);
            assert.throws(() => process.kill(left, 0), /ESRCH/);
        });

        it("ends at once when it is told to while it waits", async () => {
            const second = await worker0();
            await new Promise((resolve) => server?.close(resolve));
            const { child, log, ended } = started(second);
            await shows(log, /waiting for worker 0/);
            child.kill("SIGTERM");
            assert.equal(await ended, 143);
            assert.doesNotMatch(log.text, /nnodes|Traceback/);
        });

        it("is told by train.py of each attempt, by the first process of a worker", () => {
            const file = join(home, "noted");
            for (const rank of ["0", "1"]) {
                const told = { ATTEMPTS: file, LOCAL_RANK: rank };
                // As far as the stand-in for PyTorch goes.
                assert.match(python([join(program, "train.py")], told).stderr, /no attribute 'cuda'/);
            }
            assert.equal(readFileSync(file, "utf8"), "begun\n");
        });

        it("ends with the status that says that trying again is of no use, where it was started with a mistake", () => {
            const { args, environment } = fresh();
            for (const [more, changed, told] of [
                [["--steps", "0"], {}, /--steps: was given "0"/],
                [[], { RUN: "" }, /^RUN: was given nothing/],
                [[], { WORKERS: "two" }, /^WORKERS: was given "two"; allowed: a whole number/],
            ] as const) {
                const { status, stderr } = python([...args, ...more], { ...environment, ...changed });
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
