// What step's engine for name policies answers to a table of policies and names, and golang.org/x/net/idna, by which it
// compares DNS names, to a table of domain names.
//
// On standard input one JSON object a line: {"policy","cn","dns","ip","email","uri"} or {"domain"}. On standard output the
// same with "answer".
package main

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"

	authority "github.com/smallstep/certificates/authority/policy"
	"github.com/smallstep/certificates/policy"
	"golang.org/x/net/idna"
)

type row struct {
	Domain *string         `json:"domain,omitempty"`
	Policy json.RawMessage `json:"policy,omitempty"`
	CN     string          `json:"cn,omitempty"`
	DNS    []string        `json:"dns,omitempty"`
	IP     []string        `json:"ip,omitempty"`
	Email  []string        `json:"email,omitempty"`
	URI    []string        `json:"uri,omitempty"`
	Answer string          `json:"answer"`
}

func (r *row) answer() (answer string) {
	defer func() {
		if recover() != nil {
			answer = "breaks off"
		}
	}()
	if r.Domain != nil {
		ascii, err := idna.Lookup.ToASCII(*r.Domain)
		if err != nil {
			return "error"
		}
		return "ascii " + ascii
	}
	options := &authority.X509PolicyOptions{}
	if err := json.Unmarshal(r.Policy, options); err != nil {
		return "unreadable"
	}
	engine, err := authority.NewX509PolicyEngine(options)
	if err != nil {
		return "unreadable"
	}
	if engine == nil {
		return "allowed"
	}
	certificate, err := r.certificate()
	if err != nil {
		return "no certificate: " + err.Error()
	}
	err = engine.IsX509CertificateAllowed(certificate)
	var refusal *policy.NamePolicyError
	switch {
	case err == nil:
		return "allowed"
	case !errors.As(err, &refusal):
		return "failed"
	case refusal.Reason == policy.NotAllowed:
		return "not allowed: " + string(refusal.NameType) + " " + refusal.Name
	default:
		return "cannot be judged: " + string(refusal.NameType) + " " + refusal.Name
	}
}

func (r *row) certificate() (*x509.Certificate, error) {
	certificate := &x509.Certificate{
		Subject:        pkix.Name{CommonName: r.CN},
		DNSNames:       r.DNS,
		EmailAddresses: r.Email,
	}
	for _, text := range r.IP {
		ip := net.ParseIP(text)
		if ip == nil {
			return nil, errors.New("not an address: " + text)
		}
		certificate.IPAddresses = append(certificate.IPAddresses, ip)
	}
	for _, text := range r.URI {
		uri, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		certificate.URIs = append(certificate.URIs, uri)
	}
	return certificate, nil
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<24)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for input.Scan() {
		var each row
		if err := json.Unmarshal(input.Bytes(), &each); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		each.Answer = each.answer()
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(each); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		output.Write(line.Bytes())
	}
	if err := input.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
