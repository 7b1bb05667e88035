import type { BoardPanel } from "./board";

const of = 'node=~"$node"';

function lines(title: string, unit: string, description: string, expr: string): BoardPanel {
    return { title, unit, description, queries: [{ legend: "{{node}} {{gpu}}", expr }] };
}

const each = (metric: string) => `max by (node, gpu) (${metric}{${of}})`;

/**
 * More within the hour: most of these are counted since the driver was loaded. Of the GPU and not of its series, which is
 * another one with another pod.
 */
const more = (metric: string) => `increase((${each(metric)})[1h:1m])`;

/** What goes wrong in GPUs. Fields that an exporter has only where it is told to (ECC) are shown where it is. */
export const gpuErrorPanels: readonly BoardPanel[] = [
    lines(
        "Last XID error",
        "none",
        "The number of the driver's last error; 0 is none. It stays until the driver is loaded anew.",
        each("DCGM_FI_DEV_XID_ERRORS"),
    ),
    lines(
        "Temperature",
        "celsius",
        "Of each GPU. Near its limit it slows itself down.",
        each("DCGM_FI_DEV_GPU_TEMP"),
    ),
    lines(
        "Clock",
        "hertz",
        "Of the multiprocessors. Low under load: the GPU slows itself down, for heat or power.",
        `1e6 * ${each("DCGM_FI_DEV_SM_CLOCK")}`,
    ),
    lines(
        "Rows replaced for uncorrectable errors",
        "short",
        "Rows of memory that failed and were replaced by spare ones. A program has lost data each time.",
        each("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS"),
    ),
    lines(
        "Rows replaced for correctable errors",
        "short",
        "Rows of memory that were replaced before they failed.",
        each("DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS"),
    ),
    lines(
        "Rows that could not be replaced",
        "short",
        "1: no spare row is left. The GPU is to be exchanged.",
        each("DCGM_FI_DEV_ROW_REMAP_FAILURE"),
    ),
    lines(
        "ECC errors of two bits",
        "short",
        "Within the hour. They are detected and not corrected: a program has lost data.",
        more("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"),
    ),
    lines(
        "ECC errors of one bit",
        "short",
        "Within the hour. They are corrected; many of them come before worse.",
        more("DCGM_FI_DEV_ECC_SBE_VOL_TOTAL"),
    ),
    lines(
        "PCIe replays",
        "short",
        "Within the hour: transfers that had to be repeated. A bad slot, riser or cable.",
        more("DCGM_FI_DEV_PCIE_REPLAY_COUNTER"),
    ),
];
