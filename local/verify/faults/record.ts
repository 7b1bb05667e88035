import { Observer } from "../../scale/observe";
import { subjects } from "./subjects";

/** Replicas of a subject from a moment on. */
export interface Change {
    readonly name: string;
    readonly desired: number;
    /** Seconds since the record began. */
    readonly at: number;
}

/** An alert that Alertmanager had. */
export interface SeenAlert {
    readonly alert: string;
    readonly autoscaler: string;
    readonly hop: string;
    /** Seconds since the record began, when it was first seen. */
    readonly at: number;
}

/** Writes down what becomes of replicas and alerts; replicas by watching, alerts once a second. */
export class Recorder {
    changes: Change[] = [];
    alerts: SeenAlert[] = [];
    /** What fires at the moment; undefined where Alertmanager did not answer. */
    firing: Omit<SeenAlert, "at">[] | undefined;
    private began = performance.now();
    private readonly observer: Observer;
    private readonly timer: NodeJS.Timeout;

    private constructor(
        kubeconfig: string,
        private readonly alertmanagerUrl: string,
    ) {
        this.observer = new Observer(kubeconfig);
        for (const { name } of subjects)
            this.observer.on(name, ({ desired }) => this.sawReplicas(name, desired));
        this.timer = setInterval(() => void this.lookAtAlerts(), 1000);
    }

    static async start(kubeconfig: string, alertmanagerUrl: string): Promise<Recorder> {
        const recorder = new Recorder(kubeconfig, alertmanagerUrl);
        for (const namespace of new Set(subjects.map((subject) => subject.namespace)))
            await recorder.observer.follow(namespace);
        return recorder;
    }

    /** Begins a new record with the replicas that there are. */
    begin(): void {
        this.began = performance.now();
        this.changes = subjects.map(({ name }) => ({ name, desired: this.desired(name), at: 0 }));
        this.alerts = [];
    }

    /** Seconds since the record began. */
    now(): number {
        return (performance.now() - this.began) / 1000;
    }

    desired(name: string): number {
        return this.observer.replicas(name).desired;
    }

    async stop(): Promise<void> {
        clearInterval(this.timer);
        await this.observer.stop();
    }

    private sawReplicas(name: string, desired: number): void {
        const last = this.changes.findLast((change) => change.name === name);
        if (last?.desired !== desired) this.changes.push({ name, desired, at: this.now() });
    }

    private async lookAtAlerts(): Promise<void> {
        this.firing = await firingAlerts(this.alertmanagerUrl).catch(() => undefined);
        for (const one of this.firing ?? []) {
            if (!this.alerts.some((other) => sameAlert(one, other)))
                this.alerts.push({ ...one, at: this.now() });
        }
    }
}

/** Alerts on the subjects, as Alertmanager has them; those on controls say what one knows. */
async function firingAlerts(url: string): Promise<Omit<SeenAlert, "at">[]> {
    const answer = await fetch(`${url}/api/v2/alerts?active=true`, { signal: AbortSignal.timeout(5000) });
    const alerts = (await answer.json()) as { labels: Record<string, string> }[];
    return alerts
        .map(({ labels }) => labels)
        .filter(({ namespace, autoscaler }) =>
            subjects.some(
                (subject) =>
                    !subject.control && subject.namespace === namespace && subject.name === autoscaler,
            ),
        )
        .map(({ alertname = "", autoscaler = "", hop = "" }) => ({ alert: alertname, autoscaler, hop }));
}

export function sameAlert(a: Omit<SeenAlert, "at">, b: Omit<SeenAlert, "at">): boolean {
    return a.alert === b.alert && a.autoscaler === b.autoscaler && a.hop === b.hop;
}
