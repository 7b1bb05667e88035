import type { Instance } from "../instance";
import { chooseDeployer, documentedLeftovers, subjectOf, sweep } from "./command";
import { runProcess } from "./process";
import { added, type Snapshot, snapshot } from "./snapshot";
import { conclude } from "./verdict";

export interface KillOptions {
    readonly charts: string;
    readonly stack: string;
    /** How often each command is killed. */
    readonly points: number;
    readonly write?: boolean;
}

type Command = "install" | "upgrade" | "destroy";

/** One command that was killed, and what the next run of it made of that. */
interface Killed {
    readonly command: Command;
    /** Seconds after its start. */
    readonly after: number;
    /** Objects of it in the cluster when it was killed, in percent of all. */
    readonly percent: number;
    /** Seconds that the same command took, run again. */
    readonly again: number;
    /** What is wrong afterwards; empty where nothing is. */
    readonly problems: readonly string[];
}

/**
 * Kills installs, upgrades and destroys of a subject (kill -9 of the whole process group) at random points, runs
 * the same command again, and compares the cluster with what an undisturbed run leaves.
 */
export async function verifyKill(instance: Instance, options: KillOptions): Promise<void> {
    const { kubeconfig } = instance;
    const subject = subjectOf(instance, options.stack, options.charts);
    const deployer = await chooseDeployer();
    const run = (command: "up" | "destroy", previous = false, killAfter?: number) =>
        runProcess(instance, command, { ...options, previous }, killAfter);

    const empty = await snapshot(kubeconfig);
    const times = { install: await run("up"), upgrade: 0, destroy: 0 };
    const whole = await snapshot(kubeconfig);
    times.destroy = await run("destroy");
    times.upgrade = times.install;
    const now = async () => snapshot(kubeconfig);
    const results: Killed[] = [];
    const kill = async (command: Command) => {
        const verb = command === "destroy" ? "destroy" : "up";
        // Neither while the program only starts, nor after it has ended.
        const after = times[command] * (0.3 + 0.65 * Math.random());
        await run(verb, false, after);
        const then = added(empty, await now()).length / added(empty, whole).length;
        const again = await run(verb);
        const problems =
            command === "destroy"
                ? added(empty, await now()).filter((identity) => !documentedLeftovers.test(identity))
                : [
                      ...differences(whole, await now()),
                      ...(await deployer.unchanged(subject.deployment)).failures,
                  ];
        results.push({ command, after, percent: Math.round(then * 100), again, problems });
        console.log(rowOf(results.at(-1) as Killed));
    };
    for (let point = 0; point < options.points; point++) {
        await kill("install");
        await kill("destroy");
    }
    for (let point = 0; subject.previous && point < options.points; point++) {
        await run("up", true);
        await kill("upgrade");
        await run("destroy");
        await sweep(instance, added(empty, await now()));
    }
    await report(options, deployer.name, results);
}

/** Names that differ from run to run: of pods and their owners, volumes, and the revisions that Helm counts. */
const varying =
    /^(\/Pod|apps\/ReplicaSet|apps\/ControllerRevision|\/PersistentVolume|networking\.k8s\.io\/IPAddress)\/|sh\.helm\.release|kwok|^metrics\.k8s\.io/;

function differences(wanted: Snapshot, found: Snapshot): string[] {
    const stable = (from: Snapshot) => new Map([...from].filter(([identity]) => !varying.test(identity)));
    return [
        ...added(stable(wanted), stable(found)).map((identity) => `too much: ${identity}`),
        ...added(stable(found), stable(wanted)).map((identity) => `missing: ${identity}`),
    ];
}

async function report(options: KillOptions, engine: string, results: readonly Killed[]): Promise<void> {
    const table = [
        "| killed | after (s) | objects then | same command again (s) | afterwards |",
        "| --- | --- | --- | --- | --- |",
        ...results.map(rowOf),
        "",
        `Stack ${options.stack}, kill -9 of the whole process group, with ${engine}.`,
    ].join("\n");
    const failed = results.filter(({ problems }) => problems.length > 0).length;
    await conclude({ table, total: results.length, failed, section: options.write ? "killed" : undefined });
}

function rowOf({ command, after, percent, again, problems }: Killed): string {
    const verdict = problems.length === 0 ? "as after an undisturbed run" : `**${problems.join("; ")}**`;
    return `| ${command} | ${after.toFixed(1)} | ${percent} % | ${again.toFixed(1)} | ${verdict} |`;
}
