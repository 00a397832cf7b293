;; Wants `info` notifications of event types that begin with `wanted`. Handles one whose payload is the
;; digit 1; wants 2 again, traps on 3 and never ends with 4, unless they were delivered before. Anything
;; else it handles if its instance has handled nothing yet.
(module
  (import "oslo:messaging/notification@0.1.0" "[constructor]filter"
    (func $filter (result i32)))
  (import "oslo:messaging/notification@0.1.0" "[method]filter.add-priority"
    (func $add_priority (param $filter i32) (param $text i32) (param i32)))
  (import "oslo:messaging/notification@0.1.0" "[method]filter.set-event-type"
    (func $set_event_type (param $filter i32) (param $text i32) (param i32)))
  (import "oslo:messaging/notification@0.1.0" "[method]notification.payload"
    (func $payload (param $notification i32) (param $result i32)))
  (import "oslo:messaging/notification@0.1.0" "[method]notification.redelivered"
    (func $redelivered (param $notification i32) (result i32)))
  (import "oslo:messaging/notification@0.1.0" "[resource-drop]notification"
    (func $drop (param $notification i32)))
  IMPORTS

  (memory (export "memory") 1)
  (data (i32.const 0x10) "info")
  (data (i32.const 0x20) "^wanted")
  (global $handled (mut i32) (i32.const 0))

  ;; Memory is handed out upwards, and never comes back.
  (global $free (mut i32) (i32.const 0x1000))
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func (export "oslo:messaging/INTERFACE@0.1.0#filter-rule") (result i32)
    (local $filter i32)
    (local.set $filter (call $filter))
    (call $add_priority (local.get $filter) (i32.const 0x10) (i32.const 4))
    (call $set_event_type (local.get $filter) (i32.const 0x20) (i32.const 7))
    (local.get $filter))

  ;; 0 if it was handled, 1 if it should come again.
  (func $handle (param $notification i32) (result i32)
    (local $digit i32)
    (local $again i32)
    (call $payload (local.get $notification) (i32.const 0x200))
    (local.set $digit (i32.load8_u (i32.load (i32.const 0x200))))
    (local.set $again (call $redelivered (local.get $notification)))
    (call $drop (local.get $notification))
    (if (i32.or (local.get $again) (i32.eq (local.get $digit) (i32.const 0x31)))
      (then
        (global.set $handled (i32.const 1))
        (return (i32.const 0))))
    (if (i32.eq (local.get $digit) (i32.const 0x32)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $digit) (i32.const 0x33)) (then (unreachable)))
    (if (i32.eq (local.get $digit) (i32.const 0x34)) (then (loop $for_ever (br $for_ever))))
    (global.get $handled))

  EXPORTS)
