import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import { Ingress } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import { Autoscaler } from "../autoscaling/autoscaler";
import type { AutoscalingPlatform } from "../autoscaling/autoscaler/platform";
import { checkPercent } from "../autoscaling/autoscaler/signals/checks";
import { appLabel, servicePort } from "../conventions";
import type { Images } from "../images";
import { checkIngress, type HostIngress, hostIngress } from "../ingress/host-ingress";
import { podMonitor } from "../monitoring/monitors";
import { acmeSolverOpening, type Opening, SecureNamespace } from "../namespaces/secure-namespace";
import { checkDuration, checkName, checkNodePort, checkWhole, type Problem, reject } from "../problems";
import { createFiles, programFiles } from "../program-files";
import { checkCost } from "./hash-server/checks";
import { hashApp, hashPort, hashSpec } from "./hash-server/pod";
import { hashScaling } from "./hash-server/scaling";
import { checkLoad, type Load, LoadGenerator, loadGeneratorOpenings } from "./load-generator";
import { checkAmounts } from "./web-server/checks";

export interface HashServerArgs {
    /** Namespace to create and install into. @default "hash" */
    readonly namespace?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** scrypt's n, a power of two from 2 to 1048576; time and memory of a hash are in proportion to it. @default 16384 */
    readonly n?: number | undefined;
    /** scrypt's r, 1 to 64; time and memory are in proportion to it: 128 * n * r bytes, at most 1 GiB. @default 5 */
    readonly r?: number | undefined;
    /** scrypt's p, 1 to 1024; time alone is in proportion to it. @default 10 */
    readonly p?: number | undefined;
    /** Hashes that a pod makes at a time, 1 to 1000; other requests wait in it. @default 1 */
    readonly slots?: number | undefined;
    /** Cores that a pod asks for, of which `utilization` is a share, and the most that it gets. @default ["100m", "200m"] */
    readonly cpu?: readonly [request: string, limit: string] | undefined;
    /** Memory that a pod asks for, and the most that it gets. @default ["32Mi", "128Mi"] */
    readonly memory?: readonly [request: string, limit: string] | undefined;
    /** Percent of the CPU that pods ask for, at which there are enough of them, 1 to 1000. @default 50 */
    readonly utilization?: number | undefined;
    /** The most pods at a time, 1 to 1000; the fewest are 1. @default 10 */
    readonly maxReplicas?: number | undefined;
    /** What the cluster offers to autoscalers. @default the resource metrics API, by a plain HPA */
    readonly autoscaling?: AutoscalingPlatform | undefined;
    /** How often its counters are scraped, as a duration such as "5s". @default "5s" */
    readonly scrapeInterval?: string | undefined;
    /** Port on every node, 30000 to 32767. @default none: reached inside the cluster only */
    readonly nodePort?: number | undefined;
    /** How an ingress controller serves it. @default not at all */
    readonly ingress?: HostIngress | undefined;
    /** Load to put on it once it is up, by a `LoadGenerator` in its namespace. @default none */
    readonly load?: Load | undefined;
}

/**
 * A server that hashes what it is sent with scrypt, as a login does, and an autoscaler on its CPU: work that cannot be
 * sped up or put off, so that more of it takes more pods. After the lecture on scaling by CPU.
 *
 * Needs the CustomResourceDefinitions of the prometheus-operator, and the resource metrics API.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class HashServer extends pulumi.ComponentResource {
    /** Address inside the cluster: POST what is to be hashed. */
    public readonly url: string;

    constructor(name: string, args: HashServerArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:HashServer", name, {}, opts);
        reject(this, validateHashServer(args));
        const app = hashApp;
        const namespaceName = args.namespace ?? app;
        const child = { parent: this };
        this.url = `http://${app}.${namespaceName}.svc`;

        const { namespace } = new SecureNamespace(
            `${name}-namespace`,
            { namespace: namespaceName, openings: hashOpenings(args) },
            { ...child, dependsOn: opts?.dependsOn ?? [] },
        );
        const source = createFiles(`${name}-source`, app, namespace, hashFiles(), child);
        const metadata = { name: app, namespace, labels: appLabel(app) };
        const spec = hashSpec(args, source.metadata.name);
        const deployment = new Deployment(name, { metadata, spec }, child);
        const service = { ...servicePort("http", 80, args.nodePort), selector: appLabel(app) };
        new Service(name, { metadata, spec: service }, child);
        new CustomResource(`${name}-monitor`, hashMonitor(args, namespace), child);
        const after = { ...child, dependsOn: deployment };
        new Autoscaler(`${name}-scaling`, hashScaling(args), after);
        if (args.ingress) new Ingress(name, hostIngress(app, namespace, args.ingress), after);
        if (args.load) {
            const { images, load } = args;
            const target = { namespace, app: loadApp, images, url: `${this.url}/`, method: "POST" } as const;
            new LoadGenerator(`${name}-load`, { ...load, ...target }, after);
        }

        this.registerOutputs({ url: this.url });
    }
}

/** Name of its load generator. */
const loadApp = `${hashApp}-load`;

/** The series that are kept of it. */
export const hashSeries = [
    "http_requests_total",
    "http_responses_total",
    "http_requests_in_flight",
    "http_requests_waiting",
    "http_slots",
    "http_request_duration_seconds_(bucket|count|sum)",
] as const;

function hashMonitor(args: HashServerArgs, namespace: pulumi.Input<string>) {
    const interval = args.scrapeInterval ?? "5s";
    return podMonitor({ app: hashApp, namespace, port: "http", interval, keep: hashSeries.join("|") });
}

/** The server's program: that of the web server, with another kind of work. */
export function hashFiles(): Record<string, string> {
    const shared = programFiles("web", "server.py", "work.py", "metrics.py", "request.py");
    return { ...programFiles("hash", "hash.py"), ...shared };
}

/** Problems with the arguments. */
export function validateHashServer(args: HashServerArgs): Problem[] {
    return [
        ...checkName("namespace", args.namespace),
        ...checkCost(args),
        ...checkAmounts("cpu", args.cpu),
        ...(args.utilization === undefined ? [] : checkPercent("utilization", args.utilization)),
        ...checkWhole("maxReplicas", args.maxReplicas, 1, 1000),
        ...checkDuration("scrapeInterval", args.scrapeInterval),
        ...checkNodePort("nodePort", args.nodePort),
        ...checkIngress("ingress", args.ingress),
        ...(args.load === undefined ? [] : checkLoad("load.", args.load)),
    ];
}

/** What goes in and out of the namespace: clients, Prometheus among them, come from anywhere. */
export function hashOpenings({ ingress, load }: Pick<HashServerArgs, "ingress" | "load"> = {}): Opening[] {
    return [
        {
            name: "clients",
            pods: appLabel(hashApp),
            direction: "ingress",
            peer: "anywhere",
            ports: [hashPort],
        },
        ...(ingress?.clusterIssuer === undefined ? [] : [acmeSolverOpening]),
        ...(load === undefined ? [] : loadGeneratorOpenings(loadApp, { pods: appLabel(hashApp) })),
    ];
}
