// A service and its caller as people write them with step's SDK: each buys its certificate with a token and keeps it fresh by itself.
//
// The first line of standard input is the token, the program ends with its input, and what happens is told on standard output, one
// event a line.
//
//	sdk server                 answers GET on a port of its own choice
//	sdk listener               the same by a listener, whose certificates are renewed as those of a server are
//	sdk client URL [INTERVAL]  asks once, renews at once, asks again; then asks on and on with so much time between
//	sdk token URL ROOT PROVISIONER NAME
//	                           makes a token for the name and localhost, as a program does that has a provisioner's password: the
//	                           first line is the password then
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/smallstep/certificates/ca"
)

const usage = "server, listener, client or token?"

func main() {
	if len(os.Args) < 2 {
		fail(usage)
	}
	in := bufio.NewReader(os.Stdin)
	token, err := in.ReadString('\n')
	check(err)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	switch os.Args[1] {
	case "server":
		serve(ctx, strings.TrimSpace(token))
	case "client":
		call(ctx, strings.TrimSpace(token), os.Args[2:])
	case "listener":
		listen(ctx, strings.TrimSpace(token))
	case "token":
		makeToken(strings.TrimSpace(token), os.Args[2:])
	default:
		fail(usage)
	}
}

func serve(ctx context.Context, token string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server, err := ca.BootstrapServer(ctx, token, &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler:           http.HandlerFunc(greet),
	})
	check(err)
	tell("settings %s", settings(server.TLSConfig))
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	tell("listening %d", listener.Addr().(*net.TCPAddr).Port)
	if err := server.ServeTLS(listener, "", ""); err != http.ErrServerClosed {
		check(err)
	}
}

// greet says whom it sees, and tells the caller's e-mail addresses.
func greet(w http.ResponseWriter, r *http.Request) {
	caller := r.TLS.PeerCertificates[0]
	if len(caller.EmailAddresses) > 0 {
		tell("mail %s", strings.Join(caller.EmailAddresses, " "))
	}
	fmt.Fprintf(w, "%s %x", caller.Subject.CommonName, caller.SerialNumber)
}

func listen(ctx context.Context, token string) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	listener, err := ca.BootstrapListener(ctx, token, inner)
	check(err)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(greet)}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	tell("listening %d", inner.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); err != http.ErrServerClosed {
		check(err)
	}
}

func makeToken(password string, words []string) {
	provisioner, err := ca.NewProvisioner(words[2], "", words[0], []byte(password), ca.WithRootFile(words[1]))
	check(err)
	token, err := provisioner.Token(words[3], words[3], "localhost")
	check(err)
	tell("token %s", token)
}

func settings(config *tls.Config) string {
	suites := make([]string, 0, len(config.CipherSuites))
	for _, suite := range config.CipherSuites {
		suites = append(suites, tls.CipherSuiteName(suite))
	}
	return fmt.Sprintf("%s to %s %s", tls.VersionName(config.MinVersion), tls.VersionName(config.MaxVersion), strings.Join(suites, " "))
}

func call(ctx context.Context, token string, words []string) {
	client, err := ca.BootstrapClient(ctx, token)
	check(err)
	caller := &caller{client: client, url: words[0]}
	check(caller.ask())
	if len(words) < 2 {
		caller.renew(token)
		return
	}
	interval, err := time.ParseDuration(words[1])
	check(err)
	caller.askOnAndOn(ctx, interval)
}

// caller tells each certificate once, its own and the server's, as the other side sees it.
type caller struct {
	client *http.Client
	url    string
	own    string
	server string
}

func (c *caller) ask() error {
	answer, err := c.client.Get(c.url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	name, own, _ := strings.Cut(string(body), " ")
	if own != c.own {
		c.own = own
		tell("shown %s %s", own, name)
	}
	leaf := answer.TLS.PeerCertificates[0]
	if server := fmt.Sprintf("%x", leaf.SerialNumber); server != c.server {
		c.server = server
		tell("met %s %s %s", server, leaf.Subject.CommonName, lifetime(leaf))
	}
	return nil
}

// renew does at once what the SDK does by itself later.
func (c *caller) renew(token string) {
	authority, err := ca.Bootstrap(token)
	check(err)
	answer, err := authority.Renew(c.client.Transport)
	check(err)
	tell("renewed %x %s %d", answer.ServerPEM.SerialNumber, lifetime(answer.ServerPEM.Certificate), len(answer.CertChainPEM))
}

// askOnAndOn asks by the connection that is open and by a new one, in turns: the new ones show fresh certificates.
func (c *caller) askOnAndOn(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	asked, failed := 1, 0
	for {
		select {
		case <-ctx.Done():
			tell("asked %d failed %d", asked, failed)
			return
		case <-ticker.C:
		}
		asked++
		if err := c.ask(); err != nil {
			failed++
			tell("error %v", err)
		}
		if asked%2 == 0 {
			c.client.CloseIdleConnections()
		}
	}
}

func lifetime(leaf *x509.Certificate) string {
	return leaf.NotAfter.Sub(leaf.NotBefore).String()
}

func tell(format string, words ...any) {
	fmt.Printf(format+"\n", words...)
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
