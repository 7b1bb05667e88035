package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	api "sigs.k8s.io/custom-metrics-apiserver/pkg/provider"
)

const oneRule = `{"rules":[{"seriesQuery":"{__name__=~\"^autoscaler:.*\",namespace!=\"\"}",
"resources":{"overrides":{"namespace":{"resource":"namespace"},"pod":{"resource":"pod"}}},
"name":{"matches":"^autoscaler:(.*)$","as":"autoscaler_$1"},
"metricsQuery":"sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"}]}`

var demand = api.CustomMetricInfo{GroupResource: schema.GroupResource{Resource: "namespaces"}, Metric: "autoscaler_demand"}

// fake is a Prometheus that answers each query with the same vector.
type fake struct {
	down    bool
	vector  string
	queries []string
}

func (f *fake) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	switch {
	case f.down:
		http.Error(response, "gone", http.StatusBadGateway)
	case strings.HasSuffix(request.URL.Path, "/series"):
		fmt.Fprint(response, `{"status":"success","data":[{"__name__":"autoscaler:demand","namespace":"shop"}]}`)
	default:
		f.queries = append(f.queries, request.URL.Query().Get("query"))
		fmt.Fprintf(response, `{"status":"success","data":{"resultType":"vector","result":[%s]}}`, f.vector)
	}
}

func start(t *testing.T, prometheusSays *fake) *provider {
	t.Helper()
	server := httptest.NewServer(prometheusSays)
	t.Cleanup(server.Close)
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, meta.RESTScopeRoot)
	mapper.Add(schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, meta.RESTScopeNamespace)
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(oneRule), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := readRules(file, mapper)
	if err != nil {
		t.Fatal(err)
	}
	address, _ := url.Parse(server.URL)
	made := &provider{mapper: mapper, prometheus: prometheus{address, time.Second}, rules: rules, maxAge: time.Minute}
	if err := made.relist(context.Background()); err != nil {
		t.Fatal(err)
	}
	return made
}

func ask(p *provider, selector string) (string, error) {
	chosen, err := labels.Parse(selector)
	if err != nil {
		return "", err
	}
	value, err := p.GetMetricByName(context.Background(), types.NamespacedName{Name: "shop"}, demand, chosen)
	if err != nil {
		return "", err
	}
	return value.Value.String(), nil
}

func TestAsksForTheNamespaceAndTheSelector(t *testing.T) {
	server := &fake{vector: `{"metric":{"namespace":"shop"},"value":[1,"34.5"]}`}
	value, err := ask(start(t, server), "autoscaler=web,signal in (a,b)")
	if err != nil || value != "34500m" {
		t.Fatalf("got %s, %v", value, err)
	}
	want := `sum(autoscaler:demand{autoscaler="web",signal=~"a|b",namespace="shop"}) by (namespace)`
	if got := server.queries[0]; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}

func TestNothingIsNotFound(t *testing.T) {
	if value, err := ask(start(t, &fake{}), ""); !apierrors.IsNotFound(err) {
		t.Errorf("got %s, %v, want not found", value, err)
	}
}

func TestRefusesWhatIsNoNumber(t *testing.T) {
	for _, text := range []string{"NaN", "+Inf", "-Inf", "1e+17"} {
		server := &fake{vector: `{"metric":{"namespace":"shop"},"value":[1,"` + text + `"]}`}
		if value, err := ask(start(t, server), ""); err == nil {
			t.Errorf("%s is answered with %s", text, value)
		}
	}
}

func TestWithoutPrometheusTheListStaysAndValuesFail(t *testing.T) {
	server := &fake{vector: `{"metric":{"namespace":"shop"},"value":[1,"1"]}`}
	p := start(t, server)
	server.down = true
	if err := p.relist(context.Background()); err == nil {
		t.Error("a list that failed looks as if it had not")
	}
	if listed := p.ListAllMetrics(); len(listed) != 1 || listed[0] != demand {
		t.Errorf("listed %v", listed)
	}
	if value, err := ask(p, ""); !apierrors.IsInternalError(err) {
		t.Errorf("got %s, %v, want an internal error", value, err)
	}
}

func TestSelectorsThatPromqlCannotSay(t *testing.T) {
	for _, selector := range []string{"signal>3", "signal<3"} {
		if value, err := ask(start(t, &fake{}), selector); !apierrors.IsNotFound(err) {
			t.Errorf("%s: got %s, %v", selector, value, err)
		}
	}
}

func TestRefusesKeysThatItDoesNotKnow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(`{"externalRules":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readRules(file, meta.NewDefaultRESTMapper(nil)); err == nil {
		t.Error("externalRules are taken")
	}
}
