import assert from "node:assert/strict";
import { addressLines } from "../../../local/commands/status";
import { type EndpointName, endpoints, type Ports } from "../../../local/node/network";

const names = Object.keys(endpoints) as EndpointName[];
const ports = Object.fromEntries(names.map((name) => [name, endpoints[name].usualPort])) as Ports;
const nodePorts = names.map((name) => endpoints[name].nodePort);

describe("make status", () => {
    it("has the address of everything that is there", () => {
        const lines = addressLines(ports, new Set(nodePorts));
        assert.equal(lines.length, names.length);
        assert.ok(lines.includes("  api-server    https://127.0.0.1:6443"));
        assert.ok(lines.includes("  podinfo       http://127.0.0.1:9898"));
    });

    it("has no address of what is switched off, though its port is forwarded", () => {
        const off: number[] = [endpoints.llm.nodePort, endpoints.hash.nodePort];
        const lines = addressLines(ports, new Set(nodePorts.filter((port) => !off.includes(port))));
        assert.equal(
            lines.some((line) => line.includes("11434") || line.includes(":8000")),
            false,
        );
        assert.equal(lines.at(-1), "  not there     hash, llm: switched off, or not deployed");
    });

    it("has the API server's where there is nothing else, and all where nobody knows", () => {
        assert.equal(addressLines(ports, new Set())[0], "  api-server    https://127.0.0.1:6443");
        assert.equal(addressLines(ports, new Set()).length, 2);
        assert.equal(addressLines(ports, undefined).length, names.length);
    });
});
