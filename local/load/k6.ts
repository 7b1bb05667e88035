import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { artifactPath, loadArtifacts } from "../build/artifacts";
import { Builder } from "../build/builder";
import { cacheDir } from "../build/cache";
import { buildTasks, runTasks } from "../build-tasks";

let made: Promise<string> | undefined;

/**
 * Path of k6, which is compiled, with progress, where it is not in the cache: minutes, once.
 *
 * @throws Error when it cannot be compiled, with the compiler's last words.
 */
export function k6Path(): Promise<string> {
    made ??= make();
    return made;
}

async function make(): Promise<string> {
    await mkdir(cacheDir(), { recursive: true });
    const builder = new Builder(join(cacheDir(), "build.log"), loadArtifacts);
    const tasks = buildTasks(builder, "Load generator", builder.missing);
    builder.start();
    await runTasks(tasks);
    return join(artifactPath("k6"), "k6");
}
