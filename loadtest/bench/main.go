// Command bench measures Chancery and step-ca side by side: the same load, the same kind of key in SoftHSM, the server
// alone on one CPU and the clients on another, taking turns within one run.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"time"
)

const (
	memoryAfter = 10_000
	warmAfter   = 30_000 // HotSpot's last compiler begins with a method's 5,000th call or later
	firstGuess  = 2_000  // certificates a second, while nothing is known
)

func main() {
	freePort := flag.Bool("free-port", false, "print a free port, and do no more")
	seconds := flag.Int("seconds", 10, "length of each turn")
	clients := flag.Int("clients", 32, "clients at once, each on a connection of its own")
	rounds := flag.Int("rounds", 3, "turns of each")
	cpu := flag.Int("server-cpu", 0, "the servers' CPU; start this program on another")
	chancery := flag.String("chancery", "", "bin/chancery")
	chanceryFolder := flag.String("chancery-folder", "", "what make-pki left for it")
	stepCA := flag.String("step-ca", "", "the step-ca program")
	stepCAFolder := flag.String("step-ca-folder", "", "what make-pki left for it")
	flag.Parse()
	if *freePort {
		fmt.Println(anyFreePort())
		return
	}
	if err := bench(*seconds, *clients, *rounds, *cpu,
		[]string{*chanceryFolder, *chancery, "start", *chanceryFolder + "/step/config/ca.json"},
		[]string{*stepCAFolder, *stepCA, *stepCAFolder + "/step/config/ca.json"}); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func anyFreePort() int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func bench(seconds, clients, rounds, cpu int, chancery, stepCA []string) error {
	ours, err := start("chancery", chancery[0], cpu, chancery[1:]...)
	if err != nil {
		return err
	}
	defer ours.stop()
	theirs, err := start("step-ca", stepCA[0], cpu, stepCA[1:]...)
	if err != nil {
		return err
	}
	defer theirs.stop()
	both := []*server{ours, theirs}
	for _, s := range both {
		fmt.Printf("%-9s ready after %d ms, then %d MiB\n", s.name, s.ready.Milliseconds(), s.residentMiB())
	}
	length := time.Duration(seconds) * time.Second
	rates := map[*server]float64{}
	fmt.Printf("\nwarm-up to %d certificates each, not counted: a JVM compiles what it runs often\n", warmAfter)
	for _, s := range both {
		if err := until(s, memoryAfter, clients, length, rates); err != nil {
			return err
		}
		fmt.Printf("%-9s %d MiB resident after %d certificates\n", s.name, s.residentMiB(), s.issued)
		if err := until(s, warmAfter, clients, length, rates); err != nil {
			return err
		}
	}
	fmt.Printf("\n%d turns of %d s each, %d clients; the server on CPU %d\n", rounds, seconds, clients, cpu)
	perSecond, cpuEach := map[*server][]float64{}, map[*server][]float64{}
	for range rounds {
		for i, s := range both {
			both[1-i].quiet() // what it has still to compile, or to compact, is not to be paid by this one
			r, err := turn(s, clients, length, rates)
			if err != nil {
				return err
			}
			fmt.Printf("%-9s %s\n", s.name, r)
			perSecond[s] = append(perSecond[s], r.rate())
			cpuEach[s] = append(cpuEach[s], r.cpuEach())
		}
	}
	a, b := median(perSecond[ours]), median(perSecond[theirs])
	fmt.Printf("\nmedian    chancery %.0f/s, step-ca %.0f/s: ratio %.2f\n", a, b, a/b)
	c, d := median(cpuEach[ours]), median(cpuEach[theirs])
	fmt.Printf("CPU each  chancery %.2f ms, step-ca %.2f ms: ratio %.2f\n", c, d, d/c)
	return nil
}

// until puts load on a server until it has issued so many certificates in all.
func until(s *server, certificates, clients int, length time.Duration, rates map[*server]float64) error {
	for s.issued < certificates {
		r, err := turn(s, clients, length, rates)
		if err != nil {
			return err
		}
		if r.errors > 0 {
			return fmt.Errorf("%s: %d errors, the first: %s", s.name, r.errors, r.firstFail)
		}
	}
	return nil
}

// turn mints its tokens before its clock starts, half more than the highest rate so far would use.
func turn(s *server, clients int, length time.Duration, rates map[*server]float64) (result, error) {
	rate := max(rates[s], firstGuess)
	bodies, err := s.tokens.bodies(int(rate*length.Seconds()*1.5) + 1000)
	if err != nil {
		return result{}, err
	}
	r := load(s, clients, length, bodies)
	rates[s] = max(rates[s], r.rate())
	if r.issued == 0 {
		return r, fmt.Errorf("%s issued nothing: %s", s.name, r.firstFail)
	}
	return r, nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
