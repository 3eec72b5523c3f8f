module vitrine.local/interop/verifier

go 1.26
