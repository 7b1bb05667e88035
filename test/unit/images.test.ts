import assert from "node:assert/strict";
import { images, registryOnly, versionOf, withImages } from "../../components/images";
import { devImages } from "../../stacks/dev-images";

describe("images", () => {
    for (const [role, image] of Object.entries(images)) {
        it(`pins ${role} with registry and exact version`, () => {
            assert.match(
                image,
                /^[a-z0-9.-]+\.[a-z]+\/[a-z0-9/_-]+:(v|vectoradd-cuda)?\d+\.\d+\.\d+(-[a-z][a-z0-9.-]*)?$/,
            );
        });
    }

    it("has a local image for every upstream image but those that need a registry, and no other", () => {
        const local = Object.keys(images).filter((role) => !registryOnly.some((only) => only === role));
        assert.deepEqual(Object.keys(devImages).sort(), local.sort());
        for (const image of Object.values(devImages))
            assert.match(image, /^localhost\/[a-z-]+:\d+\.\d+(\.\d+)?$/);
    });

    it("replaces single rows", () => {
        const table = withImages({ redis: "mirror.example/redis:7.4.5" });
        assert.deepEqual(table, { ...images, redis: "mirror.example/redis:7.4.5" });
    });

    it("reads the version from the tag", () => {
        assert.equal(versionOf("quay.io/prometheus/prometheus:v3.5.0"), "3.5.0");
        assert.equal(versionOf("localhost/prometheus:2.42.0"), "2.42.0");
        assert.equal(versionOf("registry:5000/p:2.42.0-distroless"), "2.42.0");
        assert.equal(versionOf(`p:v3.5.0@sha256:${"a".repeat(64)}`), "3.5.0");
    });

    it("reads no version where the tag states none", () => {
        for (const image of [
            "prometheus",
            "prometheus:latest",
            "prometheus:v3",
            "registry:5000/prometheus",
        ]) {
            assert.equal(versionOf(image), undefined, image);
        }
    });
});
