package main

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	otellog "go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// sdk sends one log record, one span and one counter with the exporters of the Go SDK, packed.
// Whatever is refused comes out of the shutdown as an error.
func sdk(ctx context.Context, s *sender) (any, error) {
	headers := map[string]string{"authorization": "Bearer " + s.token}
	shared := resource.NewSchemaless(
		attribute.String("service.name", "go-agent"),
		attribute.String("session.id", s.session),
	)
	if err := sendLog(ctx, s, headers, shared); err != nil {
		return nil, err
	}
	if err := sendSpan(ctx, s, headers, shared); err != nil {
		return nil, err
	}
	if err := sendMetric(ctx, s, headers, shared); err != nil {
		return nil, err
	}
	return map[string]any{"sent": 3}, nil
}

func sendLog(ctx context.Context, s *sender, headers map[string]string, r *resource.Resource) error {
	exporter, err := otlploggrpc.New(ctx,
		otlploggrpc.WithEndpoint(s.endpoint),
		otlploggrpc.WithInsecure(),
		otlploggrpc.WithHeaders(headers),
		otlploggrpc.WithCompressor("gzip"),
	)
	if err != nil {
		return err
	}
	provider := sdklog.NewLoggerProvider(
		sdklog.WithResource(r),
		sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)),
	)
	var record otellog.Record
	record.SetEventName("tool.call")
	record.AddAttributes(attribute.String("tool.name", "go-tool"))
	provider.Logger("interop").Emit(ctx, record)
	return provider.Shutdown(ctx)
}

func sendSpan(ctx context.Context, s *sender, headers map[string]string, r *resource.Resource) error {
	exporter, err := otlptracegrpc.New(ctx,
		otlptracegrpc.WithEndpoint(s.endpoint),
		otlptracegrpc.WithInsecure(),
		otlptracegrpc.WithHeaders(headers),
		otlptracegrpc.WithCompressor("gzip"),
	)
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(r),
		sdktrace.WithSyncer(exporter),
	)
	_, span := provider.Tracer("interop").Start(ctx, "go span")
	span.End()
	return provider.Shutdown(ctx)
}

func sendMetric(ctx context.Context, s *sender, headers map[string]string, r *resource.Resource) error {
	exporter, err := otlpmetricgrpc.New(ctx,
		otlpmetricgrpc.WithEndpoint(s.endpoint),
		otlpmetricgrpc.WithInsecure(),
		otlpmetricgrpc.WithHeaders(headers),
		otlpmetricgrpc.WithCompressor("gzip"),
	)
	if err != nil {
		return err
	}
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithResource(r),
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)),
	)
	counter, err := provider.Meter("interop").Int64Counter("go.counter")
	if err != nil {
		return err
	}
	counter.Add(ctx, 7)
	return provider.Shutdown(ctx)
}
