// SPDX-License-Identifier: Apache-2.0

// Checks sigilo's checkpoints, cosignatures and proofs with Go's packages for transparency logs (Debian's
// golang-golang-x-mod-dev), which know nothing of sigilo. Usage: check FILE, as tests/ledger/interop_test.cpp writes it.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index, Size int64
	Proof       []tlog.Hash
}

type consistency struct {
	Old, Size int64
	Proof     []tlog.Hash
}

type log struct {
	Records []string
	Count   int64
	Roots   []struct {
		Size int64
		Root tlog.Hash
	}
	Inclusion   []inclusion
	Consistency []consistency
}

type vectors struct {
	Origin     string
	Key        string
	Notes      []string
	WitnessKey string `json:"witness_key"`
	Cosigned   string
	Time       uint64
	Sealed     log
	Tall       log
}

var good, bad int

func must(holds bool, format string, arguments ...interface{}) {
	if !holds {
		fmt.Printf("FAILED: "+format+"\n", arguments...)
		os.Exit(1)
	}
}

func holds(err error, format string, arguments ...interface{}) {
	must(err == nil, format+": %v", append(arguments, err)...)
	good++
}

func fails(err error, format string, arguments ...interface{}) {
	must(err != nil, "passes, and must not: "+format, arguments...)
	bad++
}

// The hashes of a log as Go stores them, made by Go from the records' bytes.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = s[index]
	}
	return hashes, nil
}

func build(records []string) stored {
	var tree stored
	for i, record := range records {
		hashes, err := tlog.StoredHashes(int64(i), []byte(record), tree)
		must(err == nil, "storing record %d: %v", i, err)
		tree = append(tree, hashes...)
	}
	return tree
}

func equal(a, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Each way in which a proof is not the right one: cut, lengthened, and each hash bent.
func spoiled(proof []tlog.Hash) [][]tlog.Hash {
	variants := [][]tlog.Hash{append(append([]tlog.Hash{}, proof...), tlog.Hash{})}
	if len(proof) > 0 {
		variants = append(variants, proof[:len(proof)-1])
	}
	for i := range proof {
		bent := append([]tlog.Hash{}, proof...)
		bent[i][i%32] ^= 1
		variants = append(variants, bent)
	}
	return variants
}

func checkLog(name string, records []string, l log) {
	tree := build(records)
	roots := map[int64]tlog.Hash{}
	for _, r := range l.Roots {
		root, err := tlog.TreeHash(r.Size, tree)
		holds(err, "%s: root of %d", name, r.Size)
		must(root == r.Root, "%s: root of %d differs", name, r.Size)
		roots[r.Size] = root
	}
	forged := tlog.RecordHash([]byte("forged"))
	for _, v := range l.Inclusion {
		leaf := tlog.RecordHash([]byte(records[v.Index]))
		own, err := tlog.ProveRecord(v.Size, v.Index, tree)
		must(err == nil && equal(own, v.Proof), "%s: Go proves record %d of %d otherwise", name, v.Index, v.Size)
		holds(tlog.CheckRecord(v.Proof, v.Size, roots[v.Size], v.Index, leaf), "%s: record %d of %d", name, v.Index, v.Size)
		fails(tlog.CheckRecord(v.Proof, v.Size, roots[v.Size], v.Index, forged), "%s: forged record %d of %d", name, v.Index, v.Size)
		for i, proof := range spoiled(v.Proof) {
			fails(tlog.CheckRecord(proof, v.Size, roots[v.Size], v.Index, leaf), "%s: record %d of %d, spoiled %d", name, v.Index, v.Size, i)
		}
	}
	for _, v := range l.Consistency {
		own, err := tlog.ProveTree(v.Size, v.Old, tree)
		must(err == nil && equal(own, v.Proof), "%s: Go proves %d to %d otherwise", name, v.Old, v.Size)
		holds(tlog.CheckTree(v.Proof, v.Size, roots[v.Size], v.Old, roots[v.Old]), "%s: %d to %d", name, v.Old, v.Size)
		fails(tlog.CheckTree(v.Proof, v.Size, roots[v.Size], v.Old, forged), "%s: forged %d to %d", name, v.Old, v.Size)
		for i, proof := range spoiled(v.Proof) {
			fails(tlog.CheckTree(proof, v.Size, roots[v.Size], v.Old, roots[v.Old]), "%s: %d to %d, spoiled %d", name, v.Old, v.Size, i)
		}
	}
}

// A witness' key for note.Open: C2SP tlog-cosignature, which the package itself doesn't know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64
}

