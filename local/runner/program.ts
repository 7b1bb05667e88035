import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

/**
 * Runs a Pulumi program to its end: until every resource that it has declared is settled.
 *
 * Rejections that nobody handles are the SDK's way to report what goes wrong inside an `apply`, so for the
 * time of the run they are collected here, and any other listener (a test runner's) is set aside.
 *
 * @param declared - how many resources have been declared so far; resources may be declared late, in an `apply`.
 * @returns what was thrown, each error once.
 */
export async function runProgram(path: string, declared: () => number): Promise<unknown[]> {
    const errors = new Set<unknown>();
    const collect = (error: unknown) => errors.add(error);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", collect);
    let stuck = () => {};
    try {
        const never = new Promise<void>((resolve) => {
            stuck = () => {
                collect(
                    new pulumi.RunError(
                        "The program waits for something that never comes: a promise or output.",
                    ),
                );
                resolve();
            };
            process.once("beforeExit", stuck);
        });
        await Promise.race([settle(path, declared).catch(collect), never]);
        // Rejections are reported a turn after they happen.
        await setImmediate();
    } finally {
        process.removeListener("beforeExit", stuck);
        process.removeListener("unhandledRejection", collect);
        for (const listener of others) {
            process.on("unhandledRejection", listener);
        }
    }
    return [...errors];
}

async function settle(path: string, declared: () => number): Promise<void> {
    forget(path);
    const run = pulumi.runtime.runInPulumiStack(async () => {
        const exported: unknown = require(path);
        return typeof exported === "function" ? exported() : exported;
    });
    const failure = await run.then(
        () => undefined,
        (error: unknown) => ({ error }),
    );
    // Also after a failure: what the program declared before it is under way and must be finished.
    for (let before = -1; before !== declared(); ) {
        before = declared();
        await pulumi.runtime.disconnect();
        await setImmediate();
    }
    if (failure) {
        throw failure.error;
    }
}

/** Takes a program, and the modules of its own that it loaded, out of the module cache: each run starts anew. */
function forget(path: string): void {
    const module = require.cache[require.resolve(path)];
    const drop = (from: NodeJS.Module | undefined) => {
        if (from && require.cache[from.id] && !from.id.includes("node_modules")) {
            delete require.cache[from.id];
            from.children.forEach(drop);
        }
    };
    drop(module);
}

/** An error as text: its message alone where the program meant it for the reader, else with the program's frames. */
export function errorText(thrown: unknown): string {
    if (!(thrown instanceof Error)) {
        return String(thrown);
    }
    // The SDK tells its errors apart by private marks, so that several copies of it can meet in a process.
    const error: Error & { hideStack?: boolean; errors?: { propertyPath: string; reason: string }[] } =
        thrown;
    const problems = (error.errors ?? []).map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
    if (
        pulumi.RunError.isInstance(thrown) ||
        pulumi.InputPropertyError.isInstance(thrown) ||
        error.hideStack
    ) {
        return error.message;
    }
    if (pulumi.InputPropertiesError.isInstance(thrown)) {
        return [error.message, ...problems].join("\n");
    }
    const own = (line: string) => /^\s+at /.test(line) && !/node_modules|node:/.test(line);
    const frames = (error.stack ?? "").split("\n").filter(own);
    return [`${error.name}: ${error.message}`, ...frames.slice(0, 8)].join("\n");
}
