// Package agreement measures how far raters agree beyond chance: a judge and a
// person, a judge and itself in another order, a jury of models.
//
// CohenKappa takes two raters and their table of counts, Krippendorff any
// number of raters with gaps. Both fall low where nearly everything is of one
// category, however rare the disagreement; read them beside the table.
package agreement
