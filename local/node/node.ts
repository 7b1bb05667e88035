import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { cacheDir } from "../build/cache";
import type { Instance } from "../instance";
import { readState, writeState } from "../state-file";
import { cgroupPaths, cgroupProcesses, createCgroup, removeCgroup, supervisorProcs } from "./cgroups";
import { writeConfiguration } from "./configuration";
import { type EndpointName, endpoints, network, type Ports } from "./network";
import { type NodeSettings, writeServices } from "./services";

/** Finished artifacts the node is made of: folder names below the cache. */
export interface NodeParts {
    readonly root: string;
    readonly node: string;
    readonly kubernetes: string;
    readonly etcd: string;
    /** For a cluster whose nodes are simulated. */
    readonly kwok?: string | undefined;
}

/** A started node, as written beside its state. */
export interface NodeRecord {
    /** The process that holds the node (local/go/cmd/node), and when it started: a number alone may be reused. */
    readonly pid: number;
    readonly startTicks: string;
    readonly ports: Ports;
    /** What was chosen when it started. */
    readonly settings: NodeSettings;
    readonly kubernetes: string;
    readonly startedAt: string;
}

/** Starts a node from nothing. The caller has made sure that none runs (`findNode`) and that no state is left. */
export async function startNode(
    instance: Instance,
    parts: NodeParts,
    ports: Ports,
    settings: NodeSettings,
): Promise<NodeRecord> {
    const state = instance.dir;
    for (const dir of ["etc", "var/log", "var/lib", "var/service", "var/tmp"]) {
        await mkdir(join(state, dir), { recursive: true, mode: 0o700 });
    }
    const kubeconfig = await writeConfiguration(join(state, "etc"), instance.id, ports);
    await writeFile(instance.kubeconfig, kubeconfig, { mode: 0o600 });
    await writeServices(join(state, "var/service"), parts, settings);
    await createCgroup(instance.id);
    const log = openSync(logFile(instance), "a", 0o600);
    // In the control group before it is the launcher, so that `stopNode` finds it from its first moment.
    const enterGroup = 'for procs in $CGROUP_PROCS; do echo $$ >"$procs"; done; exec "$@"';
    const launcher = [launcherPath(parts), ...nodeArguments(instance, parts, ports)];
    const child = spawn("/bin/sh", ["-c", enterGroup, "sh", ...launcher], {
        detached: true,
        cwd: "/",
        stdio: ["ignore", log, log],
        env: {
            PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
            CGROUP_PROCS: supervisorProcs(instance.id).join(" "),
        },
    });
    closeSync(log);
    child.unref();
    await new Promise((started, failed) => child.once("spawn", started).once("error", failed));
    const pid = child.pid ?? 0;
    const record: NodeRecord = {
        pid,
        startTicks: startTicks(pid) ?? "",
        ports,
        settings,
        kubernetes: parts.kubernetes,
        startedAt: new Date().toISOString(),
    };
    await writeState(recordFile(instance), record);
    return record;
}

function launcherPath(parts: NodeParts): string {
    return join(cacheDir(), parts.node, "node");
}

function nodeArguments(instance: Instance, parts: NodeParts, ports: Ports): string[] {
    const forwards = (Object.keys(endpoints) as EndpointName[]).flatMap((name) => [
        "-forward",
        `127.0.0.1:${ports[name]}=${network.nodeAddress}:${endpoints[name].nodePort}`,
    ]);
    const enter = [resolve(__dirname, "enter.sh"), join(cacheDir(), parts.root), instance.dir, cacheDir()];
    return [...forwards, "--", ...enter, network.nodeName, network.nodeAddress];
}

/** The instance's node if it runs. */
export async function findNode(instance: Instance): Promise<NodeRecord | undefined> {
    const record = readState<NodeRecord>(recordFile(instance));
    return record && startTicks(record.pid) === record.startTicks ? record : undefined;
}

/**
 * Ends the node and removes all it made: processes, control groups, state.
 * Right after any crash too: whatever is in the node's control group is the
 * node's, and mounts and interfaces go with the last process.
 */
export async function stopNode(instance: Instance): Promise<void> {
    const record = await findNode(instance);
    if (record) kill(record.pid);
    const deadline = Date.now() + 10_000;
    while (cgroupPaths(instance.id).length > 0) {
        const left = cgroupProcesses(instance.id);
        if (left.length === 0) break;
        for (const pid of left) kill(pid);
        if (Date.now() > deadline)
            throw new Error(`processes of ${instance.id} do not end: ${left.join(", ")}`);
        await sleep(50);
    }
    while (record && startTicks(record.pid) === record.startTicks) await sleep(20);
    await removeCgroup(instance.id);
    await rm(instance.dir, { recursive: true, force: true });
}

/** Runs a program inside the node; returns what it prints. */
export async function insideNode(record: NodeRecord, command: readonly string[]): Promise<string> {
    return (await execa("nsenter", enterNode(record, command), { stdin: "ignore" })).stdout;
}

/** Arguments with which `nsenter` runs a program inside the node. */
export function enterNode(record: NodeRecord, command: readonly string[]): string[] {
    const init = firstProcess(record);
    return ["--target", String(init), "--mount", "--net", "--pid", "--ipc", "--uts", "--", ...command];
}

/** Arguments with which `nsenter` runs a program of the host in the node's network: there Services have addresses. */
export function networkOf(record: NodeRecord): string[] {
    return ["--target", String(firstProcess(record)), "--net", "--"];
}

/** The node's process 1, as the host numbers it. */
function firstProcess(record: NodeRecord): number {
    return Number(
        readFileSync(`/proc/${record.pid}/task/${record.pid}/children`, "utf8").trim().split(" ")[0],
    );
}

export function logFile(instance: Instance): string {
    return join(instance.dir, "var/log/node.log");
}

function recordFile(instance: Instance): string {
    return join(instance.dir, "node.json");
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It has ended by itself.
    }
}

/** Field 22 of /proc/PID/stat, which with the number names a process once and for all. */
function startTicks(pid: number): string | undefined {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return fields[0] === "Z" ? undefined : fields[19];
    } catch {
        return undefined;
    }
}
