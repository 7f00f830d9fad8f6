// A relay as a program that jmp starts; the folder above tells how to build it. In a config,
// write export: {relay: {type: exec, command: /opt/relay/relay, config: {volts: 12}}}.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
	pb "relay/gen/jumpstarter/v1"
)

type relay struct {
	pb.UnimplementedExporterServiceServer
	pb.UnimplementedRouterServiceServer
	volts  float64
	closed atomic.Bool
}

func (r *relay) GetReport(context.Context, *emptypb.Empty) (*pb.GetReportResponse, error) {
	labels := map[string]string{"jumpstarter.dev/client": "jumpstarter_driver_power.client.PowerClient"}
	driver := &pb.DriverInstanceReport{Uuid: os.Getenv("JMP_DRIVER_UUID"), Labels: labels}
	return &pb.GetReportResponse{Reports: []*pb.DriverInstanceReport{driver}}, nil
}

func (r *relay) DriverCall(_ context.Context, q *pb.DriverCallRequest) (*pb.DriverCallResponse, error) {
	if q.Method != "on" && q.Method != "off" {
		return nil, status.Errorf(codes.NotFound, "the relay has no method '%s'", q.Method)
	}
	r.closed.Store(q.Method == "on")
	log.Print("the relay is ", q.Method) // goes to the exporter's log
	return &pb.DriverCallResponse{Result: structpb.NewNullValue()}, nil
}

func (r *relay) StreamingDriverCall(q *pb.StreamingDriverCallRequest, out pb.ExporterService_StreamingDriverCallServer) error {
	if q.Method != "read" {
		return status.Errorf(codes.NotFound, "the relay has no stream '%s'", q.Method)
	}
	volts := map[bool]float64{true: r.volts}[r.closed.Load()]
	value, err := structpb.NewValue(map[string]any{"voltage": volts, "current": volts / 12})
	for i := 0; i < 3 && err == nil; i++ {
		err = out.Send(&pb.StreamingDriverCallResponse{Result: value})
	}
	return err
}

// Stream carries bytes in frames; this one is an echo. A frame GOAWAY ends one direction.
func (r *relay) Stream(stream pb.RouterService_StreamServer) error {
	var wanted struct{ Method string }
	for _, request := range metadata.ValueFromIncomingContext(stream.Context(), "request") {
		json.Unmarshal([]byte(request), &wanted)
	}
	if wanted.Method != "connect" {
		return status.Error(codes.NotFound, "the relay has no such byte stream")
	}
	stream.SendHeader(nil) // the client sends nothing before it has this
	for {
		frame, err := stream.Recv()
		if err != nil || frame.FrameType == pb.FrameType_FRAME_TYPE_GOAWAY {
			return stream.Send(&pb.StreamResponse{FrameType: pb.FrameType_FRAME_TYPE_GOAWAY})
		}
		stream.Send(&pb.StreamResponse{Payload: frame.Payload, FrameType: frame.FrameType})
	}
}

func main() {
	var config struct {
		Export map[string]struct{ Config struct{ Volts float64 } }
	}
	json.NewDecoder(os.Stdin).Decode(&config) // jmp writes YAML that is JSON as well
	r, server := &relay{}, grpc.NewServer()
	for _, entry := range config.Export {
		r.volts = entry.Config.Volts
	}
	listener, err := net.Listen("unix", os.Getenv("JMP_DRIVER_SOCKET"))
	if err != nil {
		log.Fatal(err)
	}
	pb.RegisterExporterServiceServer(server, r)
	pb.RegisterRouterServiceServer(server, r)
	go server.Serve(listener)
	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	for parent := os.Getppid(); os.Getppid() == parent && stop.Err() == nil; {
		time.Sleep(100 * time.Millisecond)
	}
	log.Print("the relay is released")
}
