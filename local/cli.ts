import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import type { BenchBalanceOptions } from "./balance/bench";
import type { CampaignOptions } from "./campaign";
import type { Endpoint } from "./campaign/target";
import type { LogSearch } from "./commands/logs";
import type { Part } from "./commands/measure";
import { instance } from "./instance";
import { locked } from "./lock";
import { type EndpointName, endpoints, type Ports } from "./node/network";
import type { BenchScaleOptions } from "./scale/bench";
import type { ScenarioOptions } from "./scenarios/command";
import type { AskedCluster } from "./start-cluster";
import type { StepOptions } from "./verify/step";

/** Ends the process with the message alone: a stack trace helps nobody who can do what the message says. */
function fail(error: unknown): never {
    const debugging = process.env.DEBUG !== undefined;
    console.error(
        pc.red(
            debugging || !(error instanceof Error) ? String((error as Error).stack ?? error) : error.message,
        ),
    );
    process.exit(1);
}

function port(value: string, ports: Partial<Record<EndpointName, number>> = {}): Partial<Ports> {
    const [name, number] = value.split("=");
    const known = Object.keys(endpoints);
    if (!name || !known.includes(name) || !(Number(number) > 0 && Number(number) < 65_536)) {
        throw new InvalidArgumentError(
            `want NAME=PORT with NAME one of ${known.join(", ")} and PORT from 1 to 65535`,
        );
    }
    return { ...ports, [name]: Number(number) };
}

function duration(value: string): string {
    if (!/^[1-9]\d*(ms|s|m)$/.test(value))
        throw new InvalidArgumentError('want a time such as "1s" or "15s"');
    return value;
}

/** Options of the commands that start a cluster. */
interface StartOptions {
    readonly port?: Partial<Ports>;
    readonly hpaSyncPeriod?: string;
}

function askedCluster({ port, hpaSyncPeriod }: StartOptions): AskedCluster {
    return { ...(port && { ports: port }), ...(hpaSyncPeriod && { settings: { hpaSyncPeriod } }) };
}

const hpaSyncPeriod = [
    "--hpa-sync-period <time>",
    "how often a new cluster looks at every autoscaler; Kubernetes' default is 15s, here it is 1s",
    duration,
] as const;

function count(value: string): number {
    if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError("want a whole number from 1 up");
    return Number(value);
}

/** Whole numbers, each an argument of its own. */
function counts(value: string, given: number[] | readonly number[] = []): number[] {
    // The first one replaces the default, which commander hands over as if it had been given.
    return [...(given === usualClients ? [] : given), count(value)];
}

/** Clients of the campaign's phases. */
const usualClients: readonly number[] = [4, 8, 16];

/** Options of `campaign`, as they are given. */
interface CampaignCommand extends Omit<CampaignOptions, "endpoint">, Partial<Endpoint> {}

/** Commands load what they need when they run: `kubeconfig` must not wait for the Pulumi SDK. */
const program = new Command("local")
    .description("The embedded cluster and the program on it. `make help` lists the usual commands.")
    .option("--instance <name>", "which embedded cluster of this checkout", "dev");

const cluster = () => instance(program.opts<{ instance: string }>().instance);

async function onSimulatedCluster(work: () => Promise<void>): Promise<void> {
    const { withSimulatedCluster } = await import("./simulated-cluster");
    await locked(cluster(), () => withSimulatedCluster(cluster(), work));
}

program
    .command("up")
    .description("cluster and program, from whatever is there")
    .option("--port <name=port>", "host port of an endpoint, may be repeated", port)
    .option(...hpaSyncPeriod)
    .option("--runner", "run the program in-process even where the Pulumi CLI is installed")
    .action(async (options: StartOptions & { runner?: boolean }) => {
        const { choosePlatform } = await import("./commands/choose");
        const { platform, why } = await choosePlatform();
        console.log(`${platform === "embedded" ? "Embedded cluster" : "kind cluster"}: ${why}.`);
        if (platform === "kind") {
            const { kindUp } = await import("./commands/kind");
            await locked(instance("kind"), kindUp);
            return;
        }
        const { up } = await import("./commands/up");
        await locked(cluster(), () =>
            up(cluster(), { ...askedCluster(options), runner: options.runner ?? false }),
        );
        // After a failure, what still compiles in the background is not to go on without the lock.
        if (process.exitCode) process.exit();
    });

