"""AWS fails under every route and worker: what may fail (`faults`), what is tried (`contacts`, `staff`,
`workers`) and what has to hold (`trial`)."""
