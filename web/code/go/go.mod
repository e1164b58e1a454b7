module clearpipe

go 1.22
