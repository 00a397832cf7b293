;; Opens a client of the transport `main`, calls `sleep`, drops the client, and returns the result,
;; or which of the two failed and the case of its error.
(module
  (import "oslo:messaging/client@0.1.0" "[static]client.open"
    (func $open (param $arguments i32) (param $result i32)))
  (import "oslo:messaging/rpc@0.1.0" "call"
    (func $call
      (param $client i32)
      (param $context i32) (param i32)
      (param $method i32) (param i32)
      (param $args i32) (param i32)
      (param $has_options i32) (param i32)
      (param $result i32)))
  (import "oslo:messaging/client@0.1.0" "[resource-drop]client"
    (func $drop (param $client i32)))

  (memory (export "memory") 1)
  (data (i32.const 0x10) "main")
  (data (i32.const 0x20) "compute")
  (data (i32.const 0x30) "sleep")
  (data (i32.const 0x40) "{\"seconds\":2}")
  (data (i32.const 0x60) "{}")
  (data (i32.const 0x70) "open ?")
  (data (i32.const 0x80) "call ?")
  ;; The arguments of `open`: the transport's name, the target (only its second field, the topic,
  ;; is there), and no options.
  (data (i32.const 0x100) "\10\00\00\00" "\04\00\00\00")
  (data (i32.const 0x114) "\01\00\00\00" "\20\00\00\00" "\07\00\00\00")

  ;; Memory is handed out upwards, and never comes back.
  (global $free (mut i32) (i32.const 0x1000))
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  ;; Writes the error's case, a digit, to the end of a text, and returns the text.
  (func $failed (param $text i32) (param $error i32) (result i32)
    (i32.store8 offset=5 (local.get $text)
      (i32.add (i32.load8_u (local.get $error)) (i32.const 0x30)))
    (i32.store (i32.const 0x400) (local.get $text))
    (i32.store (i32.const 0x404) (i32.const 6))
    (i32.const 0x400))

  ;; A result's payload is 8 bytes in, because of the durations in `error`.
  (func (export "run") (result i32)
    (local $client i32)
    (call $open (i32.const 0x100) (i32.const 0x200))
    (if (i32.load8_u (i32.const 0x200))
      (then (return (call $failed (i32.const 0x70) (i32.const 0x208)))))
    (local.set $client (i32.load (i32.const 0x208)))
    (call $call (local.get $client)
      (i32.const 0x60) (i32.const 2)
      (i32.const 0x30) (i32.const 5)
      (i32.const 0x40) (i32.const 13)
      (i32.const 0) (i32.const 0)
      (i32.const 0x300))
    (call $drop (local.get $client))
    (if (i32.load8_u (i32.const 0x300))
      (then (return (call $failed (i32.const 0x80) (i32.const 0x308)))))
    (i32.const 0x308)))
