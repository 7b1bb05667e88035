import type { Problem } from "../../problems";

/** What the operator installs on the nodes themselves: NVIDIA's driver, and the toolkit for their containerd. */
export interface HostSoftware {
    /** Whether the operator installs the driver; false where the nodes' image has one, as EKS's and GKE's GPU images. @default true */
    readonly driver?: boolean | undefined;
    /** Version of the driver, e.g. `580.95.05`. @default the chart's */
    readonly driverVersion?: string | undefined;
    /** Whether the operator installs the container toolkit; false where the nodes' image has it. @default true */
    readonly toolkit?: boolean | undefined;
    /** Version of the toolkit, e.g. `v1.20.0`. @default the chart's */
    readonly toolkitVersion?: string | undefined;
    /** The containerd that the toolkit configures: of k3s, of RKE2, or where it is. @default containerd's own paths */
    readonly containerd?: Containerd | undefined;
}

export type Containerd =
    | "k3s"
    | "rke2"
    | {
          /** Absolute path of its configuration on the node, e.g. `/etc/k0s/containerd.d/nvidia.toml`. */
          readonly config: string;
          /** Absolute path of its socket on the node, e.g. `/run/k0s/containerd.sock`. */
          readonly socket: string;
      };

/** k3s and RKE2 have one socket, and configurations beside their data. */
const rancher = (name: string) => ({
    config: `/var/lib/rancher/${name}/agent/etc/containerd/config.toml`,
    socket: "/run/k3s/containerd/containerd.sock",
});

/** The chart's values for driver and toolkit. */
export function hostSoftwareValues(args: HostSoftware) {
    return {
        driver: { enabled: args.driver ?? true, ...(args.driverVersion && { version: args.driverVersion }) },
        toolkit: {
            enabled: args.toolkit ?? true,
            ...(args.toolkitVersion && { version: args.toolkitVersion }),
            env: args.containerd === undefined ? [] : containerdEnv(args.containerd),
        },
    };
}

function containerdEnv(containerd: Containerd) {
    const { config, socket } = typeof containerd === "string" ? rancher(containerd) : containerd;
    return [
        { name: "CONTAINERD_CONFIG", value: config },
        { name: "CONTAINERD_SOCKET", value: socket },
    ];
}

/** Problems with driver and toolkit: versions that are none, and settings of what is not installed. */
export function checkHostSoftware(args: HostSoftware): Problem[] {
    return [
        ...checkVersion("driverVersion", args.driverVersion, /^\d{3}\.\d+(\.\d+)?$/, "580.95.05"),
        ...checkVersion("toolkitVersion", args.toolkitVersion, /^v\d+\.\d+\.\d+(-[a-z0-9.]+)?$/, "v1.20.0"),
        ...checkUsed("driverVersion", args.driverVersion, "driver", args.driver),
        ...checkUsed("toolkitVersion", args.toolkitVersion, "toolkit", args.toolkit),
        ...checkUsed("containerd", args.containerd, "toolkit", args.toolkit),
        ...checkContainerd(args.containerd),
    ];
}

function checkVersion(
    property: string,
    given: string | undefined,
    pattern: RegExp,
    example: string,
): Problem[] {
    return given === undefined || pattern.test(given)
        ? []
        : [
              {
                  property,
                  given,
                  allowed: `a version such as ${example}`,
                  fix: "take it from the release notes of the GPU operator",
              },
          ];
}

function checkUsed(
    property: string,
    given: unknown,
    owner: string,
    installed: boolean | undefined,
): Problem[] {
    return given === undefined || installed !== false
        ? []
        : [
              {
                  property,
                  given,
                  allowed: `nothing, as ${owner} is false`,
                  fix: `leave ${property} out, or let the operator install it (${owner}: true)`,
              },
          ];
}

function checkContainerd(containerd: Containerd | undefined): Problem[] {
    if (containerd === undefined || containerd === "k3s" || containerd === "rke2") return [];
    const { config, socket } = typeof containerd === "string" ? { config: "", socket: "" } : containerd;
    return [config, socket].every((path) => path?.startsWith("/"))
        ? []
        : [
              {
                  property: "containerd",
                  given: containerd,
                  allowed: '"k3s", "rke2", or absolute paths of config and socket',
                  fix: "write both paths as they are on the nodes",
              },
          ];
}
