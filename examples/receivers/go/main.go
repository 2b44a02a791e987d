// A receiver of Mintro's webhooks, with nothing but Go's standard library.
//
//	MINTRO_WEBHOOK_SECRET=whsec_… go run .    listens on http://localhost:4000/webhooks
package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

const bodyBytesMax = 100_000

// Event holds what every event carries; the fields after Event depend on it.
type Event struct {
	ID       string `json:"id"`
	Event    string `json:"event"`
	IntentID string `json:"intent_id"`
}

type receiver struct {
	secret string
	// Where events are kept, each in a file named by its id. A table whose primary key is the id does as well.
	folder string
	work   chan Event
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, bodyBytesMax))
	if err != nil {
		http.Error(w, "too long, or cut off", http.StatusRequestEntityTooLarge)
		return
	}
	if err := Verify(body, request.Header, r.secret); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var event Event
	if err := json.Unmarshal(body, &event); err != nil || !eventID.MatchString(event.ID) {
		http.Error(w, "signed, yet no event", http.StatusBadRequest)
		return
	}
	isNew, err := keep(filepath.Join(r.folder, event.ID+".json"), body)
	if err != nil {
		log.Print("not kept: ", err)
		http.Error(w, "not kept", http.StatusInternalServerError) // Mintro sends it again
		return
	}
	w.WriteHeader(http.StatusNoContent)
	if isNew {
		go func() { r.work <- event }() // the answer does not wait for the work
	}
}

var eventID = regexp.MustCompile(`^evt_[\w-]+$`)

// keep writes the body aside and links it to its name: it is there whole or not at all, and of two that come at once
// only one is new.
func keep(path string, body []byte) (isNew bool, err error) {
	aside, err := os.CreateTemp(filepath.Dir(path), ".aside-*")
	if err != nil {
		return false, err
	}
	defer os.Remove(aside.Name())
	_, err = aside.Write(body)
	if err == nil {
		err = aside.Sync()
	}
	aside.Close()
	if err != nil {
		return false, err
	}
	err = os.Link(aside.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "4000"
	}
	r := &receiver{secret: os.Getenv("MINTRO_WEBHOOK_SECRET"), folder: os.Getenv("EVENTS_FOLDER"), work: make(chan Event)}
	if r.secret == "" {
		log.Fatal("MINTRO_WEBHOOK_SECRET is missing")
	}
	if r.folder == "" {
		r.folder = "events"
	}
	if err := os.MkdirAll(r.folder, 0o700); err != nil {
		log.Fatal(err)
	}
	go work(r.work)
	http.Handle("/webhooks", r)
	server := &http.Server{Addr: "127.0.0.1:" + port, ReadTimeout: 10 * time.Second}
	log.Printf("Waiting at http://localhost:%s/webhooks", port)
	log.Fatal(server.ListenAndServe())
}

// work is yours: mark the order as paid, send the mail.
func work(events <-chan Event) {
	for event := range events {
		if event.Event == "payment.succeeded" {
			log.Print("paid: ", event.IntentID, " ", event.ID)
		} else {
			log.Print(event.Event, " ", event.ID)
		}
	}
}
