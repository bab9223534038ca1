package spec

import (
	"bytes"
	"encoding/json"
)

// Schema is the JSON Schema (draft 2020-12) of the file, with the description,
// the type and the default of every key. What depends on several values, such
// as a margin in points for a rate, [Parse] alone checks.
func Schema() []byte {
	schema := releaseKind.schema()
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "weir.yaml"
	return encode(schema, "  ")
}

// objectSchema describes a mapping; from holds the defaults.
func objectSchema[T any](keys []key[T], from T) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, k := range keys {
		property := k.schema()
		property["description"] = k.description()
		if v := k.defaultIn(from); v != nil {
			property["default"] = v
		}
		if k.required {
			required = append(required, k.name)
		}
		properties[k.name] = property
	}
	schema := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		schema["required"] = required
	}
	return schema
}

func (k key[T]) description() string {
	if k.absence == "" {
		return k.doc
	}
	return k.doc + ". Absent: " + k.absence
}

// defaultIn is the default as it would be written; nil where there is none,
// where the keys inside have their own, or where it depends on other values.
func (k key[T]) defaultIn(from T) any {
	v := k.write(from)
	if _, composite := v.(map[string]any); composite || k.required || k.absence != "" {
		return nil
	}
	return v
}

// encode gives v as JSON with sorted keys, and without HTML escapes.
func encode(v any, indent string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		panic("spec: " + err.Error()) // the tables hold only what JSON has
	}
	return out.Bytes()
}
