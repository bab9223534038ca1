package judging

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"weir/analyze/calibration"
	"weir/analyze/preference"
	"weir/collector/importer"
	"weir/internal/app"
	"weir/rollout/spec"
)

// public is a folder of published data; the test is skipped where it is not.
func public(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the data of %s is not here", name)
	}
	return dir
}

// bring imports a file as a user would.
func bring(t *testing.T, lake, name, format, mapping, file string) {
	t.Helper()
	m, err := importer.ParseMapping(format, "map.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Import(t.Context(), lake, importer.Source{Format: format, Files: []string{file}, App: name, Mapping: m}, importer.Options{}); err != nil {
		t.Fatal(err)
	}
}

// TestAlpacaEval holds win rates and standard errors to the leaderboard's, to six
// decimals, and two rates at equal length to a plain fit of the same data.
func TestAlpacaEval(t *testing.T) {
	dir := public(t, "alpacaeval2-gpt4-judge")
	for model, want := range map[string]struct {
		rate, err    float64
		wins, losses int
		equalLength  float64
	}{
		"FuseChat-Llama-3.1-8B-Instruct": {63.331583, 1.422507, 518, 286, 65.07},
		"FuseChat-Llama-3.2-3B-Instruct": {51.296677, 1.482579, 424, 378, 0},
		"claude-2":                       {17.188240, 1.174828, 131, 673, 36.80},
		"gpt-3.5-turbo-0301":             {9.622453, 0.912966, 71, 733, 0},
		"gpt-3.5-turbo-1106":             {9.177965, 0.890412, 64, 737, 0},
		"alpaca-7b":                      {2.591451, 0.487086, 17, 785, 0},
	} {
		lake := t.TempDir()
		bring(t, lake, "alpaca", "jsonl", `rows: judgments
where: 'model == "`+model+`"'
columns: {case_id: index, score: {from: preference, scale: [1, 2]}, judge_model: judge, cost_usd: judge_usd}
constants: {criterion: better}
`, filepath.Join(dir, "judgments.jsonl.gz"))
		if want.equalLength != 0 {
			bring(t, lake, "alpaca", "jsonl", `rows: sessions
where: 'model == "`+model+`"'
columns: {case_id: index, session_id: {template: "model-{index}"}, output: output}
constants: {assigned_version: model}
`, filepath.Join(dir, "judgments.jsonl.gz"))
			bring(t, lake, "alpaca", "jsonl", `rows: sessions
columns: {case_id: index, session_id: {template: "base-{index}"}, input: instruction, output: baseline_output}
constants: {assigned_version: base}
`, filepath.Join(dir, "items.jsonl.gz"))
		}
		figures, err := Pairs(t.Context(), lake, spec.Default("alpaca", "unnamed", "base", "model"))
		if err != nil || len(figures) != 1 {
			t.Fatalf("%s: %v, %d figures", model, err, len(figures))
		}
		f := figures[0]
		if math.Abs(100*f.Win.Rate-want.rate) > 5e-7 || math.Abs(100*f.Win.StdErr-want.err) > 5e-7 || f.Win.Wins != want.wins || f.Win.Losses != want.losses || f.Win.N != 805 {
			t.Errorf("%s: %.6f ± %.6f, %d wins, %d losses of %d", model, 100*f.Win.Rate, 100*f.Win.StdErr, f.Win.Wins, f.Win.Losses, f.Win.N)
		}
		if want.equalLength == 0 {
			continue
		}
		if math.Abs(100*f.Length-want.equalLength) > 0.006 || f.LengthNote != "" || !(f.LengthStdErr > 0) {
			t.Errorf("%s: at equal length %.2f ± %.2f (%s), want %.2f", model, 100*f.Length, 100*f.LengthStdErr, f.LengthNote, want.equalLength)
		}
	}
}

