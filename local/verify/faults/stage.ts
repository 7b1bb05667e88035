import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../../cluster";
import type { Instance } from "../../instance";
import { findNode, insideNode } from "../../node/node";
import { exporterPort } from "./objects";
import { processesOf } from "./processes";
import { namespace } from "./subjects";

// biome-ignore lint/suspicious/noExplicitAny: an object as the API server has it, to be put back as it was.
type Stored = any;

/** The means to bring faults about, and to end them. */
export class Stage {
    private readonly taken = new Map<string, Stored>();
    private stopped: number[] = [];

    constructor(private readonly instance: Instance) {}

    kubectl(...args: readonly string[]): Promise<string> {
        return kubectl(this.instance, args);
    }

    /** Sets the replicas of the Deployment `namespace/name`. */
    async scale(where: string, replicas: number): Promise<void> {
        const [space, name] = where.split("/");
        await this.kubectl(`--namespace=${space}`, "scale", `deployment/${name}`, `--replicas=${replicas}`);
    }

    /** Merges a change into an object, `kind/name`. */
    async patch(space: string, object: string, change: object): Promise<void> {
        const body = JSON.stringify(change);
        await this.kubectl(`--namespace=${space}`, "patch", object, "--type=merge", `--patch=${body}`);
    }

    /** Tells an exporter something, as soon as its one pod is Ready. */
    async tell(app: string, what: string): Promise<void> {
        await retried(90, async () => {
            const [pod] = (await this.pods(namespace, app)).filter(isReady);
            if (!pod) throw new Error(`no pod of ${app} is Ready`);
            const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}:${exporterPort}/proxy/${what}`;
            await this.kubectl("get", "--raw", path);
        });
    }

    /** Waits until a workload has so many Ready pods. */
    async ready(space: string, app: string, count = 1): Promise<void> {
        await retried(180, async () => {
            const ready = (await this.pods(space, app)).filter(isReady).length;
            if (ready < count) throw new Error(`${ready} of ${count} pods of ${app} in ${space} are Ready`);
        });
    }

    /** Waits until a workload has no pod left. */
    async gone(space: string, app: string): Promise<void> {
        await retried(60, async () => {
            const selected = `--selector=app.kubernetes.io/name=${app}`;
            const left = await this.kubectl(`--namespace=${space}`, "get", "pods", selected, "--output=name");
            if (left !== "") throw new Error(`${app} in ${space} still has ${left}`);
        });
    }

    /** Deletes objects, `kind/name` of a namespace, and remembers them. */
    async take(space: string, ...objects: readonly string[]): Promise<void> {
        for (const object of objects) {
            const text = await this.kubectl(`--namespace=${space}`, "get", object, "--output=json");
            this.taken.set(`${space} ${object}`, JSON.parse(text));
            await this.kubectl(`--namespace=${space}`, "delete", object);
        }
    }

    /** Makes again what was taken. */
    async giveBack(): Promise<void> {
        for (const [key, { metadata, status: _, ...object }] of this.taken) {
            const { name, namespace: space, labels, annotations } = metadata;
            const again = { ...object, metadata: { name, namespace: space, labels, annotations } };
            await this.apply(again);
            this.taken.delete(key);
        }
    }

    async apply(object: object): Promise<void> {
        await kubectl(this.instance, ["apply", "--server-side", "--filename=-"], JSON.stringify(object));
    }

    /** Stops the processes of an app's pods in the middle of their work; they keep all they hold. */
    async freeze(space: string, app: string, program: RegExp): Promise<void> {
        const uids = (await this.pods(space, app)).map(({ metadata }) => metadata.uid);
        const found = processesOf(this.instance).filter(
            ({ pod, command }) => pod !== undefined && uids.includes(pod) && program.test(command),
        );
        if (found.length === 0) throw new Error(`no process ${program} in the pods of ${app}`);
        for (const { pid } of found) process.kill(pid, "SIGSTOP");
        this.stopped = found.map(({ pid }) => pid);
    }

    /** Lets all stopped processes go on. */
    thaw(): void {
        for (const pid of this.stopped.splice(0)) {
            try {
                process.kill(pid, "SIGCONT");
            } catch {
                // Ended meanwhile, by a probe.
            }
        }
    }

    /** Kills a program of the node's own; its supervisor starts it again. */
    kill(program: string): void {
        const found = processesOf(this.instance).filter(
            ({ pod, command }) => pod === undefined && new RegExp(`^/opt/\\S+/${program} `).test(command),
        );
        if (found.length === 0) throw new Error(`no ${program} runs`);
        for (const { pid } of found) process.kill(pid, "SIGKILL");
    }

    /** Has the node's supervisor end one of its programs, or start it. */
    async service(what: "down" | "up", program: string): Promise<void> {
        const record = await findNode(this.instance);
        if (!record) throw new Error(`the cluster of instance ${this.instance.name} does not run`);
        await insideNode(record, ["sv", what, `/var/service/${program}`]);
    }

    private async pods(space: string, app: string): Promise<Stored[]> {
        const selected = `--selector=app.kubernetes.io/name=${app}`;
        const list = await this.kubectl(`--namespace=${space}`, "get", "pods", selected, "--output=json");
        return JSON.parse(list).items.filter(({ metadata }: Stored) => !metadata.deletionTimestamp);
    }
}

function isReady(pod: Stored): boolean {
    return (pod.status?.conditions ?? []).some(
        ({ type, status }: Stored) => type === "Ready" && status === "True",
    );
}

/** Tries each second until it succeeds. @throws what the last try did, once the seconds are over. */
export async function retried<T>(seconds: number, attempt: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        try {
            return await attempt();
        } catch (error) {
            if (Date.now() > deadline) throw error;
            await sleep(1000);
        }
    }
}
