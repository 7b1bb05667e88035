import { setTimeout as sleep } from "node:timers/promises";

/** The counters of the queue, as redis has them. */
export interface Counters {
    readonly queued: number;
    readonly published: number;
    readonly consumed: number;
}

/** How full the queue is kept: for three consumers, for five, or not at all. Between 20 and 60 there is room to be late. */
export const levels = { none: 0, calm: 58, grown: 98 } as const;

/** Keeps messages flowing: as many are published as the consumers take, so that the demand stays. */
export class Flow {
    /** The fewest messages that waited since this was set; without those before it was filled. */
    lowest = Number.POSITIVE_INFINITY;
    private wanted: keyof typeof levels = "none";
    private filled = false;
    private running = true;
    private readonly ended: Promise<void>;

    constructor(
        private readonly producerUrl: string,
        private readonly pauseMilliseconds = 500,
    ) {
        this.ended = this.run();
    }

    set level(level: keyof typeof levels) {
        if (this.wanted === "none") this.filled = false;
        this.wanted = level;
    }

    async counters(): Promise<Counters> {
        return (await this.ask("GET", "/stats")) as Counters;
    }

    /**
     * Publishes no more, and waits until nothing waits and every message is counted, or nothing changes any more.
     *
     * @returns the counters then; fewer consumed than published are lost, more are doubled.
     */
    async drain(patienceSeconds = 120): Promise<Counters> {
        this.level = "none";
        await sleep(3 * this.pauseMilliseconds); // A publishing that is under way.
        const deadline = Date.now() + patienceSeconds * 1000;
        for (;;) {
            const counters = await this.counters().catch(() => undefined);
            if (counters?.queued === 0 && counters.consumed >= counters.published) return counters;
            if (Date.now() > deadline) {
                if (counters) return counters;
                throw new Error("the producer does not answer");
            }
            await sleep(this.pauseMilliseconds);
        }
    }

    async stop(): Promise<void> {
        this.running = false;
        await this.ended;
    }

    private async run(): Promise<void> {
        while (this.running) {
            // What fails is tried again: it is not the flow that is on trial, and no message counts as published then.
            await this.fill().catch(() => undefined);
            await sleep(this.pauseMilliseconds);
        }
    }

    private async fill(): Promise<void> {
        const level = levels[this.wanted];
        if (level === 0) return;
        const { queued } = await this.counters();
        if (this.filled) this.lowest = Math.min(this.lowest, queued);
        const lacking = level - queued;
        if (lacking > 3 && this.wanted !== "none") await this.ask("POST", `/publish/${lacking}`);
        this.filled = true;
    }

    private async ask(method: string, path: string): Promise<unknown> {
        const answer = await fetch(`${this.producerUrl}${path}`, {
            method,
            signal: AbortSignal.timeout(5000),
        });
        if (!answer.ok) throw new Error(`the producer answered ${answer.status}`);
        return answer.json();
    }
}
