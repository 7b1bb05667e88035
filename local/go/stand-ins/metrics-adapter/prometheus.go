package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// prometheus answers queries at an address.
type prometheus struct {
	address *url.URL
	// How long a list of series may take; a query is ended by the request that it is for.
	timeout time.Duration
}

// sample is one element of a vector.
type sample struct {
	labels map[string]string
	value  float64
}

// series lists the label sets of what a selector has found since a time.
func (p prometheus) series(ctx context.Context, selector string, since time.Time) ([]map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	var found []map[string]string
	err := p.get(ctx, "series", url.Values{"match[]": {selector}, "start": {seconds(since)}}, &found)
	return found, err
}

// query evaluates an expression now.
func (p prometheus) query(ctx context.Context, expression string) ([]sample, error) {
	var answer struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	}
	if err := p.get(ctx, "query", url.Values{"query": {expression}, "time": {seconds(time.Now())}}, &answer); err != nil {
		return nil, err
	}
	if answer.ResultType != "vector" {
		return nil, fmt.Errorf("%s is a %s, want a vector", expression, answer.ResultType)
	}
	var vector []struct {
		Metric map[string]string `json:"metric"`
		Value  [2]any            `json:"value"`
	}
	if err := json.Unmarshal(answer.Result, &vector); err != nil {
		return nil, err
	}
	samples := make([]sample, 0, len(vector))
	for _, element := range vector {
		text, _ := element.Value[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		samples = append(samples, sample{labels: element.Metric, value: value})
	}
	return samples, nil
}

func (p prometheus) get(ctx context.Context, endpoint string, parameters url.Values, into any) error {
	address := p.address.JoinPath("api/v1", endpoint)
	address.RawQuery = parameters.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Status string          `json:"status"`
		Error  string          `json:"error"`
		Data   json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("%s answers with status %d and no JSON", p.address.Host, response.StatusCode)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s answers: %s", p.address.Host, answer.Error)
	}
	return json.Unmarshal(answer.Data, into)
}

func seconds(at time.Time) string {
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)
}
