import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../../local/cluster";
import type { Sample } from "../../local/demo/queue-result";
import { runBurst } from "../../local/demo/queue-run";
import { local, underTest, until } from "./support";

describe("the queue workload", () => {
    let urls: { producerUrl: string; prometheusUrl: string };

    before(async () => {
        urls = JSON.parse((await local("outputs")).stdout);
    });

    const burst = (messages: number, onSample?: (sample: Sample) => void) =>
        runBurst({ ...urls, messages, kubeconfig: underTest.kubeconfig, ...(onSample && { onSample }) });

    it("scales a burst of 200 messages from zero to ten replicas and back, and loses none", async () => {
        const run = await burst(200);
        console.log(
            `      first Ready ${run.firstReadySeconds} s, ten Ready ${run.allReadySeconds} s, ` +
                `drained ${run.drainedSeconds} s, back at zero ${run.backToZeroSeconds} s`,
        );
        assert.equal(run.published, 200);
        assert.equal(run.processed, 200);
        assert.equal(run.lost, 0);
        assert.equal(run.doubled, 0);
        assert.ok(
            run.firstReadySeconds !== null && run.allReadySeconds !== null && run.backToZeroSeconds !== null,
        );
        assert.equal(run.peakReplicas, 10);
    });

    it("does not scale down, and never reads an empty queue, while the redis exporter is down under load", async () => {
        const exporter = (replicas: number) =>
            kubectl(underTest, [
                "--namespace=queue",
                "scale",
                "deployment/redis-exporter",
                `--replicas=${replicas}`,
            ]);
        const samples: Sample[] = [];
        const running = burst(1000, (sample) => samples.push(sample));
        const recorded: (number | undefined)[] = [];
        try {
            await until("replicas under load", 30, async () =>
                (samples.at(-1)?.ready ?? 0) >= 5 ? true : undefined,
            );
            // What is recorded must be of this burst: the last value from before it is an honest zero.
            await until("the burst recorded", 30, async () =>
                ((await recordedQueueNow(urls.prometheusUrl)) ?? 0) > 0 ? true : undefined,
            );
            await exporter(0);
            // Prometheus drops a target that is gone only after two of its scrapes were due.
            await until("the recorded series gone with its source", 40, async () => {
                recorded.push(await recordedQueueNow(urls.prometheusUrl));
                await sleep(1000);
                return recorded.at(-1) === undefined ? true : undefined;
            });
            assert.ok((samples.at(-1)?.queued ?? 0) > 0, "the load ended before the outage was seen");
        } finally {
            await exporter(1);
        }
        const run = await running;
        assert.equal(run.processed, 1000);
        assert.equal(run.lost, 0);
        assert.ok(!recorded.includes(0), `an outage was read as an empty queue: ${recorded}`);
        // While messages wait, no reading may show fewer wanted replicas than the one before.
        const waiting = samples.filter(({ queued, desired }) => (queued ?? 0) > 0 && desired !== null);
        const drops = waiting.filter(
            ({ desired }, index) => (desired ?? 0) < (waiting[index - 1]?.desired ?? 0),
        );
        assert.deepEqual(drops, []);
    });
});

/** The recorded queue length as of now; undefined where there is none. */
async function recordedQueueNow(prometheusUrl: string): Promise<number | undefined> {
    const answer = await fetch(`${prometheusUrl}/api/v1/query?query=redis_items_in_queue`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    const value = data.result[0]?.value[1];
    return value === undefined ? undefined : Number(value);
}
