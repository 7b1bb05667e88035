import { join } from "node:path";
import { Builder } from "../build/builder";
import { cacheDir } from "../build/cache";
import { machineProblems, readMachine } from "../preflight";
import { missingTools } from "./kind";

/** Which platform `make up` stands on, and why. */
export interface Choice {
    readonly platform: "embedded" | "kind";
    readonly why: string;
}

/**
 * The embedded cluster where it can run, for it needs nothing but this machine; else kind, where its tools are.
 *
 * @throws Error with all that is missing for either.
 */
export async function choosePlatform(): Promise<Choice> {
    const { missing } = new Builder(join(cacheDir(), "build.log"));
    return judge(machineProblems(await readMachine(missing.length === 0)), () => missingTools());
}

/** The choice, from what each of the two lacks. */
export async function judge(
    embeddedLacks: readonly string[],
    findKindLacks: () => Promise<readonly string[]>,
): Promise<Choice> {
    if (embeddedLacks.length === 0) {
        return { platform: "embedded", why: "this machine can run it (Linux, root): no Docker, no cloud" };
    }
    const kindLacks = await findKindLacks();
    if (kindLacks.length === 0) {
        return {
            platform: "kind",
            why: `the embedded cluster cannot run here: ${embeddedLacks.join("; ")}`,
        };
    }
    const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
    throw new Error(
        `Neither the embedded cluster nor kind can run here.\nThe embedded cluster:\n${list(embeddedLacks)}\n` +
            `kind:\n${list(kindLacks)}`,
    );
}
