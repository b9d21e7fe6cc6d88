// The same requests for certificates again and again, at a steady pace over a fixed number of connections: what a machine that
// repeats itself, or somebody with a bundle of used tokens, offers a cluster.
//
//	replays ROOT CONNECTIONS RATE COUNT URL...
//
// Each line of standard input is a request's body, and an empty line ends them. Every node, given by its URL, has so many
// connections, which are open before the clock starts; each has one request under way at most. The requests are due at RATE a
// second over all nodes, a node's share on whichever of its connections is free; one that is late is sent as soon as it can be, so
// that nodes which cannot keep up show in the time that all took. A node is offered the bodies in their order, beginning where the
// share of the node before it ends, and over again: with COUNT bodies each is offered once, and with as many as a node's share
// none twice at one node. What became of them is told on standard output, one event a line.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	longestLine   = 64 << 10
	longestAnswer = 20 * time.Second
)

func main() {
	if len(os.Args) < 6 {
		fail("root, connections, rate, count and a URL are needed")
	}
	urls := os.Args[5:]
	connections, rate, count := number(os.Args[2]), number(os.Args[3]), number(os.Args[4])
	storm := &storm{bodies: bodies(), every: time.Second / time.Duration(rate), nodes: len(urls), statuses: map[int]int{}}
	roots := roots(os.Args[1])
	opened := sync.WaitGroup{}
	begin := make(chan struct{})
	first := 0
	for at, url := range urls {
		node := &node{storm: storm, at: at, url: url, first: first, share: (count + len(urls) - 1 - at) / len(urls)}
		first += node.share
		for range connections {
			opened.Add(1)
			storm.done.Go(func() {
				client := connection(roots)
				node.open(client)
				opened.Done()
				<-begin
				node.replay(client)
			})
		}
	}
	opened.Wait()
	storm.began = time.Now()
	close(begin)
	storm.done.Wait()
	fmt.Println("took", time.Since(storm.began).Milliseconds())
	for status, times := range storm.statuses {
		fmt.Println("answered", status, times)
	}
	fmt.Println("latest", time.Duration(storm.latest.Load()).Milliseconds())
	fmt.Println("over", count)
}

// storm is what all connections share.
type storm struct {
	bodies   [][]byte
	every    time.Duration
	nodes    int
	began    time.Time
	latest   atomic.Int64 // the longest that a request was sent after it was due
	done     sync.WaitGroup
	lock     sync.Mutex
	statuses map[int]int
}

// node is one of those that are asked, and how much of its share has been sent.
type node struct {
	storm *storm
	at    int
	url   string
	first int // body
	share int
	sent  atomic.Int64
}

func connection(roots *x509.CertPool) *http.Client {
	return &http.Client{Timeout: longestAnswer, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxConnsPerHost: 1, // and HTTP/1.1, as the TLS configuration is our own
	}}
}

func (n *node) open(client *http.Client) {
	answer, err := client.Get(n.url + "/health")
	check(err)
	_, err = io.Copy(io.Discard, answer.Body)
	check(err)
	check(answer.Body.Close())
}

func (n *node) replay(client *http.Client) {
	mine := map[int]int{}
	for {
		next := int(n.sent.Add(1)) - 1
		if next >= n.share {
			break
		}
		turn := next*n.storm.nodes + n.at
		due := n.storm.began.Add(time.Duration(turn) * n.storm.every)
		time.Sleep(time.Until(due))
		n.storm.late(time.Since(due))
		mine[n.post(client, n.storm.bodies[(n.first+next)%len(n.storm.bodies)])]++
	}
	n.storm.lock.Lock()
	defer n.storm.lock.Unlock()
	for status, times := range mine {
		n.storm.statuses[status] += times
	}
}

// post answers the status; 0 when there is none.
func (n *node) post(client *http.Client, body []byte) int {
	answer, err := client.Post(n.url+"/1.0/sign", "application/json", bytes.NewReader(body))
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0
	}
	return answer.StatusCode
}

func (s *storm) late(by time.Duration) {
	for latest := s.latest.Load(); int64(by) > latest && !s.latest.CompareAndSwap(latest, int64(by)); {
		latest = s.latest.Load()
	}
}

func bodies() [][]byte {
	var all [][]byte
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	for lines.Scan() && lines.Text() != "" {
		all = append(all, bytes.Clone(lines.Bytes()))
	}
	check(lines.Err())
	if len(all) == 0 {
		fail("a body a line is needed")
	}
	return all
}

func roots(file string) *x509.CertPool {
	pem, err := os.ReadFile(file)
	check(err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		fail("no certificate is in " + file)
	}
	return pool
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	check(err)
	if n < 1 {
		fail("at least 1 is needed, and not " + text)
	}
	return n
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
