package router_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"testing"

	"weir/router"
)

const (
	drawnUnits = 40_000
	// critical is the upper 1e-6 quantile of chi-square with 99 degrees of
	// freedom (SciPy: stats.chi2.isf(1e-6, 99)). Nothing here is random, so
	// a test that passes does so always.
	critical = 180.79
)

// families are ids as applications have them.
func families() map[string][]string {
	random := rand.New(rand.NewPCG(1, 2))
	out := map[string][]string{}
	add := func(family, id string) { out[family] = append(out[family], id) }
	surnames, names := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑"), []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文辉力建国玉兰红")
	for i := range drawnUnits {
		add("sequential", fmt.Sprint(i))
		add("near-equal", fmt.Sprintf("tenant-0000017/user/aaaaaaaaaaaaaaaaaaaaaaaa%016b", i))
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], random.Uint64())
		binary.BigEndian.PutUint64(b[8:], random.Uint64())
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		add("UUID", fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
		n := len(names)
		add("Chinese", string([]rune{surnames[i%20], names[i/20%n], names[i/20/n%n], names[i/20/n/n]}))
	}
	return out
}

// pearson is the chi-square statistic of points on the unit square against
// the uniform distribution on 10 x 10 cells.
func pearson(points func(yield func(x, y float64) bool)) float64 {
	var cells [100]float64
	n := 0.0
	for x, y := range points {
		cells[int(x*10)*10+int(y*10)]++
		n++
	}
	sum := 0.0
	for _, seen := range cells {
		sum += (seen - n/100) * (seen - n/100) / (n / 100)
	}
	return sum
}

// pairs draws each id under two salts.
func pairs(ids []string, draw func(salt, unit string) float64, a, b string) func(func(x, y float64) bool) {
	return func(yield func(x, y float64) bool) {
		for _, id := range ids {
			if !yield(draw(a, id), draw(b, id)) {
				return
			}
		}
	}
}

// The two numbers of a unit under two salts are uniform and independent,
// however like the salts and the ids are.
func TestDrawsAreIndependent(t *testing.T) {
	salt := router.Salt
	for _, c := range []struct{ what, a, b string }{
		{"exposure and arm", salt("bot", "r", router.PurposeExposure), salt("bot", "r", router.PurposeArm)},
		{"holdout and arm", salt("bot", "r", router.PurposeHoldout), salt("bot", "r", router.PurposeArm)},
		{"judge and arm", salt("bot", "r", router.PurposeJudge), salt("bot", "r", router.PurposeArm)},
		{"a letter of the release", salt("bot", "exp-1", router.PurposeArm), salt("bot", "exp-2", router.PurposeArm)},
		{"the last letter", "test", "tesu"},
		{"the first letter", "test", "uest"},
		{"app and release", salt("bot", "r1", router.PurposeArm), salt("bot1", "r", router.PurposeArm)},
	} {
		for family, ids := range families() {
			if x2 := pearson(pairs(ids, router.Draw, c.a, c.b)); x2 > critical {
				t.Errorf("%s, %s ids: chi-square %.1f", c.what, family, x2)
			}
		}
	}
}

// The numbers of neighbouring ids are independent.
func TestNeighboursAreIndependent(t *testing.T) {
	for family, ids := range families() {
		neighbours := func(yield func(x, y float64) bool) {
			for i := 1; i < len(ids); i += 2 {
				if !yield(router.Draw("bot/r/arm", ids[i-1]), router.Draw("bot/r/arm", ids[i])) {
					return
				}
			}
		}
		if x2 := pearson(neighbours); x2 > critical {
			t.Errorf("%s ids: chi-square %.1f", family, x2)
		}
	}
}

// Fine cells are hit as often as coarse ones: shares of a thousandth are exact.
func TestSmallShares(t *testing.T) {
	fine := func(u float64) float64 { return u*100 - float64(int(u*100)) }
	for family, ids := range families() {
		points := func(yield func(x, y float64) bool) {
			for _, id := range ids {
				if u := fine(router.Draw("bot/r/arm", id)); !yield(u, fine(u)) {
					return
				}
			}
		}
		if x2 := pearson(points); x2 > critical {
			t.Errorf("%s ids: chi-square %.1f", family, x2)
		}
	}
}

// The check sees what it is there to see: 32-bit FNV-1a over unit and salt,
// modulo 1000, is correlated between salts that differ in the last letter.
func TestTheCheckSeesAWeakHash(t *testing.T) {
	weak := func(salt, unit string) float64 {
		h := fnv.New32a()
		h.Write([]byte(unit + salt))
		return float64(h.Sum32()%1000) / 1000
	}
	if x2 := pearson(pairs(families()["sequential"], weak, "test", "tesu")); x2 < critical {
		t.Errorf("chi-square %.1f", x2)
	}
}
