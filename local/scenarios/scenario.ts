import type { ChartView, Reading } from "../demo/chart";
import type { LiveView } from "../demo/live";
import type { LoadGenerator } from "./load";

/** Outputs of the dev stack that scenarios need. */
export type Endpoint = "producerUrl" | "podinfoUrl" | "hashUrl" | "llmUrl" | "gpuUrl" | "lokiUrl";

/** Something that is shown on the running dev stack, end to end, and judged by its figures. */
export interface Scenario {
    /** What it is called on the command line, in file names and in docs/scenarios. */
    readonly name: string;
    readonly title: string;
    /** What it shows, in a sentence or two. */
    readonly shows: string;
    /** The output of the dev stack that it needs, for it to be there. @default none */
    readonly needs?: Endpoint;
    /**
     * @throws SwitchedOff where the stack does not have what it needs, and Error where it could not be run to its end; what
     *   went wrong on the way is in the figures.
     */
    readonly run: (stage: Stage) => Promise<Outcome>;
}

/** That the stack does not have what a scenario needs, because its configuration says so: nothing has failed. */
export class SwitchedOff extends Error {}

/** What a scenario runs on. */
export interface Stage {
    /** Path of the cluster's kubeconfig. */
    readonly kubeconfig: string;
    readonly prometheusUrl: string;
    /** The address of an output. @throws SwitchedOff where the stack does not have it, with the reason. */
    readonly url: (endpoint: Endpoint) => string;
    /** Runs the cluster's own kubectl, and returns what it prints. */
    readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
    readonly load: LoadGenerator;
    /** Shows readings as they come. */
    readonly draw: <R extends Reading>(view: ChartView<R>) => LiveView<R>;
    /** Says a line, before and after the drawing. */
    readonly say: (line: string) => void;
    /** Whether the load is to be as short as shows the same. */
    readonly short: boolean;
    /** Messages of a burst, of the queue alone. */
    readonly messages: number;
}

/** A figure of a run; `met` where something was wanted of it. */
export interface Figure {
    readonly what: string;
    readonly wanted?: string;
    readonly measured: string;
    readonly met?: boolean;
}

/** What a run has come to. */
export interface Outcome {
    /** ISO 8601. */
    readonly startedAt: string;
    readonly figures: readonly Figure[];
    /** The run as a picture, an SVG. */
    readonly picture: (subtitle: string[]) => Promise<string>;
    /** Everything that was read, for the JSON file. */
    readonly data: unknown;
}

/** Whether everything that was wanted has come. */
export function succeeded({ figures }: Pick<Outcome, "figures">): boolean {
    return figures.every(({ met }) => met !== false);
}
