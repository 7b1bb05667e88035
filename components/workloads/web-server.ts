import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { appLabel, type Labels, servicePort } from "../conventions";
import { type Images, withImages } from "../images";
import { podMonitor } from "../monitoring/monitors";
import type { Opening } from "../namespaces/secure-namespace";
import {
    checkChoice,
    checkDuration,
    checkName,
    checkNodePort,
    checkWhole,
    type Problem,
    reject,
} from "../problems";
import { createFiles, programFiles } from "../program-files";
import { checkAmounts, checkNumber, checkReplicas } from "./web-server/checks";
import { type Distribution, distributions, webPort, webServerSpec } from "./web-server/pod";

export interface WebServerArgs {
    /** Namespace to install into: one whose policies let its clients in, see `webServerOpenings`. */
    readonly namespace: pulumi.Input<string>;
    /** Name of its Deployment, Service and PodMonitor, and so the `job` of its series. @default "web" */
    readonly app?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Requests that a pod works on at a time, 1 to 1000; others wait in it. @default 4 */
    readonly slots?: number | undefined;
    /** Mean seconds of work for each request, 0 to 600. @default 0.1 */
    readonly serviceSeconds?: number | undefined;
    /** How these seconds are spread; none are more than ten times the mean. @default "constant" */
    readonly distribution?: Distribution | undefined;
    /** Milliseconds of CPU that each request uses, as part of its time, 0 to 60000. @default 0 */
    readonly cpuMilliseconds?: number | undefined;
    /** MiB of memory that each request holds, 0 to 4096. @default 0 */
    readonly memoryMiB?: number | undefined;
    /** Replicas, 0 to 1000; not with `autoscaled`. @default 1 */
    readonly replicas?: number | undefined;
    /** Whether an autoscaler owns the replicas: they are then never set. @default false */
    readonly autoscaled?: boolean | undefined;
    /** Cores that a pod asks for, and the most that it gets. @default ["50m", "1"] */
    readonly cpu?: readonly [request: string, limit: string] | undefined;
    /** Memory that a pod asks for, and the most that it gets. @default ["32Mi", "256Mi"] */
    readonly memory?: readonly [request: string, limit: string] | undefined;
    /** GPUs of each pod, 1 to 64, as busy as its slots where they are those of `SimulatedGpus`. @default none */
    readonly gpus?: number | undefined;
    /** Seconds for which a pod that is told to stop goes on taking requests, 0 to 600. @default 5 */
    readonly drainSeconds?: number | undefined;
    /** How often its counters are scraped, as a duration such as "5s". @default "5s" */
    readonly scrapeInterval?: string | undefined;
    /** Port on every node, 30000 to 32767. @default none: reached inside the cluster only */
    readonly nodePort?: number | undefined;
}

/**
 * A web server whose cost is known: so many requests at a time, so much time, CPU and memory for each. It stands in for
 * whatever is to be scaled, and counts what it is asked for: `http_requests_total`.
 *
 * A pod that is told to stop answers every request that it has, and those that still come for `drainSeconds`.
 * Needs the CustomResourceDefinitions of the prometheus-operator.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class WebServer extends pulumi.ComponentResource {
    /** What an autoscaler has to wait for, and its target. */
    public readonly deployment: Deployment;
    /** Address inside the cluster. */
    public readonly url: pulumi.Output<string>;

    constructor(name: string, args: WebServerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:WebServer", name, {}, opts);
        reject(this, validateWebServer(args));
        const { namespace } = args;
        const app = args.app ?? "web";
        const child = { parent: this };

        const source = createFiles(`${name}-source`, app, namespace, webServerFiles(), child);
        const spec = webServerSpec(app, args, withImages(args.images), source.metadata.name);
        this.deployment = new Deployment(name, { metadata: { name: app, namespace }, spec }, child);
        createService();
        const interval = args.scrapeInterval ?? "5s";
        const monitor = podMonitor({
            app,
            namespace,
            port: "http",
            interval,
            keep: webServerSeries.join("|"),
        });
        new CustomResource(`${name}-monitor`, monitor, child);

        this.url = pulumi.interpolate`http://${app}.${namespace}.svc`;
        this.registerOutputs({ url: this.url });

        function createService() {
            // At zero replicas nothing is behind it, and `up` would wait for that.
            const annotations: Labels =
                args.autoscaled || args.replicas === 0 ? { "pulumi.com/skipAwait": "true" } : {};
            const metadata = { name: app, namespace, labels: appLabel(app), annotations };
            const port = servicePort("http", 80, args.nodePort);
            new Service(name, { metadata, spec: { ...port, selector: appLabel(app) } }, child);
        }
    }
}

/** The server's program. */
export function webServerFiles(): Record<string, string> {
    return programFiles("web", "server.py", "work.py", "metrics.py", "request.py");
}

/** The series that are kept of it. */
export const webServerSeries = [
    "http_requests_total",
    "http_responses_total",
    "http_requests_in_flight",
    "http_requests_waiting",
    "http_slots",
    "web_memory_held_bytes",
] as const;

/** Problems with the arguments. */
export function validateWebServer(args: WebServerArgs): Problem[] {
    return [
        ...checkName("app", args.app),
        ...checkWhole("slots", args.slots, 1, 1000),
        ...checkNumber("serviceSeconds", args.serviceSeconds, 0, 600),
        ...checkChoice("distribution", args.distribution, distributions),
        ...checkNumber("cpuMilliseconds", args.cpuMilliseconds, 0, 60000),
        ...checkWhole("memoryMiB", args.memoryMiB, 0, 4096),
        ...checkReplicas(args),
        ...checkAmounts("cpu", args.cpu),
        ...checkAmounts("memory", args.memory),
        ...checkWhole("gpus", args.gpus, 1, 64),
        ...checkWhole("drainSeconds", args.drainSeconds, 0, 600),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkNodePort("nodePort", args.nodePort),
    ];
}

/**
 * What lets clients, Prometheus and `SimulatedGpus` to a server, for the namespace that it is installed into.
 *
 * @param peers who, where not everybody: the namespace of Prometheus has to be among them
 */
export function webServerOpenings(app = "web", peers: readonly Opening["peer"][] = ["anywhere"]): Opening[] {
    return peers.map((peer, i) => ({
        name: `${app}-in${i === 0 ? "" : `-${i}`}`,
        pods: appLabel(app),
        direction: "ingress",
        peer,
        ports: [webPort],
    }));
}
