import { setTimeout as sleep } from "node:timers/promises";
import type { ChartView, Reading } from "../demo/chart";
import { palette, pictureSpec, stepped, svgOf } from "../demo/picture";
import { asking } from "../verify/dashboards/ask";
import { type Figure, type Scenario, type Stage, SwitchedOff } from "./scenario";

/** Where the dev stack has the smoke test. */
const namespace = "gpu-jobs";
const app = "vector-add";

/** In the names of Jobs of ours: the dev stack's own is the pattern. */
const again = `${app}-again-`;

/** Seconds for which it adds: long enough to be scraped. A Job of a moment is in no graph. */
const repeatSeconds = 15;

const deadlineSeconds = 120;

/** How busy the GPU of the Job is, as Prometheus has it. */
interface GpuReading extends Reading {
    readonly busy: number | null;
}

/** What became of the Job. */
export interface SmokeRun {
    readonly seconds: number;
    /** As Kubernetes calls what it ended with; undefined where it did not end. */
    readonly ended: "Complete" | "Failed" | undefined;
    readonly log: string;
    readonly readings: readonly GpuReading[];
}

/** A Job as the API server tells of it, as far as it is needed here. */
export interface SmokeJob {
    readonly metadata: { readonly name: string };
    readonly spec: {
        readonly template: {
            readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
            readonly spec: {
                readonly containers: readonly {
                    readonly env?: readonly { readonly name: string; readonly value?: string }[];
                    readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
                }[];
            };
        };
    };
}

/** The smoke test of the dev stack once more: its Job has ended long ago, and a Job runs once. */
export const smoke: Scenario = {
    name: "smoke",
    title: "Two vectors are added on a GPU (simulated)",
    shows:
        "The smallest proof that GPUs work: a Job asks for one, lands, adds two vectors for fifteen seconds, and ends well. " +
        "DCGM's metrics show its GPU busy. No CUDA has a part in it here, and its log says so.",
    async run(stage) {
        const job = jobAgain(await pattern(stage), `${again}${Date.now().toString(36)}`);
        const startedAt = new Date().toISOString();
        const run = await runJob(job, stage);
        return {
            startedAt,
            figures: smokeFigures(run),
            picture: (subtitle) => smokePicture(run, subtitle),
            data: run,
        };
    },
};

/** @throws SwitchedOff where the dev stack has no smoke test. */
async function pattern({ kubectl }: Stage): Promise<SmokeJob> {
    const labels = `--selector=app.kubernetes.io/name=${app}`;
    const found = await kubectl(["--namespace", namespace, "get", "jobs", labels, "--output=json"]);
    const { items } = JSON.parse(found) as { items: SmokeJob[] };
    const job = items.find(({ metadata }) => !metadata.name.startsWith(again));
    if (job === undefined)
        throw new SwitchedOff(
            `There is no smoke test in the namespace ${namespace}: switch on smokeTest and gpus in Pulumi.dev.yaml, and \`make up\`.`,
        );
    return job;
}

/** The same Job under another name, for long enough to be seen; it is removed an hour later. */
export function jobAgain({ spec }: SmokeJob, name: string) {
    const { annotations } = spec.template.metadata;
    const { containers, ...pod } = spec.template.spec;
    return {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name, namespace, labels: { "app.kubernetes.io/name": app } },
        spec: {
            backoffLimit: 0,
            activeDeadlineSeconds: deadlineSeconds,
            ttlSecondsAfterFinished: 3600,
            template: {
                // Without the labels that tie its pods to the Job that was there.
                metadata: { labels: { "app.kubernetes.io/name": app }, ...(annotations && { annotations }) },
                spec: {
                    ...pod,
                    containers: containers.map((container) => ({
                        ...container,
                        env: (container.env ?? []).map((one) =>
                            one.name === "REPEAT_SECONDS" ? { ...one, value: `${repeatSeconds}` } : one,
                        ),
                    })),
                },
            },
        },
    };
}

async function runJob(job: ReturnType<typeof jobAgain>, stage: Stage): Promise<SmokeRun> {
    const { kubectl, draw, prometheusUrl } = stage;
    const { name } = job.metadata;
    const prometheus = asking(prometheusUrl);
    const busy = `max(DCGM_FI_DEV_GPU_UTIL{namespace="${namespace}",pod=~"${name}-.*"})`;
    const begun = Date.now();
    const readings: GpuReading[] = [];
    const view = draw(smokeView);
    await kubectl(["create", "--filename=-"], JSON.stringify(job));
    try {
        for (;;) {
            const ended = await conditionOf(name, kubectl);
            const t = (Date.now() - begun) / 1000;
            const [value = null] = await prometheus.values(busy).catch(() => []);
            readings.push({ t, busy: value });
            view.add({ t, busy: value });
            if (ended !== undefined || t > deadlineSeconds + 10) {
                const log = await kubectl(["--namespace", namespace, "logs", `job/${name}`]).catch(String);
                return { seconds: t, ended, log, readings };
            }
            await sleep(500);
        }
    } finally {
        view.end();
    }
}

async function conditionOf(name: string, kubectl: Stage["kubectl"]): Promise<SmokeRun["ended"]> {
    const path = '--output=jsonpath={.status.conditions[?(@.status=="True")].type}';
    const types = (await kubectl(["--namespace", namespace, "get", "job", name, path])).split(" ");
    return (["Complete", "Failed"] as const).find((type) => types.includes(type));
}

/** What is asked of it. */
export function smokeFigures({ seconds, ended, log, readings }: SmokeRun): Figure[] {
    const lines = log.split("\n");
    const verdict = lines.find((line) => /\btest (PASSED|FAILED)/i.test(line));
    const says = lines.find((line) => line.includes("simulated"));
    const seen = readings.flatMap(({ busy }) => (busy === null ? [] : [busy]));
    const most = Math.max(...seen);
    return [
        {
            what: "the Job",
            wanted: "Complete",
            measured: `${ended ?? "not ended"} after ${seconds.toFixed(1)} s`,
            met: ended === "Complete",
        },
        {
            what: "its log",
            wanted: "PASSED",
            measured: verdict ?? "no verdict",
            met: verdict?.includes("PASSED") ?? false,
        },
        {
            what: "its log says that the GPU is simulated",
            wanted: "yes",
            measured: says ?? "no",
            met: says !== undefined,
        },
        {
            what: "most that Prometheus saw of its GPU (DCGM_FI_DEV_GPU_UTIL)",
            wanted: "100 %",
            measured: seen.length === 0 ? "nothing" : `${most} %`,
            met: most === 100,
        },
    ];
}

const smokeView: ChartView<GpuReading> = {
    panels: [{ title: "The Job's GPU (% busy)", lines: [{ color: "cyan", value: ({ busy }) => busy }] }],
    status: (reading) =>
        reading === undefined
            ? "waiting for the first reading"
            : `${reading.t.toFixed(1).padStart(6)} s | GPU busy ${reading.busy ?? "?"} %`,
};

function smokePicture({ readings }: SmokeRun, subtitle: string[]): Promise<string> {
    const points = readings.map(({ t, busy }) => ({ t, value: busy }));
    return svgOf(
        pictureSpec({
            title: smoke.title,
            subtitle,
            timeTitle: "seconds since the Job was made",
            end: Math.max(1, readings.at(-1)?.t ?? 0),
            moments: [],
            panels: [
                {
                    title: "% of its GPU",
                    height: 150,
                    lines: [{ name: "DCGM_FI_DEV_GPU_UTIL", color: palette.blue, points, mark: stepped }],
                },
            ],
        }),
    );
}
