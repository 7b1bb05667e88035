import type { ChartKey } from "../../../components";
import { installChart } from "../../../components/charts/install-chart";
import { clusterProvider, config } from "./installation";

/** Charts of the library's table, from a mirror, as the components install theirs. */
const provider = clusterProvider();
const mirror = config.require("mirror");
const versions = config.getObject<Partial<Record<ChartKey, string>>>("versions");
for (const chart of config.requireObject<ChartKey[]>("charts")) {
    installChart(
        chart,
        {
            chart,
            release: chart.toLowerCase(),
            namespace: "mirrored",
            values: {},
            source: { mirror, versions },
        },
        { provider },
    );
}
