import { stringify } from "yaml";
import { contentHash } from "../../content-hash";
import { checkWhole, type Problem } from "../../problems";
import { checkLabelValue } from "../gpu-nodes/taints";

/** GPUs cut into instances by their hardware (Multi-Instance GPU, from the A100 on): each is a GPU of its own. */
export interface GpuMig {
    /**
     * How pods ask for instances: `single` as `nvidia.com/gpu`, all of a node being alike; `mixed` by size, as
     * `nvidia.com/mig-1g.10gb`; `none` leaves GPUs whole. @default "single"
     */
    readonly strategy?: MigStrategy | undefined;
    /**
     * Layouts by name, in place of those that NVIDIA's MIG manager makes for the hardware (`all-1g.10gb`,
     * `all-balanced`, …). A node's label `nvidia.com/mig.config` names its own. @default none
     */
    readonly configs?: Readonly<Record<string, readonly MigLayout[]>> | undefined;
}

export type MigStrategy = (typeof strategies)[number];

/** How some of a node's GPUs are cut. */
export interface MigLayout {
    /** Indices of the GPUs, from 0. */
    readonly devices: "all" | readonly number[];
    /** Instances of each GPU by profile, e.g. `{ "1g.10gb": 7 }`. @default none: the GPU stays whole */
    readonly instances?: Readonly<Record<string, number>>;
}

const strategies = ["none", "single", "mixed"] as const;
const whole = "all-disabled";

/** The chart's values for MIG. GPUs of nodes without the label stay whole: the operator allows nothing else. */
export function migValues({ strategy = "single", configs }: GpuMig = {}) {
    const data = configs && { "config.yaml": migConfigs(configs) };
    return {
        mig: { strategy },
        migManager: {
            config: {
                default: whole,
                // The MIG manager starts anew for another name, and not for another content.
                ...(data && { create: true, name: `mig-configs-${contentHash(data["config.yaml"])}`, data }),
            },
        },
    };
}

/** Layouts as the MIG manager reads them. */
function migConfigs(configs: NonNullable<GpuMig["configs"]>): string {
    const layouts = Object.entries(configs).map(([name, parts]) => [name, parts.map(migDevices)]);
    return stringify({
        version: "v1",
        "mig-configs": { [whole]: [migDevices({ devices: "all" })], ...Object.fromEntries(layouts) },
    });
}

function migDevices({ devices, instances = {} }: MigLayout) {
    return Object.keys(instances).length === 0
        ? { devices, "mig-enabled": false }
        : { devices, "mig-enabled": true, "mig-devices": instances };
}

/** Problems with MIG: unknown names, instances that no GPU has, and what the strategy cannot offer to pods. */
export function checkMig(property: string, mig: GpuMig | undefined): Problem[] {
    const { strategy = "single", configs } = mig ?? {};
    return [
        ...(strategies.includes(strategy)
            ? []
            : [
                  {
                      property: `${property}.strategy`,
                      given: strategy,
                      allowed: strategies.join(", "),
                      fix: "choose one of these",
                  },
              ]),
        ...(strategy !== "none" || configs === undefined
            ? []
            : [
                  {
                      property: `${property}.configs`,
                      given: configs,
                      allowed: "nothing, with the strategy none: pods could not ask for the instances",
                      fix: "choose single or mixed, or leave configs out",
                  },
              ]),
        ...Object.entries(configs ?? {}).flatMap(([name, parts]) => [
            ...checkLabelValue(`${property}.configs.${name}`, name),
            ...parts.flatMap((part, i) => checkLayout(`${property}.configs.${name}[${i}]`, part)),
            ...(strategy === "single" ? checkAlike(`${property}.configs.${name}`, parts) : []),
        ]),
    ];
}

function checkLayout(property: string, { devices, instances = {} }: MigLayout): Problem[] {
    const total = Object.values(instances).reduce((sum, count) => sum + count, 0);
    return [
        ...(devices === "all" || (devices.length > 0 && devices.every((i) => Number.isInteger(i) && i >= 0))
            ? []
            : [
                  {
                      property: `${property}.devices`,
                      given: devices,
                      allowed: '"all", or indices of GPUs from 0',
                      fix: "name at least one GPU",
                  },
              ]),
        ...Object.entries(instances).flatMap(([profile, count]) => [
            ...(/^([1-7]c\.)?[1-7]g\.\d+gb(\+[a-z.]+)?$/.test(profile)
                ? []
                : [
                      {
                          property: `${property}.instances.${profile}`,
                          given: profile,
                          allowed: "a profile such as 1g.10gb, 3g.40gb, 1g.10gb+me",
                          fix: "take it from nvidia-smi mig -lgip on the node",
                      },
                  ]),
            ...checkWhole(`${property}.instances.${profile}`, count, 1, 7),
        ]),
        ...(total <= 7
            ? []
            : [
                  {
                      property: `${property}.instances`,
                      given: instances,
                      allowed: "at most 7 instances on a GPU",
                      fix: "ask for fewer",
                  },
              ]),
    ];
}

/** With the strategy `single` a node's GPUs are cut all in the same way, into instances of one size, or not at all. */
function checkAlike(property: string, parts: readonly MigLayout[]): Problem[] {
    const profiles = parts.flatMap(({ instances = {} }) =>
        Object.keys(instances).length === 0 ? ["whole"] : Object.keys(instances),
    );
    return new Set(profiles).size <= 1
        ? []
        : [
              {
                  property,
                  given: [...new Set(profiles)],
                  allowed: "one profile, for all GPUs of a node, with the strategy single",
                  fix: "use one profile, or the strategy mixed",
              },
          ];
}
