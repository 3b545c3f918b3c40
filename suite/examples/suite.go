package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"
)

// Your verifier: pass it the bytes, and the clock, the keys, the region, and the service in the setting.
func isAccepted(request []byte, setting map[string]string) bool {
	connection, err := net.Dial("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	// The server may wait for the rest of a body that is too short.
	connection.SetDeadline(time.Now().Add(2 * time.Second))
	connection.Write(request)
	status := make([]byte, 12)
	_, err = io.ReadFull(connection, status)
	return err == nil && (status[9] == '2' || status[9] == '3')
}

func main() {
	var suite struct {
		TestGroups []struct {
			Setting map[string]string
			Tests   []struct{ ID, Comment, Result, Layer, HTTP string }
		}
	}
	content, err := os.ReadFile(os.Args[2])
	if err == nil {
		err = json.Unmarshal(content, &suite)
	}
	if err != nil {
		log.Fatal(err)
	}
	status := 0
	for _, group := range suite.TestGroups {
		for _, test := range group.Tests {
			if test.Result == "acceptable" || test.Layer != "" {
				continue
			}
			var request []byte
			for _, character := range test.HTTP {
				request = append(request, byte(character))
			}
			if isAccepted(request, group.Setting) != (test.Result == "valid") {
				status = 1
				fmt.Printf("%s is %s: %s\n", test.ID, test.Result, test.Comment)
			}
		}
	}
	os.Exit(status)
}
