;; Serves two endpoints. The first, 1.5, has methods that are told by their first letter: `context`
;; and `echo` give back what came, `junk` gives what is no JSON, `number` counts the requests of its
;; instance, `raise` and `expect` raise, `spin` never ends, `trap` traps. The second, 2.0 of the
;; namespace `ns`, has `which`, which gives the number of its endpoint.
(module
  (import "oslo:messaging/serving@0.1.0" "[method]request.endpoint"
    (func $endpoint (param $request i32) (result i32)))
  (import "oslo:messaging/serving@0.1.0" "[method]request.method"
    (func $method (param $request i32) (param $result i32)))
  (import "oslo:messaging/serving@0.1.0" "[method]request.args"
    (func $args (param $request i32) (param $result i32)))
  (import "oslo:messaging/serving@0.1.0" "[method]request.context"
    (func $context (param $request i32) (param $result i32)))
  (import "oslo:messaging/serving@0.1.0" "[resource-drop]request"
    (func $drop (param $request i32)))

  (memory (export "memory") 1)
  (data (i32.const 0x10) "1.5")
  (data (i32.const 0x18) "2.0")
  (data (i32.const 0x20) "ns")
  (data (i32.const 0x28) "old")
  (data (i32.const 0x30) "context")
  (data (i32.const 0x38) "echo")
  (data (i32.const 0x40) "junk")
  (data (i32.const 0x48) "number")
  (data (i32.const 0x50) "raise")
  (data (i32.const 0x58) "expect")
  (data (i32.const 0x60) "spin")
  (data (i32.const 0x68) "trap")
  (data (i32.const 0x70) "which")
  (data (i32.const 0x80) "Quota")
  (data (i32.const 0x88) "acme.errors")
  (data (i32.const 0x98) "no more of it")
  (data (i32.const 0xa8) "[\"cores\",8]")
  (data (i32.const 0xb8) "{\"limit\":20}")
  (data (i32.const 0xc8) "plugin.py, line 7\0a")
  (data (i32.const 0xe0) "no JSON")
  ;; The names of the methods, as texts and their lengths.
  (data (i32.const 0x100)
    "\30\00\00\00" "\07\00\00\00" "\38\00\00\00" "\04\00\00\00" "\40\00\00\00" "\04\00\00\00"
    "\48\00\00\00" "\06\00\00\00" "\50\00\00\00" "\05\00\00\00" "\58\00\00\00" "\06\00\00\00"
    "\60\00\00\00" "\04\00\00\00" "\68\00\00\00" "\04\00\00\00")
  (data (i32.const 0x140) "\70\00\00\00" "\05\00\00\00")
  ;; A namespace of before, and the traceback.
  (data (i32.const 0x150) "\01\00\00\00" "\28\00\00\00" "\03\00\00\00")
  (data (i32.const 0x160) "\c8\00\00\00" "\12\00\00\00")
  ;; The endpoints: namespace, legacy namespaces, version, methods.
  (data (i32.const 0x200)
    "\00\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00"
    "\01\00\00\00" "\10\00\00\00" "\03\00\00\00" "\00\01\00\00" "\08\00\00\00"
    "\01\00\00\00" "\20\00\00\00" "\02\00\00\00" "\50\01\00\00" "\01\00\00\00"
    "\01\00\00\00" "\18\00\00\00" "\03\00\00\00" "\40\01\00\00" "\01\00\00\00")
  (data (i32.const 0x280) "\00\02\00\00" "\02\00\00\00")

  (global $served (mut i32) (i32.const 0))

  ;; Memory is handed out upwards, and begins anew with each request.
  (global $free (mut i32) (i32.const 0x1000))
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func (export "oslo:messaging/rpc-endpoint@0.1.0#endpoints") (result i32)
    (i32.const 0x280))

  ;; A result of one digit, at 0x300.
  (func $digit (param $number i32) (result i32)
    (i32.store8 (i32.const 0x340) (i32.add (local.get $number) (i32.const 0x30)))
    (call $text (i32.const 0x340) (i32.const 1)))

  (func $text (param $text i32) (param $length i32) (result i32)
    (i32.store (i32.const 0x300) (i32.const 0))
    (i32.store (i32.const 0x304) (local.get $text))
    (i32.store (i32.const 0x308) (local.get $length))
    (i32.const 0x300))

  (func $exception (param $expected i32) (result i32)
    (i32.store (i32.const 0x300) (i32.const 1))
    (i32.store (i32.const 0x304) (i32.const 0x80))
    (i32.store (i32.const 0x308) (i32.const 5))
    (i32.store (i32.const 0x30c) (i32.const 0x88))
    (i32.store (i32.const 0x310) (i32.const 11))
    (i32.store (i32.const 0x314) (i32.const 0x98))
    (i32.store (i32.const 0x318) (i32.const 13))
    (i32.store (i32.const 0x31c) (i32.const 0xa8))
    (i32.store (i32.const 0x320) (i32.const 11))
    (i32.store (i32.const 0x324) (i32.const 0xb8))
    (i32.store (i32.const 0x328) (i32.const 12))
    (i32.store (i32.const 0x32c) (i32.const 0x160))
    (i32.store (i32.const 0x330) (i32.const 1))
    (i32.store (i32.const 0x334) (local.get $expected))
    (i32.const 0x300))

  (func (export "oslo:messaging/rpc-endpoint@0.1.0#handle") (param $request i32) (result i32)
    (local $letter i32)
    (local $result i32)
    (global.set $free (i32.const 0x1000))
    (global.set $served (i32.add (global.get $served) (i32.const 1)))
    (call $method (local.get $request) (i32.const 0x380))
    (local.set $letter (i32.load8_u (i32.load (i32.const 0x380))))
    (if (i32.eq (local.get $letter) (i32.const 0x63)) ;; c
      (then
        (call $context (local.get $request) (i32.const 0x380))
        (local.set $result
          (call $text (i32.load (i32.const 0x380)) (i32.load (i32.const 0x384))))))
    (if (i32.eq (local.get $letter) (i32.const 0x65)) ;; e
      (then
        (if (i32.eq (i32.load8_u offset=1 (i32.load (i32.const 0x380))) (i32.const 0x63))
          (then
            (call $args (local.get $request) (i32.const 0x380))
            (local.set $result
              (call $text (i32.load (i32.const 0x380)) (i32.load (i32.const 0x384)))))
          (else (local.set $result (call $exception (i32.const 1)))))))
    (if (i32.eq (local.get $letter) (i32.const 0x6a)) ;; j
      (then (local.set $result (call $text (i32.const 0xe0) (i32.const 7)))))
    (if (i32.eq (local.get $letter) (i32.const 0x6e)) ;; n
      (then (local.set $result (call $digit (global.get $served)))))
    (if (i32.eq (local.get $letter) (i32.const 0x72)) ;; r
      (then (local.set $result (call $exception (i32.const 0)))))
    (if (i32.eq (local.get $letter) (i32.const 0x73)) ;; s
      (then (loop $forever (br $forever))))
    (if (i32.eq (local.get $letter) (i32.const 0x74)) ;; t
      (then (unreachable)))
    (if (i32.eq (local.get $letter) (i32.const 0x77)) ;; w
      (then (local.set $result (call $digit (call $endpoint (local.get $request))))))
    (call $drop (local.get $request))
    (local.get $result)))
