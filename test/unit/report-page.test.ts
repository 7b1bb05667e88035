import assert from "node:assert/strict";
import { reportPage } from "../../local/report-page";

describe("a report's page", () => {
    const page = reportPage({
        title: "Queue & <load>",
        lines: ['It said "no"'],
        sections: [
            { title: "A <b>", text: "1 < 2", svg: "<svg><rect/></svg>" },
            { title: "Table", table: { head: ["what", "how"], rows: [["a&b", "<script>"]] } },
        ],
    });

    it("has everything in it, and asks for nothing else", () => {
        assert.match(page, /^<!doctype html>/);
        assert.match(page, /<svg><rect\/><\/svg>/);
        assert.doesNotMatch(page, /(src|href)=|@import|url\(/);
    });

    it("shows text as text, whatever is in it", () => {
        for (const text of [
            "<title>Queue &amp; &lt;load&gt;</title>",
            "<p>It said &quot;no&quot;</p>",
            "<h2>A &lt;b&gt;</h2>",
            "<p>1 &lt; 2</p>",
            "<th>what</th><th>how</th>",
            "<td>a&amp;b</td><td>&lt;script&gt;</td>",
        ])
            assert.ok(page.includes(text), text);
        assert.doesNotMatch(page, /<script|<b>/);
    });
});
