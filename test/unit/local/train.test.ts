import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainingSpec } from "../../../components/gpu/training-job/job";
import { images } from "../../../components/images";
import { checks, type Trained, trainingFindings } from "../../../local/train/judge";
import { readLog } from "../../../local/train/log";
import { bars, idx, writeMnist } from "../../../local/train/mnist";
import { torchRoot } from "../../../local/train/torch";
import { workerEnvironment } from "../../../local/train/worker";

const folder = join(__dirname, "../../..");
const program = join(folder, "components/apps/training/train.py");

describe("the log of a training", () => {
    it("is read from the very lines that the program writes", () => {
        // Its f-strings, with values for what stands in them.
        const code = [
            "import re, types",
            "asked = types.SimpleNamespace(batch=64, data='synthetic', checkpoint='/c')",
            "lines = types.SimpleNamespace(total=400)",
            "known = dict(rank=1, processes=2, backend='gloo', device='cpu', total=400, plan=types.SimpleNamespace(examples=9),",
            "  asked=asked, begin=150, done=200, step=10, loss=2.345678, rate=1234.6, right=0.9876, tested=([], [0] * 2000), self=lines,",
            "  socket=types.SimpleNamespace(gethostname=lambda: 'host'), os=types.SimpleNamespace(getpid=lambda: 4711))",
            `for text in re.findall(r'say\\((f".*")\\)', open(${JSON.stringify(program)}).read()): print(eval(text, known))`,
        ].join("\n");
        const { status, stdout, stderr } = spawnSync("python3", ["-c", code], { encoding: "utf8" });
        assert.equal(status, 0, stderr);
        const log = readLog(stdout.split("\n").map((text, at) => ({ text, at })));
        assert.deepEqual(log.processes, [4711]);
        assert.deepEqual(
            log.steps.map(({ step, loss, rate }) => [step, loss, rate]),
            [[10, 2.3457, 1235]],
        );
        assert.deepEqual(
            log.checkpoints.map(({ step }) => step),
            [200],
        );
        assert.deepEqual(
            log.resumed.map(({ step }) => step),
            [150],
        );
        assert.deepEqual(log.finished, { step: 400, share: 0.9876 });
    });

    it("says nothing in torchrun's lines, nor in half ones", () => {
        const lines = [
            "W0101 step 10 of 20: loss 1.0, 5 examples/s",
            "step 10 of 20: loss",
            "checkpoint: step x in /c",
        ];
        assert.deepEqual(readLog(lines.map((text) => ({ text, at: 0 }))), {
            processes: [],
            steps: [],
            checkpoints: [],
            resumed: [],
            finished: undefined,
        });
    });
});

