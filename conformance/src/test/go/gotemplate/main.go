// What the real engine makes of a table of templates: Go's text/template with Sprig.
//
// On standard input one JSON object a line: {"data": any} holds for the lines below it, {"template": text} is executed with it.
// On standard output the same with "output" or "error"; what stands there already is replaced.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

type row struct {
	Data     json.RawMessage `json:"data,omitempty"`
	Template *string         `json:"template,omitempty"`
	Output   *string         `json:"output,omitempty"`
	Error    string          `json:"error,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	var data any
	for in.Scan() {
		if strings.TrimSpace(in.Text()) == "" {
			continue
		}
		var r row
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			fmt.Fprintf(os.Stderr, "%v in %s\n", err, in.Text())
			os.Exit(1)
		}
		r.Output, r.Error = nil, ""
		if len(r.Data) > 0 {
			data = nil
			if err := json.Unmarshal(r.Data, &data); err != nil {
				panic(err)
			}
		}
		if r.Template != nil {
			// Templates may change the data they got.
			output, err := execute(*r.Template, copied(data))
			if err != nil {
				r.Error = err.Error()
			} else {
				r.Output = &output
			}
		}
		if err := out.Encode(r); err != nil {
			panic(err)
		}
	}
	if err := in.Err(); err != nil {
		panic(err)
	}
}

func copied(data any) any {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	var fresh any
	if err := json.Unmarshal(text, &fresh); err != nil {
		panic(err)
	}
	return fresh
}

func execute(text string, data any) (string, error) {
	t, err := template.New("t").Funcs(sprig.TxtFuncMap()).Parse(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = t.Execute(&out, data)
	return out.String(), err
}
