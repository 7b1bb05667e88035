import type { Labels } from "../../conventions";

/** Names that several parts of the logging share. Only plain data, no resources. */

/** Names of the Elasticsearch and Kibana objects; the operator derives those of Services and Secrets from them. */
export const elasticsearchName = "elasticsearch";
export const kibanaName = "kibana";

/** The labels that the operator gives to the pods of Elasticsearch. */
export const elasticsearchPods: Labels = { "elasticsearch.k8s.elastic.co/cluster-name": elasticsearchName };

/** The labels that the operator gives to the pods of Kibana. */
export const kibanaPods: Labels = { "kibana.k8s.elastic.co/name": kibanaName };

/** Port of Elasticsearch for clients, and among its nodes. */
export const elasticsearchPort = 9200;
export const transportPort = 9300;
export const kibanaPort = 5601;

/** Host name of Elasticsearch inside the cluster; its certificate is for this name. */
export function elasticsearchHost(namespace: string): string {
    return `${elasticsearchName}-es-http.${namespace}.svc`;
}

/** Secrets that the operator makes: the password of the user `elastic`, and the certificate authority. */
export const elasticSecret = `${elasticsearchName}-es-elastic-user`;
export const authoritySecret = `${elasticsearchName}-es-http-certs-public`;

/** The data stream that collectors write to, and all that would match its template. */
export const logStream = "logs-kubernetes-default";
export const logPattern = "logs-kubernetes-*";

/** Name of the operator's StatefulSet, and value of its `app.kubernetes.io/name`. */
export const operatorApp = "elastic-operator";

/** Name of the Job that prepares Elasticsearch. */
export const setupApp = "logging-setup";

/** What collectors mount in their namespace: the ConfigMap with the authority, the Secret with their credentials. */
export const trustName = "elasticsearch-ca";
export const credentialsName = "elasticsearch-credentials";

/** User and role of the collectors. */
export const collectorUser = "log-collector";
export const collectorRole = "log_collector";
