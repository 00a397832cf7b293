;; Opens a client of the transport `main`, makes two calls of `sleep` at the same time, and returns
;; the result of the first when both have ended, or the case of its error.
(module
  (import "oslo:messaging/client@0.1.0" "[static]client.open"
    (func $open (param $arguments i32) (param $result i32)))
  (import "oslo:messaging/rpc-async@0.1.0" "[async-lower]call"
    (func $call (param $arguments i32) (param $result i32) (result i32)))
  (import "oslo:messaging/client@0.1.0" "[resource-drop]client"
    (func $drop (param $client i32)))
  (import "[export]$root" "[task-return]run" (func $return (param $text i32) (param i32)))
  (import "$root" "[waitable-set-new]" (func $set_new (result i32)))
  (import "$root" "[waitable-set-drop]" (func $set_drop (param i32)))
  (import "$root" "[waitable-join]" (func $join (param $waitable i32) (param $set i32)))
  (import "$root" "[subtask-drop]" (func $subtask_drop (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 0x10) "main")
  (data (i32.const 0x20) "compute")
  (data (i32.const 0x30) "sleep")
  (data (i32.const 0x40) "{\"seconds\":2}")
  (data (i32.const 0x60) "{}")
  (data (i32.const 0x80) "call ?")
  ;; The arguments of `open`: the transport's name, the target (only its second field, the topic,
  ;; is there), and no options.
  (data (i32.const 0x100) "\10\00\00\00" "\04\00\00\00")
  (data (i32.const 0x114) "\01\00\00\00" "\20\00\00\00" "\07\00\00\00")
  ;; The arguments of `call`, after the client: context, method and args, and no options.
  (data (i32.const 0x184)
    "\60\00\00\00" "\02\00\00\00" "\30\00\00\00" "\05\00\00\00" "\40\00\00\00" "\0d\00\00\00")

  (global $client (mut i32) (i32.const 0))
  (global $set (mut i32) (i32.const 0))
  (global $running (mut i32) (i32.const 0))

  ;; Memory is handed out upwards, and never comes back.
  (global $free (mut i32) (i32.const 0x1000))
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  ;; Starts a call. One that has not returned (2) at once is waited for.
  (func $start (param $result i32)
    (local $status i32)
    (local.set $status (call $call (i32.const 0x180) (local.get $result)))
    (if (i32.ne (i32.and (local.get $status) (i32.const 15)) (i32.const 2))
      (then
        (call $join (i32.shr_u (local.get $status) (i32.const 4)) (global.get $set))
        (global.set $running (i32.add (global.get $running) (i32.const 1))))))

  ;; Waits (2) for what is in the set, or returns the first call's result and exits (0).
  (func $wait_or_return (result i32)
    (if (global.get $running)
      (then (return (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))))
    (call $set_drop (global.get $set))
    (call $drop (global.get $client))
    (if (i32.load8_u (i32.const 0x300))
      (then
        (i32.store8 (i32.const 0x85)
          (i32.add (i32.load8_u (i32.const 0x308)) (i32.const 0x30)))
        (call $return (i32.const 0x80) (i32.const 6)))
      (else
        (call $return (i32.load (i32.const 0x308)) (i32.load (i32.const 0x30c)))))
    (i32.const 0))

  (func (export "[async-lift]run") (result i32)
    (call $open (i32.const 0x100) (i32.const 0x200))
    (if (i32.load8_u (i32.const 0x200)) (then (unreachable)))
    (global.set $client (i32.load (i32.const 0x208)))
    (i32.store (i32.const 0x180) (global.get $client))
    (global.set $set (call $set_new))
    (call $start (i32.const 0x300))
    (call $start (i32.const 0x380))
    (call $wait_or_return))

  ;; A subtask (1) that has returned (2) is done with.
  (func (export "[callback][async-lift]run")
    (param $event i32) (param $subtask i32) (param $status i32) (result i32)
    (if (i32.and
          (i32.eq (local.get $event) (i32.const 1))
          (i32.eq (local.get $status) (i32.const 2)))
      (then
        (call $join (local.get $subtask) (i32.const 0))
        (call $subtask_drop (local.get $subtask))
        (global.set $running (i32.sub (global.get $running) (i32.const 1)))))
    (call $wait_or_return)))
