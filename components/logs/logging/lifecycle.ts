import { logPattern } from "./names";

/** A document that the setup puts into Elasticsearch. */
export interface StoredDocument {
    /** Path of the API, e.g. `_ilm/policy/logs`. */
    readonly path: string;
    readonly body: object;
}

const policyName = "logs-kubernetes";

/** What has to be there before the first log: the policy, then the template that names it. */
export function storedDocuments(retentionDays: number): StoredDocument[] {
    return [
        { path: `_ilm/policy/${policyName}`, body: lifecyclePolicy(retentionDays) },
        { path: `_index_template/${policyName}`, body: indexTemplate() },
    ];
}

/**
 * The lifecycle of the logs' indices: a new one each day or 10 GB, deleted so many days after it was replaced.
 * A change reaches indices that exist already, which the retention of a template would not.
 */
export function lifecyclePolicy(retentionDays: number) {
    return {
        policy: {
            phases: {
                hot: { actions: { rollover: { max_age: "1d", max_primary_shard_size: "10gb" } } },
                delete: { min_age: `${retentionDays}d`, actions: { delete: {} } },
            },
        },
    };
}

/** How the logs' indices are made. */
export function indexTemplate() {
    const keyword = { type: "keyword", ignore_above: 1024 };
    // Labels and annotations have any name, dots included: as one field each they make no thousands of fields.
    const anyNames = { type: "flattened", ignore_above: 1024 };
    return {
        index_patterns: [logPattern],
        data_stream: {},
        // Above Elasticsearch's own for `logs-*-*`, which is 100.
        priority: 200,
        template: {
            settings: {
                "index.lifecycle.name": policyName,
                "index.number_of_shards": 1,
                // A copy as soon as there is a second node; on one node none, or the index would never be green.
                "index.auto_expand_replicas": "0-1",
                // A log with odd fields is kept, and what is odd about it not searchable.
                "index.mapping.ignore_malformed": true,
                "index.mapping.total_fields.ignore_dynamic_beyond_limit": true,
            },
            mappings: {
                dynamic_templates: [
                    {
                        kubernetes: {
                            path_match: "kubernetes.*",
                            match_mapping_type: "string",
                            mapping: keyword,
                        },
                    },
                ],
                properties: {
                    "@timestamp": { type: "date" },
                    message: { type: "match_only_text" },
                    stream: keyword,
                    kubernetes: { properties: { labels: anyNames, annotations: anyNames } },
                },
            },
        },
    };
}