describe("the verdict on a training", () => {
    const lines = [
        [1, "step 50 of 200: loss 2.3000, 100 examples/s"],
        [2, "checkpoint: step 50 in /c"],
        [3, "step 100 of 200: loss 1.9000, 100 examples/s"],
        [4, "checkpoint: step 100 in /c"],
        [5, "step 110 of 200: loss 1.8000, 300 examples/s"],
        [9000, "resumed: at step 100 from /c"],
        [9500, "step 150 of 200: loss 0.3000, 200 examples/s"],
        [9600, "step 160 of 200: loss 0.3000, 200 examples/s"],
        [9700, "step 170 of 200: loss 0.2000, 200 examples/s"],
        [9800, "step 180 of 200: loss 0.2000, 200 examples/s"],
        [9900, "step 200 of 200: loss 0.2000, 200 examples/s"],
        [9950, "checkpoint: step 200 in /c"],
        [9999, "finished: step 200, 0.9500 of 2000 other examples are right"],
    ] as const;
    const logOf = (change: (text: string) => string) =>
        readLog(lines.map(([at, text]) => ({ at, text: change(text) })));
    const well: Trained = {
        log: logOf((text) => text),
        total: 200,
        killedAt: 6,
        ends: [0, 0],
        after: { end: 0, said: ["run a is finished: nothing is left to do"] },
        keeper: {
            kept: 50,
            log: readLog([{ at: 0, text: "resumed: at step 50 from /c" }]),
            other: readLog(
                [4711, 4712].map((id) => ({ at: 0, text: `process 1 of 2: host, id ${id}, gloo on cpu` })),
            ),
            ends: [0, 0],
        },
        mnist: {
            end: 0,
            log: readLog([{ at: 0, text: "finished: step 9, 1.0000 of 200 other examples are right" }]),
        },
    };
    const wrong = (trained: Trained) =>
        checks(trained)
            .filter(({ right }) => !right)
            .map(({ what }) => what);

    it("is that all is well where it is", () => {
        assert.deepEqual(wrong(well), []);
        const { table, total, failed } = trainingFindings(well, "Measured here.");
        assert.deepEqual([total, failed], [8, 0]);
        assert.match(table, /\| the loss falls \| from 2\.00 to 0\.24 \| yes \|/);
        assert.match(table, /killed after step 110, resumed at step 100/);
        assert.match(table, /\| 9\.5 s \| yes \|/);
        assert.match(
            table,
            /\n\n200 examples\/s at the median\. Reproduce with `make train`\. Measured here\.$/,
        );
    });

    const resuming = "after a worker is killed the others go on from the last checkpoint";
    for (const [title, trained, expected] of [
        [
            "a loss that stays",
            { ...well, log: logOf((text) => text.replace(/loss 0\.[23]/, "loss 1.9")) },
            /loss falls/,
        ],
        [
            "no loss at all",
            { ...well, log: logOf((text) => text.replace(/loss 0\.\d+/, "loss nan")) },
            /loss falls/,
        ],
        [
            "an old checkpoint",
            { ...well, log: logOf((text) => text.replace("at step 100", "at step 50")) },
            resuming,
        ],
        [
            "a run that has not resumed",
            { ...well, log: logOf((text) => text.replace("resumed", "begun")) },
            resuming,
        ],
        ["too few steps", { ...well, total: 400 }, /all steps are done/],
        ["a worker that failed", { ...well, ends: [0, 1] }, /all steps are done/],
        [
            "a worker that ended when worker 0 was lost",
            { ...well, keeper: { ...well.keeper, ends: [0, 1] } },
            /begins again in its pod/,
        ],
        [
            "one that has not begun again",
            { ...well, keeper: { ...well.keeper, other: readLog([]) } },
            /begins again in its pod/,
        ],
        [
            "a new worker 0 that has not resumed",
            { ...well, keeper: { ...well.keeper, log: readLog([]) } },
            /begins again in its pod/,
        ],
        ["guesses", { ...well, log: logOf((text) => text.replace("0.9500", "0.1100")) }, /chance reads 10 %/],
        [
            "a late worker that trains",
            { ...well, after: { end: 0, said: ["step 1"] } },
            /comes back when all is over/,
        ],
        ["a loader that fails", { ...well, mnist: { ...well.mnist, end: 1 } }, /loader reads/],
    ] as const) {
        it(`sees ${title}`, () => {
            const [first] = wrong(trained);
            assert.match(first ?? "nothing", typeof expected === "string" ? new RegExp(expected) : expected);
            assert.match(trainingFindings(trained, "").table, /\*\*no\*\*/);
        });
    }
});

describe("files in MNIST's format", () => {
    it("say what they hold, and then hold it", () => {
        const file = idx([2, 1, 3], Uint8Array.from([1, 2, 3, 4, 5, 255]));
        assert.equal(
            file.toString("hex"),
            "00000803" + "00000002" + "00000001" + "00000003" + "0102030405ff",
        );
    });

    it("have another picture for each digit", () => {
        const { pictures, digits } = bars(20);
        assert.deepEqual([...digits.slice(8, 12)], [8, 9, 0, 1]);
        const picture = (i: number) => Buffer.from(pictures.slice(i * 784, (i + 1) * 784)).toString("hex");
        assert.equal(new Set(Array.from({ length: 20 }, (_, i) => picture(i))).size, 10);
        assert.ok(picture(9).includes("ff"));
        assert.equal(picture(3), picture(13));
    });

    it("are where torchvision looks for them", async () => {
        const home = await mkdtemp(join(tmpdir(), "mnist-"));
        try {
            await writeMnist(home, 30, 10);
            const read = (name: string) => readFile(join(home, "MNIST/raw", name));
            assert.equal((await read("train-images-idx3-ubyte")).length, 16 + 30 * 784);
            assert.equal((await read("t10k-labels-idx1-ubyte")).toString("hex", 0, 8), "000008010000000a");
        } finally {
            await rm(home, { recursive: true });
        }
    });
});

describe("a worker of make train", () => {
    it("is told by the names by which a pod is", () => {
        const { template } = trainingSpec("t", "r", {}, images, "s") as unknown as {
            template: { spec: { containers: { env: { name: string }[] }[] } };
        };
        const pod = template.spec.containers[0]?.env.map(({ name }) => name) ?? [];
        const local = Object.keys(workerEnvironment({ index: 1, workers: 2, run: "r", port: 1 }));
        // The Job itself sets the number; the network is this machine's.
        const others = ["JOB_COMPLETION_INDEX", "GLOO_SOCKET_IFNAME"];
        assert.deepEqual(
            local.filter((name) => !pod.includes(name)),
            others,
        );
    });

    it("finds in its files every folder that something is mounted at", () => {
        const script = readFileSync(join(folder, "local/train/enter.sh"), "utf8");
        const mounted = [...script.matchAll(/"\$root\/(\w+)"/g)].map(([, name]) => name);
        assert.deepEqual(mounted.sort(), [...torchRoot.folders].sort());
    });
});
