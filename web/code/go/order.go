package main

// consumers is how many stages get each finished record.
const consumers = 3

// window bounds the records in flight: it has an element for each. Without it, a single slow record would make the
// consumers hold back any number of those after it.
type window chan struct{}

// release tells that a consumer has finished a record. The last one of the three makes room for another record.
func (w window) release(f *Finished) {
	if f.left.Add(-1) == 0 {
		<-w
	}
}

// order gives records back in the order of production, or as they came.
type order struct {
	isOrdered bool
	next      uint64
	held      map[uint64]*Finished
	ready     []*Finished
}

func newOrder(config *Config) *order {
	return &order{isOrdered: config.Ordered, held: map[uint64]*Finished{}}
}

// push adds a record and returns those whose turn it is now. They are valid until the next call.
func (o *order) push(f *Finished) []*Finished {
	o.ready = o.ready[:0]
	if !o.isOrdered {
		return append(o.ready, f)
	}
	o.held[f.Number] = f
	for f := o.held[o.next]; f != nil; f = o.held[o.next] {
		delete(o.held, o.next)
		o.ready = append(o.ready, f)
		o.next++
	}
	return o.ready
}
