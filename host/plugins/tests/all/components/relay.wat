;; Serves methods that are told by their first letter. `get_free`, `hold` and `reboot` call the method of
;; the same name on the topic `compute`, with the arguments that came, and give back its result; an error
;; of the kinds that have a rule or limit becomes the exception `Refused` with its message. `all` makes five
;; calls of `hold` at once, each with 250,000 bytes of arguments, and raises what the last one gets. `memory` asks
;; for 64 MiB and gives 0 for having them, `number` counts the requests of its instance, `publish` sends the
;; notification `relay.end` with the priority `info`, `spin` never ends, `trap` traps, and `version` gives the digit that stands for VERSION.
(module
  (import "oslo:messaging/serving@0.1.0" "[method]request.method"
    (func $method (param $request i32) (param $result i32)))
  (import "oslo:messaging/serving@0.1.0" "[method]request.args"
    (func $args (param $request i32) (param $result i32)))
  (import "oslo:messaging/serving@0.1.0" "[method]request.context"
    (func $context (param $request i32) (param $result i32)))
  (import "oslo:messaging/serving@0.1.0" "[resource-drop]request"
    (func $drop (param $request i32)))
  (import "oslo:messaging/client@0.1.0" "[static]client.open"
    (func $open (param $arguments i32) (param $result i32)))
  (import "oslo:messaging/client@0.1.0" "[resource-drop]client"
    (func $close (param $client i32)))
  (import "oslo:messaging/rpc@0.1.0" "call"
    (func $call
      (param $client i32)
      (param $context i32) (param i32)
      (param $method i32) (param i32)
      (param $args i32) (param i32)
      (param $has_options i32) (param i32)
      (param $result i32)))

  (import "oslo:messaging/rpc@0.1.0" "call-all"
    (func $call_all (param $requests i32) (param i32) (param $result i32)))

  (import "oslo:messaging/notifier@0.1.0" "[static]notifier.open"
    (func $open_notifier
      (param $transport i32) (param i32)
      (param $has_publisher i32) (param i32) (param i32)
      (param $result i32)))
  (import "oslo:messaging/notifier@0.1.0" "[resource-drop]notifier"
    (func $close_notifier (param $notifier i32)))
  (import "oslo:messaging/notifier@0.1.0" "notify"
    (func $notify
      (param $notifier i32)
      (param $priority i32) (param i32)
      (param $context i32) (param i32)
      (param $event_type i32) (param i32)
      (param $payload i32) (param i32)
      (param $result i32)))

  (memory (export "memory") 1)
  (data (i32.const 0x10) "default")
  (data (i32.const 0x20) "compute")
  (data (i32.const 0x30) "get_free")
  (data (i32.const 0x40) "hold")
  (data (i32.const 0x48) "memory")
  (data (i32.const 0x50) "number")
  (data (i32.const 0x58) "reboot")
  (data (i32.const 0x60) "spin")
  (data (i32.const 0x68) "trap")
  (data (i32.const 0x70) "version")
  (data (i32.const 0x78) "all")
  (data (i32.const 0x80) "Refused")
  (data (i32.const 0x90) "relay")
  (data (i32.const 0xa0) "[]{}")
  (data (i32.const 0xb0) "publish")
  (data (i32.const 0xc0) "info")
  (data (i32.const 0xd0) "relay.end")
  ;; The names of the methods, as texts and their lengths.
  (data (i32.const 0x100)
    "\30\00\00\00" "\08\00\00\00" "\40\00\00\00" "\04\00\00\00" "\48\00\00\00" "\06\00\00\00"
    "\50\00\00\00" "\06\00\00\00" "\58\00\00\00" "\06\00\00\00" "\60\00\00\00" "\04\00\00\00"
    "\68\00\00\00" "\04\00\00\00" "\70\00\00\00" "\07\00\00\00" "\78\00\00\00" "\03\00\00\00"
    "\b0\00\00\00" "\07\00\00\00")
  ;; The one endpoint has no namespace and no version.
  (data (i32.const 0x220) "\00\01\00\00" "\0a\00\00\00")
  (data (i32.const 0x280) "\00\02\00\00" "\01\00\00\00")
  ;; The arguments of `open`: the transport's name, and of the target the topic.
  (data (i32.const 0x180) "\10\00\00\00" "\07\00\00\00")
  (data (i32.const 0x194) "\01\00\00\00" "\20\00\00\00" "\07\00\00\00")

  (global $served (mut i32) (i32.const 0))
  (global $free (mut i32) (i32.const 0x1000))
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func (export "oslo:messaging/rpc-endpoint@0.1.0#endpoints") (result i32)
    (i32.const 0x280))

  (func $text (param $text i32) (param $length i32) (result i32)
    (i32.store (i32.const 0x300) (i32.const 0))
    (i32.store (i32.const 0x304) (local.get $text))
    (i32.store (i32.const 0x308) (local.get $length))
    (i32.const 0x300))

  (func $digit (param $number i32) (result i32)
    (i32.store8 (i32.const 0x340) (i32.add (local.get $number) (i32.const 0x30)))
    (call $text (i32.const 0x340) (i32.const 1)))

  ;; The exception whose message is the second text of an error's payload.
  (func $refused (param $error i32) (result i32)
    (i32.store (i32.const 0x300) (i32.const 1))
    (i32.store (i32.const 0x304) (i32.const 0x80))
    (i32.store (i32.const 0x308) (i32.const 7))
    (i32.store (i32.const 0x30c) (i32.const 0x90))
    (i32.store (i32.const 0x310) (i32.const 5))
    (i32.store (i32.const 0x314) (i32.load offset=16 (local.get $error)))
    (i32.store (i32.const 0x318) (i32.load offset=20 (local.get $error)))
    (i32.store (i32.const 0x31c) (i32.const 0xa0))
    (i32.store (i32.const 0x320) (i32.const 2))
    (i32.store (i32.const 0x324) (i32.const 0xa2))
    (i32.store (i32.const 0x328) (i32.const 2))
    (i32.store (i32.const 0x32c) (i32.const 0))
    (i32.store (i32.const 0x330) (i32.const 0))
    (i32.store (i32.const 0x334) (i32.const 1))
    (i32.const 0x300))

  ;; Calls the method whose name is at 0x380.
  (func $relay (param $request i32) (result i32)
    (local $client i32)
    (call $open (i32.const 0x180) (i32.const 0x400))
    (if (i32.load8_u (i32.const 0x400)) (then (return (call $refused (i32.const 0x408)))))
    (local.set $client (i32.load (i32.const 0x408)))
    (call $context (local.get $request) (i32.const 0x388))
    (call $args (local.get $request) (i32.const 0x390))
    (call $call (local.get $client)
      (i32.load (i32.const 0x388)) (i32.load (i32.const 0x38c))
      (i32.load (i32.const 0x380)) (i32.load (i32.const 0x384))
      (i32.load (i32.const 0x390)) (i32.load (i32.const 0x394))
      (i32.const 0) (i32.const 0)
      (i32.const 0x400))
    (call $close (local.get $client))
    (if (i32.load8_u (i32.const 0x400)) (then (return (call $refused (i32.const 0x408)))))
    (call $text (i32.load (i32.const 0x408)) (i32.load (i32.const 0x40c))))

  (func $publish (result i32)
    (local $notifier i32)
    (call $open_notifier
      (i32.const 0x10) (i32.const 7) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0x400))
    (if (i32.load8_u (i32.const 0x400)) (then (return (call $refused (i32.const 0x408)))))
    (local.set $notifier (i32.load (i32.const 0x408)))
    (call $notify (local.get $notifier)
      (i32.const 0xc0) (i32.const 4)
      (i32.const 0xa2) (i32.const 2)
      (i32.const 0xd0) (i32.const 9)
      (i32.const 0xa2) (i32.const 2)
      (i32.const 0x400))
    (call $close_notifier (local.get $notifier))
    (if (i32.load8_u (i32.const 0x400)) (then (return (call $refused (i32.const 0x408)))))
    (call $digit (i32.const 0)))

  (func $all (result i32)
    (local $client i32)
    (local $args i32)
    (local $request i32)
    (local $left i32)
    (call $open (i32.const 0x180) (i32.const 0x400))
    (if (i32.load8_u (i32.const 0x400)) (then (return (call $refused (i32.const 0x408)))))
    (local.set $client (i32.load (i32.const 0x408)))
    ;; An object with much space in it.
    (local.set $args (i32.mul (memory.grow (i32.const 4)) (i32.const 0x10000)))
    (memory.fill (local.get $args) (i32.const 0x20) (i32.const 250000))
    (i32.store8 (local.get $args) (i32.const 0x7b))
    (i32.store8 offset=249999 (local.get $args) (i32.const 0x7d))
    (local.set $request (i32.const 0x500))
    (local.set $left (i32.const 5))
    (loop $more
      (i32.store (local.get $request) (local.get $client))
      (i32.store offset=4 (local.get $request) (i32.const 0xa2))
      (i32.store offset=8 (local.get $request) (i32.const 2))
      (i32.store offset=12 (local.get $request) (i32.const 0x40))
      (i32.store offset=16 (local.get $request) (i32.const 4))
      (i32.store offset=20 (local.get $request) (local.get $args))
      (i32.store offset=24 (local.get $request) (i32.const 250000))
      (i32.store8 offset=28 (local.get $request) (i32.const 0))
      (local.set $request (i32.add (local.get $request) (i32.const 36)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $more (local.get $left)))
    (call $call_all (i32.const 0x500) (i32.const 5) (i32.const 0x480))
    (call $close (local.get $client))
    ;; A result has 64 bytes.
    (local.set $request (i32.add (i32.load (i32.const 0x480)) (i32.const 256)))
    (if (i32.load8_u (local.get $request))
      (then (return (call $refused (i32.add (local.get $request) (i32.const 8))))))
    (call $digit (i32.const 0)))

  (func (export "oslo:messaging/rpc-endpoint@0.1.0#handle") (param $request i32) (result i32)
    (local $letter i32)
    (local $result i32)
    (global.set $free (i32.const 0x1000))
    (global.set $served (i32.add (global.get $served) (i32.const 1)))
    (call $method (local.get $request) (i32.const 0x380))
    (local.set $letter (i32.load8_u (i32.load (i32.const 0x380))))
    (if (i32.eq (local.get $letter) (i32.const 0x61)) ;; a
      (then (local.set $result (call $all))))
    (if (i32.eq (local.get $letter) (i32.const 0x67)) ;; g
      (then (local.set $result (call $relay (local.get $request)))))
    (if (i32.eq (local.get $letter) (i32.const 0x68)) ;; h
      (then (local.set $result (call $relay (local.get $request)))))
    (if (i32.eq (local.get $letter) (i32.const 0x72)) ;; r
      (then (local.set $result (call $relay (local.get $request)))))
    (if (i32.eq (local.get $letter) (i32.const 0x6d)) ;; m
      (then
        (local.set $result
          (call $digit (i32.eq (memory.grow (i32.const 1024)) (i32.const -1))))))
    (if (i32.eq (local.get $letter) (i32.const 0x6e)) ;; n
      (then (local.set $result (call $digit (global.get $served)))))
    (if (i32.eq (local.get $letter) (i32.const 0x70)) ;; p
      (then (local.set $result (call $publish))))
    (if (i32.eq (local.get $letter) (i32.const 0x73)) ;; s
      (then (loop $forever (br $forever))))
    (if (i32.eq (local.get $letter) (i32.const 0x74)) ;; t
      (then (unreachable)))
    (if (i32.eq (local.get $letter) (i32.const 0x76)) ;; v
      (then (local.set $result (call $digit (i32.const VERSION)))))
    (call $drop (local.get $request))
    (local.get $result)))
