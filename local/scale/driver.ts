/**
 * Puts demand on subjects. It runs in the network namespace of the node, where Services have their addresses, as a child
 * of the benchmark, which tells it what to do: `{ id, kind, url, list, password, amount }`, answered by `{ id, error }`.
 * The answer to a step comes when the demand is there.
 */
import { setMaxListeners } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Demand } from "./subjects";

export interface Order {
    readonly id: number;
    readonly kind: Demand;
    /** Subject whose demand it is. */
    readonly subject: string;
    /** `http://address:port/` of the server, or `address:port` of redis. */
    readonly url: string;
    /** Items in the list, requests each second, or requests at a time. */
    readonly amount: number;
    readonly password?: string;
}

/** What drives each subject at the moment. */
const drives = new Map<string, AbortController>();

process.on("message", (order: Order) => {
    void carryOut(order).then(
        () => process.send?.({ id: order.id }),
        (error: Error) => process.send?.({ id: order.id, error: error.message }),
    );
});
process.on("disconnect", () => process.exit(0));

async function carryOut({ kind, subject, url, amount, password }: Order): Promise<void> {
    if (kind === "queue") return setLength(url, subject, amount, password ?? "");
    drives.get(subject)?.abort();
    const drive = new AbortController();
    // Each request that is under way listens for the end.
    setMaxListeners(0, drive.signal);
    drives.set(subject, drive);
    if (kind === "rate") void sendRate(url, amount, drive.signal);
    else for (let i = 0; i < amount; i++) void keepOne(url, drive.signal, kind === "stay");
}

/** Redis' inline protocol: one command a line, one answer each. */
function setLength(address: string, list: string, items: number, password: string): Promise<void> {
    const [host, port] = address.split(":");
    const commands = [`AUTH ${password}`, "MULTI", `DEL ${list}`];
    if (items > 0) commands.push(`RPUSH ${list} ${Array(items).fill("x").join(" ")}`);
    commands.push("EXEC", "QUIT");
    return new Promise((resolve, reject) => {
        const socket = connect({ host, port: Number(port) }, () =>
            socket.end(`${commands.join("\r\n")}\r\n`),
        );
        let answer = "";
        socket.setTimeout(5000, () => socket.destroy(new Error("redis does not answer")));
        socket.on("data", (chunk) => {
            answer += chunk;
        });
        socket.on("error", reject);
        socket.on("close", () => {
            const refused = answer.split("\r\n").find((line) => line.startsWith("-"));
            if (refused !== undefined) reject(new Error(`redis: ${refused}`));
            else resolve();
        });
    });
}

/** Open loop: each request is sent when it is due, whatever became of those before it. */
async function sendRate(url: string, rate: number, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    for (let sent = 0; !signal.aborted; sent++) {
        const due = started + (sent * 1000) / rate;
        const wait = due - performance.now();
        if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
        if (!signal.aborted) void get(url, signal).catch(() => undefined);
    }
}

/** Closed loop: one request after the other, so that one is always there; where it stays, at the same pod. */
async function keepOne(url: string, signal: AbortSignal, stays: boolean): Promise<void> {
    const agent = stays && new Agent({ keepAlive: true, maxSockets: 1 });
    while (!signal.aborted) {
        await get(url, signal, agent).catch(() => sleep(100));
    }
    if (agent) agent.destroy();
}

/** @param agent - Without one a connection of its own, so that the Service chooses anew each time. */
function get(url: string, signal: AbortSignal, agent: Agent | false = false): Promise<void> {
    return new Promise((resolve, reject) => {
        const asked = request(url, { agent, signal, timeout: 60_000 }, (answer) => {
            answer.resume();
            answer.on("end", resolve);
            answer.on("error", reject);
        });
        asked.on("timeout", () => asked.destroy(new Error("no answer")));
        asked.on("error", reject);
        asked.end();
    });
}
