import type { Labels } from "../../conventions";
import type { Problem } from "../../problems";

/** Labels and taints of nodes, and what a pod needs to land there. */

/** What keeps pods off a node, unless they tolerate it. */
export interface Taint {
    readonly key: string;
    /** @default none: pods tolerate it whatever its value is */
    readonly value?: string;
    readonly effect: TaintEffect;
}

export type TaintEffect = (typeof effects)[number];

/** What lets a pod, or the pods of a DaemonSet, onto tainted nodes. */
export interface Toleration {
    /** @default every taint, with the operator `Exists` */
    readonly key?: string;
    readonly operator: "Exists" | "Equal";
    /** Only with `Equal`. */
    readonly value?: string;
    /** @default every effect */
    readonly effect?: TaintEffect;
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

/** The taint by which GPU nodes are known: of GKE, of the cloud's GPU node pools, and of the nodes made here. */
export const gpuTaint: Taint = { key: "nvidia.com/gpu", effect: "NoSchedule" };

/** Tolerations of exactly these taints. */
export function tolerationsOf(taints: readonly Taint[]): Toleration[] {
    return taints.map(({ key, value, effect }) =>
        value === undefined ? { key, operator: "Exists", effect } : { key, operator: "Equal", value, effect },
    );
}

const keyPattern =
    /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const valuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** The problem with the key of a label or a taint, if there is one. */
export function checkLabelKey(property: string, given: string): Problem[] {
    return keyPattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed:
                      "a name of 1 to 63 letters, digits, -, _ and ., with or without a domain and / before it",
                  fix: "write it as in example.com/gpu-pool",
              },
          ];
}

/** The problem with the value of a label or a taint, if there is one. */
export function checkLabelValue(property: string, given: string | undefined): Problem[] {
    return given === undefined || valuePattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: "0 to 63 letters, digits, and within also -, _ and .",
                  fix: "write it in these characters",
              },
          ];
}

/** Problems with labels: keys and values that Kubernetes would refuse. */
export function checkLabels(property: string, labels: Labels | undefined): Problem[] {
    return Object.entries(labels ?? {}).flatMap(([key, value]) => [
        ...checkLabelKey(`${property}.${key}`, key),
        ...checkLabelValue(`${property}.${key}`, value),
    ]);
}

/** Problems with taints: keys, values and effects that Kubernetes would refuse, and one taint twice. */
export function checkTaints(property: string, taints: readonly Taint[] | undefined = []): Problem[] {
    const identity = ({ key, effect }: Taint) => `${key}:${effect}`;
    const known = taints.map(identity);
    return taints.flatMap((taint, i) => [
        ...checkLabelKey(`${property}[${i}].key`, taint.key),
        ...checkLabelValue(`${property}[${i}].value`, taint.value),
        ...checkEffect(`${property}[${i}].effect`, taint.effect),
        ...(known.indexOf(identity(taint)) === i
            ? []
            : [
                  {
                      property: `${property}[${i}]`,
                      given: taint,
                      allowed: "each pair of key and effect once",
                      fix: "remove one of the two",
                  },
              ]),
    ]);
}

/** Problems with tolerations that no DaemonSet may have; where an operator makes it, only its log would say so. */
export function checkTolerations(
    property: string,
    tolerations: readonly Toleration[] | undefined,
): Problem[] {
    return (tolerations ?? []).flatMap((toleration, i) => {
        const { key, operator, value, effect } = toleration;
        const sound = operator === "Exists" ? value === undefined : operator === "Equal" && key !== undefined;
        return [
            ...(key === undefined ? [] : checkLabelKey(`${property}[${i}].key`, key)),
            ...checkLabelValue(`${property}[${i}].value`, value),
            ...(effect === undefined ? [] : checkEffect(`${property}[${i}].effect`, effect)),
            ...(sound
                ? []
                : [
                      {
                          property: `${property}[${i}]`,
                          given: toleration,
                          allowed: "Exists without a value, or Equal with a key",
                          fix: "correct the operator, the key or the value",
                      },
                  ]),
        ];
    });
}

function checkEffect(property: string, given: TaintEffect): Problem[] {
    return effects.includes(given)
        ? []
        : [{ property, given, allowed: effects.join(", "), fix: "choose one of these" }];
}
