import { join } from "node:path";
import { Listr, type ListrTask } from "listr2";
import { type Artifact, artifact, artifacts } from "./build/artifacts";
import { Builder } from "./build/builder";
import { cacheDir, removeUnfinished } from "./build/cache";
import { machineProblems, readMachine } from "./preflight";
import { buildLine } from "./progress";

/**
 * A builder for artifacts that this machine can make and run.
 *
 * @throws Error with all that this machine lacks, before any work.
 */
export async function checkedBuilder(wanted: readonly Artifact[] = artifacts): Promise<Builder> {
    await removeUnfinished();
    const builder = new Builder(join(cacheDir(), "build.log"), wanted);
    const problems = machineProblems(await readMachine(builder.missing.length === 0));
    if (problems.length === 0) return builder;
    throw new Error(
        `The embedded cluster cannot run here:\n${problems.map((line) => `- ${line}`).join("\n")}`,
    );
}

/** Runs tasks, and draws them while they run. */
export function runTasks(tasks: ListrTask[]): Promise<void> {
    return new Listr(tasks, {
        rendererOptions: { collapseSubtasks: false },
        fallbackRenderer: "simple",
    }).run();
}

/** One task with a line for each of the named artifacts that is not cached; none where all are. */
export function buildTasks(builder: Builder, title: string, names: readonly string[]): ListrTask[] {
    const missing = names.filter((name) => builder.missing.includes(name));
    if (missing.length === 0) return [];
    return [
        {
            title: `${title} (log: ${builder.logFile})`,
            task: (_, task) =>
                task.newListr(
                    missing.map((name) => partTask(builder, name)),
                    { concurrent: true },
                ),
        },
    ];
}

function partTask(builder: Builder, name: string): ListrTask {
    return {
        title: artifact(name).title,
        task: async (_, task) => {
            // Rarely where the output is a log: one line per half minute is progress enough there.
            const timer = setInterval(
                () => {
                    task.output = buildLine(builder, name);
                },
                process.stdout.isTTY ? 500 : 30_000,
            );
            await builder.ready(name).finally(() => clearInterval(timer));
            task.title = `${artifact(name).title} ${Math.round(builder.of(name).seconds)} s`;
        },
    };
}
