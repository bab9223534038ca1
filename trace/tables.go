package trace

var appColumn = Column{Name: "app", Type: Text, Required: true, Meaning: "application the row belongs to; also the partition"}

var tracesTable = Table{
	Name: "traces", Grain: "one request", Date: "started_at",
	Columns: []Column{
		{Name: "trace_id", Type: Text, Required: true, Meaning: "identity of the request", OTel: "traceId"},
		appColumn,
		{Name: "release", Type: Text, Meaning: "release under which the request was assigned; null belongs to the release that analyses it"},
		{Name: "session_id", Type: Text, Meaning: "conversation", OTel: "gen_ai.conversation.id"},
		{Name: "user_id", Type: Text, Meaning: "person", OTel: "user.id"},
		{Name: "unit_id", Type: Text, Meaning: "the string that was hashed to assign the request; always the cluster of its analysis"},
		{Name: "turn", Type: Integer, Meaning: "1 for the first request of its session"},
		{Name: "assigned_version", Type: Text, Meaning: "version the unit was assigned to", OTel: "service.version"},
		{Name: "served_version", Type: Text, Meaning: "version that answered"},
		{Name: "reason", Type: Text, Meaning: "rollback, halt, breaker, binding, sticky, rule, holdout, split, default, fallback or unknown_id"},
		{Name: "rule", Type: Text, Meaning: "rule of the spec that matched"},
		{Name: "randomized", Type: Boolean, Meaning: "assignment was drawn by hash; only such rows enter tests"},
		{Name: "propensity", Type: Double, Unit: "probability", Meaning: "of the assigned version: the share on treatment rows, 1 minus the share on control rows; no meaning where not randomised"},
		{Name: "epoch", Type: Integer, Meaning: "stretch of constant allocation in which the unit was assigned"},
		{Name: "serving_epoch", Type: Integer, Meaning: "stretch of constant allocation in which the request was served"},
		{Name: "assigned_at", Type: Timestamp, Meaning: "assignment of the unit; null is its first started_at"},
		{Name: "promise_hash", Type: Text, Meaning: "hash of unit, ramp, metrics and decision in force at assignment"},
		{Name: "started_at", Type: Timestamp, Meaning: "arrival of the request", OTel: "startTimeUnixNano"},
		{Name: "latency_ms", Type: Double, Unit: "ms", Meaning: "from arrival to the last byte of the answer", OTel: "endTimeUnixNano - startTimeUnixNano"},
		{Name: "ttft_ms", Type: Double, Unit: "ms", Meaning: "from arrival to the first token", OTel: "gen_ai.response.time_to_first_chunk"},
		{Name: "upstream_ms", Type: Double, Unit: "ms", Meaning: "of latency_ms, spent in the version"},
		{Name: "status", Type: Integer, Meaning: "HTTP status of the answer", OTel: "http.response.status_code"},
		{Name: "error_type", Type: Text, Meaning: "why the call failed; null where it did not", OTel: "error.type"},
		{Name: "streamed", Type: Boolean, Meaning: "answered as a stream"},
		{Name: "truncated", Type: Boolean, Meaning: "a captured body was cut at its limit"},
		{Name: "model", Type: Text, Meaning: "model that answered", OTel: "gen_ai.response.model"},
		{Name: "input_tokens", Type: Integer, Unit: "tokens", Meaning: "null where unknown", OTel: "gen_ai.usage.input_tokens"},
		{Name: "output_tokens", Type: Integer, Unit: "tokens", Meaning: "null where unknown", OTel: "gen_ai.usage.output_tokens"},
		{Name: "cached_tokens", Type: Integer, Unit: "tokens", Meaning: "of the input tokens, read from a cache; null where unknown", OTel: "gen_ai.usage.cache_read.input_tokens"},
		{Name: "cost_usd", Type: Money, Unit: "USD", Meaning: "null where the price is unknown"},
		{Name: "usage_source", Type: Text, Meaning: "reported, estimated or unknown"},
		{Name: "device", Type: Text, Meaning: "device class of the client"},
		{Name: "region", Type: Text, Meaning: "region of the client"},
		{Name: "language", Type: Text, Meaning: "language of the request, BCP 47"},
		{Name: "attributes", Type: TextMap, Meaning: "what else the spec or the import mapping declares"},
		{Name: "case_id", Type: Text, Meaning: "offline run: the case; the same case under both arms makes the design paired"},
		{Name: "trial", Type: Integer, Meaning: "offline run: repetition of the case"},
	},
}

