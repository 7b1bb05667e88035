// Command etcd is the etcd server in a module of its own: beside KEDA's newer
// etcd client it does not compile.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
