// Command golog checks Comity's custody logs, receipts and sealed items with code by strangers: the
// tlog and note packages of the Go project (golang.org/x/mod/sumdb). It shares nothing with Comity but
// the published formats.
//
//	golog check LOGDIR VKEY [OLDER-CHECKPOINT...]
//	golog receipt FILE VKEY
//	golog consistency FILE VKEY SHOWN...
//	golog item ITEMDIR
package main

import (
	"fmt"
	"os"
)

func main() {
	var err error
	verb, rest := "", []string{}
	if len(os.Args) > 1 {
		verb, rest = os.Args[1], os.Args[2:]
	}
	switch {
	case verb == "check" && len(rest) >= 2:
		err = check(rest[0], rest[1], rest[2:])
	case verb == "receipt" && len(rest) == 2:
		err = receipt(rest[0], rest[1])
	case verb == "consistency" && len(rest) >= 3:
		err = consistency(rest[0], rest[1], rest[2:])
	case verb == "item" && len(rest) == 1:
		err = item(rest[0])
	default:
		err = fmt.Errorf("usage: golog check LOGDIR VKEY [OLDER-CHECKPOINT...] | receipt FILE VKEY |" +
			" consistency FILE VKEY SHOWN... | item ITEMDIR")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "golog:", err)
		os.Exit(1)
	}
}