func newCosigner(vkey string) *cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	must(len(parts) == 3, "witness key %q", vkey)
	material, err := base64.StdEncoding.DecodeString(parts[2])
	must(err == nil && len(material) == 33 && material[0] == 0x04, "witness key %q", vkey)
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	hash := binary.BigEndian.Uint32(sum[:4])
	must(fmt.Sprintf("%08x", hash) == parts[1], "hash of witness key %q", vkey)
	return &cosigner{name: parts[0], hash: hash, key: material[1:]}
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	c.time = binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", c.time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func checkNotes(v vectors) {
	key, err := note.NewVerifier(v.Key)
	holds(err, "the vault's verifier key")
	known := note.VerifierList(key)
	for size, text := range v.Notes {
		opened, err := note.Open([]byte(text), known)
		holds(err, "checkpoint of %d", size)
		must(len(opened.Sigs) == 1 && opened.Sigs[0].Name == v.Origin, "signer of the checkpoint of %d", size)
		lines := strings.Split(opened.Text, "\n")
		must(len(lines) == 4 && lines[0] == v.Origin && lines[1] == fmt.Sprint(size), "text of the checkpoint of %d", size)
		root, err := tlog.ParseHash(lines[2])
		holds(err, "root of the checkpoint of %d", size)
		if size > 0 {
			must(root == v.Sealed.Roots[size-1].Root, "root of the checkpoint of %d", size)
		}
	}
	last := v.Notes[len(v.Notes)-1]
	for at := 0; at < len(last); at++ {
		bent := []byte(last)
		bent[at] ^= 1
		_, err := note.Open(bent, known)
		if at == len(last)-3 {
			continue // the last digit of the base64 holds bits that stand for nothing, and Go passes over them
		}
		fails(err, "checkpoint with byte %d altered", at)
	}

	witness := newCosigner(v.WitnessKey)
	opened, err := note.Open([]byte(v.Cosigned), note.VerifierList(key, witness))
	holds(err, "cosigned checkpoint")
	must(len(opened.Sigs) == 2 && witness.time == v.Time, "cosignature's date")
	_, err = note.Open([]byte(v.Cosigned), note.VerifierList(witness))
	holds(err, "cosigned checkpoint by the witness alone")
	begin := strings.LastIndex(v.Cosigned, " ") + 1
	blob, err := base64.StdEncoding.DecodeString(strings.TrimSpace(v.Cosigned[begin:]))
	holds(err, "cosignature's base64")
	for at := 0; at < len(blob); at++ {
		bent := append([]byte{}, blob...)
		bent[at] ^= 1
		_, err := note.Open([]byte(v.Cosigned[:begin]+base64.StdEncoding.EncodeToString(bent)+"\n"), note.VerifierList(witness))
		fails(err, "cosignature with byte %d altered", at)
	}
}

func main() {
	content, err := os.ReadFile(os.Args[1])
	must(err == nil, "%v", err)
	var v vectors
	err = json.Unmarshal(content, &v)
	must(err == nil, "%v", err)
	must(len(v.Notes) > 70 && len(v.Sealed.Inclusion) > 2400 && len(v.Sealed.Consistency) > 2400, "too few vectors")
	checkNotes(v)
	checkLog("sealed records", v.Sealed.Records, v.Sealed)
	tall := make([]string, v.Tall.Count)
	for i := range tall {
		tall[i] = fmt.Sprintf("record %d", i)
	}
	checkLog("tall log", tall, v.Tall)
	fmt.Printf("%d hold, %d altered ones fail\n", good, bad)
}
