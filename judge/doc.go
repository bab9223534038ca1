// Package judge lets language models score dialogues by rubrics: as much as a
// statistician would let them.
//
//	rubric, err := judge.Builtin("support-quality", "en")
//	panel := judge.Panel{Members: []judge.Member{{Name: "gpt-4o-mini", Model: model}}}
//	runner, err := judge.New(judge.Config{Rubric: rubric, Panel: panel, Source: source, ...})
//	summary, err := runner.Run(ctx)
//
// The package knows dialogues and rubrics, neither routers nor lakes nor
// statistics: a [Model] answers, a [Source] brings what may be judged, a [Sink]
// takes what was said, a [Stopper] says when enough is known. What it promises
// about cost, repetition, text that wants to be obeyed, and verdicts that
// cannot be had, stands in DESIGN.md beside this file.
//
// # The rows of the judgments table
//
// A dialogue judged by a rubric is a row for the rubric as a whole, whose
// criterion is the rubric's name, and a row for each criterion, rubric.criterion.
// Scores are in [0, 1], 1 the best. What a call cost stands on the row of the
// whole, so that sums are right.
//
// A panel of several models writes such rows for every member, and others whose
// judge_model is [PanelModel], with one vote a family of models: of the rows of
// one dialogue, criterion and judge_hash, the panel's counts where there is one,
// else the only one. All have the same judge_hash, that of everything that
// configures the judge for that rubric; two hashes are two strata.
//
// A row without a score says in error why: the dialogue was drawn and given up,
// and is missing, not bad. Rows enter the lake by whole hours of assignment ([Batch]):
// an hour is there whole, or not at all, and an event of kind judged says so.
package judge
