/** The program: reads the configuration, follows the recipe for its target, exports what the recipe returns. */
import * as pulumi from "@pulumi/pulumi";
import { runbookLinks } from "./components";
import { readConfig, type StackConfig } from "./stacks/config";
import { dev } from "./stacks/dev";
import { gpuCloud } from "./stacks/gpu-cloud";
import { kind } from "./stacks/kind";
import type { PlatformOutputs } from "./stacks/outputs";

function follow(config: StackConfig): PlatformOutputs | Promise<PlatformOutputs> {
    switch (config.target) {
        case "dev":
            return dev(config);
        case "kind":
            return kind(config);
        case "gpu-cloud":
            return gpuCloud(config);
    }
}

// A function, because the recipes made of charts first ask the cluster what it has.
export = async () => {
    const config = readConfig();
    // Before the first resource: it is for all that come.
    if (config.runbooksUrl !== undefined)
        pulumi.runtime.registerStackTransformation(runbookLinks(config.runbooksUrl));
    return follow(config);
};
