// Command node holds an embedded cluster's node: it starts a program as the
// first process of new mount, network, process, host name and IPC namespaces,
// and forwards addresses of the host to addresses inside.
//
//	node -forward 127.0.0.1:9090=10.250.0.1:30090 [-forward …] -- program [argument …]
//
// The whole node lives and dies with this process: if it is killed, the kernel
// kills the first process of the namespace, with it everything in there, and
// mounts and interfaces go when the last process is gone.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

type forward struct{ from, to string }

type forwards []forward

func (f *forwards) String() string { return fmt.Sprint(*f) }

func (f *forwards) Set(value string) error {
	from, to, ok := strings.Cut(value, "=")
	if !ok {
		return errors.New("want host-address:port=node-address:port")
	}
	*f = append(*f, forward{from, to})
	return nil
}

func main() {
	// The kernel watches the thread that made the child, not the process
	// (Pdeathsig), so the main thread must outlive it.
	runtime.LockOSThread()
	var wanted forwards
	flag.Var(&wanted, "forward", "host-address:port=node-address:port, may be repeated")
	flag.Parse()
	if err := run(wanted, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	}
}

func run(wanted forwards, command []string) error {
	if len(command) == 0 {
		return errors.New("no program given")
	}
	host, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	var listeners []net.Listener
	for _, f := range wanted { // before anything is started: a port may be taken
		listener, err := net.Listen("tcp", f.from)
		if err != nil {
			return err
		}
		listeners = append(listeners, listener)
	}
	child := exec.Command(command[0], command[1:]...)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig: syscall.SIGKILL,
	}
	if err := child.Start(); err != nil {
		return err
	}
	node, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", child.Process.Pid))
	if err != nil {
		return err
	}
	for i, f := range wanted {
		go serve(listeners[i], dialer{host, node, f.to})
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		child.Process.Kill()
	}()
	return child.Wait()
}

func serve(listener net.Listener, d dialer) {
	for {
		client, err := listener.Accept()
		if err != nil {
			time.Sleep(100 * time.Millisecond) // out of file descriptors, say
			continue
		}
		go func() {
			defer client.Close()
			server, err := d.dial()
			if err != nil {
				return // closing tells the client as much as a refused connection would
			}
			defer server.Close()
			join(client, server)
		}()
	}
}

// join copies both ways until both sides have said all they had to say.
func join(a, b net.Conn) {
	done := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{a, b}, {b, a}} {
		go func(to, from net.Conn) {
			io.Copy(to, from)
			to.(*net.TCPConn).CloseWrite()
			done <- struct{}{}
		}(pair[0], pair[1])
	}
	<-done
	<-done
}

type dialer struct {
	host, node *os.File
	address    string
}

// dial connects inside the node. A socket belongs to the network namespace of
// the thread that made it, so one thread steps in, connects, and steps out.
func (d dialer) dial() (net.Conn, error) {
	runtime.LockOSThread()
	if err := setns(d.node); err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	connection, err := net.DialTimeout("tcp", d.address, 5*time.Second)
	if back := setns(d.host); back != nil {
		// Still inside: leave the thread locked, so that it ends with this goroutine.
		return nil, errors.Join(err, back)
	}
	runtime.UnlockOSThread()
	return connection, err
}

func setns(namespace *os.File) error {
	const sysSetns = 308 // linux/amd64; package syscall does not name it
	if _, _, errno := syscall.RawSyscall(sysSetns, namespace.Fd(), syscall.CLONE_NEWNET, 0); errno != 0 {
		return fmt.Errorf("setns %s: %w", namespace.Name(), errno)
	}
	return nil
}
