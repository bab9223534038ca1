// Package docs holds README, docs and examples to what the program does: its
// tests run the commands that the pages show, on the files that they show, and
// compare what is printed.
//
// A page is run from top to bottom in an empty folder, with weir on the path
// and examples/ beside it. Of its fenced blocks,
//
//	sh            is run, command by command; each must succeed
//	console       is run after "$ ", and its output must be what stands below;
//	              a line "..." stands for any lines
//	yaml, csv or sql with a file name is that file
//	python        is run where python3 has pyarrow, pandas and duckdb
//
// and others are left alone: where one shows commands, the line above it is
// a comment that says why, <!-- not run: it needs a cluster -->. Commands that get the code, install something or
// only call make are not run: make's targets are looked up in the Makefile,
// and make demo runs what that says.
package docs
