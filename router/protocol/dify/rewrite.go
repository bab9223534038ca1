package dify

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
)

// Rewrite pins the workflow that a version is, whatever the client asked for,
// and takes out of a turn what belongs to another application: the conversation,
// the message that it goes on from, and files that were uploaded there.
func (Protocol) Rewrite(out protocol.Outgoing, c protocol.Call, to protocol.Target) (protocol.Outgoing, bool) {
	changed := false
	if to.Detach && !c.FollowUp && len(c.Bound) > 0 {
		out.Body, changed = detached(out)
	}
	if to.Workflow == "" {
		return out, changed
	}
	switch c.Operation {
	case Chat:
		if body, ok := pinned(out, to.Workflow); ok {
			out.Body, changed = body, true
		}
	case Workflow:
		out.Path, changed = pinnedPath(out.Path, to.Workflow), true
	}
	return out, changed
}

func detached(out protocol.Outgoing) (body []byte, changed bool) {
	body = out.Body
	for _, name := range []string{"conversation_id", "parent_message_id", "files"} {
		fields := protocol.NewFields(body, out.Whole)
		if name == "files" && !hasUploads(fields.Get(name)) {
			continue
		}
		if without, ok := fields.Without(name); ok {
			body, changed = without, true
		}
	}
	return body, changed
}

func hasUploads(files gjson.Result) bool {
	for _, f := range files.Array() {
		if protocol.Text(f.Get("upload_file_id")) != "" {
			return true
		}
	}
	return false
}

// pinned is a body with the workflow's id; false where the body is no object.
func pinned(out protocol.Outgoing, workflow string) ([]byte, bool) {
	id, err := json.Marshal(workflow)
	if err != nil {
		panic("dify: " + err.Error())
	}
	if asked := protocol.NewFields(out.Body, out.Whole).Get("workflow_id"); asked.Exists() && asked.Index > 0 {
		return protocol.Splice(out.Body, asked.Index, asked.Raw, string(id)), true
	}
	begin := bytes.IndexByte(out.Body, '{')
	if begin < 0 || len(bytes.TrimSpace(out.Body[:begin])) > 0 {
		return nil, false
	}
	member := `"workflow_id":` + string(id)
	if !bytes.HasPrefix(bytes.TrimSpace(out.Body[begin+1:]), []byte("}")) {
		member += ","
	}
	return protocol.Splice(out.Body, begin+1, "", member), true
}

// pinnedPath is /workflows/run with the workflow's id in it.
func pinnedPath(path, workflow string) string {
	i := strings.LastIndex(path, "/workflows/")
	return path[:i] + "/workflows/" + url.PathEscape(workflow) + "/run"
}
