import { EventEmitter } from "node:events";
import {
    AppsV1Api,
    CoreV1Api,
    KubeConfig,
    makeInformer,
    type V1Deployment,
    type V1Pod,
} from "@kubernetes/client-node";

/** Replicas of a workload, as the API server tells of them. */
export interface Replicas {
    /** `spec.replicas`: what the autoscaler has decided. */
    readonly desired: number;
    /** Pods that are Ready. */
    readonly ready: number;
}

/** Follows Deployments and their pods by watching, so that a change is seen within milliseconds. */
export class Observer extends EventEmitter {
    private readonly desired = new Map<string, number>();
    private readonly readyPods = new Map<string, Set<string>>();
    private readonly stops: (() => Promise<void>)[] = [];
    private stopped = false;

    constructor(private readonly kubeconfig: string) {
        super();
        // A listener for each subject that waits.
        this.setMaxListeners(0);
    }

    async follow(namespace: string): Promise<void> {
        const config = new KubeConfig();
        config.loadFromFile(this.kubeconfig);
        const apps = config.makeApiClient(AppsV1Api);
        const core = config.makeApiClient(CoreV1Api);
        const prefix = `namespaces/${namespace}`;
        const deployments = makeInformer<V1Deployment>(config, `/apis/apps/v1/${prefix}/deployments`, () =>
            apps.listNamespacedDeployment({ namespace }),
        );
        const pods = makeInformer<V1Pod>(config, `/api/v1/${prefix}/pods`, () =>
            core.listNamespacedPod({ namespace }),
        );
        for (const event of ["add", "update"] as const) {
            deployments.on(event, (object) => this.sawDeployment(object));
            pods.on(event, (object) => this.sawPod(object, isReady(object)));
        }
        pods.on("delete", (object) => this.sawPod(object, false));
        for (const informer of [deployments, pods]) {
            // A watch ends now and then, and starts anew where it ended; that it is stopped is an error to it, too.
            const restart = () => {
                if (!this.stopped) void informer.start();
            };
            informer.on("error", () => setTimeout(restart, 200).unref());
            await informer.start();
            this.stops.push(() => informer.stop());
        }
    }

    replicas(app: string): Replicas {
        return { desired: this.desired.get(app) ?? 0, ready: this.readyPods.get(app)?.size ?? 0 };
    }

    /**
     * Waits until the replicas of a workload are so.
     *
     * @returns the time of `performance.now()` at which they were seen so; undefined where that took too long.
     */
    until(app: string, so: (now: Replicas) => boolean, timeoutMs: number): Promise<number | undefined> {
        if (so(this.replicas(app))) return Promise.resolve(performance.now());
        return new Promise((resolve) => {
            const end = (time: number | undefined) => {
                clearTimeout(timer);
                this.off(app, look);
                resolve(time);
            };
            const look = (now: Replicas) => {
                if (so(now)) end(performance.now());
            };
            const timer = setTimeout(() => end(undefined), timeoutMs);
            this.on(app, look);
        });
    }

    async stop(): Promise<void> {
        this.stopped = true;
        await Promise.all(this.stops.map((stop) => stop()));
    }

    private sawDeployment({ metadata, spec }: V1Deployment): void {
        const app = metadata?.name ?? "";
        this.desired.set(app, spec?.replicas ?? 0);
        this.emit(app, this.replicas(app));
    }

    private sawPod({ metadata }: V1Pod, ready: boolean): void {
        const app = metadata?.labels?.["app.kubernetes.io/name"] ?? "";
        const pods = this.readyPods.get(app) ?? new Set();
        this.readyPods.set(app, pods);
        if (ready) pods.add(metadata?.name ?? "");
        else pods.delete(metadata?.name ?? "");
        this.emit(app, this.replicas(app));
    }
}

function isReady({ status, metadata }: V1Pod): boolean {
    const condition = status?.conditions?.find(({ type }) => type === "Ready");
    return condition?.status === "True" && metadata?.deletionTimestamp === undefined;
}
