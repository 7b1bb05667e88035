import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Problem } from "../problems";

/** The names of a kubeconfig's contexts; undefined where the path leads to no kubeconfig. */
export function contextsOf(path: string): string[] | undefined {
    try {
        const { contexts } = parse(readFileSync(path, "utf8"));
        return contexts.map(({ name }: { name: string }) => name);
    } catch {
        return undefined;
    }
}

/** The problem with a kubeconfig, if there is one: that no file of that path is one, and so has no contexts. */
export function checkKubeconfig(
    property: string,
    path: string,
    contexts: readonly string[] | undefined,
): Problem[] {
    return contexts !== undefined
        ? []
        : [
              {
                  property,
                  given: path,
                  allowed: "the path of a kubeconfig file",
                  fix: "correct the path, or write the file anew with the program that made the cluster",
              },
          ];
}

/** The problem with a context, if there is one: that the kubeconfig has none of that name. */
export function checkContext(
    property: string,
    given: string,
    known: readonly string[] | undefined = [],
): Problem[] {
    return known.includes(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: `a context of the kubeconfig, which has ${known.join(", ") || "none"}`,
                  fix: "name one of these, or choose another kubeconfig",
              },
          ];
}

/** A kubeconfig of one context, in which no path is left: it works on every machine. */
export async function minified(path: string, context: string): Promise<string> {
    const { KubeConfig } = await import("@kubernetes/client-node");
    const all = new KubeConfig();
    all.loadFromFile(path);
    all.setCurrentContext(context);
    const cluster = all.getCurrentCluster();
    const user = all.getCurrentUser();
    const inlined = (data: string | undefined, file: string | undefined) =>
        data ?? (file === undefined ? undefined : readFileSync(file).toString("base64"));
    const one = new KubeConfig();
    one.loadFromOptions({
        clusters: cluster
            ? [{ ...cluster, caData: inlined(cluster.caData, cluster.caFile), caFile: undefined }]
            : [],
        users: user
            ? [
                  {
                      ...user,
                      certData: inlined(user.certData, user.certFile),
                      certFile: undefined,
                      keyData: inlined(user.keyData, user.keyFile),
                      keyFile: undefined,
                  },
              ]
            : [],
        contexts: all.getContexts().filter(({ name }) => name === context),
        currentContext: context,
    });
    return one.exportConfig();
}
