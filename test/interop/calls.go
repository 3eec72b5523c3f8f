package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
)

// heard is the end of one call as grpc-go reports it.
type heard struct {
	Code    uint32 `json:"code"`
	Message string `json:"message"`
	// Milliseconds of a google.rpc.RetryInfo; absent when there is none.
	RetryMs *int64 `json:"retryMs,omitempty"`
}

func hearing(err error) heard {
	said := status.Convert(err)
	found := heard{Code: uint32(said.Code()), Message: said.Message()}
	for _, detail := range said.Details() {
		if retry, is := detail.(*errdetails.RetryInfo); is {
			ms := retry.RetryDelay.AsDuration().Milliseconds()
			found.RetryMs = &ms
		}
	}
	return found
}

func text(value string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}
}

// request holds one tool call of this name, with so many bytes of output beside it.
func (s *sender) request(tool string, pad int) *collector.ExportLogsServiceRequest {
	record := &logs.LogRecord{
		TimeUnixNano: 1_764_000_000_000_000_000,
		EventName:    "tool.call",
		Attributes: []*common.KeyValue{
			{Key: "session.id", Value: text(s.session)},
			{Key: "tool.name", Value: text(tool)},
		},
	}
	if pad > 0 {
		key := "vitrine.part.tool_output"
		record.Attributes = append(record.Attributes,
			&common.KeyValue{Key: key, Value: text(strings.Repeat("0123456789", pad/10))})
	}
	return &collector.ExportLogsServiceRequest{
		ResourceLogs: []*logs.ResourceLogs{{
			ScopeLogs: []*logs.ScopeLogs{{LogRecords: []*logs.LogRecord{record}}},
		}},
	}
}

// bytesCodec sends bytes as they are, whatever they mean.
type bytesCodec struct{}

func (bytesCodec) Marshal(value any) ([]byte, error) { return value.([]byte), nil }
func (bytesCodec) Unmarshal(_ []byte, _ any) error   { return nil }
func (bytesCodec) Name() string                      { return "proto" }

const export = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"

// calls makes one call of each kind over one connection.
func calls(ctx context.Context, s *sender) (any, error) {
	found := map[string]heard{}
	try := func(name string, ctx context.Context, pad int, options ...grpc.CallOption) {
		_, err := s.logs().Export(ctx, s.request(name, pad), options...)
		found[name] = hearing(err)
	}
	raw := func(name string, path string, bytes []byte) {
		err := s.conn.Invoke(s.welcome(ctx), path, bytes, nil, grpc.ForceCodec(bytesCodec{}))
		found[name] = hearing(err)
	}
	const million = 1_000_000
	try("plain", s.welcome(ctx), 0)
	try("packed", s.welcome(ctx), 0, grpc.UseCompressor(gzip.Name))
	try("four million bytes", s.welcome(ctx), 4*million)
	try("seventeen million bytes", s.welcome(ctx), 17*million)
	try("seventeen million bytes packed", s.welcome(ctx), 17*million, grpc.UseCompressor(gzip.Name))
	try("no token", ctx, 0)
	try("a wrong token", as(ctx, "Bearer wrong"), 0)
	raw("no OTLP", export, []byte{0xff, 0xff, 0xff})
	raw("another method", "/opentelemetry.proto.collector.logs.v1.LogsService/Import", nil)
	raw("another service", "/grpc.health.v1.Health/Check", nil)
	try("after all that", s.welcome(ctx), 0)
	return found, nil
}

// burst makes more calls at once on one connection than it may have, and counts how they end.
func burst(ctx context.Context, s *sender) (any, error) {
	const calls = 500
	codes := make([]uint32, calls)
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() {
			request := s.request(fmt.Sprintf("burst %d", i), 0)
			_, err := s.logs().Export(s.welcome(ctx), request)
			codes[i] = uint32(status.Code(err))
		})
	}
	all.Wait()
	counts := map[string]int{}
	for _, code := range codes {
		counts[fmt.Sprint(code)]++
	}
	return counts, nil
}

// deadline sends one request that gets too little time, then the same again with enough. Between
// them it waits for a line on its input, so that whoever runs it can let the receiver go on.
func deadline(ctx context.Context, s *sender) (any, error) {
	request := s.request("in a hurry", 0)
	// The connection is there before the hurry begins.
	if _, err := s.logs().Export(s.welcome(ctx), s.request("at leisure", 0)); err != nil {
		return nil, err
	}
	fmt.Println("ready")
	fmt.Scanln()
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, first := s.logs().Export(s.welcome(short), request)
	fmt.Println("late")
	fmt.Scanln()
	_, second := s.logs().Export(s.welcome(ctx), request)
	return []heard{hearing(first), hearing(second)}, nil
}
