import type { Operation, Report, Result, RunEvent } from "./events";

/** Follows a run: passes its events on, times each resource, and remembers what the report needs. */
export class Journal {
    readonly counts = {
        create: 0,
        update: 0,
        replace: 0,
        unchanged: 0,
        read: 0,
        delete: 0,
        failed: 0,
        skipped: 0,
    };
    readonly failures: string[] = [];
    private readonly labels = new Map<string, string>();
    private readonly started = new Map<string, number>();
    private readonly broken = new Set<string>();
    private readonly messages = new Set<string>();
    private readonly begin = performance.now();

    constructor(private readonly emit: (event: RunEvent) => void) {}

    get declared(): number {
        return this.labels.size;
    }

    get ok(): boolean {
        return this.failures.length === 0 && this.broken.size === 0;
    }

    note(text: string): void {
        this.emit({ type: "note", text });
    }

    start(urn: string, label: string, component = false, parent?: string): void {
        this.labels.set(urn, label);
        this.started.set(urn, performance.now());
        this.emit({ type: "start", urn, label, component, ...(parent && { parent }) });
    }

    has(urn: string): boolean {
        return this.labels.has(urn);
    }

    progress(urn: string, text: string): void {
        this.emit({ type: "progress", urn, text });
    }

    done(urn: string, operation: Operation, diff: readonly string[] = [], note: string | false = ""): void {
        this.counts[operation]++;
        this.end(urn, { state: "done", operation, diff, ...(note && { note }) });
    }

    failed(urn: string, message: string): void {
        this.counts.failed++;
        this.broken.add(urn);
        this.messages.add(message);
        this.failures.push(`${this.labels.get(urn)}: ${message}`);
        this.end(urn, { state: "failed", message });
    }

    skipped(urn: string, because: string): void {
        this.counts.skipped++;
        this.broken.add(urn);
        this.end(urn, { state: "skipped", because });
    }

    /** Takes up an error of the program itself, unless it only repeats a resource's failure. */
    programFailed(text: string): void {
        if (![...this.messages].some((message) => text.includes(message))) {
            this.failures.push(text);
        }
    }

    /** The first of these resources that failed or was skipped, by its label. */
    brokenAmong(urns: readonly string[]): string | undefined {
        const urn = urns.find((candidate) => this.broken.has(candidate));
        return urn && this.labels.get(urn);
    }

    report(outputs: Record<string, unknown>): Report {
        const { ok, counts, failures } = this;
        return { ok, counts, failures, seconds: this.seconds(this.begin), outputs };
    }

    private end(urn: string, result: Result): void {
        this.emit({
            type: "end",
            urn,
            seconds: this.seconds(this.started.get(urn) ?? this.begin),
            ...result,
        });
    }

    private seconds(since: number): number {
        return (performance.now() - since) / 1000;
    }
}
