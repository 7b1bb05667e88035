import { validateAutoscaler } from "../components/autoscaler/validate";
import { validateCertManager } from "../components/cert-manager";
import { type ClusterFacts, ownerAnnotation } from "../components/cluster-facts";
import { validateDcgmExporter } from "../components/dcgm-exporter";
import { validateDeadMansSwitch } from "../components/dead-mans-switch";
import { validateFakeGpuOperator } from "../components/fake-gpu-operator";
import { validateGpuNodes } from "../components/gpu-nodes";
import { validateGpuOperator } from "../components/gpu-operator";
import { validateHashServer } from "../components/hash-server";
import { validateIstio } from "../components/istio";
import { validateKeda } from "../components/keda";
import { validateKubePrometheusStack } from "../components/kube-prometheus-stack";
import { validateLlmServer } from "../components/llm-server";
import { namespacesOf as loggingNamespaces, validateLogging } from "../components/logging/validation";
import { validateMetricsServer } from "../components/metrics-server";
import { validatePodinfo } from "../components/podinfo";
import type { Problem } from "../components/problems";
import { validatePrometheusAdapter } from "../components/prometheus-adapter";
import { validateRedisQueue } from "../components/redis-queue";
import { validateTraefik } from "../components/traefik";
import { gpuJobsProblems } from "./gpu-jobs";
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
    ];
}
