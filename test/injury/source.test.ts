import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { checkout } from "../../local/instance";

describe("the library as source", () => {
    let folder: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "source-"));
    });
    after(() => rmSync(folder, { recursive: true }));

    it("compiles with what Pulumi's own templates give to the compiler, and skipLibCheck", async () => {
        const template = {
            strict: true,
            target: "es2020",
            // Some packages' own types need types that nobody here does.
            skipLibCheck: true,
            module: "commonjs",
            noImplicitReturns: true,
            noFallthroughCasesInSwitch: true,
            forceConsistentCasingInFileNames: true,
        };
        // What differs with where the packages are, and not with the template.
        const here = {
            moduleResolution: "bundler",
            types: ["node"],
            typeRoots: [join(checkout, "node_modules/@types")],
        };
        const file = join(folder, "tsconfig.json");
        const config = {
            compilerOptions: { ...template, ...here, noEmit: true },
            include: [join(checkout, "components")],
        };
        writeFileSync(file, JSON.stringify(config));
        const { exitCode, stdout } = await execa("tsc", ["-p", file], {
            cwd: checkout,
            preferLocal: true,
            reject: false,
        });
        assert.deepEqual([exitCode, stdout], [0, ""]);
    });
});
