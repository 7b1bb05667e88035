package main

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// matchersOf says the selector of a metric as matchers of PromQL. As in prometheus-adapter, several values are
// alternatives of one regular expression, and their text is not quoted in it.
func matchersOf(selector labels.Selector) ([]string, error) {
	requirements, _ := selector.Requirements()
	matchers := make([]string, 0, len(requirements))
	for _, requirement := range requirements {
		values := requirement.Values().List()
		operator, known := operatorFor(requirement.Operator(), len(values))
		if !known {
			return nil, fmt.Errorf("a metric cannot be selected by %s", requirement.String())
		}
		matchers = append(matchers, fmt.Sprintf("%s%s%q", requirement.Key(), operator, strings.Join(values, "|")))
	}
	return matchers, nil
}

func operatorFor(operator selection.Operator, values int) (string, bool) {
	switch operator {
	case selection.Equals, selection.DoubleEquals:
		return "=", true
	case selection.NotEquals:
		return "!=", true
	case selection.In:
		return "=~", values > 0
	case selection.NotIn:
		return "!~", values > 0
	case selection.Exists:
		return "!=", true
	case selection.DoesNotExist:
		return "=", true
	default:
		return "", false
	}
}
