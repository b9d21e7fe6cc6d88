package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// result of one stretch of load.
type result struct {
	issued    int
	errors    int
	firstFail string
	elapsed   time.Duration
	cpu       time.Duration
	latencies []time.Duration
	ranOut    bool
}

func (r result) rate() float64 { return float64(r.issued) / r.elapsed.Seconds() }

// cpuEach is the server's CPU time for one certificate in milliseconds: unlike the rate, a busy machine spoils it little.
func (r result) cpuEach() float64 { return r.cpu.Seconds() * 1000 / max(float64(r.issued), 1) }

// percentile of the answers' times, in milliseconds.
func (r result) percentile(p float64) float64 {
	if len(r.latencies) == 0 {
		return 0
	}
	at := min(int(float64(len(r.latencies))*p/100), len(r.latencies)-1)
	return float64(r.latencies[at].Microseconds()) / 1000
}

func (r result) String() string {
	text := fmt.Sprintf("%7.0f certificates/s  p50 %6.1f ms  p99 %6.1f ms  %5.2f ms CPU each  errors %d",
		r.rate(), r.percentile(50), r.percentile(99), r.cpuEach(), r.errors)
	if r.errors > 0 {
		text += "  (" + r.firstFail + ")"
	}
	if r.ranOut {
		text += "  (ended early: out of tokens)"
	}
	return text
}

// load lets clients, each on a keep-alive connection of its own that is open before the clock starts, post the bodies
// until the time is over or the bodies are used up.
func load(s *server, clients int, length time.Duration, bodies [][]byte) result {
	var next atomic.Int64
	var total result
	var lock sync.Mutex
	var opened, done sync.WaitGroup
	begin := make(chan struct{})
	var end time.Time
	opened.Add(clients)
	for range clients {
		done.Go(func() {
			client := &http.Client{Transport: s.transport(), Timeout: 30 * time.Second}
			defer client.CloseIdleConnections()
			post(client, s.url+"/health", nil)
			opened.Done()
			<-begin
			var mine result
			for time.Now().Before(end) {
				at := int(next.Add(1)) - 1
				if at >= len(bodies) {
					mine.ranOut = true
					break
				}
				sent := time.Now()
				if failure := post(client, s.url+"/1.0/sign", bodies[at]); failure != "" {
					mine.errors++
					mine.firstFail = failure
				} else {
					mine.issued++
					mine.latencies = append(mine.latencies, time.Since(sent))
				}
			}
			lock.Lock()
			defer lock.Unlock()
			total.add(mine)
		})
	}
	opened.Wait()
	used := s.cpuTime()
	began := time.Now()
	end = began.Add(length)
	close(begin)
	done.Wait()
	total.elapsed = time.Since(began)
	total.cpu = s.cpuTime() - used
	slices.Sort(total.latencies)
	s.issued += total.issued
	return total
}

func (r *result) add(other result) {
	r.issued += other.issued
	r.errors += other.errors
	r.ranOut = r.ranOut || other.ranOut
	if r.firstFail == "" {
		r.firstFail = other.firstFail
	}
	r.latencies = append(r.latencies, other.latencies...)
}

// post returns what went wrong, or nothing. Without a body it only asks, which opens the connection.
func post(client *http.Client, url string, body []byte) string {
	method, wanted := http.MethodPost, http.StatusCreated
	if body == nil {
		method, wanted = http.MethodGet, http.StatusOK
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	if answer.StatusCode != wanted {
		return fmt.Sprintf("%s: %.200s", answer.Status, text)
	}
	return ""
}
