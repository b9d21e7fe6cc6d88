// step-ca with name policies of provisioners, which its own file cannot say and its own database cannot hold.
//
// Arguments: ca.json, a file with the key's password, and a file with an object: each provisioner's policy by its name, in
// the form of authority.policy.x509. All else is step-ca.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/smallstep/certificates/authority/config"
	"github.com/smallstep/certificates/authority/policy"
	"github.com/smallstep/certificates/authority/provisioner"
	"github.com/smallstep/certificates/ca"
)

func main() {
	if err := serve(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(file, passwordFile, policiesFile string) error {
	settings, err := config.LoadConfiguration(file)
	if err != nil {
		return err
	}
	password, err := os.ReadFile(passwordFile)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(policiesFile)
	if err != nil {
		return err
	}
	policies := map[string]*policy.X509PolicyOptions{}
	if err := json.Unmarshal(text, &policies); err != nil {
		return err
	}
	for _, each := range settings.AuthorityConfig.Provisioners {
		jwk, ok := each.(*provisioner.JWK)
		if !ok || policies[jwk.Name] == nil {
			continue
		}
		if jwk.Options == nil {
			jwk.Options = &provisioner.Options{}
		}
		if jwk.Options.X509 == nil {
			jwk.Options.X509 = &provisioner.X509Options{}
		}
		jwk.Options.X509.AllowedNames = policies[jwk.Name].AllowedNames
		jwk.Options.X509.DeniedNames = policies[jwk.Name].DeniedNames
		jwk.Options.X509.AllowWildcardNames = policies[jwk.Name].AllowWildcardNames
	}
	server, err := ca.New(settings, ca.WithConfigFile(file), ca.WithPassword(bytes.TrimSpace(password)))
	if err != nil {
		return err
	}
	return server.Run()
}
