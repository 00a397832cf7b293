package oslo

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// Pending is a call or cast in flight. It goes on while the plugin computes or starts others, and
// ends when its timeout or the deadline of its context has passed at the latest.
type Pending struct {
	ctx    context.Context
	cancel context.CancelFunc

	mutex   sync.Mutex
	raw     host.Pending // nil once it was given back
	waiting int          // how many goroutines wait for it
	ended   bool
	text    string
	err     error
}

// StartCall starts a call, whose timeout counts from here. What is wrong with it is what
// [Pending.Wait] returns. The arguments are those of [Client.Call].
//
// When the context is cancelled the call is forgotten, by whoever waits for it; whether the method
// is executed is then unknown.
func (c *Client) StartCall(ctx context.Context, method string, args any, options ...Option) *Pending {
	return c.start(ctx, false, method, args, options)
}

// StartCast starts a cast, which ends when the broker has the message.
func (c *Client) StartCast(ctx context.Context, method string, args any, options ...Option) *Pending {
	return c.start(ctx, true, method, args, options)
}

func (c *Client) start(
	ctx context.Context, isCast bool, method string, args any, options []Option,
) *Pending {
	pending := &Pending{}
	pending.ctx, pending.cancel = context.WithCancel(ctx)
	if pending.raw, pending.err = c.send(ctx, isCast, method, args, options); pending.err != nil {
		pending.ended = true
		pending.cancel()
	}
	return pending
}

func (c *Client) send(
	ctx context.Context, isCast bool, method string, args any, options []Option,
) (host.Pending, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	// That a deadline has passed is left to the host, which says so as for any timeout.
	if ctx.Err() == context.Canceled {
		return nil, canceled(ctx, NotExecuted)
	}
	message, err := encode(ctx, method, args)
	if err != nil {
		return nil, err
	}
	settings, err := lower(options)
	if err != nil {
		return nil, err
	}
	if settings, err = c.shorten(ctx, settings); err != nil {
		return nil, err
	}
	raw, refused := c.raw.Start(host.Message{
		IsCast: isCast, Context: message.context, Method: message.method, Args: message.args,
	}, settings)
	if refused != nil {
		return nil, lift(refused)
	}
	return raw, nil
}

// Wait waits until it has ended, and puts the result where [Client.Call] puts it. It may be asked
// any number of times, and says the same each time.
func (p *Pending) Wait(reply any) error {
	p.wait()
	if p.err != nil {
		return p.err
	}
	return decode(p.text, reply)
}

// Ended says whether it has, without waiting.
func (p *Pending) Ended() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.settle()
}

// Cancel forgets it, if it has not ended. Whether the method is executed is then unknown, and
// [Pending.Wait] returns [CanceledError].
func (p *Pending) Cancel() {
	p.cancel()
	p.Ended()
}

// WaitAny waits until one of these has ended, and returns its index; the first one if several have.
// Nil among them is passed over, and with nothing to wait for it returns -1. When the context is done
// it returns the context's error; the calls go on.
func WaitAny(ctx context.Context, pendings ...*Pending) (int, error) {
	for {
		ended := slices.IndexFunc(pendings, func(p *Pending) bool { return p != nil && p.Ended() })
		if ended >= 0 || !slices.ContainsFunc(pendings, func(p *Pending) bool { return p != nil }) {
			return ended, nil
		}
		if ctx.Err() != nil {
			return -1, fmt.Errorf("nothing has ended yet: %w", cause(ctx))
		}
		waitOnce(ctx, pendings)
	}
}

// waitOnce waits until one of them has ended, or there is another reason to look.
func waitOnce(ctx context.Context, pendings []*Pending) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var raw []host.Pending
	for _, pending := range pendings {
		if pending == nil {
			continue
		}
		one, ended := pending.enter()
		if ended {
			return
		}
		defer pending.leave()
		defer context.AfterFunc(pending.ctx, func() {
			if pending.ctx.Err() == context.Canceled {
				cancel()
			}
		})()
		raw = append(raw, one)
	}
	host.Current.Wait(ctx.Done(), raw)
}

// wait waits until it has ended.
func (p *Pending) wait() {
	for {
		raw, ended := p.enter()
		if ended {
			return
		}
		done := p.ctx.Done()
		if p.ctx.Err() == context.DeadlineExceeded {
			// The host's timeout is as short, and says what the message waited for.
			done = nil
		}
		host.Current.Wait(done, []host.Pending{raw})
		p.leave()
	}
}

// enter returns what the host has of it, which is not given back before the one who entered leaves;
// or true, if it has ended.
func (p *Pending) enter() (raw host.Pending, ended bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.settle() {
		return nil, true
	}
	p.waiting++
	return p.raw, false
}

func (p *Pending) leave() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.waiting--
	p.settle()
}

// settle says whether it has ended, and takes its end; the caller has the lock.
func (p *Pending) settle() bool {
	if !p.ended {
		text, failed, ended := p.raw.Take()
		switch {
		case ended && failed != nil:
			p.err = lift(failed)
		case ended:
			p.text = text
		case p.ctx.Err() == context.Canceled:
			p.err = canceled(p.ctx, Unknown)
		default:
			return false
		}
		p.ended = true
	}
	if p.raw != nil && p.waiting == 0 {
		p.raw.Drop()
		p.raw = nil
		p.cancel()
	}
	return true
}
