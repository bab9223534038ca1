package control

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed openapi.yaml
var openAPISource []byte

// openAPIDocument is the description of the API as JSON.
var openAPIDocument = sync.OnceValue(func() []byte {
	document, err := yaml.YAMLToJSON(openAPISource)
	if err != nil {
		panic("control: openapi.yaml: " + err.Error())
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, document); err != nil {
		panic("control: openapi.yaml: " + err.Error())
	}
	return compact.Bytes()
})

func openAPI(w http.ResponseWriter, _ *http.Request, _ caller) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(openAPIDocument())
	return err
}
