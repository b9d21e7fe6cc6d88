// Holds certificates (*.der) and lists of revoked ones (*.crl) of a folder against zlint's rules for RFCs and those of its
// community. Prints each finding of error or worse as a line of JSON, and at the end how many rules had something to say.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
)

type finding struct {
	File    string `json:"file"`
	Rule    string `json:"rule"`
	Details string `json:"details"`
}

type total struct {
	Files int `json:"files"`
	Rules int `json:"rules"`
}

func main() {
	rules, err := lint.GlobalRegistry().Filter(lint.FilterOptions{IncludeSources: lint.SourceList{
		lint.RFC3279, lint.RFC5280, lint.RFC5480, lint.RFC5891, lint.RFC8813, lint.Community,
	}})
	check(err)
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*"))
	check(err)
	out := json.NewEncoder(os.Stdout)
	seen := map[string]bool{}
	sum := total{}
	for _, file := range files {
		results, err := judge(file, rules)
		if err != nil {
			check(out.Encode(finding{filepath.Base(file), "unreadable", err.Error()}))
			continue
		}
		sum.Files++
		for name, result := range results {
			if result.Status >= lint.Pass {
				seen[name] = true
			}
			if result.Status >= lint.Error {
				check(out.Encode(finding{filepath.Base(file), name, result.Details}))
			}
		}
	}
	sum.Rules = len(seen)
	check(out.Encode(sum))
}

func judge(file string, rules lint.Registry) (map[string]*lint.LintResult, error) {
	der, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(file, ".crl") {
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			return nil, err
		}
		return zlint.LintRevocationListEx(list, rules).Results, nil
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return zlint.LintCertificateEx(certificate, rules).Results, nil
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
