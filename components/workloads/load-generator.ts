import { Job } from "@pulumi/kubernetes/batch/v1";
import * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../content-hash";
import { appLabel } from "../conventions";
import { type Images, withImages } from "../images";
import type { Opening } from "../namespaces/secure-namespace";
import { checkChoice, checkName, checkWhole, type Problem, reject } from "../problems";
import { createFiles, programFiles } from "../program-files";
import { loadEnvironment, loadJobSpec } from "./load-generator/job";
import { checkNumber } from "./web-server/checks";

/** What is sent, how often and for how long. */
export interface Load {
    /** Requests each second, 0.01 to 500. */
    readonly rate: number;
    /** Seconds for which they are sent, 1 to 3600; a million requests at most. @default 60 */
    readonly seconds?: number | undefined;
    /**
     * The most requests under way at a time, 1 to 1000; others are sent late, and counted as late, or as unsent when
     * `timeoutSeconds` more than `seconds` are over. @default 100
     */
    readonly connections?: number | undefined;
    /** Seconds after which a request counts as failed, 0.1 to 600. @default 60 */
    readonly timeoutSeconds?: number | undefined;
    /** Another number sends the same load again, 1 to 1000000. @default 1 */
    readonly run?: number | undefined;
}

export interface LoadGeneratorArgs extends Load {
    /** Namespace to install into: one whose policies let it out, see `loadGeneratorOpenings`. */
    readonly namespace: pulumi.Input<string>;
    /** First part of the name of its Job. @default "load" */
    readonly app?: string | undefined;
    /** Images to run instead of the pinned ones. @default `images` */
    readonly images?: Partial<Images> | undefined;
    /** Address that is asked for, with http, such as "http://podinfo.podinfo.svc:9898/". */
    readonly url: string;
    /** How, "GET" or "POST" with an empty body. @default "GET" */
    readonly method?: "GET" | "POST" | undefined;
}

/**
 * Load for a server, bounded in number and time: a Job that sends requests by the clock, whether or not earlier ones
 * are answered, and writes into its log how they were.
 *
 * `up` does not wait for it. It runs once; changed, or with another `run`, it is another Job.
 *
 * @throws pulumi.ResourceError listing every argument that is out of range.
 */
export class LoadGenerator extends pulumi.ComponentResource {
    /** Name of its Job, whose log has the result. */
    public readonly jobName: string;

    constructor(name: string, args: LoadGeneratorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kube-observability:index:LoadGenerator", name, {}, opts);
        reject(this, validateLoadGenerator(args));
        const { namespace } = args;
        const app = args.app ?? "load";
        const images = withImages(args.images);
        const child = { parent: this, dependsOn: opts?.dependsOn ?? [] };

        const files = loadFiles();
        const source = createFiles(`${name}-source`, app, namespace, files, child);
        // A Job runs once: what is to run again has another name.
        this.jobName = `${app}-${contentHash(JSON.stringify([files, loadEnvironment(args), args.run ?? 1]))}`;
        const metadata = {
            name: this.jobName,
            namespace,
            labels: appLabel(app),
            // It ends when its time is over, and nothing has to wait for that.
            annotations: { "pulumi.com/skipAwait": "true" },
        };
        new Job(name, { metadata, spec: loadJobSpec(app, args, images, source.metadata.name) }, child);

        this.registerOutputs({ jobName: this.jobName });
    }
}

/** The generator's program. It reads its environment as the web server does, with the same words. */
export function loadFiles(): Record<string, string> {
    const shared = programFiles("web", "server.py", "work.py", "metrics.py", "request.py");
    return { ...programFiles("load", "load.py"), ...shared };
}

/** Problems with the arguments. */
export function validateLoadGenerator(args: LoadGeneratorArgs): Problem[] {
    return [
        ...checkName("app", args.app),
        ...checkUrl(args.url),
        ...checkChoice("method", args.method, ["GET", "POST"]),
        ...checkLoad("", args),
    ];
}

/** Problems with a load. @param prefix before the names of its properties, such as "load." */
export function checkLoad(prefix: string, load: Load): Problem[] {
    const found = [
        ...checkNumber(`${prefix}rate`, load.rate ?? Number.NaN, 0.01, 500),
        ...checkNumber(`${prefix}seconds`, load.seconds, 1, 3600),
        ...checkWhole(`${prefix}connections`, load.connections, 1, 1000),
        ...checkNumber(`${prefix}timeoutSeconds`, load.timeoutSeconds, 0.1, 600),
        ...checkWhole(`${prefix}run`, load.run, 1, 1000000),
    ];
    return found.length > 0 ? found : checkRequests(prefix, load);
}

function checkRequests(prefix: string, { rate, seconds = 60 }: Load): Problem[] {
    return rate * seconds <= 1e6
        ? []
        : [
              {
                  property: `${prefix}seconds`,
                  given: seconds,
                  allowed: `at most ${Math.floor(1e6 / rate)} with a rate of ${rate}: a million requests`,
                  fix: "choose fewer seconds, or a lower rate",
              },
          ];
}

function checkUrl(given: string): Problem[] {
    const url = URL.canParse(given ?? "") ? new URL(given) : undefined;
    return url?.protocol === "http:" && url.username === "" && url.password === ""
        ? []
        : [
              {
                  property: "url",
                  given,
                  allowed:
                      "an address with http and without a login, such as http://podinfo.podinfo.svc:9898/",
                  fix: "write the address of the Service inside the cluster",
              },
          ];
}

/** What lets a generator out to what it loads, for the namespace that it is installed into. */
export function loadGeneratorOpenings(app = "load", peer: Opening["peer"] = "anywhere"): Opening[] {
    return [{ name: `${app}-out`, pods: appLabel(app), direction: "egress", peer }];
}
