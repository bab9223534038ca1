// Package browse answers over HTTP what people ask of the dialogues in a lake:
// which there are, what was said, what became of it; and it takes their labels.
//
// It knows no tokens: whoever stands before it lets in who may read, and says
// under [Caller] whose name labels are given. Beside live traffic it runs in a
// process of its own, with bounds on memory, threads and time, so that a
// question touches no request; offline it is a page on this machine.
//
// A question is answered in a bounded time or refused with what to ask instead;
// one is worked on at a time. What people write is bound to queries as a value.
package browse
