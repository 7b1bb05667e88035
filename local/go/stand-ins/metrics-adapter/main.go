// Command metrics-adapter serves the custom metrics API (custom.metrics.k8s.io) from Prometheus. It stands in for
// prometheus-adapter, which cannot be had as a Go module: it takes the same flags and the same configuration file, as
// far as this repository uses them, and gives the same answers. One difference is meant: a value that is no number
// is refused, where prometheus-adapter answers with 0, at which an autoscaler would scale down.
package main

import (
	"fmt"
	"net/url"
	"os"
	"time"

	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/component-base/logs"
	"k8s.io/klog/v2"
	adapter "sigs.k8s.io/custom-metrics-apiserver/pkg/cmd"
)

// options are the flags beside those of every API server.
type options struct {
	prometheusURL  string
	config         string
	relistInterval time.Duration
	maxAge         time.Duration
}

func main() {
	logs.InitLogs()
	defer logs.FlushLogs()
	if err := run(); err != nil {
		klog.ErrorS(err, "metrics-adapter ends")
		logs.FlushLogs()
		os.Exit(1)
	}
}

func run() error {
	server := &adapter.AdapterBase{Name: "metrics-adapter"}
	given := options{}
	flags := server.Flags()
	flags.StringVar(&given.prometheusURL, "prometheus-url", "", "address of Prometheus, http or https; a path is kept")
	flags.StringVar(&given.config, "config", "", "file with the rules, in the format of prometheus-adapter")
	flags.DurationVar(&given.relistInterval, "metrics-relist-interval", 10*time.Minute, "time between two looks at which series there are")
	flags.DurationVar(&given.maxAge, "metrics-max-age", 0, "how old the last sample of a listed series may be (default: the relist interval)")
	logs.AddFlags(flags)
	if err := flags.Parse(os.Args); err != nil {
		return err
	}
	provider, err := newProvider(server, given)
	if err != nil {
		return err
	}
	ctx := genericapiserver.SetupSignalContext()
	go provider.relistForever(ctx, given.relistInterval)
	server.WithCustomMetrics(provider)
	return server.Run(ctx)
}

func newProvider(server *adapter.AdapterBase, given options) (*provider, error) {
	address, err := url.Parse(given.prometheusURL)
	if err != nil || address.Host == "" {
		return nil, fmt.Errorf("--prometheus-url is %q: want an address such as http://prometheus.monitoring.svc:9090", given.prometheusURL)
	}
	if given.maxAge == 0 {
		given.maxAge = given.relistInterval
	}
	if given.maxAge < given.relistInterval {
		return nil, fmt.Errorf("--metrics-max-age is %s: want at least --metrics-relist-interval, %s", given.maxAge, given.relistInterval)
	}
	mapper, err := server.RESTMapper()
	if err != nil {
		return nil, err
	}
	rules, err := readRules(given.config, mapper)
	if err != nil {
		return nil, err
	}
	objects, err := server.DynamicClient()
	if err != nil {
		return nil, err
	}
	prometheus := prometheus{address: address, timeout: given.relistInterval}
	return &provider{mapper: mapper, objects: objects, prometheus: prometheus, rules: rules, maxAge: given.maxAge}, nil
}
