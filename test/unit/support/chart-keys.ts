import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import type { ChartKey } from "../../../components/charts/pins";

/**
 * Upstream's own values files, kept beside the checkout and not in it. They prove that a key exists, as far as
 * a values file can: below a default of `{}`, `[]` or null anything is accepted.
 */
const dataDir = resolve(__dirname, "../../../../shared/charts");

interface ChartData {
    /** Folder below `dataDir`. */
    readonly folder: string;
    /** Folders of the subcharts, by the key under which the chart takes their values. */
    readonly subcharts?: Readonly<Record<string, string>>;
}

/** Where the values of each chart lie; undefined for charts of which there are none: `verify-charts` renders those. */
const data: Readonly<Record<ChartKey, ChartData | undefined>> = {
    certManager: { folder: "cert-manager" },
    dcgmExporter: { folder: "dcgm-exporter" },
    eckOperator: { folder: "eck-operator" },
    eckOperatorCrds: { folder: "eck-operator/charts/eck-operator-crds" },
    eckStack: {
        folder: "eck-stack",
        subcharts: { "eck-elasticsearch": "eck-elasticsearch", "eck-kibana": "eck-kibana" },
    },
    fakeGpuOperator: { folder: "fake-gpu-operator" },
    fluentBit: { folder: "fluent-bit-collector" },
    fluentd: undefined,
    gpuOperator: {
        folder: "gpu-operator",
        subcharts: { "node-feature-discovery": "gpu-operator/charts/node-feature-discovery" },
    },
    istioBase: { folder: "istio-base" },
    istioCni: undefined,
    istiod: { folder: "istiod" },
    keda: { folder: "keda" },
    kubePrometheusStack: {
        folder: "kube-prometheus-stack",
        subcharts: {
            grafana: "grafana",
            "kube-state-metrics": "kube-state-metrics",
            "prometheus-node-exporter": "prometheus-node-exporter",
        },
    },
    metricsServer: { folder: "metrics-server" },
    podinfo: { folder: "podinfo" },
    prometheusAdapter: { folder: "prometheus-adapter" },
    prometheusOperatorCrds: undefined,
    redisExporter: { folder: "prometheus-redis-exporter" },
    traefik: { folder: "traefik" },
};

/** A file of a chart's data, parsed; undefined where there is none. */
export function chartFile(key: ChartKey, file: string): Record<string, unknown> | undefined {
    const path = join(dataDir, data[key]?.folder ?? "none", file);
    return existsSync(path) ? parse(readFileSync(path, "utf8")) : undefined;
}

/**
 * Declares the test that a component sets only keys that its chart knows.
 *
 * @param values what the component's values function returns with every argument given, at least once each
 * @param commented key paths that upstream documents in comments only, each with the reason why it is known to work
 */
export function itSetsOnlyKeysOf(
    key: ChartKey,
    values: () => readonly object[],
    commented: Readonly<Record<string, string>> = {},
): void {
    it(`sets only keys that the chart ${key} has`, function () {
        const defaults = chartDefaults(key);
        if (defaults === undefined) {
            console.log(`      not checked: no values of ${key} beside this checkout (${dataDir})`);
            this.skip();
        }
        const unknown = new Set(values().flatMap((set) => unknownKeys(set, defaults)));
        assert.deepEqual([...unknown].sort(), Object.keys(commented).sort());
    });
}

/** A chart's default values with those of its subcharts where the chart takes them; undefined without data. */
export function chartDefaults(key: ChartKey): Record<string, unknown> | undefined {
    const own = chartFile(key, "values.yaml");
    if (own === undefined) return undefined;
    // Istio wraps its defaults so that users do not copy them; the keys are set without the wrapping.
    const wrapped = own._internal_defaults_do_not_set ?? (own.defaults as object | undefined);
    const base = (wrapped ?? own) as Record<string, unknown>;
    const subcharts = Object.entries(data[key]?.subcharts ?? {}).map(([name, folder]) => {
        const values = parse(readFileSync(join(dataDir, folder, "values.yaml"), "utf8")) as object;
        return [name, merge(values, (base[name] ?? {}) as object)];
    });
    return { ...base, ...Object.fromEntries(subcharts) };
}

/** Paths in `set` that `defaults` does not have. */
export function unknownKeys(set: object, defaults: object, path = ""): string[] {
    return Object.entries(set).flatMap(([key, value]) => {
        const at = path === "" ? key : `${path}.${key}`;
        if (!(key in defaults)) return [at];
        // A container's resources, which every chart hands on as they are.
        if (key === "resources")
            return isMap(value) ? unknownKeys(value, { requests: {}, limits: {} }, at) : [at];
        const below = (defaults as Record<string, unknown>)[key];
        const open = !isMap(below) || Object.keys(below).length === 0;
        if (!isMap(value) || Object.keys(value).length === 0) return [];
        // A map over a scalar is another thing than the chart reads; over nothing it is the chart's way to say "yours".
        if (open) return below === null || isMap(below) ? [] : [at];
        return unknownKeys(value, below, at);
    });
}

function merge(base: object, over: object): object {
    const merged = Object.entries(over).map(([key, value]) => {
        const below = (base as Record<string, unknown>)[key];
        return [key, isMap(below) && isMap(value) ? merge(below, value) : value];
    });
    return { ...base, ...Object.fromEntries(merged) };
}

function isMap(value: unknown): value is object {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
