import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import { checkout } from "../instance";
import { stackConfig } from "../runner";
import type { ReleaseInputs } from "../runner/helm";
import { chartType, type KubernetesObject, releaseType } from "../runner/objects";
import { readInputs } from "../runner/wire";
import type { Deployment } from "./deployer";

/** What a program declares, as one would install it by hand: charts in their order, and objects beside them. */
export interface Declared {
    readonly charts: readonly ReleaseInputs[];
    readonly objects: readonly KubernetesObject[];
}

/** Runs a program against recording mocks, which install nothing. */
export async function declaredBy({ main, config, stack }: Deployment): Promise<Declared> {
    const charts: ReleaseInputs[] = [];
    const objects: KubernetesObject[] = [];
    await runtime.setMocks(
        {
            call: () => ({}),
            newResource: ({ type, name, inputs: wire }) => {
                const inputs = readInputs(wire).value;
                if (type === chartType || type === releaseType) {
                    const { atomic: _, compat: __, ...chart } = inputs;
                    charts.push(chart as unknown as ReleaseInputs);
                } else if (inputs.kind && inputs.apiVersion) {
                    objects.push(inputs as unknown as KubernetesObject);
                }
                return { id: `${name}-id`, state: { ...wire, result: "recorded-not-generated" } };
            },
        },
        "pulumi-kube-observability",
        stack,
    );
    runtime.setAllConfig(stackConfig("pulumi-kube-observability", {}, config, stack));
    const program: unknown = require(join(checkout, main));
    if (typeof program === "function") await program();
    await runtime.disconnect();
    return { charts, objects };
}