var contentsTable = Table{
	Name: "contents", Grain: "the text of one request",
	Columns: []Column{
		{Name: "trace_id", Type: Text, Required: true, Meaning: "the request"},
		appColumn,
		{Name: "input", Type: Text, Meaning: "what the user sent", OTel: "gen_ai.input.messages"},
		{Name: "output", Type: Text, Meaning: "what the version answered", OTel: "gen_ai.output.messages"},
		{Name: "prompt", Type: Text, Meaning: "what the application sent to the model; null unless it reports it", OTel: "gen_ai.system_instructions"},
		{Name: "tool_calls", Type: Text, Meaning: "JSON array of name and arguments"},
		{Name: "retrieval", Type: PassageList, Meaning: "retrieved passages, best first"},
		{Name: "spans", Type: SpanList, Meaning: "where the time of the request went"},
	},
}

var outcomesTable = Table{
	Name: "outcomes", Grain: "one event", Date: "occurred_at",
	Columns: []Column{
		{Name: "outcome_id", Type: Text, Required: true, Meaning: "identity of the event"},
		appColumn,
		{Name: "trace_id", Type: Text, Meaning: "subject, if a request"},
		{Name: "session_id", Type: Text, Meaning: "subject, if a session"},
		{Name: "user_id", Type: Text, Meaning: "subject, if a user"},
		{Name: "name", Type: Text, Required: true, Meaning: "resolved, handoff, satisfaction, faq_hit, link_click, or a name of the user's"},
		{Name: "value", Type: Double, Required: true, Meaning: "0 or 1 for what happens or does not; else a number"},
		{Name: "comment", Type: Text, Meaning: "free text"},
		{Name: "source", Type: Text, Meaning: "who reported it"},
		{Name: "occurred_at", Type: Timestamp, Meaning: "when it happened; an outcome without a time counts"},
		{Name: "received_at", Type: Timestamp, Meaning: "when Weir heard of it; null for imports"},
	},
}

var judgmentsTable = Table{
	Name: "judgments", Grain: "one criterion of one judged thing by one judge", Date: "judged_at",
	Columns: []Column{
		{Name: "judgment_id", Type: Text, Required: true, Meaning: "identity of the judgment"},
		appColumn,
		{Name: "trace_id", Type: Text, Meaning: "what was judged, if a request"},
		{Name: "session_id", Type: Text, Meaning: "what was judged, if a dialogue"},
		{Name: "case_id", Type: Text, Meaning: "what was judged, if a pair of offline runs"},
		{Name: "job", Type: Text, Meaning: "run of the judge"},
		{Name: "criterion", Type: Text, Required: true, Meaning: "rubric.criterion"},
		{Name: "score", Type: Double, Meaning: "null where there is none; error says why"},
		{Name: "verdict", Type: Text, Meaning: "the judge's word"},
		{Name: "reason", Type: Text, Meaning: "the judge's explanation"},
		{Name: "judge_model", Type: Text, Meaning: "model that judged"},
		{Name: "judge_hash", Type: Text, Meaning: "hash of all that configures the judge"},
		{Name: "position", Type: Text, Meaning: "order of presentation in a pairwise judgment"},
		{Name: "inclusion_probability", Type: Double, Unit: "probability", Meaning: "with which the judged thing was drawn"},
		{Name: "tokens", Type: Integer, Unit: "tokens", Meaning: "spent by the judge"},
		{Name: "cost_usd", Type: Money, Unit: "USD", Meaning: "spent by the judge"},
		{Name: "error", Type: Text, Meaning: "why there is no score"},
		{Name: "judged_at", Type: Timestamp, Meaning: "when"},
		{Name: "release", Type: Text, Meaning: "release of what was judged; null where not known"},
		{Name: "trial", Type: Integer, Meaning: "what was judged, if a pair of offline runs: repetition of the case"},
		{Name: "flags", Type: Text, Meaning: "words that mark the score: injection, low_mass, repaired, duplicate, split"},
	},
}

