import { validateCertManager } from "../components/cert-manager";
import { validateDcgmExporter } from "../components/dcgm-exporter";
import { validateFakeGpuOperator } from "../components/fake-gpu-operator";
import { validateGpuNodes } from "../components/gpu-nodes";
import { validateGpuOperator } from "../components/gpu-operator";
import { validateIstio } from "../components/istio";
import { validateKeda } from "../components/keda";
import { validateKubePrometheusStack } from "../components/kube-prometheus-stack";
import { validateLogging } from "../components/logging/validation";
import { validateMetricsServer } from "../components/metrics-server";
import { validatePodinfo } from "../components/podinfo";
import type { Problem } from "../components/problems";
import { validatePrometheusAdapter } from "../components/prometheus-adapter";
import { validateRedisQueue } from "../components/redis-queue";
import { validateTraefik } from "../components/traefik";
import type { PlatformPlan } from "./platform";

type Checks = { readonly [K in keyof PlatformPlan]?: (args: NonNullable<PlatformPlan[K]>) => Problem[] };

const checks: Checks = {
    metricsServer: validateMetricsServer,
    monitoring: validateKubePrometheusStack,
    adapter: validatePrometheusAdapter,
    keda: validateKeda,
    certManager: validateCertManager,
    traefik: validateTraefik,
    logging: validateLogging,
    mesh: validateIstio,
    podinfo: validatePodinfo,
    queue: validateRedisQueue,
    gpuOperator: validateGpuOperator,
    dcgmExporter: validateDcgmExporter,
    fakeGpuOperator: validateFakeGpuOperator,
    gpuNodes: validateGpuNodes,
};

/**
 * Problems with a whole plan, so that all are reported together, before the first component is made. Those of the
 * source of the charts are the same for each component: every one is told once.
 */
export function planProblems(plan: PlatformPlan): Problem[] {
    const found = (Object.keys(checks) as (keyof PlatformPlan)[]).flatMap((part) => {
        const args = plan[part];
        const check = checks[part] as ((args: unknown) => Problem[]) | undefined;
        return args === undefined || check === undefined
            ? []
            : check(args).map((problem) => ({ ...problem, property: propertyOf(part, problem.property) }));
    });
    return [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function propertyOf(part: string, property: string): string {
    const source: Record<string, string> = { "source.mirror": "chartMirror" };
    const versions = property.replace(/^source\.versions\./, "chartVersions.");
    return source[property] ?? (versions !== property ? versions : `${part}.${property}`);
}
