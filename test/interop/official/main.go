// Command official makes random OTLP export requests of every message and field that the official
// definitions have, and prints each as Go's protobuf libraries write it: one JSON object a line.
//
//	official SEED COUNT
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"

	logs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// request is one line. JSON is proto3's own mapping: ids in it are base64, where OTLP has hex.
type request struct {
	Signal   string          `json:"signal"`
	Protobuf string          `json:"protobuf"`
	JSON     json.RawMessage `json:"json"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("official SEED COUNT")
	}
	seed, err := strconv.ParseInt(os.Args[1], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	f := newFiller(seed)
	for i := 0; i < count; i++ {
		made, err := f.request(i)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintln(out, string(made))
	}
}

// request makes one of each signal in turn.
func (f *filler) request(i int) ([]byte, error) {
	signals := []string{"logs", "traces", "metrics"}
	empty := []proto.Message{
		&logs.ExportLogsServiceRequest{},
		&traces.ExportTraceServiceRequest{},
		&metrics.ExportMetricsServiceRequest{},
	}
	at := i % len(signals)
	message := empty[at]
	f.fill(message.ProtoReflect(), 0)
	wire, err := proto.Marshal(message)
	if err != nil {
		return nil, err
	}
	text, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(message)
	if err != nil {
		return nil, err
	}
	return json.Marshal(request{signals[at], base64.StdEncoding.EncodeToString(wire), text})
}
