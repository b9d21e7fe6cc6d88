// What step makes of a table of certificate templates.
//
// On standard input one JSON object a line: {"csr","subject","sans","token","user"} holds for the lines below it,
// {"template","data"} is applied to it. On standard output the same with "certificate", or with "error" (what step says to the
// caller of a template that fails on purpose, or that one was wrong).
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"time"

	"go.step.sm/crypto/x509util"
)

type row struct {
	CSR         string          `json:"csr,omitempty"`
	Subject     string          `json:"subject,omitempty"`
	SANs        []string        `json:"sans,omitempty"`
	Token       json.RawMessage `json:"token,omitempty"`
	User        json.RawMessage `json:"user,omitempty"`
	Template    string          `json:"template,omitempty"`
	Data        json.RawMessage `json:"data,omitempty"`
	Certificate *certificate    `json:"certificate,omitempty"`
	Error       string          `json:"error,omitempty"`
}

type certificate struct {
	Subject    string      `json:"subject"`
	NotBefore  string      `json:"notBefore,omitempty"`
	NotAfter   string      `json:"notAfter,omitempty"`
	Extensions []extension `json:"extensions"`
}

type extension struct {
	ID       string `json:"id"`
	Critical bool   `json:"critical,omitempty"`
	Value    string `json:"value"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	var request row
	for in.Scan() {
		var r row
		check(json.Unmarshal(in.Bytes(), &r))
		r.Certificate, r.Error = nil, ""
		if r.CSR != "" {
			request = r
		} else {
			c, err := apply(request, r)
			var fail *x509util.TemplateError
			switch {
			case errors.As(err, &fail):
				r.Error = "fail: " + fail.Message
			case err != nil:
				r.Error = "error"
				fmt.Fprintln(os.Stderr, err)
			default:
				r.Certificate = c
			}
		}
		check(out.Encode(r))
	}
	check(in.Err())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func apply(request, r row) (*certificate, error) {
	block, _ := pem.Decode([]byte(request.CSR))
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	check(err)
	data := x509util.CreateTemplateData(request.Subject, request.SANs)
	var token map[string]any
	check(json.Unmarshal(request.Token, &token))
	data.SetToken(token)
	if len(r.Data) > 0 {
		check(json.Unmarshal(r.Data, &data))
	}
	var user map[string]any
	if json.Unmarshal(request.User, &user) != nil {
		user = map[string]any{}
	}
	data.SetUserData(user)
	made, err := x509util.NewCertificate(csr, x509util.WithTemplate(r.Template, data))
	if err != nil {
		return nil, err
	}
	return signed(made.GetCertificate())
}

// Go's own library decides which extensions there are, in which order.
func signed(leaf *x509.Certificate) (*certificate, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	parent := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, SubjectKeyId: []byte{1}}
	result := &certificate{NotBefore: moment(leaf.NotBefore), NotAfter: moment(leaf.NotAfter)}
	leaf.SerialNumber = big.NewInt(2)
	leaf.SubjectKeyId = []byte{2}
	leaf.SignatureAlgorithm = 0
	parent.PublicKey = public
	der, err := x509.CreateCertificate(rand.Reader, leaf, parent, leaf.PublicKey, key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	result.Subject = hex.EncodeToString(parsed.RawSubject)
	for _, e := range parsed.Extensions {
		if id := e.Id.String(); id != "2.5.29.14" && id != "2.5.29.35" {
			result.Extensions = append(result.Extensions, extension{id, e.Critical, hex.EncodeToString(e.Value)})
		}
	}
	return result, nil
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
