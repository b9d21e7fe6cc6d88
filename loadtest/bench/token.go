package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"time"
)

const (
	subject       = "bench.example"
	tokenLifetime = 50 * time.Minute
)

// minter makes bodies for /sign: each with a one-time token of its own, all with the same certificate request.
type minter struct {
	key         *ecdsa.PrivateKey
	header      string
	provisioner string
	audience    string
	csr         string
}

func newMinter(keyFile, provisioner, url string) (*minter, error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	var jwk struct{ Kty, Crv, Kid, X, Y, D string }
	if err := json.Unmarshal(text, &jwk); err != nil {
		return nil, err
	}
	if jwk.Crv != "P-256" {
		return nil, fmt.Errorf("%s: a private P-256 key as JWK belongs there", keyFile)
	}
	d, err := base64.RawURLEncoding.DecodeString(jwk.D)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		return nil, err
	}
	csr, err := request()
	if err != nil {
		return nil, err
	}
	header := fmt.Sprintf(`{"alg":"ES256","kid":%q,"typ":"JWT"}`, jwk.Kid)
	return &minter{key, encode([]byte(header)), provisioner, url + "/1.0/sign", csr}, nil
}

func request() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:  pkix.Name{CommonName: subject},
		DNSNames: []string{subject},
	}, key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})), nil
}

func (m *minter) bodies(count int) ([][]byte, error) {
	bodies := make([][]byte, count)
	for i := range bodies {
		token, err := m.token()
		if err != nil {
			return nil, err
		}
		if bodies[i], err = json.Marshal(map[string]string{"csr": m.csr, "ott": token}); err != nil {
			return nil, err
		}
	}
	return bodies, nil
}

func (m *minter) token() (string, error) {
	id := make([]byte, 32)
	rand.Read(id)
	now := time.Now().Unix()
	claims, err := json.Marshal(map[string]any{
		"iss": m.provisioner, "aud": m.audience, "sub": subject, "sans": []string{subject}, "jti": hex.EncodeToString(id),
		"iat": now, "nbf": now, "exp": now + int64(tokenLifetime.Seconds()),
	})
	if err != nil {
		return "", err
	}
	content := m.header + "." + encode(claims)
	hash := sha256.Sum256([]byte(content))
	r, s, err := ecdsa.Sign(rand.Reader, m.key, hash[:])
	if err != nil {
		return "", err
	}
	return content + "." + encode(append(fixed(r), fixed(s)...)), nil
}

func fixed(number *big.Int) []byte { return number.FillBytes(make([]byte, 32)) }

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
