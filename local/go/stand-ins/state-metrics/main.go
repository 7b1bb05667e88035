// Command state-metrics tells Prometheus the state of objects, under the names, labels and values of
// kube-state-metrics, for which it stands in: that cannot be had as a Go module. It knows the families that alerts on
// autoscalers need, and custom resources through the same configuration.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

func main() {
	port := flag.Int("port", 8080, "port of /metrics and /livez")
	telemetryPort := flag.Int("telemetry-port", 8081, "port of /readyz")
	resources := flag.String("resources", strings.Join(kinds.names(), ","), "kinds of objects, divided by commas")
	custom := flag.String("custom-resource-state-config-file", "", "file with families of custom resources, in the format of kube-state-metrics")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	stores, err := follow(ctx, strings.Split(*resources, ","), *custom)
	if err != nil {
		klog.ErrorS(err, "state-metrics cannot start")
		os.Exit(1)
	}
	ended := make(chan error, 2)
	go func() { ended <- serve(*port, metrics(stores)) }()
	go func() { ended <- serve(*telemetryPort, readiness(stores)) }()
	select {
	case err := <-ended:
		klog.ErrorS(err, "state-metrics cannot be asked")
		os.Exit(1)
	case <-ctx.Done():
	}
}

// follow watches all objects that are asked for.
func follow(ctx context.Context, resources []string, custom string) ([]*store, error) {
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	stores, err := watchAll(ctx, client, resources)
	if err != nil || custom == "" {
		return stores, err
	}
	families, err := readCustomResources(custom)
	if err != nil {
		return nil, err
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return append(stores, watchCustomResources(ctx, client.Discovery(), objects, families)...), nil
}

// watchAll follows the objects of the built-in kinds.
func watchAll(ctx context.Context, client kubernetes.Interface, resources []string) ([]*store, error) {
	var stores []*store
	for _, name := range resources {
		index := slices.IndexFunc(kinds, func(known kind) bool { return known.name == name })
		if index < 0 {
			return nil, fmt.Errorf("--resources has %q: this stand-in for kube-state-metrics knows %s", name, strings.Join(kinds.names(), ", "))
		}
		made := newStore(kinds[index].families)
		stores = append(stores, made)
		source := cache.ToListWatcherWithWatchListSemantics(kinds[index].source(client), client)
		go cache.NewNamedReflector(name, source, kinds[index].example, made, 0).RunWithContext(ctx)
	}
	return stores, nil
}

// watchCustomResources follows objects whose definitions may come later.
func watchCustomResources(ctx context.Context, known discovery.DiscoveryInterface, objects dynamic.Interface, families []customResource) []*store {
	var stores []*store
	for _, custom := range families {
		made := newStore(custom.families())
		// Whether they are defined is not known, so nobody waits for them.
		made.synced = true
		stores = append(stores, made)
		go custom.watch(ctx, known, objects, made)
	}
	return stores
}

func metrics(stores []*store) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(response http.ResponseWriter, _ *http.Request) {
		response.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		for _, store := range stores {
			store.write(response)
		}
	})
	mux.HandleFunc("/livez", func(http.ResponseWriter, *http.Request) {})
	return mux
}

// readiness waits for every list: until then, objects that exist would look as if they did not.
func readiness(stores []*store) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/readyz", func(response http.ResponseWriter, _ *http.Request) {
		if slices.ContainsFunc(stores, func(store *store) bool { return !store.isSynced() }) {
			http.Error(response, "lists are missing", http.StatusServiceUnavailable)
		}
	})
	return mux
}

func serve(port int, handler http.Handler) error {
	server := &http.Server{Addr: fmt.Sprintf(":%d", port), Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
