import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { arrivalTimes } from "./arrivals";
import { k6Path } from "./k6";
import { type LoadPlan, mostRequests, mustBeSound, planSeconds } from "./plan";

/** What became of one request; seconds since the start of the load. */
export interface Answer {
    /** Of open loops: which request of the plan it was, from 0. Its `due` may differ from the plan's in the last digit. */
    readonly index?: number;
    /** When it was to be sent: its latency counts from here. Of clients, when it was sent. */
    readonly due: number;
    readonly sent: number;
    readonly ended: number;
    /** Of HTTP; 0 where there was no answer. */
    readonly status: number;
    /** Why there was none. */
    readonly error?: string;
    /** The sum of the plan's `answerFields`, of those that the answer had; none where it had none. */
    readonly value?: number;
}

export interface LoadResult {
    /** In the order in which they ended. */
    readonly answers: readonly Answer[];
    /** Requests of the plan; of clients, those that were sent. */
    readonly planned: number;
    /** Requests that were sent more than 50 ms after they were due: the generator's fault, and in their latency. */
    readonly late: number;
    /** Requests without an answer, or with one of 400 and above. */
    readonly failed: number;
    /** Start of the load, milliseconds since 1970. */
    readonly startedAt: number;
}

export interface LoadOptions {
    /** Called with each answer as soon as it is there. */
    readonly onAnswer?: (answer: Answer) => void;
    /** Ends the load at once; what is under way then is in no answer. */
    readonly signal?: AbortSignal;
    /** Program to run as k6. @default the one that is compiled here */
    readonly k6?: string;
    /** Arguments of `nsenter` for another network than the host's, such as `networkOf` a node. */
    readonly within?: readonly string[];
}

const lateSeconds = 0.05;

/**
 * Plays a load with k6, and tells what became of each request.
 *
 * @throws Error with every problem of the plan before anything is sent, and when k6 ends before its time.
 */
export async function runLoad(plan: LoadPlan, options: LoadOptions = {}): Promise<LoadResult> {
    mustBeSound(plan);
    const k6 = options.k6 ?? (await k6Path());
    const folder = await mkdtemp(join(tmpdir(), "load-"));
    try {
        const file = join(folder, "plan.json");
        const playable = playablePlan(plan);
        await writeFile(file, JSON.stringify(playable));
        return await play(k6, file, folder, playable.at?.length, options);
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function play(
    k6: string,
    file: string,
    folder: string,
    planned: number | undefined,
    { onAnswer, signal, within }: LoadOptions,
): Promise<LoadResult> {
    const answers: Answer[] = [];
    const said: string[] = [];
    let startedAt = 0;
    const command = [k6, ...k6Arguments(file), join(__dirname, "play.js")];
    const [program = "", ...args] = within ? ["nsenter", ...within, ...command] : command;
    const child = execa(program, args, {
        // Past any proxy, and without settings of the user's own k6, which it looks for at home.
        extendEnv: false,
        env: { PATH: process.env.PATH, HOME: folder, K6_AUTO_EXTENSION_RESOLUTION: "false" },
        all: true,
        buffer: false,
        reject: false,
        stdin: "ignore",
        killSignal: "SIGINT",
        forceKillAfterDelay: 5000,
        ...(signal && { cancelSignal: signal }),
    });
    for await (const line of child.iterable({ from: "all", preserveNewlines: false })) {
        const read = readLine(line);
        if (read === undefined) {
            if (said.push(line) > 8) said.shift();
        } else if ("started" in read) startedAt = read.started;
        else {
            answers.push(read);
            onAnswer?.(read);
        }
    }
    const { exitCode } = await child;
    const stopped = signal?.aborted ?? false;
    if (!stopped && (exitCode !== 0 || answers.length < (planned ?? 0))) {
        const count = `${answers.length}${planned === undefined ? "" : ` of ${planned}`}`;
        throw new Error(
            `k6 ended with ${exitCode} after ${count} answers; its last words:\n${said.join("\n")}`,
        );
    }
    return { ...countAnswers(answers), planned: planned ?? answers.length, startedAt };
}

/** What is told of answers, beside the plan. */
export function countAnswers(answers: readonly Answer[]): Pick<LoadResult, "answers" | "late" | "failed"> {
    return {
        answers,
        late: answers.filter(({ due, sent }) => sent - due > lateSeconds).length,
        failed: answers.filter(isFailure).length,
    };
}

export function isFailure({ status }: Pick<Answer, "status">): boolean {
    return status === 0 || status >= 400;
}

/** Seconds from when a request was due until it was answered: a generator that is late does not make it shorter. */
export function latency({ due, ended }: Pick<Answer, "due" | "ended">): number {
    return ended - due;
}

/** The plan as the script of k6 reads it: every time is known before the start. */
export function playablePlan({ arrivals, ...plan }: LoadPlan) {
    const common = { ...plan, mostSeconds: Math.ceil(planSeconds(arrivals) + plan.timeoutSeconds + 30) };
    if (arrivals.kind !== "clients") {
        const bodies = arrivals.kind === "trace" ? arrivals.bodies : [];
        return { ...common, at: arrivalTimes(arrivals), bodies };
    }
    let until = 0;
    const phases = arrivals.phases.map(({ seconds, clients }) => {
        const from = until;
        until += seconds;
        return { from, until, clients };
    });
    return { ...common, phases, mostRequests, at: undefined };
}

/** No page of its own, no report to its makers, and nothing on its output but what the script says. */
function k6Arguments(planFile: string): string[] {
    const silent = ["--quiet", "--no-color", "--summary-mode=disabled", "--no-thresholds"];
    const alone = ["--address=", "--no-usage-report"];
    return ["run", ...silent, ...alone, "--log-output=stdout", "--log-format=raw", `--env=PLAN=${planFile}`];
}

/** A line of the script; undefined where it is another. */
export function readLine(line: string): Answer | { readonly started: number } | undefined {
    if (!line.startsWith("{")) return undefined;
    try {
        const read = JSON.parse(line) as Answer | { started: number };
        return "started" in read || "due" in read ? read : undefined;
    } catch {
        return undefined;
    }
}
