import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { schemas, type Target } from "../../stacks/schema";

const root = join(__dirname, "..", "..");

const pages = [
    ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
    ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".md"))
        .map((file) => join("docs", file)),
];

const read = (page: string) => readFileSync(join(root, page), "utf8");

/** Without what is not prose: code has brackets and hashes of its own. */
const prose = (page: string) => read(page).replace(/^ *```[\s\S]*?^ *```$/gm, "");

/** The anchors of a page, as GitHub makes them of its headings. */
function anchors(page: string): Set<string> {
    const found = new Map<string, number>();
    for (const [, heading = ""] of prose(page).matchAll(/^#+ (.*)$/gm)) {
        const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
        const anchor = text.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
        found.set(anchor, (found.get(anchor) ?? 0) + 1);
    }
    return new Set(
        [...found].flatMap(([anchor, times]) =>
            Array.from({ length: times }, (_, index) => (index === 0 ? anchor : `${anchor}-${index}`)),
        ),
    );
}

describe("the pages", () => {
    it("lead to files that are there, and to headings that are there", () => {
        const broken = pages.flatMap((page) =>
            [
                ...prose(page)
                    .replace(/`[^`\n]*`/g, "")
                    .matchAll(/\]\(([^)\s]+)\)/g),
            ].flatMap(([, link = ""]) => {
                if (/^[a-z]+:/.test(link)) return [];
                const [path = "", anchor] = link.split("#");
                const file = path === "" ? page : relative(root, resolve(root, dirname(page), path));
                const there =
                    existsSync(join(root, file)) &&
                    (anchor === undefined || !file.endsWith(".md") || anchors(file).has(anchor));
                return there ? [] : [`${page}: ${link}`];
            }),
        );
        assert.deepEqual(broken, []);
    });
});

describe("the configuration", () => {
    const documented: Record<Target, string> = {
        dev: "docs/dev.md",
        kind: "docs/kind.md",
        "gpu-cloud": "docs/gpu-cloud.md",
    };

    for (const [target, page] of Object.entries(documented) as [Target, string][]) {
        it(`of ${target} has each key, and no other, in ${page}`, () => {
            const keys = keysOf(schemas[target]);
            const listed = listedKeys(page);
            // An object of an object is a row with its keys in it.
            const isListed = (key: string) =>
                listed.some((one) => one === key || (one.includes(".") && key.startsWith(`${one}.`)));
            assert.deepEqual(
                keys.filter((key) => !isListed(key)),
                [],
            );
            assert.deepEqual(
                listed.filter((one) => !keys.some((key) => key === one || key.startsWith(`${one}.`))),
                [],
            );
        });
    }
});

/** The keys in the first column of the tables whose heading is "Key"; those of a table below "`section`…:" are its. */
function listedKeys(page: string): string[] {
    const tables = read(page).matchAll(/^(?:`(\w+)`[^|\n]*:\n\n)?\| Key .*\n\|[-| ]+\n((?:\|.*\n)+)/gm);
    return [...tables].flatMap(([, section, rows = ""]) =>
        rows
            .split("\n")
            .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)])
            .map(([, key = ""]) => (section === undefined ? key : `${section}.${key}`)),
    );
}

/** The keys of a schema, those of its sections with the section before them. */
function keysOf(schema: object, prefix = ""): string[] {
    const { shape } = unwrapped(schema) as { shape?: Record<string, object> };
    if (shape === undefined) return [prefix];
    return Object.entries(shape).flatMap(([key, inner]) => keysOf(inner, prefix ? `${prefix}.${key}` : key));
}

/** Without what says that it may be left out. */
function unwrapped(schema: object): object {
    const { def } = schema as { def?: { type: string; innerType?: object } };
    return def?.innerType === undefined ? schema : unwrapped(def.innerType);
}
