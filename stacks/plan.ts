import { validateAutoscaler } from "../components/autoscaling/autoscaler/validate";
import { validateKeda } from "../components/autoscaling/keda";
import { validateMetricsServer } from "../components/autoscaling/metrics-server";
import { validatePrometheusAdapter } from "../components/autoscaling/prometheus-adapter";
import { type ClusterFacts, ownerAnnotation } from "../components/cluster/cluster-facts";
import { validateDcgmExporter } from "../components/gpu/dcgm-exporter";
import { validateFakeGpuOperator } from "../components/gpu/fake-gpu-operator";
import { validateGpuNodes } from "../components/gpu/gpu-nodes";
import { validateGpuOperator } from "../components/gpu/gpu-operator";
import { validateSimulatedGpus } from "../components/gpu/simulated-gpus";
import { validateCertManager } from "../components/ingress/cert-manager";
import { validateIstio } from "../components/ingress/istio";
import { validateTraefik } from "../components/ingress/traefik";
import { namespacesOf as loggingNamespaces, validateLogging } from "../components/logs/logging/validation";
import { validateDeadMansSwitch } from "../components/monitoring/dead-mans-switch";
import { validateKubePrometheusStack } from "../components/monitoring/kube-prometheus-stack";
import type { Problem } from "../components/problems";
import { validateHashServer } from "../components/workloads/hash-server";
import { validateLlmServer } from "../components/workloads/llm-server";
import { validatePodinfo } from "../components/workloads/podinfo";
import { validateRedisQueue } from "../components/workloads/redis-queue";
import { gpuJobsProblems } from "./gpu-jobs";
import { gpuServerApp, gpuServerProblems } from "./gpu-rehearsal";
import type { PlatformPlan } from "./platform";

type Checks = { readonly [K in keyof PlatformPlan]?: (args: NonNullable<PlatformPlan[K]>) => Problem[] };

const checks: Checks = {
    metricsServer: validateMetricsServer,
    monitoring: validateKubePrometheusStack,
    deadMansSwitch: validateDeadMansSwitch,
    adapter: validatePrometheusAdapter,
    keda: validateKeda,
    certManager: validateCertManager,
    traefik: validateTraefik,
    logging: validateLogging,
    mesh: validateIstio,
    podinfo: validatePodinfo,
    podinfoScaling: validateAutoscaler,
    hash: validateHashServer,
    llm: ({ server, scaling }) => [...validateLlmServer(server), ...validateAutoscaler(scaling)],
    queue: validateRedisQueue,
    gpuOperator: validateGpuOperator,
    dcgmExporter: validateDcgmExporter,
    fakeGpuOperator: validateFakeGpuOperator,
    simulatedGpus: validateSimulatedGpus,
    gpuServer: gpuServerProblems,
    gpuNodes: validateGpuNodes,
    gpuJobs: gpuJobsProblems,
};

/**
 * Problems with a whole plan, so that all are reported together, before the first component is made. Those of the
 * source of the charts are the same for each component: every one is told once.
 *
 * @param facts - of the cluster, where it was asked already
 */
export function planProblems(
    plan: PlatformPlan,
    facts: Pick<ClusterFacts, "namespaces"> = { namespaces: {} },
): Problem[] {
    const found = (Object.keys(checks) as (keyof PlatformPlan)[]).flatMap((part) => {
        const args = plan[part];
        const check = checks[part] as ((args: unknown) => Problem[]) | undefined;
        return args === undefined || check === undefined
            ? []
            : check(args).map((problem) => ({ ...problem, property: propertyOf(part, problem.property) }));
    });
    const all = [...found, ...namespaceProblems(plan, facts)];
    return [...new Map(all.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function propertyOf(part: string, property: string): string {
    const source: Record<string, string> = { "source.mirror": "chartMirror" };
    const versions = property.replace(/^source\.versions\./, "chartVersions.");
    return source[property] ?? (versions !== property ? versions : `${part}.${property}`);
}

/**
 * Namespaces that somebody else made. They would be taken over, closed, and deleted in the end with all that is in
 * them; those of an earlier run carry the annotation of SecureNamespace.
 */
function namespaceProblems(plan: PlatformPlan, { namespaces }: Pick<ClusterFacts, "namespaces">): Problem[] {
    return namespacesOf(plan)
        .filter((name) => namespaces[name] === false)
        .map((name) => ({
            property: "context",
            given: `a cluster with the namespace ${name}`,
            allowed:
                "a cluster where the stack's namespaces are not there yet, or come from an earlier run of it",
            fix:
                `if nobody needs it: kubectl delete namespace ${name}; if it is to become the stack's, with all that ` +
                `is in it: kubectl annotate namespace ${name} ${ownerAnnotation}=${name}`,
        }));
}

/** The namespaces that a plan makes. */
export function namespacesOf(plan: PlatformPlan): string[] {
    const { logging, mesh } = plan;
    return [
        plan.monitoring.namespace ?? "monitoring",
        plan.monitoring.nodeExporterNamespace ?? "node-exporter",
        plan.deadMansSwitch.namespace ?? "dead-mans-switch",
        plan.adapter.namespace ?? "prometheus-adapter",
        plan.keda.namespace ?? "keda",
        plan.certManager.namespace ?? "cert-manager",
        plan.podinfo.namespace ?? "podinfo",
        plan.queue.namespace ?? "queue",
        ...(plan.hash ? [plan.hash.namespace ?? "hash"] : []),
        ...(plan.llm ? [plan.llm.server.namespace] : []),
        ...(plan.gpuJobs ? [plan.gpuJobs.namespace] : []),
        ...(plan.traefik ? [plan.traefik.namespace ?? "traefik"] : []),
        ...(logging ? Object.values(loggingNamespaces(logging)) : []),
        ...(mesh ? [mesh.namespace ?? "istio-system", mesh.cniNamespace ?? "istio-cni"] : []),
        ...(plan.gpuOperator ? [plan.gpuOperator.namespace ?? "gpu-operator"] : []),
        ...(plan.dcgmExporter ? [plan.dcgmExporter.namespace ?? "dcgm-exporter"] : []),
        ...(plan.fakeGpuOperator ? [plan.fakeGpuOperator.namespace ?? "fake-gpu-operator"] : []),
        ...(plan.simulatedGpus ? [plan.simulatedGpus.namespace ?? "simulated-gpus"] : []),
        ...(plan.gpuServer ? [gpuServerApp] : []),
    ];
}
