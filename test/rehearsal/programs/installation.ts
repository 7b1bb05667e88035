import { Release } from "@pulumi/kubernetes/helm/v3";
import { Chart } from "@pulumi/kubernetes/helm/v4";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";

export const config = new pulumi.Config();

/** A chart as the configuration of a program names it. */
export interface Installation {
    readonly through: "Chart" | "Release";
    /** Path of its folder or archive. */
    readonly chart: string;
    readonly release: string;
    readonly namespace: string;
    readonly values?: Readonly<Record<string, unknown>>;
    readonly skipCrds?: boolean;
    /** Of a Release, in seconds. @default 60 */
    readonly timeout?: number;
}

/** The cluster under test, as the programs of the library name theirs. */
export function clusterProvider(): Provider {
    return new Provider("cluster", {
        kubeconfig: config.require("kubeconfig"),
        upsertExistingObjects: true,
    });
}

export function install(
    { through, release, timeout = 60, values = {}, ...place }: Installation,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const common = { ...place, values, name: release };
    return through === "Chart"
        ? new Chart(release, common, opts)
        : new Release(
              release,
              { ...common, timeout, takeOwnership: true, atomic: false, maxHistory: 3 },
              opts,
          );
}
