import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { images as upstream } from "../../components/images";
import { devImages } from "../../stacks/dev-images";
import { artifact } from "../build/artifacts";
import { devStack, engine } from "../engine";
import type { Instance } from "../instance";
import { buildLine } from "../progress";
import { type AskedCluster, allImages, type StartedCluster, startCluster } from "../start-cluster";
import { checkLoop } from "./check-loop";
import { rememberEngine, runnerOptions, usesEngine } from "./program";

/** Cluster, program, and a look at the loop: the whole of `make up`. */
export async function up(instance: Instance, options: AskedCluster & { runner?: boolean }): Promise<void> {
    const started = Date.now();
    const cluster = await startCluster(instance, options);
    if (cluster.fresh) printImageMap();
    if (await usesEngine(options.runner ?? false)) {
        await allImages(cluster);
        rememberEngine(instance, "cli");
        await engine(devStack(instance), "up");
    } else {
        const commands = await import("../runner/commands");
        const gate = imageGate(cluster);
        const because = options.runner ? { because: "As asked for with --runner:" } : {};
        rememberEngine(instance, "runner");
        const stopTelling = tellBuilds(cluster);
        process.exitCode = await commands
            .up({ ...runnerOptions(instance), gate, ...because })
            .finally(stopTelling);
        if (process.exitCode) return;
    }
    await seeLoopOnce(instance, cluster.record.ports.producer);
    console.log(
        pc.dim(
            `\nmake up took ${((Date.now() - started) / 1000).toFixed(1)} s. \`make demo\` shows the loop, \`make down\` ends it.`,
        ),
    );
}

/** The same for work that needs the dev stack, whatever engine is installed. */
export async function upOrThrow(instance: Instance, options: AskedCluster = {}): Promise<void> {
    await up(instance, { ...options, runner: true });
    if (process.exitCode) throw new Error("the dev stack did not come up: see what failed above");
}

/**
 * Holds an object back until the images it names are in the node. So the
 * program can start while they are still compiled, and no pod is created that
 * could only fail to pull.
 */
function imageGate({ images, builder }: StartedCluster) {
    return async (object: unknown, say: (reason: string) => void): Promise<void> => {
        const missing = images.missing(object);
        if (missing.length === 0) return;
        const layers = missing.flatMap((image) => image.layers);
        const tell = () => {
            const making = layers.find((layer) => !["cached", "made"].includes(builder.of(layer).state));
            say(making ? `image of ${making}: ${buildLine(builder, making)}` : "image is being loaded");
        };
        tell();
        const timer = setInterval(tell, 1000);
        await images.ready(missing).finally(() => clearInterval(timer));
    };
}

/** In a log, where no tree is drawn: every half minute, what is being compiled. */
function tellBuilds({ builder }: StartedCluster): () => void {
    if (process.stdout.isTTY) return () => {};
    const timer = setInterval(() => {
        const making = builder.missing.find((name) => builder.of(name).state === "making");
        if (making) console.log(`… compiling ${artifact(making).title}: ${buildLine(builder, making)}`);
    }, 30_000);
    return () => clearInterval(timer);
}

/** The loop is seen to work once in a cluster's life; later runs of `up` only compare. */
async function seeLoopOnce(instance: Instance, producerPort: number): Promise<void> {
    const seen = join(instance.dir, "loop-seen");
    if (existsSync(seen)) return;
    await checkLoop(instance, producerPort);
    writeFileSync(seen, new Date().toISOString());
}

function printImageMap(): void {
    console.log(
        pc.dim(
            "\nImages are made on this machine, from Debian packages and Go modules, in place of the upstream ones:",
        ),
    );
    for (const [key, local] of Object.entries(devImages)) {
        console.log(pc.dim(`  ${String(upstream[key as keyof typeof upstream]).padEnd(68)} → ${local}`));
    }
    console.log();
}
