import assert from "node:assert/strict";
import { egressTo } from "../../components/namespaces/egress";

describe("the opening to a host", () => {
    for (const host of ["redis.shop.svc", "redis.shop.svc.cluster.local", "redis.shop.svc."]) {
        it(`is the namespace of ${host}, on every port, since a Service may map its own`, () => {
            assert.deepEqual(egressTo("redis", host, 80), {
                name: "redis",
                direction: "egress",
                peer: { namespace: "shop" },
            });
        });
    }

    for (const host of ["redis", "redis.example.com", "10.0.0.1", "a.b.svcs", "[fd00::1]"]) {
        it(`is one port of anywhere for ${host}`, () => {
            assert.deepEqual(egressTo("redis", host, 6379), {
                name: "redis",
                direction: "egress",
                peer: "anywhere",
                ports: [6379],
            });
        });
    }
});