program
    .command("cluster")
    .description("the cluster alone")
    .option("--port <name=port>", "host port of an endpoint, may be repeated", port)
    .option(...hpaSyncPeriod)
    .option("--simulated <nodes>", "simulate nodes and pods: how many nodes, two of them with GPUs", count)
    .action(async (options: StartOptions & { simulated?: number }) => {
        if (options.simulated !== undefined) {
            const { startSimulatedCluster } = await import("./simulated-cluster");
            const gpu = Math.min(2, options.simulated - 1);
            const nodes = { cpu: options.simulated - gpu, gpu };
            await locked(cluster(), () => startSimulatedCluster(cluster(), nodes));
            console.log(`export KUBECONFIG=${cluster().kubeconfig}`);
            return;
        }
        const { allImages, startCluster } = await import("./start-cluster");
        const { record } = await locked(cluster(), async () => {
            const started = await startCluster(cluster(), askedCluster(options));
            await allImages(started);
            return started;
        });
        console.log(
            `Kubernetes answers at https://127.0.0.1:${record.ports["api-server"]}\nexport KUBECONFIG=${cluster().kubeconfig}`,
        );
    });

program
    .command("build")
    .description("make all parts of the cluster and its images, and start nothing")
    .action(async () => {
        const { buildAll } = await import("./start-cluster");
        await buildAll();
    });

program
    .command("env")
    .description("shell lines with which kubectl and the Pulumi CLI find the cluster")
    .action(async () => {
        const { devStack, engineEnvironment } = await import("./engine");
        const { mustRun } = await import("./commands/program");
        await mustRun(cluster());
        for (const [name, value] of Object.entries(await engineEnvironment(devStack(cluster())))) {
            console.log(`export ${name}='${value}'`);
        }
        const { artifactPath } = await import("./build/artifacts");
        console.log(`export PATH='${artifactPath("kubernetes")}':"$PATH"`); // kubectl
    });

program
    .command("down")
    .description("end the cluster and remove all it made")
    .action(async () => {
        const { stopNode } = await import("./node/node");
        const started = Date.now();
        await locked(cluster(), () => stopNode(cluster()));
        console.log(`Nothing of ${cluster().id} is left (${((Date.now() - started) / 1000).toFixed(1)} s).`);
    });

program
    .command("kind")
    .description("the kind stack: a cluster in Docker, upstream charts, outputs")
    .action(async () => {
        const { kindUp } = await import("./commands/kind");
        await locked(instance("kind"), kindUp);
    });

program
    .command("kind-down")
    .description("remove the kind cluster")
    .action(async () => {
        const { kindDown } = await import("./commands/kind");
        await locked(instance("kind"), kindDown);
    });

program
    .command("heal")
    .description("remove the Helm records that a killed run left pending, on the cluster of KUBECONFIG")
    .option("--context <name>", "context of the kubeconfig")
    .action(async (options: { context?: string }) => {
        const { heal } = await import("./commands/heal");
        const kubeconfig = process.env.KUBECONFIG;
        if (!kubeconfig) throw new Error("KUBECONFIG is not set: set it to the kubeconfig of the cluster.");
        await heal(kubeconfig, console.log, options.context);
    });

program
    .command("verify-charts")
    .description(
        "install every chart stack from a directory of charts on simulated nodes, and take it away again",
    )
    .requiredOption("--charts <directory>", "directory of charts: <name>-<version>.tgz, or folders")
    .option("--only <names...>", "only these subjects")
    .option("--write", "write the table into docs/compatibility.md")
    .action(async (options: { charts: string; only?: string[]; write?: boolean }) => {
        const { verifyCharts } = await import("./verify/command");
        await onSimulatedCluster(() => verifyCharts(cluster(), options));
    });

