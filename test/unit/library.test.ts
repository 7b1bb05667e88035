import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as library from "../../components";

const folder = join(__dirname, "..", "..", "components");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
);
const source = (file: string) => readFileSync(join(folder, file), "utf8");

describe("the library", () => {
    it("re-exports every component of its top level", () => {
        const classes = files
            .filter((file) => !file.includes("/"))
            .flatMap((file) => [
                ...source(file).matchAll(/^export class (\w+) extends pulumi\.ComponentResource/gm),
            ])
            .map(([, name]) => name as string);
        assert.ok(classes.length >= 5);
        for (const name of classes) assert.ok(name in library, `${name} is not in components/index.ts`);
    });

    it("does nothing when it is imported but give its names", () => {
        const lines = source("index.ts")
            .replace(/\{[^}]*\}/g, "{}")
            .trim()
            .split("\n");
        for (const line of lines) assert.match(line, /^export (type )?\{\} from "\.\/[a-z-]+";$/);
    });

    for (const file of files) {
        const classes = [...source(file).matchAll(/^export class (\w+) extends pulumi\.ComponentResource/gm)];
        for (const [, name] of classes) {
            it(`${name} has its own type token and registers its outputs last`, () => {
                const text = source(file);
                assert.ok(text.includes(`"pulumi-kube-observability:index:${name}"`));
                assert.equal(text.match(/this\.registerOutputs\(/g)?.length, classes.length);
            });
        }

        it(`${file} is short, imports Kubernetes by parts and reads no configuration`, () => {
            const text = source(file);
            assert.ok(text.split("\n").length <= 200, `${text.split("\n").length} lines`);
            assert.doesNotMatch(text, /from "@pulumi\/(kubernetes|random)"/);
            assert.doesNotMatch(text, /new pulumi\.Config|process\.env/);
        });
    }

    it("offers components that Pulumi recognises as such", () => {
        assert.ok(library.Monitoring.prototype instanceof pulumi.ComponentResource);
    });
});
