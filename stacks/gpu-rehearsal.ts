import { Ingress } from "@pulumi/kubernetes/networking/v1";
import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";
import {
    Autoscaler,
    type AutoscalerArgs,
    type AutoscalingPlatform,
    type GpuAlertsArgs,
    type HostIngress,
    SecureNamespace,
    signals,
    WebServer,
    type WebServerArgs,
    webServerOpenings,
} from "../components";
import { validateAutoscaler } from "../components/autoscaling/autoscaler/validate";
import { checkIngress, hostIngress } from "../components/ingress/host-ingress";
import type { Problem } from "../components/problems";
import { validateWebServer } from "../components/workloads/web-server";

/** What the stacks that have no GPUs and rehearse them, dev and kind, have in common. */

/** What their configurations say of it. */
interface Choices {
    readonly gpus?: "simulated" | "fake-gpu-operator" | "none" | undefined;
    readonly gpuServer?: boolean | undefined;
    readonly smokeTest?: boolean | undefined;
    readonly training?:
        | { readonly enabled?: boolean | undefined; readonly gpusPerWorker?: number | undefined }
        | undefined;
}

/** A server with a simulated GPU, how it is scaled, and how it is reached from outside. */
export interface GpuServerPlan {
    readonly server: WebServerArgs;
    readonly scaling: AutoscalerArgs;
    readonly ingress?: HostIngress | undefined;
}

/** Namespace and name of the server with a GPU. */
export const gpuServerApp = "gpu-server";

/** Requests that it works on at a time: with six of ten its GPU is busy for 60 %. */
export const gpuServerSlots = 10;

/** The server is there to be put under load: for most of its life it is idle, and that is no fault. */
export const rehearsedAlerts: Pick<GpuAlertsArgs, "idleMinutes"> = { idleMinutes: "never" };

/** Why a stack has no address of that server. */
export const noGpuServer =
    "the server with a simulated GPU is switched off in this stack (pulumi-kube-observability:gpuServer)";

/** Combinations that no single key shows to be wrong: what needs GPUs that are not there, or that follow its load. */
export function rehearsalProblems({ gpus, gpuServer, smokeTest, training }: Choices): Problem[] {
    if (gpus === undefined || gpus === "simulated") return [];
    const fix = 'remove it, or choose gpus "simulated"';
    const allowed = `nothing with gpus "${gpus}"`;
    const refused = [
        // How busy a GPU is, that operator makes up: nothing could be scaled on it.
        ...(gpuServer ? [{ property: "gpuServer", given: gpuServer, allowed, fix }] : []),
        ...(smokeTest ? [{ property: "smokeTest", given: smokeTest, allowed, fix }] : []),
    ];
    if (gpus === "fake-gpu-operator") return refused.filter(({ property }) => property === "gpuServer");
    const trained = training?.enabled && training.gpusPerWorker !== 0;
    return [
        ...refused,
        ...(trained
            ? [
                  {
                      property: "training.gpusPerWorker",
                      given: training.gpusPerWorker,
                      allowed: '0 with gpus "none"',
                      fix: 'set it to 0, which trains on the CPU as well, or choose gpus "simulated"',
                  },
              ]
            : []),
    ];
}

/**
 * A server whose GPU is as busy as its slots, and the autoscaler of the talk on scaling by GPU: 60 % of each, one to three
 * replicas, by prometheus-adapter.
 *
 * @param scrapeSeconds between two scrapes of the exporter: all that the autoscaler knows comes from it
 */
export function gpuServerPlan(
    platform: AutoscalingPlatform,
    scrapeSeconds: number,
    own: Pick<WebServerArgs, "images" | "nodePort"> = {},
    ingress?: HostIngress,
): GpuServerPlan {
    return {
        server: {
            namespace: gpuServerApp,
            app: gpuServerApp,
            slots: gpuServerSlots,
            serviceSeconds: 1,
            gpus: 1,
            autoscaled: true,
            ...own,
        },
        scaling: {
            target: { namespace: gpuServerApp, name: gpuServerApp },
            signals: [signals.gpuUtilization({ utilization: 60, scrapeSeconds })],
            minReplicas: 1,
            maxReplicas: 3,
            backend: "prometheus-adapter",
            platform,
        },
        ingress,
    };
}

/** Problems with the plan. */
export function gpuServerProblems({ server, scaling, ingress }: GpuServerPlan): Problem[] {
    return [
        ...validateWebServer(server),
        ...validateAutoscaler(scaling),
        ...checkIngress("ingress", ingress),
    ];
}

/**
 * Installs it, in a namespace of its own.
 *
 * @param gpus what brings the GPUs
 * @param ingressAfter what has to be there before an Ingress
 */
export function installGpuServer(
    { server, scaling, ingress }: GpuServerPlan,
    options: (...after: (Resource | undefined)[]) => CustomResourceOptions,
    gpus: Resource | undefined,
    ingressAfter: readonly Resource[] = [],
): void {
    const app = gpuServerApp;
    const openings = webServerOpenings(app);
    const home = new SecureNamespace(app, { namespace: app, openings }, options());
    const { deployment } = new WebServer(app, server, options(home, gpus));
    new Autoscaler(`${app}-scaling`, scaling, options(deployment));
    if (ingress) new Ingress(app, hostIngress(app, app, ingress), options(deployment, ...ingressAfter));
}
