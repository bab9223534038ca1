package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// readJSON reads rows that are JSON objects: one a line, or the elements of
// one array.
func readJSON(name string, count func(int), limit int64, yield yield) {
	t, err := openText(name, count)
	if err != nil {
		yield(nil, err)
		return
	}
	defer t.file.Close()
	if start, _ := t.r.Peek(bufferSize); len(bytes.TrimSpace(start)) > 0 && bytes.TrimSpace(start)[0] == '[' {
		t.readArray(limit, yield)
		return
	}
	t.readLines(limit, func(line int64, text []byte, err error) bool {
		at := position{file: name, line: line}
		if err != nil {
			return yield(at.unreadable(""), at.rowError(err))
		}
		return yieldObject(at, text, yield)
	})
}

// yieldObject yields the object that a text holds.
func yieldObject(at position, text []byte, yield yield) bool {
	data, err := decodeJSON(text)
	object, ok := data.(map[string]any)
	if err == nil && !ok {
		err = errors.New("is no JSON object")
	}
	if err != nil {
		return yield(at.unreadable(string(text)), at.bad("", "", err))
	}
	return yield(&record{position: at, object: object}, nil)
}

// rowError leaves an error that ends the file as it is.
func (p position) rowError(err error) error {
	if errors.Is(err, errTooLong) {
		return p.bad("", "", err)
	}
	return err
}

// readLines gives each line that is not blank, until line says no. A line
// above the limit comes as errTooLong; another error is the last.
func (t *textFile) readLines(limit int64, line func(number int64, text []byte, err error) bool) {
	var long []byte
	for number := int64(1); ; number++ {
		text, tooLong, err := t.readLine(&long, limit)
		if err != nil && err != io.EOF {
			line(number, nil, t.broken(err))
			return
		}
		goOn := true
		if tooLong {
			goOn = line(number, nil, errTooLong)
		} else if text = bytes.TrimSpace(text); len(text) > 0 {
			goOn = line(number, text, nil)
		}
		if !goOn || err == io.EOF {
			return
		}
	}
}

// readLine returns a line, valid until the next call. Of one above the limit
// nothing is kept.
func (t *textFile) readLine(long *[]byte, limit int64) (text []byte, tooLong bool, err error) {
	text, err = t.r.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		return text, false, err
	}
	*long = append((*long)[:0], text...)
	for err == bufio.ErrBufferFull {
		text, err = t.r.ReadSlice('\n')
		if tooLong = tooLong || int64(len(*long)+len(text)) > limit; tooLong {
			*long = (*long)[:0]
			continue
		}
		*long = append(*long, text...)
	}
	return *long, tooLong, err
}

// readArray yields the elements of an array. One that is not valid JSON ends
// the file: nobody knows where the next begins.
func (t *textFile) readArray(limit int64, yield yield) {
	bounded := &boundedReader{r: t.r, max: limit}
	decoder := json.NewDecoder(bounded)
	decoder.Token() // the bracket that was seen
	for row := int64(1); decoder.More(); row++ {
		bounded.mark()
		at := position{file: t.name, row: row}
		var element json.RawMessage
		if err := decoder.Decode(&element); err != nil {
			yield(nil, at.arrayError(err))
			return
		}
		if !yieldObject(at, element, yield) {
			return
		}
	}
	if _, err := decoder.Token(); err != nil {
		yield(nil, fmt.Errorf("%s: the array is not closed: the file is cut off or not valid JSON", t.name))
	}
}

func (p position) arrayError(err error) error {
	switch syntax := (*json.SyntaxError)(nil); {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s: row %d: is not valid JSON, and the rows after it cannot be found", p.file, p.row)
	case errors.Is(err, errTooLong):
		return fmt.Errorf("%s: row %d: %w", p.file, p.row, err)
	}
	return fmt.Errorf("%s: row %d: the file is cut off: %w", p.file, p.row, err)
}

// decodeJSON decodes one JSON value, its numbers as json.Number. The error
// shows nothing of the text.
func decodeJSON(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var data any
	err := decoder.Decode(&data)
	if err == nil && len(bytes.TrimSpace(text[decoder.InputOffset():])) > 0 {
		return nil, fmt.Errorf("is not valid JSON: something follows its end at character %d", decoder.InputOffset()+1)
	}
	return data, jsonError(err)
}

func jsonError(err error) error {
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fmt.Errorf("is not valid JSON at character %d", syntax.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("is not valid JSON: it ends too early")
	}
	return errors.New("is not valid JSON")
}
