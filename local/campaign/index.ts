import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeEnvironment, type Environment, environment } from "../bench/environment";
import { writeSection } from "../bench/report";
import { pinnedVersion } from "../build/go";
import { svgOf } from "../demo/plot";
import { fileTime } from "../demo/report";
import { checkout, type Instance } from "../instance";
import { type LoadPlan, runLoad } from "../load";
import { reportPage } from "../report-page";
import { afterFailure, tidied } from "../tidied";
import { type PhaseFigures, phaseFigures, startOf, windowsOf, workFields } from "./figures";
import { onInterrupt } from "./interrupt";
import { type Phase, runPhases } from "./phases";
import { campaignSpec, panelsOf } from "./plots";
import { campaignMarkdown, campaignTable } from "./report";
import { nothingRecorded, type Recorded, recordedSeries } from "./series";
import { devTarget, type Endpoint, endpointTarget, type Target } from "./target";

export interface CampaignOptions {
    /** Seconds of each phase, 1 to 3600. */
    readonly seconds: number;
    /** Clients of each phase. */
    readonly clients: readonly number[];
    /** An endpoint on any stack. @default four pods of the simulator beside the dev stack */
    readonly endpoint?: Endpoint | undefined;
    /** Whether to write docs/campaign.md and its picture. */
    readonly write?: boolean | undefined;
}

/** What a campaign found; its report has the same, and more. */
export interface CampaignResult {
    readonly figures: readonly PhaseFigures[];
    readonly recorded: Recorded;
}

/**
 * The campaign of the original demo, with a report: clients that wait for their answers, then as many requests from others.
 *
 * Ctrl-C ends it as a failure does: what was made is removed, and the report has the phases that were over.
 */
export async function campaign(instance: Instance, options: CampaignOptions): Promise<CampaignResult> {
    const { signal, forget } = onInterrupt(console.log);
    try {
        const { endpoint } = options;
        const target = endpoint ? endpointTarget(endpoint) : await devTarget(instance, signal);
        return await tidied(() => measured(target, options, signal), target.remove);
    } finally {
        forget();
    }
}

async function measured(
    target: Target,
    { seconds, clients, write = false }: CampaignOptions,
    signal: AbortSignal,
): Promise<CampaignResult> {
    const phases: Phase[] = [];
    const load = async (plan: LoadPlan) => {
        signal.throwIfAborted();
        const options = { signal, ...(target.within && { within: target.within }) };
        // Ctrl-C ends k6, too: whatever is said of that, this is why.
        return await runLoad(plan, options).finally(() => signal.throwIfAborted());
    };
    const campaign = { question: questionFor(target), clients, seconds, load, log: console.log };
    try {
        for await (const phase of runPhases(campaign)) phases.push(phase);
    } catch (error) {
        const soFar = async () => {
            if (phases.length === 0) return;
            const broken = `Not the whole campaign: ${(error as Error).message}`;
            await report(phases, await recordedFor(target, phases), target, { seconds, broken });
        };
        return afterFailure(error, soFar);
    }
    const recorded = await recordedFor(target, phases);
    await report(phases, recorded, target, { seconds, write });
    return { figures: phases.map(phaseFigures), recorded };
}

/** Ollama and OpenAI's completions both take this; a connection for each request, as from as many users. */
function questionFor({ url, model }: Target) {
    return {
        url,
        method: "POST",
        body: JSON.stringify({ model, prompt: "If you visit Paris, I suggest that you", stream: false }),
        headers: { "Content-Type": "application/json" },
        timeoutSeconds: 600,
        reuseConnections: false,
        answerFields: workFields,
    } as const;
}

async function recordedFor({ prometheusUrl, proxy }: Target, phases: readonly Phase[]): Promise<Recorded> {
    if (prometheusUrl === undefined) return { ...nothingRecorded, problem: "no Prometheus was given" };
    return recordedSeries(prometheusUrl, proxy, startOf(phases), Date.now());
}

interface ReportOptions extends Pick<CampaignOptions, "seconds" | "write"> {
    /** Why phases are missing. */
    readonly broken?: string;
}

async function report(
    phases: readonly Phase[],
    recorded: Recorded,
    target: Target,
    { seconds, write, broken }: ReportOptions,
): Promise<void> {
    const where = environment({ k6: pinnedVersion("k6", "go.k6.io/k6") });
    const figures = phases.map(phaseFigures);
    const svg = await svgOf(specOf(phases, recorded, where));
    const folder = join(checkout, "reports");
    await mkdir(folder, { recursive: true });
    const file = join(folder, `campaign-${fileTime(where.date)}`);
    const data = { environment: where, target: target.what, figures, phases, recorded };
    await writeFile(`${file}.json`, `${JSON.stringify(data)}\n`);
    const missing = [
        ...(broken ? [broken] : []),
        ...(recorded.problem ? [`Not shown what Prometheus measures: ${recorded.problem}.`] : []),
    ];
    const lines = [`Asked: ${target.what}.`, ...remarks(phases), ...missing, describeEnvironment(where)];
    const page = reportPage({
        title: `Campaign, ${where.date.slice(0, 16)}`,
        lines,
        sections: [
            { title: "Figures", table: campaignTable(figures) },
            { title: "Over time", svg },
        ],
    });
    await writeFile(`${file}.html`, page);
    const table = campaignMarkdown(figures);
    console.log(`\n${table}\n\n${[...remarks(phases), ...missing].join("\n")}`);
    console.log(`\nReport  ${file}.html\nData    ${file}.json`);
    if (!write) return;
    await writeFile(join(checkout, "docs", "campaign.svg"), svg);
    const picture = "![Requests, waits, queue, sessions and replicas over time](campaign.svg)";
    const note = `Reproduce with \`make campaign SECONDS=${seconds}\`. Asked: ${target.what}. Measured on ${describeEnvironment(where)}.`;
    const text = [picture, table, remarks(phases).join("\n"), note].join("\n\n");
    await writeSection(join(checkout, "docs", "campaign.md"), "campaign", text);
}

function specOf(phases: readonly Phase[], recorded: Recorded, where: Environment) {
    const known = phases.some(({ result }) => result.answers.some(({ value }) => value !== undefined));
    const longest = Math.max(...phases.map((phase) => phase.seconds));
    const windows = windowsOf(phases, Math.max(1, Math.round(longest / 24)));
    const starts = phases.map(({ name, result }) => ({
        name,
        from: (result.startedAt - startOf(phases)) / 1000,
    }));
    return campaignSpec(panelsOf(windows, recorded, known), starts, [describeEnvironment(where)]);
}

/** What the figures do not say of themselves. */
function remarks(phases: readonly Phase[]): string[] {
    const late = phases.reduce((sum, { result }) => sum + result.late, 0);
    const all = phases.reduce((sum, { result }) => sum + result.planned, 0);
    return [
        late === 0
            ? `The generator sent all ${all} requests within 50 ms of when they were due.`
            : `The generator was late: ${late} of ${all} requests were sent more than 50 ms after they were due. Their latency counts from when they were due.`,
    ];
}
