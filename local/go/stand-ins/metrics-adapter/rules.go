package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"text/template"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// configuration is the file of prometheus-adapter, with the keys that this program knows; any other is refused.
type configuration struct {
	Rules []struct {
		SeriesQuery string `json:"seriesQuery"`
		Resources   struct {
			Overrides map[string]struct {
				Group    string `json:"group,omitempty"`
				Resource string `json:"resource"`
			} `json:"overrides"`
		} `json:"resources"`
		Name struct {
			Matches string `json:"matches"`
			As      string `json:"as"`
		} `json:"name"`
		MetricsQuery string `json:"metricsQuery"`
	} `json:"rules"`
}

// rule says which series are metrics of which objects.
type rule struct {
	selector string
	// The label that names an object of a resource.
	labels  map[schema.GroupResource]string
	matches *regexp.Regexp
	as      string
	query   *template.Template
}

// querySlots are what a query's template may name.
type querySlots struct {
	Series        string
	LabelMatchers string
	GroupBy       string
}

func readRules(path string, mapper meta.RESTMapper) ([]rule, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	var config configuration
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return nil, fmt.Errorf("%s has keys that this stand-in for prometheus-adapter does not know: %w", path, err)
	}
	rules := make([]rule, 0, len(config.Rules))
	for _, given := range config.Rules {
		made := rule{selector: given.SeriesQuery, labels: map[schema.GroupResource]string{}, as: given.Name.As}
		if made.matches, err = regexp.Compile(given.Name.Matches); err != nil {
			return nil, err
		}
		made.query, err = template.New("metricsQuery").Delims("<<", ">>").Parse(given.MetricsQuery)
		if err != nil {
			return nil, err
		}
		for label, resource := range given.Resources.Overrides {
			known, err := mapper.ResourceFor(schema.GroupVersionResource{Group: resource.Group, Resource: resource.Resource})
			if err != nil {
				return nil, fmt.Errorf("%s: label %s: %w", path, label, err)
			}
			made.labels[known.GroupResource()] = label
		}
		rules = append(rules, made)
	}
	return rules, nil
}

// metric is the name of the metric that a series becomes; empty where the rule does not apply to it.
func (r rule) metric(series string) string {
	match := r.matches.FindStringSubmatchIndex(series)
	if match == nil {
		return ""
	}
	return string(r.matches.ExpandString(nil, r.as, series, match))
}

// expression asks for the values of some objects of one resource.
func (r rule) expression(series string, resource schema.GroupResource, namespace string, names []string, chosen labels.Selector) (string, error) {
	matchers, err := matchersOf(chosen)
	if err != nil {
		return "", err
	}
	if namespace != "" {
		matchers = append(matchers, fmt.Sprintf("%s=%q", r.labels[schema.GroupResource{Resource: "namespaces"}], namespace))
	}
	label := r.labels[resource]
	operator := "="
	if len(names) > 1 {
		operator = "=~"
	}
	matchers = append(matchers, fmt.Sprintf("%s%s%q", label, operator, strings.Join(names, "|")))
	var text strings.Builder
	err = r.query.Execute(&text, querySlots{Series: series, LabelMatchers: strings.Join(matchers, ","), GroupBy: label})
	return text.String(), err
}
