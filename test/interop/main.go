// Command interop sends OTLP over gRPC as a Go program does: with OpenTelemetry's own exporters, and
// with grpc-go for what no exporter would send. It prints one JSON object that says what it heard.
//
//	interop ENDPOINT TOKEN sdk|calls|burst|deadline SESSION
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// What a command may take in all: the machine may be shared.
const patience = 60 * time.Second

// sender is one connection and the token that its calls carry.
type sender struct {
	endpoint string
	token    string
	session  string
	conn     *grpc.ClientConn
}

func (s *sender) logs() collector.LogsServiceClient {
	return collector.NewLogsServiceClient(s.conn)
}

// as returns a context whose calls carry this authorization; none when it is empty.
func as(ctx context.Context, authorization string) context.Context {
	if authorization == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", authorization)
}

func (s *sender) welcome(ctx context.Context) context.Context {
	return as(ctx, "Bearer "+s.token)
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("interop ENDPOINT TOKEN sdk|calls|burst|deadline SESSION")
	}
	commands := map[string]func(context.Context, *sender) (any, error){
		"sdk":      sdk,
		"calls":    calls,
		"burst":    burst,
		"deadline": deadline,
	}
	command, known := commands[os.Args[3]]
	if !known {
		log.Fatalf("there is no command %s", os.Args[3])
	}
	conn, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := &sender{endpoint: os.Args[1], token: os.Args[2], session: os.Args[4], conn: conn}
	heard, err := command(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	text, err := json.Marshal(heard)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}
