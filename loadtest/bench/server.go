package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	longestStart  = 3 * time.Minute
	longestStop   = 20 * time.Second
	longestUnrest = 20 * time.Second
)

// server is a CA in a process of its own, pinned to one CPU, on the files that loadtest/make-pki left in a folder.
type server struct {
	name    string
	url     string
	roots   *x509.CertPool
	tokens  *minter
	command *exec.Cmd
	ready   time.Duration
	issued  int
}

// start returns when the CA's /health is good; ready is the time that took.
func start(name, folder string, cpu int, command ...string) (*server, error) {
	var config struct{ Address string }
	text, err := os.ReadFile(filepath.Join(folder, "step/config/ca.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	_, port, _ := strings.Cut(config.Address, ":")
	s := &server{name: name, url: "https://localhost:" + port, roots: x509.NewCertPool()}
	root, err := os.ReadFile(filepath.Join(folder, "step/certs/root_ca.crt"))
	if err != nil {
		return nil, err
	}
	if !s.roots.AppendCertsFromPEM(root) {
		return nil, fmt.Errorf("no root in %s", folder)
	}
	if s.tokens, err = newMinter(filepath.Join(folder, "provisioner.jwk"), "load", s.url); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "server.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.command = exec.Command("taskset", append([]string{"-c", strconv.Itoa(cpu)}, command...)...)
	s.command.Env = append(os.Environ(),
		"STEPPATH="+filepath.Join(folder, "step"),
		"SOFTHSM2_CONF="+filepath.Join(folder, "softhsm/softhsm2.conf"))
	s.command.Stdout, s.command.Stderr = log, log
	began := time.Now()
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	if err := s.awaitHealth(began); err != nil {
		s.stop()
		return nil, fmt.Errorf("%s: %w; see %s", name, err, log.Name())
	}
	return s, nil
}

func (s *server) awaitHealth(began time.Time) error {
	client := &http.Client{Transport: s.transport(), Timeout: time.Second}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for time.Since(began) < longestStart {
		if answer, err := client.Get(s.url + "/health"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				s.ready = time.Since(began)
				return nil
			}
		}
		<-tick.C
	}
	return fmt.Errorf("not ready after %s", longestStart)
}

// transport keeps one connection of its own; HTTP/1.1, as that is what both sides need least for.
func (s *server) transport() *http.Transport {
	return &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: 1,
		MaxConnsPerHost:     1,
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// residentMiB is what the process holds in memory (VmRSS).
func (s *server) residentMiB() int {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), "VmRSS:"); found {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib / 1024
		}
	}
	return 0
}

// cpuTime is what the process has used of its CPU so far (proc(5): utime and stime, in hundredths of a second).
func (s *server) cpuTime() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, afterName, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(afterName)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// quiet returns when the process has used less than a fiftieth of its CPU for a second, or after longestUnrest.
func (s *server) quiet() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for began, used := time.Now(), s.cpuTime(); time.Since(began) < longestUnrest; {
		<-tick.C
		now := s.cpuTime()
		if now-used < 20*time.Millisecond {
			return
		}
		used = now
	}
}

func (s *server) stop() {
	done := make(chan error, 1)
	go func() { done <- s.command.Wait() }()
	s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-done:
	case <-time.After(longestStop):
		s.command.Process.Kill()
		<-done
	}
}
