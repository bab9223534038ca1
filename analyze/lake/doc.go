// Package lake reads Weir's lake with DuckDB and reduces it to moments. It is
// the one package that imports DuckDB.
//
// Everything is read through explicit lists of files, handed in by the caller
// from the lake's manifest; nothing is downloaded, no extension is loaded, and the
// lake is never written.
//
// The queries are files in sql/, each named by the table it makes and headed
// by its grain and columns. Values are bound or written as literals by this
// package; identifiers come from closed lists.
package lake
