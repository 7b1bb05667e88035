/** Volumes of the three servers. A server without a size keeps its data as long as its pod lives. */
export interface MonitoringStorage {
    /** Size of each Prometheus' volume, e.g. "50Gi". @default none */
    readonly prometheus?: string | undefined;
    /** Size of each Alertmanager's volume: silences, and what was sent already. @default none */
    readonly alertmanager?: string | undefined;
    /** Size of Grafana's volume: what users made in it. @default none */
    readonly grafana?: string | undefined;
    /** The StorageClass of all. @default the cluster's own default */
    readonly storageClass?: string | undefined;
}

const powers = ["k", "M", "G", "T", "P", "E"];

/** An amount of bytes as Kubernetes (`20Gi`) or Prometheus (`20GiB`, where k is upper case and all is binary) writes it. */
export function bytes(amount: string): number {
    const [, number = "0", unit = ""] = /^([0-9.]+)([a-zA-Z]*)$/.exec(amount) ?? [];
    const power = powers.findIndex((letter) => letter.toLowerCase() === unit[0]?.toLowerCase()) + 1;
    const base = unit.includes("i") || unit.endsWith("B") ? 1024 : 1000;
    return Number(number) * base ** power;
}

/** A claim for one volume, as Prometheus and Alertmanager objects take it. */
export function volumeClaim(size: string, storageClass: string | undefined) {
    return {
        volumeClaimTemplate: {
            spec: {
                ...(storageClass !== undefined && { storageClassName: storageClass }),
                accessModes: ["ReadWriteOnce"],
                resources: { requests: { storage: size } },
            },
        },
    };
}