program
    .command("verify-kill")
    .description(
        "kill installs, upgrades and destroys of a chart stack at random points, and see the next run finish",
    )
    .requiredOption("--charts <directory>", "directory of charts, with previous versions")
    .option("--stack <name>", "which subject of verify-charts", "kind")
    .option("--points <count>", "how often each command is killed", count, 5)
    .option("--write", "write the table into docs/compatibility.md")
    .action(async (options: { charts: string; stack: string; points: number; write?: boolean }) => {
        const { verifyKill } = await import("./verify/kill");
        await onSimulatedCluster(() => verifyKill(cluster(), options));
    });

program
    .command("verify-step", { hidden: true })
    .description("one command of a subject, in a process that verify-kill can kill")
    .requiredOption("--charts <directory>")
    .requiredOption("--stack <name>")
    .option("--previous", "with the charts' previous versions")
    .argument("<command>", "up or destroy")
    .action(async (command: "up" | "destroy", options: StepOptions) => {
        const { runStep } = await import("./verify/step");
        await runStep(cluster(), command, options);
    });

program
    .command("bench-charts")
    .description("a chart stack against helm upgrade --install --wait of the same charts, in one run")
    .requiredOption("--charts <directory>", "directory of charts")
    .option("--stack <name>", "kind or gpu-cloud", "kind")
    .option("--runs <count>", "how often", count, 3)
    .action(async (options: { charts: string; stack: string; runs: number }) => {
        const { benchCharts } = await import("./verify/bench");
        await onSimulatedCluster(() => benchCharts(cluster(), options));
    });

program
    .command("verify-doctor")
    .description("make the dev stack ill in every way of a table, and see whether the doctor names the hop")
    .option("--only <words...>", "only injuries at these hops, or with these words in their names")
    .option("--write", "write the table into docs/doctor.md")
    .action(async (options: { only?: string[]; write?: boolean }) => {
        const { verifyDoctor } = await import("./verify/doctor");
        await locked(cluster(), () => verifyDoctor(cluster(), options));
    });

program
    .command("verify-faults")
    .description(
        "bring every fault of a table on autoscalers under load: do replicas hold, and which alert fires?",
    )
    .option("--only <words...>", "only faults with these words in their names")
    .option("--write", "write the table into docs/reliability.md")
    .action(async (options: { only?: string[]; write?: boolean }) => {
        const { verifyFaults } = await import("./verify/faults");
        await locked(cluster(), () => verifyFaults(cluster(), options));
    });

program
    .command("verify-dashboards")
    .description(
        "ask for every panel of every dashboard on a dev stack under load: does each show something?",
    )
    .option("--write", "write the table into docs/components/dashboards.md")
    .action(async (options: { write?: boolean }) => {
        const { verifyDashboards } = await import("./verify/dashboards");
        await locked(cluster(), () => verifyDashboards(cluster(), options));
    });

program
    .command("status")
    .description("what runs")
    .action(async () => {
        const { status } = await import("./commands/status");
        console.log(await status(cluster()));
    });

program
    .command("logs")
    .description("lines that the pods of a namespace have written, from the store of logs")
    .requiredOption("--namespace <name>", "whose pods")
    .option("--pod <name>", "a pod, or how the names of several begin")
    .option("--since <time>", "from how long ago on, such as 30s, 10m or 2h", "10m")
    .option("--match <text>", "text that a line has to have")
    .action(async (options: LogSearch) => {
        const { logs } = await import("./commands/logs");
        await logs(cluster(), options);
    });

for (const [name, what] of [
    ["preview", "what up would change"],
    ["destroy", "delete what the program declares; the cluster stays"],
] as const) {
    program
        .command(name)
        .description(what)
        .option("--runner", "run the program in-process even where the Pulumi CLI is installed")
        .action(async (options: { runner?: boolean }) => {
            const commands = await import("./commands/program");
            const work = () => commands[name](cluster(), options.runner ?? false);
            await (name === "preview" ? work() : locked(cluster(), work));
        });
}

program
    .command("outputs")
    .description("stack outputs as JSON")
    .option("--show-secrets", "secrets in clear")
    .action(async (options: { showSecrets?: boolean }) => {
        const { outputs } = await import("./commands/program");
        console.log(JSON.stringify(await outputs(cluster(), options.showSecrets ?? false), null, 4));
    });