var labelsTable = Table{
	Name: "labels", Grain: "one criterion of one labelled thing by one person", Date: "labeled_at",
	Columns: []Column{
		{Name: "label_id", Type: Text, Required: true, Meaning: "identity of the label"},
		appColumn,
		{Name: "trace_id", Type: Text, Meaning: "what was labelled, if a request"},
		{Name: "session_id", Type: Text, Meaning: "what was labelled, if a dialogue"},
		{Name: "case_id", Type: Text, Meaning: "what was labelled, if a pair of offline runs"},
		{Name: "criterion", Type: Text, Required: true, Meaning: "rubric.criterion"},
		{Name: "score", Type: Double, Meaning: "null where the person could not say"},
		{Name: "verdict", Type: Text, Meaning: "the person's word"},
		{Name: "comment", Type: Text, Meaning: "free text"},
		{Name: "labeler", Type: Text, Meaning: "who"},
		{Name: "inclusion_probability", Type: Double, Unit: "probability", Meaning: "with which the labelled thing was drawn"},
		{Name: "labeled_at", Type: Timestamp, Meaning: "when"},
		{Name: "release", Type: Text, Meaning: "what was labelled, if a pair of offline runs: their release; null where not known"},
		{Name: "trial", Type: Integer, Meaning: "what was labelled, if a pair of offline runs: repetition of the case; null: every one"},
		{Name: "position", Type: Text, Meaning: "order in which the person saw a pair"},
	},
}

var lossesTable = Table{
	Name: "losses", Grain: "exchanges of one version that are not in the lake, by reason and window", Date: "started_at",
	Columns: []Column{
		{Name: "loss_id", Type: Text, Required: true, Meaning: "identity of the count"},
		appColumn,
		{Name: "release", Type: Text, Meaning: "release, as in traces"},
		{Name: "version", Type: Text, Meaning: "arm that lost them; null where not even that is known"},
		{Name: "reason", Type: Text, Required: true, Meaning: "such as bad_row, disk_full, queue_full"},
		{Name: "rows", Type: Integer, Required: true, Meaning: "how many exchanges"},
		{Name: "started_at", Type: Timestamp, Meaning: "start of the window"},
		{Name: "ended_at", Type: Timestamp, Meaning: "end of the window"},
		{Name: "source", Type: Text, Meaning: "file or instance that lost them"},
	},
}

var eventsTable = Table{
	Name: "events", Grain: "one change of what the router does, or an hour that the judge is done with", Date: "occurred_at",
	Columns: []Column{
		{Name: "event_id", Type: Text, Required: true, Meaning: "identity of the event"},
		appColumn,
		{Name: "release", Type: Text, Meaning: "release in force"},
		{Name: "kind", Type: Text, Required: true, Meaning: "share, rollback, promote, pause, resume, halt, breaker, reload, and the like; judged: every unit drawn among those assigned in the hour of occurred_at is judged or given up, by the rubric named in detail"},
		{Name: "version", Type: Text, Meaning: "version that it is about"},
		{Name: "epoch", Type: Integer, Meaning: "stretch of constant allocation from then on"},
		{Name: "share", Type: Double, Unit: "share", Meaning: "of the candidate from then on"},
		{Name: "actor", Type: Text, Meaning: "who: the name of a token, autopilot, breaker"},
		{Name: "detail", Type: Text, Meaning: "in words"},
		{Name: "occurred_at", Type: Timestamp, Meaning: "when"},
	},
}