// llmbar imports the verdicts in both orders, and the gold labels.
func llmbar(t *testing.T) []PairFigure {
	dir, lake := public(t, "llmbar-judges"), t.TempDir()
	for position, column := range map[string]string{"control_first": "winner", "treatment_first": "winner_swapped"} {
		bring(t, lake, "llmbar", "csv", `rows: judgments
columns:
  judgment_id: {template: "{subset} {item} {judge} {strategy} `+position+`"}
  case_id: {template: "{subset}-{item}"}
  criterion: {template: "{subset}.gold"}
  judge_hash: {template: "{judge} {strategy}"}
  judge_model: judge
  score: {from: `+column+`, map: {1: 0, 2: 1}}
constants: {position: `+position+`}
`, filepath.Join(dir, "verdicts.csv.gz"))
	}
	bring(t, lake, "llmbar", "jsonl", `rows: labels
columns: {case_id: {template: "{subset}-{item}"}, criterion: {template: "{subset}.gold"}, score: {from: gold, map: {1: 0, 2: 1}}}
constants: {labeler: gold}
`, filepath.Join(dir, "items.jsonl.gz"))
	figures, err := Pairs(t.Context(), lake, spec.Default("llmbar", "unnamed", "one", "two"))
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

// TestLLMBar holds all 160 accuracies and positional agreements to the published
// ones.
func TestLLMBar(t *testing.T) {
	figures := llmbar(t)
	if len(figures) != 160 {
		t.Fatalf("%d figures", len(figures))
	}
	file, err := os.Open(filepath.Join(public(t, "llmbar-judges"), "published_statistics.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	published := map[[2]string][]string{}
	for _, row := range rows[1:] {
		published[[2]string{row[0] + ".gold", row[1] + " " + row[2]}] = row
	}
	for _, f := range figures {
		row := published[[2]string{f.Criterion, f.Hash}]
		if row == nil {
			t.Fatalf("not published: %s %s", f.Criterion, f.Hash)
		}
		accuracy, agreement := 100*f.Accuracy(), 100*float64(f.Same)/float64(f.Put)
		if got := fmt.Sprint(f.Labelled, f.Right); got != fmt.Sprintf("%s [%s %s]", row[3], row[4], row[5]) {
			t.Errorf("%s %s: %s, published %v", f.Criterion, f.Hash, got, row[3:6])
		}
		for i, x := range []float64{accuracy, agreement} {
			if want, _ := strconv.ParseFloat(row[6+i], 64); math.Abs(x-want) > 5e-4 {
				t.Errorf("%s %s: %.3f, published %s", f.Criterion, f.Hash, x, row[6+i])
			}
		}
	}
}

// A labelled item: what a judge and a person said.
type labelled struct{ judge, person float64 }

// resample draws labels and judged items again and again out of a population of
// known mean, and counts how often intervals cover it and how wide they are:
// corrected by labels, and by the labels alone.
func resample(population []labelled, labels, judged int) (covered, coveredAlone, width, widthAlone float64) {
	r := rand.New(rand.NewPCG(7, 11))
	truth := 0.
	for _, x := range population {
		truth += x.person / float64(len(population))
	}
	const times = 2000
	for range times {
		y, f, rest := make([]float64, labels), make([]float64, labels), make([]float64, judged)
		for i := range labels {
			x := population[r.IntN(len(population))]
			y[i], f[i] = x.person, x.judge
		}
		for i := range judged {
			rest[i] = population[r.IntN(len(population))].judge
		}
		for i, e := range []calibration.Estimate{calibration.CrossFitted(y, f, rest), calibration.Classical(y)} {
			low, high := e.CI(.05)
			in := 0.
			if low <= truth && truth <= high {
				in = 1. / times
			}
			if i == 0 {
				covered, width = covered+in, width+(high-low)/times
			} else {
				coveredAlone, widthAlone = coveredAlone+in, widthAlone+(high-low)/times
			}
		}
	}
	return covered, coveredAlone, width, widthAlone
}

// wantNarrower holds a correction to its rate and to its use.
func wantNarrower(t *testing.T, name string, population []labelled) {
	t.Helper()
	covered, alone, width, widthAlone := resample(population, 100, 1000)
	t.Logf("%s: covers %.3f at width %.3f; labels alone %.3f at %.3f", name, covered, width, alone, widthAlone)
	const error = 3 * 0.0049 // of a rate of .95 in 2,000
	if covered < .95-error {
		t.Errorf("%s: covers %.3f", name, covered)
	}
	if width > .95*widthAlone {
		t.Errorf("%s: width %.3f, labels alone %.3f", name, width, widthAlone)
	}
}

// TestCorrectionLLMBar corrects GPT-4's correctness by gold labels.
func TestCorrectionLLMBar(t *testing.T) {
	dir := public(t, "llmbar-judges")
	verdicts := readGzCSV(t, filepath.Join(dir, "verdicts.csv.gz"))
	var population []labelled
	for _, v := range verdicts {
		if v["judge"] == "GPT-4" && v["strategy"] == "Vanilla" && v["winner"] != "" && v["winner_swapped"] != "" {
			x := labelled{person: share(v["gold"] == "2")}
			x.judge = (share(v["winner"] == "2") + share(v["winner_swapped"] == "2")) / 2
			population = append(population, x)
		}
	}
	wantNarrower(t, "LLMBar", population)
}

// TestCorrectionMTBench corrects GPT-4's votes by people's, a pair of answers each.
func TestCorrectionMTBench(t *testing.T) {
	dir := public(t, "mtbench-human-vs-gpt4")
	file, err := os.Open(filepath.Join(dir, "votes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var population []labelled
	seen := map[string]bool{}
	for _, v := range table(t, csv.NewReader(file)) {
		pair := fmt.Sprint(v["question_id"], v["turn"], v["model_a"], v["model_b"])
		if seen[pair] {
			continue // one vote a comparison: several are not independent
		}
		seen[pair] = true
		half := func(winner string) float64 {
			return map[string]float64{"model_a": 0, "model_b": 1}[winner] + map[bool]float64{true: .5}[winner != "model_a" && winner != "model_b"]
		}
		population = append(population, labelled{half(v["gpt4_winner"]), half(v["human_winner"])})
	}
	wantNarrower(t, "MT-bench", population)
}

func share(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func readGzCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	return table(t, csv.NewReader(z))
}

func table(t *testing.T, r *csv.Reader) []map[string]string {
	t.Helper()
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// TestAgreementMTBench has GPT-4 in both orders, which differ for a tie, agree with people's
// votes as often as published: 66 % with ties (Zheng et al. 2023, table 5), over 80 % without.
func TestAgreementMTBench(t *testing.T) {
	file, err := os.Open(filepath.Join(public(t, "mtbench-human-vs-gpt4"), "votes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var people, said [2][]preference.Verdict
	word := map[string]preference.Verdict{"model_a": preference.First, "model_b": preference.Second, "tie": preference.Tie, "tie (inconsistent)": preference.Tie}
	for _, v := range table(t, csv.NewReader(file)) {
		turn := map[string]int{"1": 0, "2": 1}[v["turn"]]
		people[turn], said[turn] = append(people[turn], word[v["human_winner"]]), append(said[turn], word[v["gpt4_winner"]])
	}
	for turn, want := range [][4]float64{{882, .668, 549, .858}, {869, .679, 569, .854}} {
		g := preference.NewAgreement(said[turn], people[turn])
		got := [4]float64{float64(g.N), float64(g.Same) / float64(g.N), float64(g.Decided), float64(g.SameWinner) / float64(g.Decided)}
		for i := range got {
			if math.Abs(got[i]-want[i]) > .0005 {
				t.Errorf("turn %d: %v, want %v", turn+1, got, want)
				break
			}
		}
	}
}
