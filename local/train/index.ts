import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import getPort from "get-port";
import { describeEnvironment, environment } from "../bench/environment";
import { installHostPrograms } from "../preflight";
import { tidied } from "../tidied";
import { conclude } from "../verify/verdict";
import { trainingFindings } from "./judge";
import { writeMnist } from "./mnist";
import { torchEnvironment, torchFolder } from "./torch";
import { Worker } from "./worker";

const total = 400;
/** The worker is lost after the first checkpoint from this step on. */
const lostAfter = 150;
/** Seconds for anything to happen: PyTorch takes long to load, and a lost worker is missed after 15 s. */
const patience = 180;

/**
 * The whole of `make train`: the training of the component on this machine, two workers with a process each, of which one
 * is killed on the way and replaced, as the Job would; in another run that is worker 0, which keeps the rendezvous.
 *
 * @param write - whether the table goes into the component's page
 */
export async function train({ write }: { readonly write?: boolean }): Promise<void> {
    if (process.getuid?.() !== 0) {
        throw new Error(`You are user ${process.getuid?.()}; needs root, to make mounts; run it with sudo.`);
    }
    await installHostPrograms();
    console.log("PyTorch from Debian's packages: from the cache, or 270 MB to download.");
    const root = await torchFolder();
    const state = await mkdtemp(join(tmpdir(), "training-"));
    const running: Worker[] = [];
    const work = async () => {
        const lost = await loseWorker(root, state, running);
        const keeper = await loseKeeper(root, state, running);
        const mnist = await trainOnFiles(root, state, running);
        const versions = { python: await version(root, "sys", "sys.version.split()[0]") };
        const torch = await version(root, "torch", "torch.__version__");
        const where = `Measured on ${describeEnvironment(environment({ pytorch: torch, ...versions }))}.`;
        const findings = trainingFindings({ ...lost, keeper, mnist, total }, where);
        const file = "docs/components/training-job.md";
        await conclude({ ...findings, section: write ? "training" : undefined, file });
    };
    await tidied(work, async () => {
        for (const worker of running) worker.kill();
        await Promise.allSettled(running.map(({ ended }) => ended));
        await rm(state, { recursive: true, force: true });
    });
}

async function loseWorker(root: string, state: string, running: Worker[]) {
    const start = await twoWorkers("two-workers", total, root, state, running);
    const [first, second] = [start(0), start(1)];
    await first.until(
        "the first checkpoints",
        (log) => (log.checkpoints.at(-1)?.step ?? 0) >= lostAfter,
        patience,
    );
    const killedAt = Date.now();
    second.kill();
    console.log(`Worker 1 is killed after step ${first.log.steps.at(-1)?.step}.`);
    await second.ended;
    const replacement = start(1);
    await first.until("training after a worker was lost", (log) => log.resumed.length > 0, patience);
    console.log(`Training goes on from step ${first.log.resumed[0]?.step}.`);
    await first.until("the end of the training", (log) => log.finished !== undefined, patience);
    const ends = await Promise.all([first.ended, replacement.ended]);
    const late = start(1);
    const after = { end: await late.ended, said: late.lines.map(({ text }) => text) };
    return { log: first.log, killedAt, ends, after };
}

/** The rendezvous goes with worker 0: the other one's torchrun ends, and its pod is not to. */
async function loseKeeper(root: string, state: string, running: Worker[]) {
    const start = await twoWorkers("without-worker-0", lostAfter, root, state, running);
    const [first, second] = [start(0), start(1)];
    await first.until("the first checkpoint", (log) => log.checkpoints.length > 0, patience);
    first.kill();
    console.log(`Worker 0 is killed after step ${first.log.steps.at(-1)?.step}.`);
    await first.ended;
    const kept = first.log.checkpoints.at(-1)?.step ?? 0;
    const replacement = start(0);
    await replacement.until(
        "the end without the first worker 0",
        (log) => log.finished !== undefined,
        patience,
    );
    const ends = await Promise.all([replacement.ended, second.ended]);
    return { kept, log: replacement.log, other: second.log, ends };
}

/** What starts one of two workers of a run. */
async function twoWorkers(run: string, steps: number, root: string, state: string, running: Worker[]) {
    const port = await getPort();
    const length = ["--data", "synthetic", "--steps", `${steps}`, "--checkpoint", `/state/${run}`];
    const args = [...length, "--checkpoint-every", "50", "--log-every", "10", "--device", "cpu"];
    return (index: number) => {
        const worker = new Worker({ root, state, index, workers: 2, run, port, args });
        running.push(worker);
        return worker;
    };
}

/** MNIST itself cannot be had everywhere; its loader and its format can. */
async function trainOnFiles(root: string, state: string, running: Worker[]) {
    await mkdir(join(state, "data"));
    await writeMnist(join(state, "data"), 640, 200);
    const args = [
        "--data",
        "mnist",
        "--data-folder",
        "/state/data",
        "--checkpoint",
        "/state/mnist",
        "--steps",
        "100",
    ];
    const port = await getPort();
    const worker = new Worker({ root, state, index: 0, workers: 1, run: "mnist", port, args });
    running.push(worker);
    await worker.until("a training on MNIST's format", (log) => log.finished !== undefined, patience);
    return { end: await worker.ended, log: worker.log };
}

async function version(root: string, module: string, expression: string): Promise<string> {
    const code = `import ${module}; print(${expression})`;
    const env = { ...torchEnvironment, PATH: `${process.env.PATH}` };
    return (await execa("chroot", [root, "/usr/bin/python3", "-c", code], { env, extendEnv: false })).stdout;
}
