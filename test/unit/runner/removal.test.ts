import assert from "node:assert/strict";
import { Api } from "../../../local/runner/api";
import { Helm } from "../../../local/runner/helm";
import { type Entry, Inventory } from "../../../local/runner/inventory";
import { readKubeConfig } from "../../../local/runner/kubeconfig";
import { removeAll } from "../../../local/runner/removal";
import { FakeApiServer } from "./fake-api-server";

describe("removal", () => {
    let server: FakeApiServer;
    let api: Api;
    beforeEach(async () => {
        server = await FakeApiServer.start();
        api = new Api(await readKubeConfig(server.kubeconfig));
    });
    afterEach(async () => {
        api.close();
        await server.stop();
    });

    it("deletes a namespace only after its last pod is gone", async () => {
        const space = "/api/v1/namespaces/space";
        const pod = `${space}/pods/slow`;
        server.objects.set(space, { apiVersion: "v1", kind: "Namespace", metadata: { name: "space" } });
        const metadata = { name: "slow", namespace: "space", labels: { app: "slow" } };
        server.objects.set(pod, { apiVersion: "v1", kind: "Pod", metadata });
        let lists = 0;
        const podWasThere: boolean[] = [];
        server.intercept = (method, path) => {
            // The pod stops between the second look at it and the third.
            if (path === `${space}/pods` && ++lists === 3) server.objects.delete(pod);
            if (method === "DELETE" && path === space) podWasThere.push(server.objects.has(pod));
            return undefined;
        };

        const entry: Entry = { urn: "u", apiVersion: "v1", kind: "Namespace", name: "space", dependsOn: [] };
        const errors: unknown[] = [];
        const remover = {
            api,
            helm: new Helm(api, server.kubeconfig),
            inventory: new Inventory(api, "test", "unit", false),
        };
        await removeAll(remover, [entry], {
            start: () => {},
            end: (_, error) => errors.push(error),
        });
        assert.deepEqual(errors, [undefined]);
        assert.deepEqual(podWasThere, [false], "one deletion, without the pod");
        assert.equal(lists, 3);
        assert.equal(server.objects.has(space), false);
    });
});