program
    .command("kubeconfig")
    .description("path of the cluster's kubeconfig")
    .action(async () => {
        const { mustRun } = await import("./commands/program");
        await mustRun(cluster());
        console.log(cluster().kubeconfig);
    });

program
    .command("demo")
    .description("list the scenarios and run one on the running stack: load, a live chart, a report")
    .option("--scenario <name>", "which, all of them, or list", "queue")
    .option("--messages <n>", "messages in the burst of the queue", count, 200)
    .option("--short", "loads that are as short as show the same")
    .option("--write", "write figures and picture into docs/scenarios")
    .action(async (options: ScenarioOptions) => {
        const { runScenarios } = await import("./scenarios/command");
        await runScenarios(cluster(), options);
    });

program
    .command("train")
    .description("train in two processes on this machine, and kill one of them on the way")
    .option("--write", "write the table into docs/components/training-job.md")
    .action(async (options: { write?: boolean }) => {
        const { train } = await import("./train");
        await train(options);
    });

program
    .command("bench-scale")
    .description(
        "how soon each signal on each back end becomes replicas, beside the charts' default settings",
    )
    .option("--steps <number>", "steps of each", count, 30)
    .option("--copies <number>", "workloads with the charts' defaults that share the steps", count, 2)
    .option("--period <seconds...>", "how often the HPA looks; a cluster for each", ["15", "1"])
    .option("--only <names...>", "workloads, as local/scale/subjects.ts names them")
    .option("--write", "write docs/benchmarks.md")
    .action(async ({ period, ...options }: Omit<BenchScaleOptions, "periods"> & { period: string[] }) => {
        const { benchScale } = await import("./scale/bench");
        await locked(cluster(), () => benchScale(cluster(), { ...options, periods: period.map(Number) }));
    });

program
    .command("bench-balance")
    .description("one trace of requests behind five ways to balance, beside queueing theory")
    .option("--requests <number>", "requests to each", count, 15_000)
    .option("--write", "write docs/benchmarks.md")
    .action(async (options: BenchBalanceOptions) => {
        const { benchBalance } = await import("./balance/bench");
        await locked(cluster(), () => benchBalance(cluster(), options));
    });

program
    .command("campaign")
    .description(
        "load from 4, 8 and 16 clients on a language model, then as many requests from users that do not wait",
    )
    .option("--seconds <number>", "of each phase", count, 120)
    .option("--clients <numbers...>", "clients of each phase", counts, usualClients)
    .option("--url <address>", "an endpoint of any stack; without, a simulator beside the dev stack")
    .option("--prometheus <address>", "with --url: the Prometheus that measures it")
    .option("--model <name>", "with --url: the model that is asked")
    .option("--proxy <name>", "with --url: HAProxy's backend")
    .option("--write", "write docs/campaign.md")
    .action(async ({ url, prometheus, model, proxy, ...options }: CampaignCommand) => {
        const { campaign } = await import("./campaign");
        const endpoint = url === undefined ? undefined : { url, prometheus, model, proxy };
        const work = () => campaign(cluster(), { ...options, endpoint });
        await (endpoint ? work() : locked(cluster(), work));
    });

program
    .command("bench")
    .description("measure every figure of docs/benchmarks.md that can be measured on a running stack")
    .addOption(
        new Option("--part <name...>", "what to measure")
            .choices(["idle", "queue", "timing", "cold"])
            .default(["idle", "queue", "timing"]),
    )
    .option("--runs <n>", "bursts", count, 10)
    .action(async (options: { part: Part[]; runs: number }) => {
        const { runBench } = await import("./commands/measure");
        await runBench(cluster(), options.part, options.runs);
    });

const done = program.parseAsync();
// A promise that nothing can settle any more ends the process as if all were well: say that it is not.
process.on("beforeExit", () =>
    fail(new Error("The command ended in the middle of its work; that is a bug.")),
);
done.then(() => process.removeAllListeners("beforeExit")).catch(fail);
