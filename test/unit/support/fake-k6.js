#!/usr/bin/env node
// Runs a script of k6 as far as local/load/play.js needs it, so that this is tried without k6: `run --env=PLAN=FILE SCRIPT`.
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { Agent, request } = require("node:http");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const args = process.argv.slice(2);
const [, plan] = args.find((arg) => arg.startsWith("--env=PLAN=")).split("--env=PLAN=");
globalThis.__ENV = { PLAN: plan };
globalThis.open = (file) => readFileSync(file, "utf8");

let agent;
globalThis.k6http = {
    asyncRequest: (method, url, body, { headers, timeout }) =>
        new Promise((resolve) => {
            const failed = (error) => resolve({ status: 0, error: error.message, body: null });
            const asked = request(url, { method, headers, agent, timeout }, (answer) => {
                let text = "";
                answer.on("data", (chunk) => {
                    text += chunk;
                });
                answer.on("end", () => resolve({ status: answer.statusCode, error: "", body: text }));
            });
            asked.on("timeout", () => asked.destroy(new Error("request timeout")));
            asked.on("error", failed);
            asked.end(body ?? undefined);
        }),
};

const folder = mkdtempSync(join(tmpdir(), "fake-k6-"));
const file = join(folder, "script.mjs");
const text = readFileSync(args.at(-1), "utf8").replace(
    'import http from "k6/http";',
    "const http = globalThis.k6http;",
);
writeFileSync(file, text);
process.on("SIGINT", () => process.exit(105));
import(file).then((script) => {
    rmSync(folder, { recursive: true });
    agent = new Agent({ keepAlive: !script.options.noConnectionReuse });
    setTimeout(
        () => process.exit(0),
        Number.parseInt(script.options.scenarios.load.maxDuration, 10) * 1000,
    ).unref();
    script.default();
    // As k6, it ends when there is nothing to wait for.
    process.on("beforeExit", () => process.exit(0));
});
