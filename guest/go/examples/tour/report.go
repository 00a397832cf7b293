package main

import (
	"fmt"
	"os"
)

// report prints what happened and remembers whether anything was not as it should be.
type report struct {
	steps, surprises int
}

// note is what is only said.
func (r *report) note(what, text string) {
	fmt.Printf("    %-16s %s\n", what, text)
}

// done is a step that did what it should.
func (r *report) done(what, tried string, came any) {
	r.steps++
	fmt.Printf("%2d. %-16s %s  ->  %v\n", r.steps, what, tried, came)
}

// failed is a step that did not.
func (r *report) failed(what, tried string, came any) {
	r.steps++
	r.surprises++
	fmt.Printf("%2d. %-16s %s  ->  UNEXPECTED: %v\n", r.steps, what, tried, came)
}

// step is right if there is no error.
func (r *report) step(what, tried string, came any, err error) {
	if err != nil {
		r.failed(what, tried, err)
	} else {
		r.done(what, tried, came)
	}
}

// surprise is a step that should have failed in another way.
func (r *report) surprise(what, tried string, err error) {
	if err == nil {
		r.failed(what, tried, "it succeeded")
	} else {
		r.failed(what, tried, err)
	}
}

func (r *report) finish() {
	fmt.Println()
	if r.surprises == 0 {
		fmt.Printf("All %d steps did what they should.\n", r.steps)
		return
	}
	fmt.Printf("%d of %d steps did not do what they should.\n", r.surprises, r.steps)
	os.Exit(1)
}
