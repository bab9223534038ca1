// Package standin makes services that stand in for real applications: HTTP
// servers that speak a real wire format, take a real application's time, fail
// as real applications fail, and make up every answer. They are for tests,
// tutorials and demonstrations. Each says what it is in the header
// X-Simulated, and no model is behind any.
//
// What is common to them is here; a subpackage speaks each protocol: plain,
// openai, dify. Package judge stands in for a judging model.
//
// A [Behaviour] says how a service acts: its pace, how long its answers are,
// how many dialogues it resolves, how often it fails and how. It can be
// replaced while the service runs. All chance comes from its seed: whether a
// dialogue is resolved is a function of the seed and the dialogue's name alone,
// whatever the order of requests; pace, length and faults are functions of the
// seed and the request's number.
//
// Every answer ends with its [Truth], in a form that people can read, so that
// simulated users know how their dialogue went and simulated judges know what
// they ought to say.
package standin
