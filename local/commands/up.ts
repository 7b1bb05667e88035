import pc from "picocolors";
import { engine } from "../engine";
import type { Instance } from "../instance";
import type { Ports } from "../node/network";
import { buildLine } from "../progress";
import { type StartedCluster, startCluster } from "../start-cluster";
import { checkLoop } from "./check-loop";
import { runnerOptions, usesEngine } from "./program";

/** Cluster, program, and a look at the loop: the whole of `make up`. */
export async function up(
    instance: Instance,
    options: { port?: Partial<Ports>; runner?: boolean },
): Promise<void> {
    const started = Date.now();
    const cluster = await startCluster(instance, options.port);
    printImageMap();
    if (await usesEngine(options.runner ?? false)) {
        await cluster.images.ready();
        await engine(instance, "up");
    } else {
        const commands = await import("../runner/commands");
        const gate = imageGate(cluster);
        process.exitCode = await commands.up({ ...runnerOptions(instance), gate });
        if (process.exitCode) return;
    }
    // A cluster that ran before has shown it then.
    if (cluster.fresh) await checkLoop(instance, cluster.record.ports.producer);
    console.log(
        pc.dim(
            `\nmake up took ${((Date.now() - started) / 1000).toFixed(1)} s. \`make demo\` shows the loop, \`make down\` ends it.`,
        ),
    );
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

function printImageMap(): void {
    const { devImages } = require("../../stacks/dev-images") as typeof import("../../stacks/dev-images");
    const { images } = require("../../components/images") as typeof import("../../components/images");
    console.log(
        pc.dim(
            "\nImages are made on this machine, from Debian packages and Go modules, in place of the upstream ones:",
        ),
    );
    for (const [key, local] of Object.entries(devImages)) {
        console.log(pc.dim(`  ${String(images[key as keyof typeof images]).padEnd(68)} → ${local}`));
    }
    console.log();
}
